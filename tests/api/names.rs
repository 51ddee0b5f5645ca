//! Names that others choose: one line wherever they stand, and no markup.

use rstest::rstest;
use serde_json::{Value, json};

use crate::world::World;

const NAME: &str = r#"<b onmouseover="steal()">Canteen</b>"#;
const SEEN: &str = "Canteen";
const TEAM: &str = "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b";

/// If this failed, a name could run in whoever shows it, or pass for what the connector says.
#[rstest]
#[case::topic_of_a_chat("teams_list_chats", json!({}), "/me/chats", json!({ "id": "19:a@thread.v2", "topic": NAME, "members": [] }), "/topic")]
#[case::member_of_a_chat(
    "teams_list_chats", json!({}), "/me/chats",
    json!({ "id": "19:a@thread.v2", "members": [{ "displayName": NAME, "email": "a@b.example" }] }), "/members/0/name"
)]
#[case::team("teams_list_teams", json!({}), "/me/joinedTeams", json!({ "id": TEAM, "displayName": NAME }), "/name")]
#[case::channel("teams_list_channels", json!({ "teamId": TEAM }), "/teams/", json!({ "id": "19:a@thread.tacv2", "displayName": NAME }), "/name")]
#[case::subject_of_a_message(
    "teams_list_chat_messages", json!({ "chatId": "19:a@thread.v2" }), "/chats/",
    json!({ "id": "1", "createdDateTime": "2026-11-01T00:00:00Z", "subject": NAME }), "/subject"
)]
#[case::author_of_a_message(
    "teams_list_chat_messages", json!({ "chatId": "19:a@thread.v2" }), "/chats/",
    json!({ "id": "1", "createdDateTime": "2026-11-01T00:00:00Z", "from": { "user": { "id": TEAM, "displayName": NAME } } }),
    "/from/name"
)]
#[case::file("sharepoint_list_folder", json!({ "uri": "me" }), "/me/drive/root/children", json!({ "id": "A", "name": NAME, "file": {} }), "/name")]
#[case::person("search_people", json!({ "query": "a" }), "/users", json!({ "id": TEAM, "displayName": NAME }), "/name")]
#[case::mail_folder("outlook_list_folders", json!({}), "/me/mailFolders", json!({ "id": "F", "displayName": NAME }), "/name")]
#[actix_web::test]
async fn a_name_is_a_line_and_no_markup(
    #[case] tool: &str,
    #[case] arguments: Value,
    #[case] path: &str,
    #[case] item: Value,
    #[case] place: &str,
) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let page = json!({ "value": [item] });
    world.fault(json!({ "service": "graph", "path_prefix": path, "status": 200, "body": page })).await;
    let list = world.answer(&token, tool, arguments).await;
    assert_eq!(list["items"][0].pointer(place), Some(&json!(SEEN)), "{list}");
}
