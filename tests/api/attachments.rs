//! What mails carry along, and mailboxes as they are exported.

use m365_connector::{AccessRules, ContentPolicy, ExternalMail, Service, TenantSource};
use m365_simulator::graph::{MailboxKind, mailbox_id};
use rstest::rstest;
use serde_json::{Value, json};

use crate::world::{World, send};

/// The message of this subject, read.
async fn message(world: &World, token: &str, subject: &str) -> Value {
    let found = world.call(token, "outlook_email_search", json!({ "subject": subject, "limit": 1 })).await;
    let uri = &found["structuredContent"]["items"][0]["uri"];
    let read = world.call(token, "read_resource", json!({ "uri": uri })).await;
    assert_ne!(read["isError"], true, "{read}");
    read["structuredContent"].clone()
}

fn attachment<'m>(message: &'m Value, name: &str) -> &'m Value {
    let attachments = message["attachments"].as_array().unwrap_or_else(|| panic!("none: {message}"));
    attachments.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no {name}: {message}"))
}

/// If this failed, a person would be told that there are notes, and not what stands in them.
#[rstest]
#[case::csv("notes.csv")]
#[case::markdown("notes.md")]
#[case::text("notes.txt")]
#[case::html("notes.html")]
#[actix_web::test]
async fn an_attachment_of_text_is_read(#[case] name: &str) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let mail = message(&world, &token, "Notes in plain formats").await;
    let listed = attachment(&mail, name);
    assert_eq!(listed["type"], "file");
    world.forget_requests().await;
    let read = world.call(&token, "read_resource", json!({ "uri": listed["uri"] })).await;
    let content = &read["structuredContent"];
    assert_eq!(content["kind"], "attachment", "{read}");
    assert_eq!((&content["name"], &content["size"]), (&json!(name), &listed["size"]));
    let text = content["body"]["text"].as_str().unwrap_or_else(|| panic!("{read}"));
    assert!(text.len() > 150 && !text.contains("<p>"), "{text}");
    assert_eq!(world.graph_round_trips().await, 2, "one for what it is, one for what is in it");
}

/// If this failed, of a long attachment a part could not be asked for, or what has no parts would be given whole.
#[actix_web::test]
async fn rows_of_an_attachment_of_text_are_read() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let mail = message(&world, &token, "Notes in plain formats").await;
    let uri = &attachment(&mail, "notes.csv")["uri"];
    let whole = world.answer(&token, "read_resource", json!({ "uri": uri })).await;
    let some = world.answer(&token, "read_resource", json!({ "uri": uri, "range": "2-3" })).await;
    let rows =
        |read: &Value| read["body"]["text"].as_str().unwrap().lines().map(str::to_owned).collect::<Vec<_>>();
    // The first line and the last one are the fence.
    assert_eq!(rows(&some)[1..=2], rows(&whole)[2..=3], "{some}");
    assert_eq!((&some["lines"]["first"], &some["lines"]["last"]), (&json!(2), &json!(3)), "{some}");
    let refused = world.call(&token, "read_resource", json!({ "uri": mail["uri"], "range": "2-3" })).await;
    let error = &refused["_meta"]["m365-connector/error"];
    assert_eq!(error["code"], "invalid_arguments", "{refused}");
    for part in ["range: ", "attachments", "00:10:00-00:25:00"] {
        assert!(error["why"].as_str().unwrap().contains(part), "{refused}");
    }
}

/// If this failed, what can't be read would look empty, or broken.
#[rstest]
#[case("Minutes of the board.docx")]
#[case("Numbers of the year.xlsx")]
#[case("Outlook.pptx")]
#[case("Signed report.pdf")]
#[actix_web::test]
async fn a_format_that_is_not_read_yet_is_named(#[case] name: &str) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let mail = message(&world, &token, "Board papers for the winter meeting").await;
    world.forget_requests().await;
    let read = world.call(&token, "read_resource", json!({ "uri": attachment(&mail, name)["uri"] })).await;
    let content = &read["structuredContent"];
    assert_eq!(content["name"], name);
    assert!(content["size"].as_u64().is_some_and(|size| size > 0), "{read}");
    assert!(content["webUrl"].is_string() && content["webUrl"] == mail["webUrl"], "{read}");
    assert_eq!(world.graph_round_trips().await, 1, "what it is, and where the message stands");
    assert!(content["notes"][0].as_str().unwrap().contains("can't be read here yet"), "{read}");
    assert!(content.get("body").is_none(), "{read}");
}

/// If this failed, a person would not see what the sender wanted to show.
#[actix_web::test]
async fn a_picture_is_shown_to_tools_and_as_a_resource() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let mail = message(&world, &token, "Floor plan of the new office").await;
    assert_eq!(attachment(&mail, "plan.png")["isInline"], true, "{mail}");
    let uri = attachment(&mail, "entrance.png")["uri"].as_str().unwrap();
    let read = world.call(&token, "read_resource", json!({ "uri": uri })).await;
    let image = &read["content"][1];
    assert_eq!((&image["type"], &image["mimeType"]), (&json!("image"), &json!("image/png")), "{read}");
    let request = world.modern(&token, "resources/read", json!({ "uri": uri })).header("mcp-name", uri);
    let resource = send(request).await.json();
    assert_eq!(resource["result"]["contents"][1]["blob"], image["data"], "{resource}");
}

/// If this failed, a forwarded message, an invitation or a link would be a riddle.
#[actix_web::test]
async fn items_and_links_are_told_apart() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let found =
        world.call(&token, "outlook_email_search", json!({ "hasAttachments": true, "limit": 50 })).await;
    let mut kinds = std::collections::BTreeMap::<String, usize>::new();
    for hit in found["structuredContent"]["items"].as_array().unwrap() {
        let mail =
            world.call(&token, "read_resource", json!({ "uri": hit["uri"] })).await["structuredContent"]
                .clone();
        for listed in mail["attachments"].as_array().into_iter().flatten() {
            let read = world.call(&token, "read_resource", json!({ "uri": listed["uri"] })).await;
            assert_ne!(read["isError"], true, "{listed} {read}");
            let content = &read["structuredContent"];
            match listed["type"].as_str().unwrap() {
                "item" => {
                    assert!(content["body"]["text"].as_str().is_some_and(|text| text.len() > 100), "{read}");
                }
                "link" => assert!(content["notes"][0].as_str().unwrap().contains("is a link"), "{read}"),
                _ => {}
            }
            *kinds.entry(listed["type"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    assert!(["file", "item", "link"].iter().all(|kind| kinds.contains_key(*kind)), "{kinds:?}");
}

/// If this failed, what the organisation withholds of mail from outside would be read as an attachment.
#[actix_web::test]
async fn attachments_of_mail_from_outside_are_withheld_with_it() {
    let world = World::start_with(|settings| {
        let TenantSource::Fixed(tenants) = &mut settings.tenants else {
            panic!("the stage fixes its tenants")
        };
        for tenant in tenants {
            tenant.content =
                ContentPolicy { external_mail: ExternalMail::Withhold, ..ContentPolicy::default() };
        }
    })
    .await;
    let token = world.token(&world.person(0, 0)).await;
    let mail = message(&world, &token, "Notes in plain formats").await;
    assert!(mail.get("attachments").is_none() && mail["withheld"].is_object(), "{mail}");
    let lease = world.lease(&world.person(0, 0)).await;
    let id = mail["uri"].as_str().unwrap().trim_start_matches("mail:///messages/");
    let url = format!("{}/v1.0/me/messages/{id}/attachments?$select=id", world.stage.simulator_url());
    let graph =
        send(world.http.get(url).bearer_auth(lease).header("prefer", "IdType=\"ImmutableId\"")).await.json();
    let attachment = graph["value"][0]["id"].as_str().unwrap_or_else(|| panic!("{graph}"));
    let uri = format!("mail:///messages/{id}/attachments/{attachment}");
    let read = world.call(&token, "read_resource", json!({ "uri": uri })).await["structuredContent"].clone();
    assert_eq!(read["withheld"]["code"], "external_mail", "{read}");
    assert!(read.get("body").is_none() && read.get("name").is_none(), "{read}");
}

/// If this failed, a wrong id would be a riddle, or a switched-off service be read through its attachments.
#[actix_web::test]
async fn what_is_not_there_or_not_allowed_is_said() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let mail = message(&world, &token, "Notes in plain formats").await;
    let uri = format!("{}/attachments/nothing", mail["uri"].as_str().unwrap());
    let read = world.call(&token, "read_resource", json!({ "uri": uri })).await;
    assert_eq!(read["_meta"]["m365-connector/error"]["code"], "not_found", "{read}");

    let world = World::start_with(|settings| {
        let TenantSource::Fixed(tenants) = &mut settings.tenants else {
            panic!("the stage fixes its tenants")
        };
        for tenant in tenants {
            tenant.rules = AccessRules { denied_services: [Service::Mail].into(), ..tenant.rules.clone() };
        }
    })
    .await;
    let token = world.token(&world.person(0, 0)).await;
    let read =
        world.call(&token, "read_resource", json!({ "uri": "mail:///messages/A/attachments/B" })).await;
    assert_eq!(read["_meta"]["m365-connector/error"]["code"], "blocked_by_policy", "{read}");
}

/// If this failed, an archive could not be looked through, or somebody else's could.
#[actix_web::test]
async fn an_archive_is_looked_through_without_its_content() {
    let world = World::start().await;
    let directory = world.stage.simulator.directory();
    let (tenant, user) = (directory.tenants[0].id, directory.tenants[0].users[0].id);
    let other = directory.tenants[0].users[5].id;
    let token = world.token(&world.person(0, 0)).await;
    let archive = mailbox_id(tenant, user, MailboxKind::Archive);
    let folders = read(&world, &token, &format!("mailbox:///{archive}/folders")).await;
    let folder = folders["items"]
        .as_array()
        .unwrap_or_else(|| panic!("{folders}"))
        .iter()
        .find(|folder| folder["items"].as_u64().is_some_and(|items| items > 0))
        .unwrap_or_else(|| panic!("all are empty: {folders}"));
    let items = read(&world, &token, folder["itemsUri"].as_str().unwrap()).await;
    let item = &items["items"][0];
    assert!(item["subject"].is_string() && item["from"]["address"].is_string(), "{items}");
    assert!(item.get("body").is_none(), "{items}");
    let one = read(&world, &token, item["uri"].as_str().unwrap()).await;
    assert_eq!((&one["kind"], &one["subject"]), (&json!("item"), &item["subject"]));

    let others = mailbox_id(tenant, other, MailboxKind::Primary);
    let refused =
        world.call(&token, "read_resource", json!({ "uri": format!("mailbox:///{others}/folders") })).await;
    assert_eq!(refused["_meta"]["m365-connector/error"]["code"], "no_access", "{refused}");
    let wrong = world.call(&token, "read_resource", json!({ "uri": "mailbox:///MBX:1/items" })).await;
    assert_eq!(wrong["_meta"]["m365-connector/error"]["code"], "invalid_arguments", "{wrong}");
}

async fn read(world: &World, token: &str, uri: &str) -> Value {
    world.call(token, "read_resource", json!({ "uri": uri })).await["structuredContent"].clone()
}
