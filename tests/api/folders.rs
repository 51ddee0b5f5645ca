//! Folders of a mailbox: what is listed can be used.

use std::collections::BTreeMap;

use rstest::rstest;
use serde_json::{Value, json};

use crate::world::World;

/// The folders of an answer: uri and path.
fn paths(answer: &Value) -> BTreeMap<String, String> {
    let folders = answer["structuredContent"]["items"].as_array();
    let folders = folders.unwrap_or_else(|| panic!("no list: {answer}"));
    let text = |folder: &Value, member: &str| folder[member].as_str().unwrap().to_owned();
    folders.iter().map(|folder| (text(folder, "uri"), text(folder, "path"))).collect()
}

/// If this failed, a model would be given paths that lead nowhere, or to another folder.
#[rstest]
#[case::own(None)]
#[case::shared(Some(()))]
#[actix_web::test]
async fn every_listed_path_is_good_for_searching_and_listing(#[case] shared: Option<()>) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let owner = shared.map(|()| world.stage.simulator.directory().tenants[0].shared_mailbox.upn.clone());
    let with_owner = |mut arguments: Value| {
        if let Some(owner) = &owner {
            arguments["mailboxOwnerEmail"] = json!(owner);
        }
        arguments
    };
    let all = world.call(&token, "outlook_list_folders", with_owner(json!({ "recursive": true }))).await;
    let totals = all["structuredContent"]["items"].as_array().unwrap();
    let all = paths(&all);
    assert!(all.values().any(|path| path == "Inbox/Projects/Aurora"), "{all:?}");
    for (uri, path) in &all {
        let found = world
            .call(&token, "outlook_email_search", with_owner(json!({ "folderName": path, "limit": 50 })))
            .await;
        let count = totals.iter().find(|folder| folder["uri"] == json!(uri)).unwrap()["total"].as_u64();
        let returned = found["structuredContent"]["completeness"]["returned"].as_u64();
        assert_eq!(returned, count.map(|count| count.min(50)), "{path}: {found}");

        let below: BTreeMap<String, String> = all
            .iter()
            .filter(|(_, other)| other.starts_with(&format!("{path}/")))
            .map(|(uri, path)| (uri.clone(), path.clone()))
            .collect();
        for parent in [path, uri, &path.to_uppercase()] {
            let arguments = with_owner(json!({ "parent": parent, "recursive": true }));
            let listed = world.call(&token, "outlook_list_folders", arguments).await;
            assert_eq!(paths(&listed), below, "below {parent}");
        }
    }
    let root = with_owner(json!({ "parent": "msgfolderroot", "recursive": true }));
    assert_eq!(paths(&world.call(&token, "outlook_list_folders", root).await), all);
}

/// If this failed, a folder with a slash in its name could be seen and not be read.
#[actix_web::test]
async fn a_name_with_a_slash_is_a_step_of_a_path() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let listed = world.call(&token, "outlook_list_folders", json!({ "parent": "Inbox" })).await;
    let (uri, _) = paths(&listed).into_iter().find(|(_, path)| path == "Inbox/Projects").unwrap();
    let id = uri.strip_prefix("mail:///folders/").unwrap();
    let level = json!({ "value": [
        { "id": "other", "displayName": "2026", "childFolderCount": 0 },
        { "id": id, "displayName": "2026/Q1", "childFolderCount": 3 },
    ] });
    let inbox = "/me/mailFolders/inbox/childFolders";
    world.fault(json!({ "service": "graph", "path_prefix": inbox, "body": level })).await;
    let listed = world.call(&token, "outlook_list_folders", json!({ "parent": "Inbox" })).await;
    assert_eq!(paths(&listed)[&uri], "Inbox/2026/Q1");
    let arguments = json!({ "folderName": "Inbox/2026/Q1/Aurora" });
    let found = world.call(&token, "outlook_email_search", arguments).await;
    assert_eq!(found["structuredContent"]["understood"]["folder"], "inbox/2026/Q1/Aurora", "{found}");
}

/// If this failed, somebody who may see one folder of another's mailbox could not list what is below it.
#[actix_web::test]
async fn where_the_folders_above_cannot_be_seen_paths_begin_with_an_id() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let whole = world.call(&token, "outlook_list_folders", json!({ "parent": "Inbox" })).await;
    let (uri, _) = paths(&whole).into_iter().find(|(_, path)| path == "Inbox/Projects").unwrap();
    let id = uri.strip_prefix("mail:///folders/").unwrap();
    let root = "/me/mailFolders/msgfolderroot";
    world.fault(json!({ "service": "graph", "path_prefix": root, "status": 403 })).await;
    let listed = world.call(&token, "outlook_list_folders", json!({ "parent": uri })).await;
    let listed = paths(&listed);
    let aurora = listed.values().find(|path| path.ends_with("Aurora")).unwrap();
    assert_eq!(*aurora, format!("{id}/Aurora"));
    let found = world.call(&token, "outlook_email_search", json!({ "folderName": aurora })).await;
    assert_eq!(found["structuredContent"]["understood"]["folder"], json!(aurora), "{found}");
}

/// If this failed, Microsoft 365 would be blamed for a text that can be no folder.
#[rstest]
#[case("outlook_list_folders", "parent")]
#[case("outlook_email_search", "folderName")]
#[actix_web::test]
async fn a_text_that_can_be_no_folder_is_named(#[case] tool: &str, #[case] argument: &str) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    for wrong in
        ["A".repeat(1_500), "mail:///messages/A".to_owned(), "mail:///folders/A?owner=a@b.example".to_owned()]
    {
        let refused = world.call(&token, tool, json!({ argument: wrong })).await;
        let error = &refused["_meta"]["m365-connector/error"];
        assert_eq!(error["code"], "invalid_arguments", "{refused}");
        assert!(error["why"].as_str().unwrap().starts_with(argument), "{refused}");
    }
}
