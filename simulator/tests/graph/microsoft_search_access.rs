//! Who finds what by `POST /search/query`, and by which permission.

use rstest::rstest;
use serde_json::Value;

use crate::searching::{ask, every_item, found, of, search, text, uuid};
use crate::world::{WORLD, encoded};

/// Fails when a search shows what the caller can't open.
#[rstest]
#[case(0)]
#[case(3)]
#[case(7)]
fn only_what_the_caller_may_read_is_found(#[case] seat: usize) {
    let caller = WORLD.caller_with(0, seat, &["Files.Read.All"]);
    let hits = every_item(&caller);
    for hit in hits.iter().step_by(7) {
        let reference = &hit["resource"]["parentReference"];
        let (drive, item) = (reference["driveId"].as_str().unwrap(), text(hit, "/hitId"));
        assert_eq!(WORLD.get_as(&caller, &format!("/drives/{drive}/items/{item}?$select=id")).status, 200);
    }
    let boards = hits.iter().any(|hit| text(hit, "/resource/webUrl").contains("/sites/board/"));
    assert_eq!(boards, seat < 2, "papers of the board");
    let sites = found(&WORLD.caller(0, seat), &["site"], "*");
    assert_eq!(sites.iter().any(|hit| text(hit, "/resource/displayName") == "Board"), seat < 2);
}

/// Fails when a file that is shared from another's drive is hidden, or what lies beside it is not.
#[test]
fn what_is_shared_with_the_caller_is_found() {
    let hits = every_item(&WORLD.caller(0, 1));
    let of_others: Vec<&Value> =
        hits.iter().filter(|hit| text(hit, "/resource/webUrl").contains("/personal/maja")).collect();
    assert!(of_others.iter().any(|hit| text(hit, "/resource/name") == "Handover notes.docx"));
    assert!(of_others.len() < 20, "{}", of_others.len());
}

/// Fails when a search opens without the permission, or says wrongly what is missing.
#[rstest]
#[case("message", &["Mail.ReadBasic"], "Access to Message in Graph API requires the following permissions: Mail.Read, Mail.ReadWrite. However, the application only has the following permissions granted: Mail.ReadBasic")]
#[case("event", &["Calendars.Read.Shared", "User.Read"], "Access to Event in Graph API requires the following permissions: Calendars.Read, Calendars.ReadWrite. However, the application only has the following permissions granted: Calendars.Read.Shared, User.Read")]
#[case("chatMessage", &["Chat.ReadBasic"], "Access to ChatMessage in")]
#[case("driveItem", &["Files.Read"], "Access to DriveItem in")]
#[case("driveItem", &["Sites.Selected"], "Access to DriveItem in")]
#[case("site", &["Sites.Selected"], "Access to Site in")]
#[case("site", &["Files.Read.All"], "Access to Site in Graph API requires the following permissions: Sites.Read.All, Sites.ReadWrite.All.")]
#[case("listItem", &["Files.Read.All"], "Access to ListItem in")]
#[case("list", &["Files.Read.All"], "Access to List in")]
#[case("drive", &["User.Read"], "Access to Drive in")]
#[case("person", &["User.ReadBasic.All"], "Access to Person in")]
#[case("externalItem", &["Sites.Read.All"], "Access to ExternalItem in")]
#[case("bookmark", &["Acronym.Read.All"], "Access to Bookmark in")]
fn a_type_needs_its_permission(#[case] entity: &str, #[case] scopes: &[&str], #[case] message: &str) {
    let answer = ask(&WORLD.caller_with(0, 0, scopes), &of(&[entity], "a"));
    assert_eq!((answer.status, answer.error_code()), (403, "Forbidden"));
    assert!(text(&answer.body, "/error/message").starts_with(message), "{:?}", answer.body);
}

/// Fails when one permission opens more types than its own together with another.
#[test]
fn every_type_of_a_search_needs_its_permission() {
    let files = WORLD.caller_with(0, 0, &["Files.Read.All"]);
    assert_eq!(ask(&files, &of(&["driveItem", "drive"], "a")).status, 200);
    assert_eq!(ask(&files, &of(&["driveItem", "listItem"], "a")).status, 403);
    let sites = WORLD.caller_with(0, 0, &["Sites.Read.All"]);
    assert_eq!(ask(&sites, &of(&["driveItem", "listItem", "list", "site", "drive"], "a")).status, 200);
}

/// Fails when answers can't be searched for together, or can be together with files.
#[test]
fn answers_are_searched_for_together_and_with_nothing_else() {
    let scopes = ["Acronym.Read.All", "Bookmark.Read.All", "QnA.Read.All", "Files.Read.All"];
    let caller = WORLD.caller_with(0, 0, &scopes);
    let none = search(&caller, &of(&["acronym", "bookmark", "qna"], "a"));
    assert_eq!((&none["total"], &none["hits"]), (&Value::from(0), &Value::Null));
    assert_eq!(ask(&caller, &of(&["acronym", "driveItem"], "a")).status, 400);
}

/// Fails when guests search mail or people, or members can't find each other.
#[test]
fn guests_find_files_alone() {
    let guest = WORLD.caller(1, 12);
    for entity in ["message", "event", "chatMessage"] {
        assert_eq!(ask(&guest, &of(&[entity], "a")).status, 403, "{entity}");
    }
    assert_eq!(ask(&guest, &of(&["driveItem", "site"], "a")).status, 200);
    let member = WORLD.caller_with(0, 0, &["People.Read"]);
    let container = search(&member, &of(&["person"], "tomas"));
    assert_eq!(container["hits"][0]["resource"]["userPrincipalName"], "tomas.ferreira@larkmoor.example");
    let id = text(&container, "/hits/0/hitId").split_once('@').unwrap();
    assert!(uuid(id.0) && id.1 == WORLD.tenant(0).id.to_string());
}

/// Fails when a permission for chats opens channels or the other way round, or a hit can't be read by its ids.
#[rstest]
#[case("Chat.Read", "/resource/chatId", "/resource/channelIdentity/teamId")]
#[case("ChannelMessage.Read.All", "/resource/channelIdentity/teamId", "/resource/chatId")]
fn chats_and_channels_are_searched_by_their_own_permission(
    #[case] scope: &str,
    #[case] present: &str,
    #[case] absent: &str,
) {
    let caller = WORLD.caller_with(0, 0, &[scope]);
    let container = search(&caller, &of(&["chatMessage"], "the"));
    let hits = container["hits"].as_array().unwrap();
    assert_eq!((hits.len(), container["total"].as_u64()), (25, Some(25)));
    let times: Vec<&str> = hits.iter().map(|hit| text(hit, "/resource/createdDateTime")).collect();
    assert!(times.is_sorted_by(|left, right| left >= right));
    for hit in hits {
        assert!(hit.pointer(present).is_some() && hit.pointer(absent).is_none(), "{hit}");
        assert!(hit.pointer("/resource/body").is_none());
        let id = text(hit, "/hitId");
        let target = match hit.pointer("/resource/chatId").and_then(Value::as_str) {
            Some(chat) => format!("/chats/{}/messages/{id}", encoded(chat)),
            None if hit["resource"]["replyToId"].is_string() => continue,
            None => {
                let identity = &hit["resource"]["channelIdentity"];
                let channel = encoded(identity["channelId"].as_str().unwrap());
                format!("/teams/{}/channels/{channel}/messages/{id}", identity["teamId"].as_str().unwrap())
            }
        };
        assert_eq!(WORLD.get_as(&caller, &target).status, 200, "{target}");
    }
}
