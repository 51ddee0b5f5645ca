//! The tools, as an AI client uses them.

use m365_simulator::directory::{Consent, User};
use serde_json::json;

use crate::world::World;

/// If this failed, the first thing that people ask for would not work: find a mail and read it.
#[actix_web::test]
async fn a_mail_is_found_and_read() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let found = world.call(&token, "outlook_email_search", json!({ "limit": 5 })).await;
    let messages = found["structuredContent"]["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 5);
    assert_eq!(found["structuredContent"]["completeness"]["state"], "partial", "there is more than five");
    let times: Vec<&str> = messages.iter().map(|message| message["receivedUtc"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "newest first: {times:?}");

    let uri = messages[0]["uri"].as_str().unwrap();
    assert!(uri.starts_with("mail:///messages/"), "{uri}");
    let read = world.call(&token, "read_resource", json!({ "uri": uri })).await;
    assert_ne!(read["isError"], true, "{read}");
    let text = read["content"][0]["text"].as_str().unwrap();
    assert!(text.contains(messages[0]["subject"].as_str().unwrap()), "{text}");
}

/// If this failed, a list would lose messages, show some twice, or end too early.
#[actix_web::test]
async fn pages_follow_each_other_to_the_end() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let mut seen = Vec::new();
    let mut arguments = json!({ "folderName": "Sent Items", "limit": 20 });
    loop {
        let page =
            world.call(&token, "outlook_email_search", arguments.clone()).await["structuredContent"].clone();
        seen.extend(page["messages"].as_array().unwrap().iter().map(|message| message["uri"].to_string()));
        let Some(cursor) = page["nextCursor"].as_str() else {
            assert_eq!(page["completeness"]["state"], "complete");
            break;
        };
        arguments["cursor"] = json!(cursor);
        assert!(seen.len() < 1_000, "the pages never end");
    }
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert!(all > 20 && seen.len() == all, "{all} messages, {} of them different", seen.len());
}

/// If this failed, arguments that Graph cannot combine would be refused or quietly dropped.
#[actix_web::test]
async fn what_graph_cannot_combine_is_combined() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let arguments = json!({ "query": "report", "isUnread": false, "order": "oldest", "limit": 10 });
    let page = world.call(&token, "outlook_email_search", arguments).await["structuredContent"].clone();
    let messages = page["messages"].as_array().unwrap();
    assert!(!messages.is_empty(), "{page}");
    assert!(messages.iter().all(|message| message["isUnread"] == false), "{page}");
    let times: Vec<&str> = messages.iter().map(|message| message["receivedUtc"].as_str().unwrap()).collect();
    assert!(times.is_sorted(), "oldest first: {times:?}");
}

/// If this failed, what a stranger wrote could pass for words of the connector.
#[actix_web::test]
async fn no_invisible_code_point_survives() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let found = world.call(&token, "outlook_email_search", json!({ "limit": 50 })).await;
    let mut answers = vec![found.to_string()];
    for message in found["structuredContent"]["messages"].as_array().unwrap() {
        answers.push(world.call(&token, "read_resource", json!({ "uri": message["uri"] })).await.to_string());
    }
    let hidden = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}');
    for answer in answers {
        assert!(!answer.contains(hidden), "{}", answer.escape_unicode());
    }
}

/// If this failed, a model could not tell a folder of the mailbox from another.
#[actix_web::test]
async fn folders_are_listed_and_searched_by_name() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let folders = world.call(&token, "outlook_list_folders", json!({ "recursive": true })).await;
    assert!(folders["structuredContent"].to_string().contains("Inbox"), "{folders}");
    let missing = world.call(&token, "outlook_email_search", json!({ "folderName": "No such folder" })).await;
    assert_eq!(missing["isError"], true);
    assert!(
        missing["content"][0]["text"].as_str().unwrap().contains("Inbox"),
        "it names what is there: {missing}"
    );
}

/// If this failed, a user would not learn which permissions stand behind a missing tool.
#[actix_web::test]
async fn granted_scopes_explain_what_is_hidden() {
    let world = World::start().await;
    let tenants = &world.stage.simulator.directory().tenants;
    let is_partial = |user: &User| matches!(user.consent, Consent::Partial(_));
    let (tenant, user) = tenants
        .iter()
        .enumerate()
        .find_map(|(index, tenant)| Some((index, tenant.users.iter().position(is_partial)?)))
        .expect("one user has consented to a part");
    let token = world.token(&world.person(tenant, user)).await;
    let scopes = world.call(&token, "get_granted_scopes", json!({})).await;
    assert_ne!(scopes["isError"], true, "{scopes}");
    assert!(scopes["structuredContent"].to_string().contains("Mail.Read"), "{scopes}");
}

/// If this failed, the user's content would be read in a way that changes it.
#[actix_web::test]
async fn nothing_but_get_ever_reaches_graph() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    world.call(&token, "get_me", json!({})).await;
    world.call(&token, "outlook_list_folders", json!({ "recursive": true })).await;
    let found = world.call(&token, "outlook_email_search", json!({ "query": "report" })).await;
    world
        .call(&token, "read_resource", json!({ "uri": found["structuredContent"]["messages"][0]["uri"] }))
        .await;
    world.call(&token, "read_resource", json!({ "uri": "mail:///folders/" })).await;
    let graph: Vec<_> =
        world.requests().await.into_iter().filter(|request| request["service"] == "graph").collect();
    assert!(graph.len() >= 5 && graph.iter().all(|request| request["method"] == "GET"), "{graph:?}");
}
