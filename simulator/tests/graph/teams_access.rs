//! Who may see which chat, team and channel, and by which scope.

use rstest::rstest;
use serde_json::Value;

use crate::world::{WORLD, encoded, ids};

/// What the user at a seat of the first tenant finds in a list.
fn listed(seat: usize, target: &str) -> Vec<Value> {
    WORLD.every_page(&WORLD.caller(0, seat), target)
}

fn group_of(seat: usize) -> String {
    let all = listed(seat, "/me/chats?$top=50");
    let found =
        all.iter().find(|chat| chat["topic"].as_str().is_some_and(|topic| topic.starts_with("Aurora")));
    found.unwrap()["id"].as_str().unwrap().to_owned()
}

fn team(seat: usize, name: &str) -> String {
    let all = listed(seat, "/me/joinedTeams");
    let found = all.iter().find(|team| team["displayName"] == name);
    found.unwrap()["id"].as_str().unwrap().to_owned()
}

fn general(name: &str) -> String {
    let id = team(0, name);
    let channel = WORLD.get(&format!("/teams/{id}/primaryChannel")).body["id"].as_str().unwrap().to_owned();
    format!("/teams/{id}/channels/{channel}")
}

/// Fails when a scope opens more or less than Microsoft says, or the refusal does not name what is missing.
#[rstest]
#[case("/me/chats", "Chat.ReadBasic", None)]
#[case("/me/chats", "Chat.Read", None)]
#[case("/me/chats", "ChatMember.Read", Some("Chat.ReadBasic, Chat.Read, Chat.ReadWrite"))]
#[case("/chats/{chat}", "Chat.ReadBasic", None)]
#[case("/chats/{chat}/members", "ChatMember.Read", None)]
#[case("/chats/{chat}/messages", "Chat.Read", None)]
#[case("/chats/{chat}/messages", "Chat.ReadBasic", Some("Chat.Read, Chat.ReadWrite"))]
#[case("/chats/{chat}/pinnedMessages", "Chat.ReadBasic", Some("Chat.Read, Chat.ReadWrite"))]
#[case("/me/joinedTeams", "Team.ReadBasic.All", None)]
#[case(
    "/me/joinedTeams",
    "Channel.ReadBasic.All",
    Some("Team.ReadBasic.All, TeamSettings.Read.All, TeamSettings.ReadWrite.All")
)]
#[case("/teams/{team}", "Team.ReadBasic.All", None)]
#[case("/teams/{team}/allChannels", "Channel.ReadBasic.All", None)]
#[case(
    "/teams/{team}/channels",
    "ChannelMessage.Read.All",
    Some("Channel.ReadBasic.All, ChannelSettings.Read.All, ChannelSettings.ReadWrite.All")
)]
#[case("{general}/messages", "ChannelMessage.Read.All", None)]
#[case(
    "{general}/messages",
    "Channel.ReadBasic.All",
    Some("ChannelMessage.Read.All, ChannelMessage.ReadWrite")
)]
#[case("{general}/filesFolder", "Files.Read.All", None)]
#[case("/teams/{team}/members", "TeamMember.Read.All", None)]
#[case("/teams/{team}/members", "Team.ReadBasic.All", Some("TeamMember.Read.All, TeamMember.ReadWrite.All"))]
#[case("{general}/members", "ChannelMember.Read.All", None)]
fn a_scope_opens_what_it_should(#[case] target: &str, #[case] scope: &str, #[case] missing: Option<&str>) {
    let target = target
        .replace("{chat}", &group_of(0))
        .replace("{team}", &team(0, "Finance"))
        .replace("{general}", &general("Finance"));
    let answer = WORLD.get_as(&WORLD.caller_with(0, 0, &["User.Read", scope]), &target);
    let Some(missing) = missing else {
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        return;
    };
    assert_eq!((answer.status, answer.error_code()), (403, "Forbidden"), "{:?}", answer.body);
    let message = format!(
        "Missing scope permissions on the request. API requires one of '{missing}'. Scopes on the request 'User.Read, {scope}'"
    );
    assert_eq!(answer.body["error"]["message"], message);
}

/// Fails when an answer that somebody may have is kept for one who may not.
#[test]
fn a_kept_answer_does_not_open_what_a_scope_closes() {
    let target = format!("/chats/{}/messages", group_of(0));
    assert_eq!(WORLD.get(&target).status, 200);
    assert_eq!(WORLD.get_as(&WORLD.caller_with(0, 0, &["Chat.ReadBasic"]), &target).status, 403);
}

/// Fails when a chat opens for somebody who is not in it.
#[rstest]
#[case("")]
#[case("/members")]
#[case("/messages")]
#[case("/messages/1")]
#[case("/pinnedMessages")]
fn a_chat_of_others_is_closed(#[case] what: &str) {
    let id = group_of(6);
    let answer = WORLD.get(&format!("/chats/{id}{what}"));
    assert_eq!((answer.status, answer.error_code()), (403, "Forbidden"), "{:?}", answer.body);
    assert_eq!(answer.body["error"]["message"], "InsufficientPrivileges");
    let inner = answer.body["error"]["innerError"]["message"].as_str().unwrap();
    let me = WORLD.user(0, 0).id;
    assert!(
        inner.starts_with(&format!("AclCheckFailed-The initiator 8:orgid:{me} is not a member")),
        "{inner}"
    );
    assert!(inner.ends_with(&id));
}

/// Fails when an id of another tenant, or of nothing, opens anything.
#[test]
fn ids_of_elsewhere_lead_nowhere() {
    let elsewhere = WORLD.caller(1, 0);
    let chats = WORLD.every_page(&elsewhere, "/me/chats?$top=50");
    for chat in &chats {
        let answer = WORLD.get(&format!("/chats/{}/messages", chat["id"].as_str().unwrap()));
        assert_eq!((answer.status, answer.error_code()), (404, "NotFound"), "{:?}", answer.body);
    }
    let own = group_of(0);
    assert_eq!(WORLD.get_as(&elsewhere, &format!("/chats/{own}")).status, 404);
    let finance = general("Finance");
    let answer = WORLD.get_as(&elsewhere, &format!("{finance}/messages"));
    assert_eq!((answer.status, answer.error_code()), (404, "NotFound"));
    assert!(answer.body["error"]["message"].as_str().unwrap().starts_with("No team found with Group Id "));
    // The right channel below the wrong team.
    let (_, channel) = finance.rsplit_once('/').unwrap();
    let aurora = team(0, "Project Aurora");
    assert_eq!(WORLD.get(&format!("/teams/{aurora}/channels/{channel}/messages")).status, 404);
}

/// Fails when two people who share an object id in two tenants see each other's chats.
#[test]
fn twins_do_not_share_chats() {
    let topics = |tenant| WORLD.every_page(&WORLD.caller(tenant, 1), "/me/chats?$top=50");
    assert_eq!(WORLD.user(0, 1).id, WORLD.user(1, 1).id);
    let (one, other) = (topics(0), topics(1));
    assert!(ids(&one).iter().all(|id| !ids(&other).contains(id)));
}

/// Fails when a malformed id is answered like one that only does not exist.
#[rstest]
#[case("/chats/abc", "Bad Request")]
#[case("/chats/19:abc", "Bad Request")]
#[case("/teams/abc", "teamId needs to be a valid GUID")]
#[case("/teams/{team}/channels/abc/messages", "Bad Request")]
fn a_malformed_id_is_a_bad_request(#[case] target: &str, #[case] message: &str) {
    let answer = WORLD.get(&target.replace("{team}", &team(0, "Finance")));
    assert_eq!((answer.status, answer.error_code()), (400, "BadRequest"), "{:?}", answer.body);
    assert_eq!(answer.body["error"]["message"], message);
}

/// Fails when the chats or teams of somebody else are listed.
#[rstest]
#[case("chats")]
#[case("joinedTeams")]
#[case("chats/{chat}/messages")]
fn nobody_lists_what_is_of_others(#[case] what: &str) {
    let what = what.replace("{chat}", &group_of(0));
    let own = WORLD.get(&format!("/users/{}/{what}", encoded(&WORLD.user(0, 0).upn)));
    assert_eq!(own.status, 200, "{:?}", own.body);
    for other in [WORLD.user(0, 1).id.to_string(), "nobody@larkmoor.example".to_owned()] {
        let answer = WORLD.get(&format!("/users/{other}/{what}"));
        assert_eq!((answer.status, answer.error_code()), (403, "Forbidden"), "{:?}", answer.body);
    }
}

/// Fails when a team or channel opens for somebody who is not in it, or is closed to one who is.
#[rstest]
#[case::an_even_seat_in_aurora(2, "Project Aurora", "General", 200)]
#[case::an_odd_seat_not_in_aurora(5, "Project Aurora", "General", 403)]
#[case::shared_with_the_handbook(5, "Project Aurora", "Contracts", 200)]
#[case::shared_but_not_with_all(3, "Project Aurora", "Contracts", 403)]
#[case::private(4, "Handbook", "Leads", 200)]
#[case::not_private_to_all(3, "Handbook", "Leads", 403)]
#[case::the_board(1, "Board", "General", 200)]
#[case::behind_the_board(2, "Board", "General", 403)]
fn a_channel_is_open_to_its_members(
    #[case] seat: usize,
    #[case] name: &str,
    #[case] channel: &str,
    #[case] status: u16,
) {
    let id = team(0, name);
    let all = WORLD.get(&format!("/teams/{id}/channels"));
    let own = all.entries().iter().find(|own| own["displayName"] == channel).unwrap();
    let target = format!("/teams/{id}/channels/{}/messages", own["id"].as_str().unwrap());
    let answer = WORLD.get_as(&WORLD.caller(0, seat), &target);
    assert_eq!(answer.status, status, "{:?}", answer.body);
    let is_listed = {
        let answer = WORLD.get_as(&WORLD.caller(0, seat), &format!("/teams/{id}/channels"));
        answer.entries().iter().any(|listed| listed["id"] == own["id"])
    };
    assert!(!is_listed || status == 200);
}

/// Fails when members of a private channel are all of the team's, or a guest has the role of a member.
#[test]
fn members_are_those_who_may_enter() {
    let scopes =
        &["TeamMember.Read.All", "ChannelMember.Read.All", "Channel.ReadBasic.All", "Team.ReadBasic.All"];
    let caller = WORLD.caller_with(1, 0, scopes);
    let team = WORLD.every_page(&caller, "/me/joinedTeams")[0]["id"].as_str().unwrap().to_owned();
    let members = WORLD.every_page(&caller, &format!("/teams/{team}/members"));
    assert_eq!(members.len(), WORLD.tenant(1).users.len());
    let roles = |role: &str| members.iter().filter(|member| member["roles"][0] == role).count();
    assert_eq!((roles("owner"), roles("guest")), (2, 1));
    let channels = WORLD.every_page(&caller, &format!("/teams/{team}/channels"));
    let leads = channels.iter().find(|channel| channel["displayName"] == "Leads").unwrap();
    let inside = WORLD
        .every_page(&caller, &format!("/teams/{team}/channels/{}/members", leads["id"].as_str().unwrap()));
    assert_eq!(inside.len(), 4);
}

/// Fails when members of a team or a channel can't be looked for as Microsoft documents it, or those of a chat can.
#[rstest]
#[case("$filter=(microsoft.graph.aadUserConversationMember/userId%20eq%20'{user}')", 1)]
#[case("$filter=(microsoft.graph.aadUserConversationMember/email%20eq%20'{email}')", 1)]
#[case("$filter=microsoft.graph.aadUserConversationMember/displayName%20eq%20'{name}'", 1)]
#[case("$filter=displayName%20eq%20'nobody'", 0)]
#[case("$filter=roles/any(r:r%20eq%20'owner')", 2)]
fn members_are_looked_for(#[case] options: &str, #[case] found: usize) {
    let user = WORLD.user(0, 1);
    let options = options
        .replace("{user}", &user.id.to_string())
        .replace("{email}", user.mail())
        .replace("{name}", &encoded(&user.name));
    let caller = WORLD.caller_with(0, 0, &["TeamMember.Read.All", "ChannelMember.Read.All"]);
    for path in [format!("/teams/{}", team(0, "Handbook")), general("Handbook")] {
        let answer = WORLD.get_as(&caller, &format!("{path}/members?{options}&$select=id,displayName"));
        assert_eq!((answer.status, answer.entries().len()), (200, found), "{:?}", answer.body);
        let is_selected = |name: &String| name.starts_with('@') || name == "id" || name == "displayName";
        assert!(answer.entries().iter().all(|entry| entry.as_object().unwrap().keys().all(is_selected)));
    }
    assert_eq!(listed(0, &format!("/chats/{}/members", group_of(0))).len(), 6);
    assert_eq!(WORLD.get(&format!("/chats/{}/members?{options}", group_of(0))).status, 400);
}

/// Only a user of a directory has an id there and an address: they stand behind a cast.
#[rstest]
#[case("$filter=userId%20eq%20'a'", "RequestBroker--ParseUri")]
#[case("$filter=bogus%20eq%20'a'", "RequestBroker--ParseUri")]
#[case("$select=bogus", "BadRequest")]
#[case("$top=1000", "BadRequest")]
#[case("$orderby=displayName", "BadRequest")]
fn what_members_are_not_looked_for_by_is_refused(#[case] options: &str, #[case] code: &str) {
    let caller = WORLD.caller_with(0, 0, &["TeamMember.Read.All"]);
    let answer = WORLD.get_as(&caller, &format!("/teams/{}/members?{options}", team(0, "Handbook")));
    assert_eq!((answer.status, answer.error_code()), (400, code), "{:?}", answer.body);
}

/// Fails when one of a tenant's people, a guest among them, has no chats of their own.
#[test]
fn everybody_has_chats() {
    for tenant in 0..3 {
        for seat in 0..WORLD.tenant(tenant).users.len() {
            let caller = WORLD.caller(tenant, seat);
            let me = WORLD.user(tenant, seat).id.to_string();
            let chats = WORLD.every_page(&caller, "/me/chats?$top=50&$expand=members");
            assert!(chats.len() >= 4, "{tenant} {seat}: {}", chats.len());
            let is_in = |chat: &Value| {
                chat["members"].as_array().unwrap().iter().any(|member| member["userId"] == me)
            };
            assert!(chats.iter().all(is_in));
        }
    }
}

/// Fails when something is written, or a path that does not exist is answered.
#[test]
fn nothing_is_written_and_unknown_paths_are_refused() {
    let posted = WORLD.post_as(&WORLD.caller(0, 0), &format!("/chats/{}/messages", group_of(0)), &[], "{}");
    assert_eq!(posted.status, 405);
    for path in ["/chats/x/tabs", "/teams", "/teams/x/schedule", "/me/chats/x/y/z"] {
        assert_eq!(WORLD.get(path).status, 400, "{path}");
    }
}

/// Fails when the same seed gives other chats, or another seed the same ones.
#[test]
fn the_same_seed_gives_the_same_bytes() {
    let again = crate::world::World::generate(crate::world::SEED);
    let other = crate::world::World::generate(crate::world::SEED + 1);
    let target = "/me/chats?$top=50&$expand=members,lastMessagePreview";
    let body = |world: &crate::world::World| world.raw(&world.caller(0, 0), target, &[]).body;
    assert_eq!(body(&WORLD), body(&again));
    assert_ne!(body(&WORLD), body(&other));
    let messages = format!("{}/messages?$top=50&$expand=replies", general("Finance"));
    let body = |world: &crate::world::World| world.raw(&world.caller(0, 0), &messages, &[]).body;
    assert_eq!(body(&WORLD), body(&again));
}
