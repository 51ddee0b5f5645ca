//! A post that is read, and what stands beside it.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use crate::teams::Ids;
use crate::world::World;

const READ: &str = "read_resource";
const MESSAGE: &str = "/teams/{team}/channels/{channel}/messages/{message}";

/// A world whose calls are short, a token, and the uri of the post with most replies. Graph itself is asked for it, which has
/// generated it then.
async fn a_discussion() -> (World, String, String) {
    let world = World::start_with(|settings| settings.calls.deadline = Duration::from_secs(4)).await;
    let person = world.person(0, 0);
    let named = async |path: &str, name: &str| {
        let list = world.graph(&person, path).await;
        let found = list["value"].as_array().unwrap().iter().find(|item| item["displayName"] == name);
        found.unwrap_or_else(|| panic!("no {name}: {list}"))["id"].as_str().unwrap().to_owned()
    };
    let team = named("/me/joinedTeams", "Handbook").await;
    let channel = named(&format!("/teams/{team}/channels"), "General").await;
    let path = format!("/teams/{team}/channels/{channel}/messages?$top=50&$expand=replies");
    let posts = world.graph(&person, &path).await;
    let replies = |post: &&Value| post["replies"].as_array().unwrap().len();
    let post = posts["value"].as_array().unwrap().iter().max_by_key(replies).unwrap();
    assert!(replies(&post) > 25, "{post}");
    let uri = format!("{}/messages/{}", Ids { team, channel }.uri(), post["id"].as_str().unwrap());
    let token = world.token(&person).await;
    world.answer(&token, "get_me", json!({})).await;
    (world, token, uri)
}

async fn trouble(world: &World, route: &str, mut trouble: Value) {
    trouble["service"] = json!("graph");
    trouble["route"] = json!(route);
    world.fault(trouble).await;
}

/// If this failed, a post that has come would be lost for its replies, or seem to have none.
#[rstest]
#[case::throttled(json!({ "status": 429, "headers": { "retry-after": "600" } }), false)]
#[case::failing(json!({ "status": 503 }), true)]
#[case::forbidden(json!({ "status": 403 }), true)]
#[case::late(json!({ "delay_ms": 60_000 }), true)]
#[actix_web::test]
async fn a_post_is_given_where_its_replies_do_not_come(#[case] fault: Value, #[case] passes: bool) {
    let (world, token, uri) = a_discussion().await;
    trouble(&world, &format!("{MESSAGE}/replies"), fault).await;
    let read = world.answer(&token, READ, json!({ "uri": uri })).await;
    assert!(read["body"]["text"].is_string(), "{read}");
    let replies = &read["replies"];
    assert_eq!((&replies["items"], &replies["completeness"]["state"]), (&json!([]), &json!("partial")));
    let reason = replies["completeness"]["reason"].as_str().unwrap();
    assert!(reason.contains("replies could not be read") && reason.contains("nextCursor"), "{reason}");

    world.clear_faults().await;
    let further = json!({ "uri": uri, "cursor": replies["nextCursor"] });
    if !passes {
        assert_eq!(world.error_code(&token, READ, further).await, "throttled");
        return;
    }
    let further = world.answer(&token, READ, further).await;
    assert_eq!(further["kind"], "replies", "{further}");
    assert_eq!(further["items"].as_array().unwrap().len(), 25, "{further}");
}

/// If this failed, images that take long would cost the text that has come, or the replies.
#[actix_web::test]
async fn late_images_cost_neither_the_text_nor_the_replies() {
    let (world, token, uri) = a_discussion().await;
    let content =
        "<p>Plans</p><img src=\"/hostedContents/aWQ=/$value\"><img src=\"/hostedContents/aWI=/$value\">";
    let id = uri.rsplit('/').next().unwrap();
    let post = json!({ "id": id, "body": { "contentType": "html", "content": content } });
    trouble(&world, MESSAGE, json!({ "body": post })).await;
    trouble(&world, &format!("{MESSAGE}/hostedContents/{{image}}/$value"), json!({ "delay_ms": 60_000 }))
        .await;
    let read = world.call(&token, READ, json!({ "uri": uri })).await;
    assert_ne!(read["isError"], true, "{read}");
    assert_eq!(read["content"].as_array().unwrap().len(), 1, "{read}");
    let read = &read["structuredContent"];
    assert!(read["body"]["text"].as_str().unwrap().contains("Plans"), "{read}");
    assert!(read["notes"].to_string().contains("images are not given"), "{read}");
    assert_eq!(read["replies"]["items"].as_array().unwrap().len(), 25, "{read}");
}

/// If this failed, whoever writes a message could keep it from its readers by an image that is none.
#[actix_web::test]
async fn a_message_with_an_image_that_can_be_none_is_given_without_it() {
    let (world, token, uri) = a_discussion().await;
    let source = format!("https://graph.microsoft.com/v1.0/x/hostedContents/{}/$value", "a".repeat(2_000));
    let html = format!("<p>Look:</p><img src=\"{source}\">");
    let body = json!({ "id": "1", "body": { "contentType": "html", "content": html } });
    trouble(&world, MESSAGE, json!({ "status": 200, "body": body })).await;
    let read = world.answer(&token, READ, json!({ "uri": uri })).await;
    assert!(read["body"]["text"].as_str().unwrap().contains("Look:"), "{read}");
    assert!(read["notes"].to_string().contains("Some images are not given"), "{read}");
}
