//! The profile `openai`: exactly two tools.

use std::collections::BTreeSet;
use std::time::Duration;

use m365_connector::policy::{AllowedSite, LabelCeiling};
use m365_connector::{AccessRules, Catalogue, ContentPolicy, Service, TenantSource};
use rstest::rstest;
use serde_json::{Value, json};

use crate::asking::showing;
use crate::calls::without_limits;
use crate::world::{World, send};

async fn world() -> World {
    World::offering(Catalogue::OPEN_AI, |_| {}).await
}

/// If this failed, ChatGPT would not take the connector for one that it can search.
#[actix_web::test]
async fn there_are_search_and_fetch_and_nothing_else() {
    let world = world().await;
    let token = world.token(&world.person(0, 0)).await;
    let listed = send(world.modern(&token, "tools/list", json!({}))).await.json();
    let names: Vec<&str> = listed["result"]["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["search", "fetch"]);
    let discovered = send(world.modern(&token, "server/discover", json!({}))).await.json();
    assert!(discovered["result"]["capabilities"].get("resources").is_none(), "{discovered}");
}

/// If this failed, what was found could not be read, or not in the form that the client knows.
#[actix_web::test]
async fn what_is_found_is_fetched() {
    let world = world().await;
    let token = world.token(&world.person(0, 0)).await;
    let mut schemes = BTreeSet::new();
    for query in ["report", "handbook", "notice", "instructions", "budget"] {
        let found = world.call(&token, "search", json!({ "query": query })).await;
        assert_eq!(found["content"].as_array().unwrap().len(), 1);
        let text = the_text(&found);
        let results = text["results"].as_array().unwrap_or_else(|| panic!("{found}"));
        assert_eq!(text["completeness"]["returned"], results.len());
        for result in results {
            let members: Vec<&String> = result.as_object().unwrap().keys().collect();
            assert_eq!(members, ["id", "title", "url"], "{result}");
            let id = result["id"].as_str().unwrap();
            // Teams lets one message be read a second.
            if !schemes.insert(id.split(":///").next().unwrap().to_owned()) && !id.starts_with("list:///") {
                continue;
            }
            let fetched = world.call(&token, "fetch", json!({ "id": id })).await;
            let document = the_text(&fetched);
            let members: Vec<&String> = document.as_object().unwrap().keys().collect();
            assert_eq!(members, ["id", "metadata", "text", "title", "url"], "{document}");
            assert_eq!(document["id"], result["id"]);
        }
    }
    let expected = ["file", "list", "mail", "page", "site", "teams"];
    assert!(schemes.iter().eq(expected.iter()), "{schemes:?}");
}

/// The one text that an answer holds, as JSON.
fn the_text(answer: &Value) -> Value {
    let text = answer["content"][0]["text"].as_str().unwrap_or_else(|| panic!("no text: {answer}"));
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// If this failed, a mail would be read without its text or its time, or under another name than it was found by.
#[actix_web::test]
async fn a_mail_that_is_found_is_fetched_whole() {
    let world = world().await;
    let token = world.token(&world.person(0, 0)).await;
    let found = world.answer(&token, "search", json!({ "query": "report" })).await;
    let mail = found["results"].as_array().unwrap().iter();
    let mail = mail.clone().find(|hit| hit["id"].as_str().unwrap().starts_with("mail:///")).unwrap();
    let document = the_text(&world.call(&token, "fetch", json!({ "id": mail["id"] })).await);
    assert_eq!(document["title"], mail["title"]);
    assert!(document["text"].as_str().unwrap().contains("untrusted content"), "{document}");
    assert!(document["metadata"]["receivedUtc"].is_string(), "{document}");
}

/// If this failed, a hiccup in the middle of a long text would cost what has already come, or half of it would pass for all.
#[rstest]
#[case::throttled(json!({ "status": 429, "headers": { "retry-after": "600" } }))]
#[case::failing(json!({ "status": 501 }))]
#[case::late(json!({ "delay_ms": 20_000 }))]
#[actix_web::test]
async fn half_a_text_is_given_as_half_a_text(#[case] trouble: Value) {
    let world =
        World::offering(Catalogue::OPEN_AI, |settings| settings.calls.deadline = Duration::from_secs(4))
            .await;
    let token = world.token(&world.person(0, 0)).await;
    let long = json!({
        "id": "AAMk0", "subject": "Long", "conversationId": "AAQk0",
        "body": { "contentType": "text", "content": "A line of the minutes.\n".repeat(1_500) },
    });
    let message = |fault: Value| {
        let mut aimed = json!({ "service": "graph", "route": "/me/messages/{message}" });
        aimed.as_object_mut().unwrap().extend(fault.as_object().unwrap().clone());
        aimed
    };
    let arguments = json!({ "id": "mail:///messages/AAMk0" });
    // The whole first: whoever is told to wait is asked nothing for a while.
    world.fault(message(json!({ "status": 200, "body": long }))).await;
    let whole = world.answer(&token, "fetch", arguments.clone()).await;
    world.clear_faults().await;
    world.fault(message(json!({ "times": 1, "status": 200, "body": long }))).await;
    world.fault(message(trouble)).await;
    let half = world.answer(&token, "fetch", arguments).await;

    let lines =
        |document: &Value| document["text"].as_str().unwrap().matches("A line of the minutes.").count();
    assert_eq!(lines(&whole), 1_500, "{whole}");
    assert!((100..1_000).contains(&lines(&half)), "{half}");
    assert_eq!(half["metadata"]["truncated"], true, "{half}");
    assert!(half["metadata"]["notes"].to_string().contains("gave no answer for the rest"), "{half}");
    assert!(whole["metadata"].get("truncated").is_none(), "{whole}");
}

/// If this failed, what is missing would pass for what is not there.
#[rstest]
#[case::mail("Mail.Read", "SharePoint and OneDrive, chats and channels", "")]
#[case::files("Files.Read.All", "mail, chats and channels", "Only files were searched")]
#[case::chats(
    "Chat.Read",
    "mail, SharePoint and OneDrive",
    "Channels were not searched: the app has not been granted"
)]
#[actix_web::test]
async fn what_was_not_searched_is_told(#[case] scopes: &str, #[case] missing: &str, #[case] part: &str) {
    let world = world().await;
    let token = world.token_with_scopes(&world.person(0, 0), scopes).await;
    let found = world.answer(&token, "search", json!({ "query": "report" })).await;
    assert_eq!(found["completeness"]["state"], "partial", "{found}");
    let reason = found["completeness"]["reason"].as_str().unwrap();
    for source in missing.split(", ") {
        assert!(reason.contains(&format!("Not searched: {source}")), "{reason}");
    }
    let services =
        reason.matches("has not been granted").count() - part.matches("has not been granted").count();
    assert_eq!(services, missing.split(", ").count(), "{reason}");
    assert!(reason.contains(part), "{found}");
}

/// If this failed, half an answer would pass for a whole one, or one service's trouble would hide all others.
#[actix_web::test]
async fn a_service_that_fails_is_named_and_the_others_are_given() {
    let world = world().await;
    let token = world.token(&world.person(0, 0)).await;
    let whole = world.answer(&token, "search", json!({ "query": "report" })).await;
    world.fault(json!({ "service": "graph", "path_prefix": "/me/messages", "status": 403 })).await;
    let found = world.answer(&token, "search", json!({ "query": "report" })).await;
    let ids = |answer: &Value| answer["results"].to_string().matches("\"id\":\"mail:///").count();
    assert!(
        ids(&whole) > 0 && ids(&found) == 0 && !found["results"].as_array().unwrap().is_empty(),
        "{found}"
    );
    let reason = found["completeness"]["reason"].as_str().unwrap();
    assert!(reason.starts_with("Not searched: mail. "), "{reason}");
    world.fault(json!({ "service": "graph", "path_prefix": "/search/query", "status": 403 })).await;
    let code = world.error_code(&token, "search", json!({ "query": "report" })).await;
    assert_eq!(code, "no_access");
}

/// If this failed, a search that has more would not say so.
#[actix_web::test]
async fn a_search_with_more_hits_says_where() {
    let world = world().await;
    let token = world.token(&world.person(0, 0)).await;
    let found = world.answer(&token, "search", json!({ "query": "budget OR report OR the" })).await;
    let reason = found["completeness"]["reason"].as_str().unwrap_or_else(|| panic!("{found}"));
    assert!(reason.contains("There is more in mail, SharePoint and OneDrive"), "{reason}");
    let first: Vec<&str> = found["results"].as_array().unwrap()[..3].iter().map(scheme_of).collect();
    assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), 3, "services take turns: {first:?}");
}

fn scheme_of(hit: &Value) -> &str {
    hit["id"].as_str().unwrap().split(":///").next().unwrap()
}

/// If this failed, the profile would show what the other tools withhold or leave out.
#[actix_web::test]
async fn policy_sees_what_it_sees_of_every_search() {
    let own = vec![AllowedSite::OwnDrive];
    let content = ContentPolicy {
        labels: LabelCeiling::new(vec!["General".to_owned()], "General"),
        sites: Some(own),
        ..ContentPolicy::default()
    };
    let world = World::offering(Catalogue::OPEN_AI, showing(content)).await;
    let token = world.token(&world.person(0, 0)).await;
    let found = world.answer(&token, "search", json!({ "query": "budget" })).await;
    let files: Vec<&Value> =
        found["results"].as_array().unwrap().iter().filter(|hit| scheme_of(hit) == "file").collect();
    assert!(!files.is_empty(), "{found}");
    assert!(files.iter().all(|hit| hit["url"].as_str().unwrap().contains("/personal/")), "{files:?}");
    assert!(found["notes"].to_string().contains("left out"), "{found}");
    for file in files {
        let read = world.answer(&token, "fetch", json!({ "id": file["id"] })).await;
        let label = &read["metadata"]["sensitivityLabel"];
        let is_above = label.as_str().is_some_and(|label| label != "General");
        assert_eq!(read["metadata"]["withheld"]["code"] == "sensitivity_label", is_above, "{read}");
    }
}

/// If this failed, an image would be gone without a word: the form has no room for one.
#[actix_web::test]
async fn an_image_that_is_not_given_is_told_of() {
    let world = world().await;
    let token = world.token(&world.person(0, 0)).await;
    let id = format!("user:///{}?photo=true", world.person(0, 0).id);
    let document = world.answer(&token, "fetch", json!({ "id": id })).await;
    assert!(document["metadata"]["notes"].to_string().contains("Images are not given here"), "{document}");
}

/// If this failed, a search of everything would cost a request for each service, or fail with one of them. (So soon after
/// another, the limits of Microsoft Search would make it go in parts.)
#[actix_web::test]
async fn one_request_asks_all_services() {
    let world = World::offering(Catalogue::OPEN_AI, without_limits).await;
    let token = world.token(&world.person(0, 0)).await;
    world.call(&token, "search", json!({ "query": "report" })).await;
    world.forget_requests().await;
    world.call(&token, "search", json!({ "query": "report" })).await;
    assert_eq!(world.graph_round_trips().await, 1);
    let nothing = world.call(&token, "search", json!({ "query": "xyzzyplugh" })).await;
    let expected = json!({ "results": [], "completeness": { "state": "complete", "returned": 0 } });
    assert_eq!(nothing["structuredContent"], expected);
    let wrong = world.call(&token, "search", json!({ "q": "report" })).await;
    assert_eq!(wrong["_meta"]["m365-connector/error"]["code"], "invalid_arguments", "{wrong}");
    let unknown = world.call(&token, "fetch", json!({ "id": "note:///1" })).await;
    assert_eq!(unknown["_meta"]["m365-connector/error"]["code"], "invalid_arguments", "{unknown}");
}

/// If this failed, what the administrator has switched off would be found and read by another name.
#[actix_web::test]
async fn a_service_that_is_switched_off_is_neither_searched_nor_read() {
    let world = World::offering(Catalogue::OPEN_AI, |settings| {
        let TenantSource::Fixed(tenants) = &mut settings.tenants else {
            panic!("the stage fixes its tenants")
        };
        for tenant in tenants {
            tenant.rules = AccessRules { denied_services: [Service::Mail].into(), ..tenant.rules.clone() };
        }
    })
    .await;
    let token = world.token(&world.person(0, 0)).await;
    let found = world.call(&token, "search", json!({ "query": "report" })).await;
    assert!(!found.to_string().contains("mail:///"), "{found}");
    let read = world.call(&token, "fetch", json!({ "id": "mail:///folders/Inbox" })).await;
    assert_eq!(read["_meta"]["m365-connector/error"]["code"], "blocked_by_policy", "{read}");
}
