//! `format` of `read_resource`: Markdown, or text without marks.

use std::collections::BTreeSet;

use serde_json::json;

use crate::asking::members;
use crate::calls::without_limits;
use crate::world::World;

/// What finds texts with links, headings and tables.
const MARKED_UP: &[(&str, &str)] = &[
    ("outlook_email_search", r#"{"query":"unsubscribe","limit":3}"#),
    ("sharepoint_search", r#"{"query":"*","fileType":"html","kind":"file","limit":3}"#),
    ("chat_message_search", r#"{"query":"steering","limit":3}"#),
];

/// What is read between its fences, where that is all there is.
async fn text_in(world: &World, token: &str, uri: &str, format: &str) -> Option<String> {
    let item = world.answer(token, "read_resource", json!({ "uri": uri, "format": format })).await;
    let body = item["body"]["text"].as_str().filter(|_| item["body"]["truncated"] == false)?;
    let lines: Vec<&str> = body.lines().collect();
    Some(lines[1..lines.len() - 1].join("\n"))
}

/// Letters and digits, in their order: marks and blanks are what may differ.
fn words(text: &str) -> Vec<&str> {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

/// If this failed, whoever asks for text would get marks, or another text than in Markdown.
#[actix_web::test]
async fn either_form_says_the_same() {
    let world = World::start_with(without_limits).await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let known = world.known(&person, &token).await;
    let mut uris = known.uris.clone();
    for (tool, arguments) in MARKED_UP {
        let arguments = serde_json::from_str(arguments).unwrap();
        let found = world.answer(&token, tool, arguments).await;
        uris.extend(members(found["items"].as_array().unwrap(), "uri").into_iter().map(str::to_owned));
    }
    let mut differing = BTreeSet::new();
    for uri in &uris {
        let Some(markdown) = text_in(&world, &token, uri, "markdown").await else { continue };
        let text = text_in(&world, &token, uri, "text").await.unwrap();
        assert_eq!(words(&markdown), words(&text), "{uri}");
        if markdown != text {
            differing.insert(uri.split_once(":///").unwrap().0);
            let marks =
                |line: &&str| line.starts_with(['#', '|']) || line.contains("](") || line.contains("**");
            assert_eq!(text.lines().find(marks), None, "{uri}");
        }
    }
    assert_eq!(differing, ["calendar", "file", "mail", "page", "teams"].into());
}

/// If this failed, a page of a text could be followed by one in the other form.
#[actix_web::test]
async fn a_form_is_a_known_word_and_goes_with_its_cursor() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let unknown = json!({ "uri": "mail:///folders/Inbox", "format": "html" });
    let refused = world.call(&token, "read_resource", unknown).await;
    let why = refused["_meta"]["m365-connector/error"]["why"].as_str().unwrap_or_else(|| panic!("{refused}"));
    assert!(why.starts_with("format: "), "{why}");
    let page = world.answer(&token, "read_resource", json!({ "uri": "mail:///folders/Inbox" })).await;
    let other = json!({ "uri": "mail:///folders/Inbox", "format": "text", "cursor": page["nextCursor"] });
    assert_eq!(world.error_code(&token, "read_resource", other).await, "invalid_cursor");
}
