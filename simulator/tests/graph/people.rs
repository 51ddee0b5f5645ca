//! The list of people, and their pictures.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::Value;

use crate::world::{BASE_URL, WORLD, encoded, ids};

fn names(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["displayName"].as_str().unwrap()).collect()
}

/// Fails when the list loses members, guests or the shared mailbox, or shows more of others than their names.
#[test]
fn everybody_is_listed_with_what_may_be_seen() {
    let caller = WORLD.caller_with(1, 0, &["User.Read", "User.ReadBasic.All"]);
    let answer = WORLD.get_as(&caller, "/users");
    assert_eq!((answer.status, answer.entries().len()), (200, 14));
    assert!(names(answer.entries()).contains(&"Client Desk"));
    let guest = answer.entries().iter().find(|entry| entry["mail"] == "jeanluc.beranger@larkmoor.example");
    assert!(guest.unwrap()["userPrincipalName"].as_str().unwrap().contains("#EXT#"));
    let (own, other) = (&answer.entries()[0], &answer.entries()[1]);
    assert!(own["jobTitle"].is_string() && other["jobTitle"].is_null() && other["surname"].is_string());
    let whole = WORLD.caller_with(1, 0, &["User.Read.All"]);
    assert!(
        WORLD.get_as(&whole, "/users").entries().iter().take(13).all(|entry| entry["jobTitle"].is_string())
    );
    let single = WORLD.get_as(&whole, &format!("/users/{}?$select=department", WORLD.user(1, 3).id));
    assert!(single.body["department"].is_string());
}

/// Fails when anybody sees to whom somebody reports without the permission, or the one who leads reports to somebody.
#[test]
fn everybody_reports_to_the_last_member() {
    let caller = WORLD.caller_with(1, 0, &["User.Read.All"]);
    let (manager, guest) = (WORLD.user(1, 11), WORLD.user(1, 12));
    let answer = WORLD.get_as(&caller, "/me/manager");
    assert_eq!(answer.body["id"], manager.id.to_string(), "{:?}", answer.body);
    assert_eq!(answer.body["@odata.type"], "#microsoft.graph.user");
    for nobodys in [manager.upn.as_str(), &guest.id.to_string()] {
        let answer = WORLD.get_as(&caller, &format!("/users/{nobodys}/manager"));
        assert_eq!((answer.status, answer.error_code()), (404, "Request_ResourceNotFound"));
    }
    assert_eq!(WORLD.get("/me/manager").error_code(), "Authorization_RequestDenied");
}

/// Fails when somebody's groups are not those of their teams, or a group that may not be read shows more than its id.
#[test]
fn everybody_is_a_member_of_the_groups_of_their_teams() {
    for (tenant, seat) in [(0, 0), (0, 1), (0, 5), (1, 12)] {
        let teams = WORLD.get_as(&WORLD.caller(tenant, seat), "/me/joinedTeams");
        let groups = WORLD.get_as(&WORLD.caller_with(tenant, seat, &["User.Read"]), "/me/memberOf");
        assert_eq!((groups.status, ids(groups.entries())), (200, ids(teams.entries())), "{tenant} {seat}");
        let group = groups.entries()[0].as_object().unwrap();
        assert_eq!(group["@odata.type"], "#microsoft.graph.group");
        let told = group.iter().filter(|(_, value)| !value.is_null() && **value != serde_json::json!([]));
        assert_eq!(told.count(), 2, "{group:?}");
    }
}

/// Fails when anybody sees what others are in without the permission, or nobody does with it.
#[rstest]
#[case::own_by_name(0, "User.Read", 200)]
#[case::own_with_a_permission_for_others(0, "User.ReadBasic.All", 403)]
#[case::others(1, "User.Read", 403)]
#[case::others_in_their_basics(1, "User.ReadBasic.All", 403)]
#[case::others_as_a_whole(1, "User.Read.All", 200)]
fn memberships_of_others_need_a_permission(#[case] seat: usize, #[case] scope: &str, #[case] status: u16) {
    let target = format!("/users/{}/memberOf", WORLD.user(0, seat).id);
    let answer = WORLD.get_as(&WORLD.caller_with(0, 0, &[scope]), &target);
    assert_eq!(answer.status, status, "{:?}", answer.body);
    let refused = status == 403;
    assert!(!refused || answer.error_code() == "Authorization_RequestDenied", "{:?}", answer.body);
}

/// Fails when groups come otherwise than by pages, are not counted, or take an option that they do not have.
#[test]
fn memberships_have_pages() {
    let first = WORLD.get_eventually(&WORLD.caller(0, 0), "/me/memberOf?$top=3&$count=true&$select=id");
    assert_eq!((first.entries().len(), &first.body["@odata.count"]), (3, &4.into()), "{:?}", first.body);
    let next = first.body["@odata.nextLink"].as_str().unwrap().strip_prefix(BASE_URL).unwrap();
    let rest = WORLD.get(next);
    assert_eq!(rest.entries().len(), 1, "{:?}", rest.body);
    assert!(!ids(first.entries()).contains(&ids(rest.entries())[0]));
    let desk = format!("/users/{}/memberOf", WORLD.tenant(0).shared_mailbox.id);
    let whole = WORLD.caller_with(0, 0, &["User.Read.All"]);
    assert!(WORLD.get_as(&whole, &desk).entries().is_empty());
    for option in ["$filter=displayName%20eq%20'a'", "$orderby=displayName", "$expand=members", "$skip=1"] {
        let answer = WORLD.get(&format!("/me/memberOf?{option}"));
        assert_eq!((answer.status, answer.error_code()), (400, "Request_BadRequest"), "{option}");
    }
}

/// Fails when a filter or search that needs no eventual consistency finds others than it should.
#[rstest]
#[case("startswith(displayName,'ma')", &["Maja Lindqvist"])]
#[case("startswith(displayName,'Ana') or startswith(mail,'soren')", &["Søren Ørskov", "Ana María Castaño"])]
#[case("userPrincipalName eq 'KOFI.mensahadjei@larkmoor.example'", &["Kofi Mensah-Adjei"])]
#[case("surname eq 'Nguyễn' and givenName eq 'Hương'", &["Nguyễn Thị Hương"])]
#[case("displayName eq 'Aoife O''Donnell'", &["Aoife O'Donnell"])]
fn a_filter_finds_people(#[case] filter: &str, #[case] wanted: &[&str]) {
    let answer = WORLD.get(&format!("/users?$filter={}&$select=displayName", encoded(filter)));
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!(names(answer.entries()), wanted);
}

/// Fails when words of a name are not found in any order, or clauses are joined wrongly.
#[rstest]
#[case(r#""displayName:adjei kofi""#, &["Kofi Mensah-Adjei"])]
#[case(r#""displayName:LIND""#, &["Maja Lindqvist"])]
#[case(r#""displayName:indqvist""#, &[])]
#[case(r#""displayName:maja" OR "mail:haruka""#, &["Maja Lindqvist", "山口 遥"])]
#[case(r#""displayName:o" AND "mail:aoife""#, &["Aoife O'Donnell"])]
#[case(r#""displayName:larkmoor""#, &["Larkmoor Orders"])]
fn a_search_finds_people(#[case] search: &str, #[case] wanted: &[&str]) {
    let target = format!("/users?$search={}&$count=true", encoded(search));
    let answer = WORLD.get_eventually(&WORLD.caller(0, 0), &target);
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!(names(answer.entries()), wanted);
    assert_eq!(answer.body["@odata.count"], wanted.len());
    assert_eq!(WORLD.get(&target).error_code(), "Request_UnsupportedQuery");
}

/// Fails when what needs `ConsistencyLevel` and `$count` is answered without them, or not answered with them.
#[rstest]
#[case("$filter=endswith(mail,'larkmoor.example')", true)]
#[case("$filter=displayName ne 'Maja Lindqvist'", true)]
#[case("$filter=not(startswith(displayName,'Maja'))", true)]
#[case("$filter=startswith(displayName,'Ma')&$orderby=displayName", true)]
#[case("$filter=startswith(displayName,'Ma')", false)]
#[case("$orderby=displayName", false)]
fn advanced_queries_need_eventual_consistency(#[case] query: &str, #[case] is_advanced: bool) {
    let target = format!("/users?{}", query.replace(' ', "%20"));
    let plain = WORLD.get(&target);
    assert_eq!(plain.status, if is_advanced { 400 } else { 200 }, "{:?}", plain.body);
    let header_alone = WORLD.get_eventually(&WORLD.caller(0, 0), &target);
    assert_eq!(header_alone.status, plain.status);
    let counted = WORLD.get_eventually(&WORLD.caller(0, 0), &format!("{target}&$count=true"));
    assert_eq!(counted.status, 200, "{:?}", counted.body);
    assert!(counted.body["@odata.count"].as_u64().unwrap() > 0);
}

/// Fails when a wrong query is answered as if it were right.
#[rstest]
#[case("$filter=contains(displayName,'a')", 400, "Request_UnsupportedQuery")]
#[case("$filter=endswith(surname,'a')&$count=true", 400, "Request_UnsupportedQuery")]
#[case("$filter=jobTitle eq 'Recruiter'", 403, "Authorization_RequestDenied")]
#[case("$filter=shoe eq '42'", 400, "RequestBroker--ParseUri")]
#[case("$search=maja", 400, "Request_BadRequest")]
#[case("$search=\"displayName:maja\" and \"mail:m\"", 400, "Request_BadRequest")]
#[case("$search=\"jobTitle:x\"", 400, "Request_UnsupportedQuery")]
#[case("$orderby=surname", 400, "Request_UnsupportedQuery")]
#[case("$skip=2", 400, "Request_BadRequest")]
#[case("$top=1000", 400, "Request_UnsupportedQuery")]
#[case("$skiptoken=abc", 400, "Directory_ExpiredPageToken")]
#[case("$select=shoe", 400, "BadRequest")]
fn a_wrong_query_is_refused(#[case] query: &str, #[case] status: u16, #[case] code: &str) {
    let target = format!("/users?{}", query.replace(' ', "%20").replace('"', "%22"));
    let answer = WORLD.get_eventually(&WORLD.caller(0, 0), &target);
    assert_eq!((answer.status, answer.error_code()), (status, code), "{:?}", answer.body);
}

/// Fails when a page loses or repeats somebody, or is told by counting.
#[test]
fn the_list_has_pages() {
    let caller = WORLD.caller(0, 0);
    let whole = WORLD.get("/users");
    let paged = WORLD.every_page(&caller, "/users?$top=5&$select=id");
    assert_eq!(ids(&paged), ids(whole.entries()));
    assert_eq!(ids(&paged).into_iter().collect::<BTreeSet<_>>().len(), 13);
    let first = WORLD.get("/users?$top=5");
    assert!(first.next_target().unwrap().contains("%24skiptoken="));
    let search = "/users?$search=%22mail:m%22&$top=1";
    let next = WORLD.get_eventually(&caller, search).next_target();
    assert!(next.is_none_or(|next| WORLD.get(&next).status == 400), "the header must be sent again");
}

/// Fails when the number of people is given without the header, or is no plain number.
#[test]
fn people_are_counted() {
    let caller = WORLD.caller(0, 0);
    let counted = WORLD.ask(&caller, "/users/$count", |request| request.consistency_level = Some("eventual"));
    assert_eq!((counted.status, &counted.body[..]), (200, &b"13"[..]));
    assert_eq!(WORLD.get("/users/$count").error_code(), "Request_UnsupportedQuery");
    assert_eq!(WORLD.get("/users?$count=true").body["@odata.count"], Value::Null);
}

/// Fails when a list opens to a token that may only read its owner's profile.
#[rstest]
#[case("/users", &["User.Read"], "Authorization_RequestDenied")]
#[case("/users", &["Mail.Read"], "Authorization_RequestDenied")]
#[case("/me/photo", &["Mail.Read"], "ErrorAccessDenied")]
#[case("/users/tomas.ferreira@larkmoor.example/photo/$value", &["User.Read"], "ErrorAccessDenied")]
#[case("/me/people", &["User.Read", "User.ReadBasic.All"], "ErrorAccessDenied")]
fn a_missing_scope_is_403(#[case] target: &str, #[case] scopes: &[&str], #[case] code: &str) {
    let answer = WORLD.get_as(&WORLD.caller_with(0, 0, scopes), target);
    assert_eq!((answer.status, answer.error_code()), (403, code));
}

/// Fails when a picture is no PNG of the promised size, or somebody without one has one.
#[test]
fn some_people_have_a_picture() {
    let described = WORLD.get("/me/photo").body;
    assert_eq!((&described["width"], described["id"].as_str()), (&Value::from(240), Some("240x240")));
    let caller = WORLD.caller(0, 0);
    for (target, side) in [("/me/photo/$value", 240_u32), ("/me/photos/48x48/$value", 48)] {
        let picture = WORLD.raw(&caller, target, &[]);
        assert!(picture.headers.contains(&("content-type", "image/png".to_owned())));
        assert!(picture.body.starts_with(b"\x89PNG") && picture.body[16..20] == side.to_be_bytes());
    }
    let own = WORLD.raw(&caller, "/me/photo/$value", &[]).body;
    let other = WORLD.raw(&caller, &format!("/users/{}/photo/$value", WORLD.user(0, 1).upn), &[]).body;
    assert_ne!(own, other);
    let sizes = WORLD.get("/me/photos");
    assert_eq!(ids(sizes.entries()), ["48x48", "64x64", "96x96", "120x120", "240x240"]);
    for nobody in [WORLD.user(0, 3).upn.as_str(), "orders@larkmoor.example"] {
        let answer = WORLD.get(&format!("/users/{nobody}/photo"));
        assert_eq!((answer.status, answer.error_code()), (404, "ImageNotFound"), "{nobody}");
    }
    assert_eq!(WORLD.get("/me/photos/50x50").error_code(), "ImageNotFound");
    let elsewhere = WORLD.get("/users/wanjiru.kamau@baobabfreight.example/photo");
    assert_eq!((elsewhere.status, elsewhere.error_code()), (404, "ErrorInvalidUser"));
}

/// Fails when a profile does not bring its manager along, or brings one to somebody who may not see who it is.
#[test]
fn a_profile_brings_its_manager_along() {
    let (caller, manager) = (WORLD.caller_with(1, 0, &["User.Read.All"]), WORLD.user(1, 11));
    let me = |expand: &str| WORLD.get_as(&caller, &format!("/me?$select=displayName&$expand={expand}")).body;
    let chosen = me("manager($levels=max;$select=id)&$count=true");
    assert_eq!(chosen["manager"]["id"], manager.id.to_string(), "{chosen}");
    assert!(chosen["manager"]["displayName"].is_null());
    let whole = me("manager($select=id)");
    assert_eq!(
        whole["manager"]["displayName"],
        manager.name.as_str(),
        "what is selected counts with levels alone"
    );
    assert!(
        WORLD.get_as(&caller, &format!("/users/{}?$expand=manager", manager.id)).body["manager"].is_null()
    );
    assert_eq!(WORLD.get("/me?$expand=manager").error_code(), "Authorization_RequestDenied");
}

/// Fails when the list of people leaves managers out, tells them to somebody who may not see them, or gives more than one each.
#[test]
fn a_list_of_people_brings_their_managers_along() {
    let (caller, manager) = (WORLD.caller_with(1, 0, &["User.Read.All"]), WORLD.user(1, 11));
    let target = "/users?$select=id,userType&$expand=manager($levels=1;$select=id)&$top=5";
    let people = WORLD.every_page(&caller, target);
    let (led, others): (Vec<_>, Vec<_>) = people.iter().partition(|person| person["manager"].is_object());
    assert!(led.len() > 10 && led.iter().all(|person| person["manager"]["id"] == manager.id.to_string()));
    let is_led = |person: &Value| person["userType"] == "Member" && person["id"] != manager.id.to_string();
    assert!(!others.is_empty() && !others.into_iter().any(is_led));
    assert_eq!(WORLD.get("/users?$expand=manager").error_code(), "Authorization_RequestDenied");
    let chains = WORLD.get_as(&caller, "/users?$expand=manager($levels=max)");
    assert_eq!((chains.status, chains.error_code()), (400, "Request_UnsupportedQuery"));
    let message = chains.body["error"]["message"].as_str().unwrap();
    assert!(message.ends_with("send the $expand request on /users/{id} endpoint"), "{message}");
}

/// Fails when a profile, a drive or a picture passes over what it does not have.
#[rstest]
#[case("/me?$expand=bogus", "BadRequest")]
#[case("/me?$expand=manager($select=bogus)", "BadRequest")]
#[case("/me?$expand=manager($levels=0)", "BadRequest")]
#[case("/me?$expand=manager($levels=1001)", "BadRequest")]
#[case("/me/photo?$select=bogus", "BadRequest")]
#[case("/me/photos/48x48?$select=bogus", "BadRequest")]
#[case("/me/drive?$expand=bogus", "invalidRequest")]
#[case("/me/manager?$top=1", "Request_BadRequest")]
#[case("/me/photo/$value?$select=id", "ErrorInvalidUrlQuery")]
#[case("/me/drive/root?$filter=name%20eq%20'a'", "notSupported")]
#[case("/me/drive/root?$top=1", "notSupported")]
fn what_a_single_thing_does_not_have_is_refused(#[case] target: &str, #[case] code: &str) {
    let caller = WORLD.caller_with(1, 0, &["User.Read.All", "Files.Read.All"]);
    let answer = WORLD.get_as(&caller, target);
    assert_eq!((answer.status, answer.error_code()), (400, code), "{target}: {:?}", answer.body);
}

/// Fails when the directory refuses an option of lists in other words than it is known for.
#[test]
fn one_person_is_not_sorted() {
    let answer = WORLD.get("/me?$orderby=createdDateTime&$count=true");
    assert_eq!((answer.status, answer.error_code()), (400, "Request_BadRequest"));
    assert_eq!(answer.body["error"]["message"], "OrderBy not supported.");
}

/// Fails when of a picture more is told than was selected.
#[test]
fn a_picture_is_described_as_it_was_selected() {
    let photo = WORLD.get("/me/photo?$select=height").body;
    assert_eq!((&photo["height"], photo.get("width")), (&240.into(), None));
}
