//! Chats: which ones there are, how they are listed, who is in them.

use rstest::rstest;
use serde_json::Value;

use crate::world::{BASE_URL, WORLD, encoded, ids};

fn chats() -> Vec<Value> {
    WORLD.every_page(&WORLD.caller(0, 0), "/me/chats?$top=50&$expand=members,lastMessagePreview")
}

/// Fails when ids stop looking like those that clients meet in production.
#[test]
fn ids_have_the_shape_of_real_ones() {
    for chat in chats() {
        let (id, kind) = (chat["id"].as_str().unwrap(), chat["chatType"].as_str().unwrap());
        let is_right = match kind {
            "oneOnOne" => id.ends_with("@unq.gbl.spaces") && id.len() == "19:@unq.gbl.spaces".len() + 73,
            "meeting" => id.starts_with("19:meeting_") && id.ends_with("@thread.v2"),
            "group" => id.ends_with("@thread.v2") && id.len() == "19:@thread.v2".len() + 32,
            _ => false,
        };
        assert!(is_right && id.starts_with("19:"), "{kind} {id}");
    }
}

/// Fails when a list loses or repeats a chat, or its next link can't be followed as it stands.
#[test]
fn all_chats_come_page_by_page_the_newest_first() {
    let first = WORLD.get("/me/chats");
    assert_eq!((first.entries().len(), first.body["@odata.count"].as_u64()), (20, Some(20)));
    let link = first.body["@odata.nextLink"].as_str().unwrap();
    assert!(link.starts_with(&format!("{BASE_URL}/me/chats?%24skiptoken=")), "{link}");
    let by_pages = WORLD.every_page(&WORLD.caller(0, 0), "/me/chats?$top=7");
    let all = WORLD.every_page(&WORLD.caller(0, 0), "/chats?$top=50");
    assert_eq!(ids(&by_pages), ids(&all));
    assert!(all.len() > 50, "{}", all.len());
    let mut unique = ids(&all);
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), all.len());
    let read: Vec<&str> =
        all.iter().filter_map(|chat| chat["viewpoint"]["lastMessageReadDateTime"].as_str()).collect();
    assert!(read.is_sorted_by(|left, right| left >= right), "{read:?}");
}

/// Fails when an expanded list does not tell who is in a chat, or what was said last.
#[test]
fn members_and_the_last_message_are_expanded() {
    let me = WORLD.user(0, 0).id.to_string();
    for chat in chats() {
        let members = chat["members"].as_array().unwrap();
        assert!(members.iter().any(|member| member["userId"] == me.as_str()), "{chat}");
        assert!(
            members
                .iter()
                .all(|member| member["@odata.type"] == "#microsoft.graph.aadUserConversationMember")
        );
        let answer = WORLD.get(&format!(
            "/chats/{}/messages?$top=1&$orderby=createdDateTime desc",
            chat["id"].as_str().unwrap()
        ));
        assert_eq!(answer.entries().first().map(|last| &last["id"]), chat["lastMessagePreview"].get("id"));
    }
    let context = &WORLD.get("/me/chats?$expand=members,lastMessagePreview").body["@odata.context"];
    assert_eq!(context, &format!("{BASE_URL}/$metadata#chats(members(),lastMessagePreview())"));
}

/// Fails when the same chat reads otherwise below another path, or with its id percent-encoded.
#[test]
fn a_chat_is_the_same_by_every_path() {
    let id = chats()[0]["id"].as_str().unwrap().to_owned();
    let me = WORLD.user(0, 0);
    let plain = WORLD.get(&format!("/chats/{id}")).body;
    for path in [
        format!("/me/chats/{id}"),
        format!("/users/{}/chats/{id}", me.id),
        format!("/users/{}/chats/{}", me.upn, encoded(&id)),
    ] {
        assert_eq!(WORLD.get(&path).body, plain, "{path}");
    }
}

/// Fails when a filter keeps what it should not, or drops what it should keep.
#[rstest]
#[case("chatType eq 'group'", |chat: &Value| chat["chatType"] == "group")]
#[case("chatType ne 'meeting'", |chat: &Value| chat["chatType"] != "meeting")]
#[case("startswith(topic,'Aurora')", |chat: &Value| chat["topic"].as_str().is_some_and(|topic| topic.starts_with("Aurora")))]
#[case("topic eq null", |chat: &Value| chat["topic"].is_null())]
#[case(
    "members/any(m:m/displayName eq 'Rowan Ashgrove')",
    |chat: &Value| chat["members"].as_array().is_some_and(|members| members.iter().any(|member| member["displayName"] == "Rowan Ashgrove"))
)]
fn a_filter_keeps_what_it_names(#[case] filter: &str, #[case] keeps: fn(&Value) -> bool) {
    let mut expected = chats();
    expected.retain(keeps);
    let kept =
        WORLD.every_page(&WORLD.caller(0, 0), &format!("/me/chats?$top=50&$filter={}", encoded(filter)));
    assert!(!kept.is_empty());
    assert_eq!(ids(&kept), ids(&expected));
}

/// Fails when an option that Teams refuses is taken, or one that it takes is refused.
#[rstest]
#[case("$top=50", 200, "")]
#[case(
    "$top=51",
    400,
    "The limit of '50' for Top query has been exceeded. The value from the incoming request is '51'."
)]
#[case(
    "$top=5000",
    400,
    "The limit of '50' for Top query has been exceeded. The value from the incoming request is '5000'."
)]
#[case("$top=0", 400, "Invalid value '0'")]
#[case("$skip=5", 400, "Query option 'Skip' is not allowed.")]
#[case("$search=x", 400, "Query option 'Search' is not allowed.")]
#[case("$expand=installedApps", 400, "The query specified in the URI is not valid.")]
#[case("$orderby=createdDateTime desc", 400, "The query specified in the URI is not valid.")]
#[case("$orderby=lastMessagePreview/createdDateTime", 400, "The query specified in the URI is not valid.")]
#[case("$orderby=lastMessagePreview/createdDateTime desc", 200, "")]
#[case("$select=id,topic", 200, "")]
#[case("$select=id,nothing", 400, "Parsing OData Select and Expand failed")]
#[case("$filter=nothing eq 1", 400, "Could not find a property named 'nothing'")]
#[case("$unknown=1", 400, "The query parameter '$unknown' is not supported.")]
#[case("$skiptoken=abc", 400, "Invalid value 'abc'")]
fn an_option_is_taken_or_refused_as_teams_does(
    #[case] option: &str,
    #[case] status: u16,
    #[case] message: &str,
) {
    let answer = WORLD.get(&format!("/me/chats?{}", option.replace(' ', "%20")));
    assert_eq!(answer.status, status, "{:?}", answer.body);
    if status != 200 {
        assert!(answer.body["error"]["message"].as_str().unwrap().starts_with(message), "{:?}", answer.body);
    }
}

/// Fails when a membership that was listed can't be read alone, or a role is wrong.
#[test]
fn members_are_listed_and_read_one_by_one() {
    let group = chats()
        .into_iter()
        .find(|chat| chat["topic"].as_str().is_some_and(|topic| topic.starts_with("Ashgrove")));
    let id = group.unwrap()["id"].as_str().unwrap().to_owned();
    let members = WORLD.get(&format!("/chats/{id}/members"));
    assert_eq!(members.entries().len(), 7);
    for member in members.entries() {
        let mut alone =
            WORLD.get(&format!("/chats/{id}/members/{}", encoded(member["id"].as_str().unwrap()))).body;
        alone.as_object_mut().unwrap().remove("@odata.context");
        assert_eq!(&alone, member);
    }
    let outsider = members.entries().iter().find(|member| member["displayName"] == "Rowan Ashgrove").unwrap();
    assert_eq!(outsider["roles"], serde_json::json!(["guest"]));
    assert_ne!(outsider["tenantId"], WORLD.tenant(0).id.to_string());
    assert_eq!(WORLD.get(&format!("/chats/{id}/members/bm9ib2R5")).status, 404);
    assert_eq!(WORLD.get(&format!("/chats/{id}/operations")).entries().len(), 0);
}

/// Fails when a meeting's chat does not lead to its event in the organizer's calendar.
#[test]
fn a_meeting_chat_belongs_to_an_event() {
    let meetings: Vec<Value> = chats().into_iter().filter(|chat| chat["chatType"] == "meeting").collect();
    assert!(meetings.len() > 20, "{}", meetings.len());
    for chat in meetings {
        let info = &chat["onlineMeetingInfo"];
        let organizer =
            WORLD.tenant(0).users.iter().position(|user| info["organizer"]["id"] == user.id.to_string());
        let event = WORLD.get_as(
            &WORLD.caller(0, organizer.unwrap()),
            &format!("/me/events/{}", encoded(info["calendarEventId"].as_str().unwrap())),
        );
        assert_eq!(event.body["subject"], chat["topic"], "{:?}", event.body);
        assert_eq!(event.body["onlineMeeting"]["joinUrl"], info["joinWebUrl"]);
        assert!(info["joinWebUrl"].as_str().unwrap().contains(&encoded_thread(chat["id"].as_str().unwrap())));
    }
}

/// As it stands in a join address.
fn encoded_thread(id: &str) -> String {
    id.replace(':', "%3a").replace('@', "%40")
}

/// Fails when every chat has messages: a client must also meet one in which nothing has been said.
#[test]
fn some_chats_are_empty() {
    let silent: Vec<Value> =
        chats().into_iter().filter(|chat| chat["lastMessagePreview"].is_null()).collect();
    assert!(silent.iter().any(|chat| chat["chatType"] == "group" && chat["topic"].is_null()));
    let id = silent[0]["id"].as_str().unwrap();
    let answer = WORLD.get(&format!("/chats/{id}/messages"));
    assert_eq!((answer.status, answer.entries().len()), (200, 0));
    assert_eq!(answer.body["@odata.count"], 0);
}
