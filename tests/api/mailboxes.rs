//! Whose mailbox is read.

use rstest::rstest;
use serde_json::{Value, json};

use crate::world::{Person, World};

/// If this failed, people who name themselves would need permissions for other people's mail, and get uris that lead
/// through them.
#[rstest]
#[case::as_it_is(|person: &Person| person.upn.clone())]
#[case::in_capitals(|person: &Person| person.upn.to_uppercase())]
#[case::between_blanks(|person: &Person| format!("  {} ", person.upn))]
#[case::by_object_id(|person: &Person| person.id.clone())]
#[actix_web::test]
async fn the_users_own_address_means_the_own_mailbox(#[case] write: fn(&Person) -> String) {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token_with_scopes(&person, "User.Read Mail.Read").await;
    let owner = write(&person);
    let plain = world.call(&token, "outlook_email_search", json!({ "limit": 3 })).await;
    let named =
        world.call(&token, "outlook_email_search", json!({ "limit": 3, "mailboxOwnerEmail": owner })).await;
    for member in ["items", "understood"] {
        assert_eq!(named["structuredContent"][member], plain["structuredContent"][member]);
    }

    let folders = world.call(&token, "outlook_list_folders", json!({ "mailboxOwnerEmail": owner })).await;
    let folder = folders["structuredContent"]["items"][0].clone();
    assert!(!folder["uri"].as_str().unwrap().contains("owner"), "{folders}");
    let in_uri = |uri: &Value| format!("{}?owner={}", uri.as_str().unwrap(), owner.trim());
    let message = in_uri(&plain["structuredContent"]["items"][0]["uri"]);
    for uri in [message, in_uri(&folder["uri"]), format!("mail:///folders/?owner={}", owner.trim())] {
        let read = world.call(&token, "read_resource", json!({ "uri": uri })).await;
        assert_ne!(read["isError"], true, "{read}");
    }
    let in_folder = json!({ "folderName": in_uri(&folder["uri"]), "mailboxOwnerEmail": owner });
    let found = world.call(&token, "outlook_email_search", in_folder).await;
    assert_ne!(found["isError"], true, "{found}");
    let paths = world.graph_paths().await;
    assert!(!paths.iter().any(|path| path.starts_with("/v1.0/users")), "{paths:?}");
}

/// If this failed, every call would pay for a question that only few ask.
#[actix_web::test]
async fn nobody_is_asked_who_the_user_is_where_no_owner_is_given() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    world.call(&token, "outlook_email_search", json!({ "timeZone": "UTC" })).await;
    world.call(&token, "outlook_list_folders", json!({})).await;
    assert_eq!(world.graph_paths().await, ["/v1.0/me/messages", "/v1.0/me/mailFolders"]);
}

/// If this failed, another's mailbox would pass for the user's own, or need no permission of its own.
#[actix_web::test]
async fn another_mailbox_stays_another() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let shared = world.stage.simulator.directory().tenants[0].shared_mailbox.upn.clone();
    let arguments = json!({ "mailboxOwnerEmail": shared, "limit": 1 });
    let found = world.call(&world.token(&person).await, "outlook_email_search", arguments.clone()).await;
    assert_eq!(found["structuredContent"]["understood"]["mailboxOwner"], json!(shared), "{found}");
    let uri = found["structuredContent"]["items"][0]["uri"].as_str().unwrap();
    assert!(uri.contains("?owner="), "{uri}");

    let alone = World::start().await;
    let token = alone.token_with_scopes(&alone.person(0, 0), "User.Read Mail.Read").await;
    let refused = alone.call(&token, "outlook_email_search", arguments).await;
    assert_eq!(refused["_meta"]["m365-connector/error"]["code"], "missing_scope", "{refused}");
}

/// If this failed, a wrong address would be explained as a deleted item.
#[rstest]
#[case::search("outlook_email_search", |owner: &str| json!({ "mailboxOwnerEmail": owner }))]
#[case::search_in_a_folder("outlook_email_search", |owner: &str| json!({ "mailboxOwnerEmail": owner, "folderName": "Travel" }))]
#[case::folders("outlook_list_folders", |owner: &str| json!({ "mailboxOwnerEmail": owner, "parent": "Inbox" }))]
#[case::folder("read_resource", |owner: &str| json!({ "uri": format!("mail:///folders/Inbox?owner={owner}") }))]
#[case::message("read_resource", |owner: &str| json!({ "uri": format!("mail:///messages/AAMkA?owner={owner}") }))]
#[actix_web::test]
async fn an_unknown_owner_is_said_to_be_unknown(#[case] tool: &str, #[case] arguments: fn(&str) -> Value) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let refused = world.call(&token, tool, arguments("nobody@larkmoor.example")).await;
    let error = &refused["_meta"]["m365-connector/error"];
    assert_eq!(error["code"], "mailbox_not_found", "{refused}");
    assert!(error["how"].as_str().unwrap().contains("address"), "{refused}");
    assert!(!refused.to_string().contains("deleted or moved"), "{refused}");
}

/// If this failed, a deleted message of a shared mailbox would be explained as a wrong address.
#[actix_web::test]
async fn a_missing_message_of_a_known_owner_is_a_missing_message() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let shared = world.stage.simulator.directory().tenants[0].shared_mailbox.upn.clone();
    let uri = format!("mail:///messages/AAMkA?owner={shared}");
    let refused = world.call(&token, "read_resource", json!({ "uri": uri })).await;
    assert_eq!(refused["_meta"]["m365-connector/error"]["code"], "not_found", "{refused}");
}

/// If this failed, a permission for other people's mail would close the user's own: its searches and messages would be said not
/// to be shared with the user.
#[rstest]
#[case::basic_alone("Mail.ReadBasic User.Read")]
#[case::beside_what_others_share("Mail.ReadBasic Mail.Read.Shared User.Read")]
#[actix_web::test]
async fn what_opens_other_mailboxes_takes_nothing_from_the_own_one(#[case] held: &str) {
    let world = World::start().await;
    let person = world.person(0, 0);
    let with_attachments = json!({ "limit": 1, "hasAttachments": true });
    let all = world.token(&person).await;
    let expected = world.answer(&all, "outlook_email_search", with_attachments.clone()).await;
    let uri = &expected["items"][0]["uri"];
    let whole = world.answer(&all, "read_resource", json!({ "uri": uri })).await;

    let token = world.token_held_to(&person, held).await;
    let found = world.answer(&token, "outlook_email_search", with_attachments).await;
    assert_eq!(&found["items"][0]["uri"], uri, "{found}");
    assert!(found["notes"][0].as_str().unwrap().contains("no previews and no bodies"), "{found}");
    let by_subject = json!({ "subject": whole["subject"], "limit": 50 });
    let (found, _) = world.all_items(&token, "outlook_email_search", by_subject).await;
    assert!(found.iter().any(|message| message["uri"] == *uri), "{found:?}");
    let read = world.answer(&token, "read_resource", json!({ "uri": uri })).await;
    assert_eq!((&read["subject"], read.get("body")), (&whole["subject"], None), "{read}");

    let attachment = &whole["attachments"][0]["uri"];
    for (tool, arguments) in [
        ("outlook_email_search", json!({ "query": "report" })),
        ("read_resource", json!({ "uri": attachment })),
    ] {
        let refused = world.call(&token, tool, arguments).await;
        assert_eq!(refused["_meta"]["m365-connector/error"]["code"], "missing_scope", "{refused}");
        assert!(refused["content"][0]["text"].as_str().unwrap().contains("Mail.Read "), "{refused}");
    }
}

/// If this failed, bodies and words of mail that others share would be withheld from who may read the own mail in part alone.
#[actix_web::test]
async fn what_others_share_is_read_whole_beside_the_basics_of_the_own_mail() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token_held_to(&person, "Mail.ReadBasic Mail.Read.Shared User.Read").await;
    let owner = world.stage.simulator.directory().tenants[0].shared_mailbox.upn.clone();
    let arguments = json!({ "mailboxOwnerEmail": owner, "query": "the", "limit": 1 });
    let found = world.answer(&token, "outlook_email_search", arguments).await;
    assert!(found["items"][0]["preview"].is_string() && found.get("notes").is_none(), "{found}");
    let read = world.answer(&token, "read_resource", json!({ "uri": found["items"][0]["uri"] })).await;
    assert!(read["body"]["text"].is_string(), "{read}");
}
