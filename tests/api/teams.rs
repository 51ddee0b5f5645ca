//! What holds for every tool of Teams: how it refuses, and that its permissions are its own.

use rstest::rstest;
use serde_json::{Value, json};

use crate::asking::refusing;
use crate::world::World;

/// The ids that calls need, as the list tools give them.
#[derive(Debug)]
pub(crate) struct Ids {
    pub(crate) team: String,
    pub(crate) channel: String,
}

impl World {
    /// The chat whose topic holds these words.
    pub(crate) async fn chat(&self, token: &str, topic: &str) -> Value {
        let found = self.answer(token, "teams_list_chats", json!({ "topic": topic })).await;
        found["items"][0].clone()
    }

    /// A channel of a team, by their names.
    pub(crate) async fn channel(&self, token: &str, team: &str, channel: &str) -> Ids {
        let by_name = |list: &Value, name: &str, id: &str| {
            let found = list["items"].as_array().unwrap().iter().find(|item| item["name"] == name).cloned();
            found.unwrap_or_else(|| panic!("no {name}: {list}"))[id].as_str().unwrap().to_owned()
        };
        let teams = self.answer(token, "teams_list_teams", json!({})).await;
        let team = by_name(&teams, team, "teamId");
        let channels =
            self.answer(token, "teams_list_channels", json!({ "teamId": team, "limit": 50 })).await;
        let channel = by_name(&channels, channel, "channelId");
        Ids { team, channel }
    }
}

impl Ids {
    pub(crate) fn arguments(&self, more: Value) -> Value {
        let mut arguments = more;
        arguments["teamId"] = json!(self.team);
        arguments["channelId"] = json!(self.channel);
        arguments
    }

    pub(crate) fn uri(&self) -> String {
        format!(
            "teams:///teams/{}/channels/{}",
            self.team,
            self.channel.replace(':', "%3A").replace('@', "%40")
        )
    }
}

/// The arguments of a good call of each tool.
async fn good_call(world: &World, token: &str, tool: &str) -> Value {
    match tool {
        "teams_list_chats" | "teams_list_teams" => json!({}),
        "chat_message_search" => json!({ "query": "pilot" }),
        "teams_list_chat_messages" => json!({ "chatId": world.chat(token, "Lunch").await["uri"] }),
        "teams_list_channels" => json!({ "teamId": world.channel(token, "Handbook", "General").await.team }),
        "teams_list_channel_messages" => {
            world.channel(token, "Handbook", "General").await.arguments(json!({}))
        }
        "read_resource" => json!({ "uri": world.chat(token, "Lunch").await["uri"] }),
        other => panic!("no call of {other}"),
    }
}

/// If this failed, a permission that is missing would look like a chat or team that is.
#[rstest]
#[case::messages("teams_list_chat_messages", "Chat.ReadBasic", "Chat.Read")]
#[case::channels("teams_list_channels", "Chat.Read", "Channel.ReadBasic.All")]
#[case::posts("teams_list_channel_messages", "Chat.Read", "ChannelMessage.Read.All")]
#[case::chats("teams_list_chats", "Channel.ReadBasic.All", "Chat.ReadBasic")]
#[case::search("chat_message_search", "Chat.ReadBasic", "ChannelMessage.Read.All")]
#[actix_web::test]
async fn a_missing_permission_is_named(#[case] tool: &str, #[case] granted: &str, #[case] missing: &str) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let arguments = good_call(&world, &token, tool).await;
    let other = world.token_with_scopes(&world.person(0, 1), granted).await;
    world.fault(refusing(403, "Forbidden")).await;
    let refused = world.call(&other, tool, arguments).await;
    let error = &refused["_meta"]["m365-connector/error"];
    assert_eq!(error["code"], "missing_scope", "{refused}");
    assert!(error["why"].as_str().unwrap().contains(missing), "{refused}");
}

/// If this failed, Graph would be asked for a name, and answer that the request is bad.
#[rstest]
#[case::chat("teams_list_chat_messages", json!({ "chatId": "Lunch" }), "chatId")]
#[case::channel_as_chat("teams_list_chat_messages", json!({ "chatId": "teams:///teams/a/channels/b" }), "chatId")]
#[case::team("teams_list_channels", json!({ "teamId": "Handbook" }), "teamId")]
#[case::channel("teams_list_channel_messages", json!({ "teamId": "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b", "channelId": "General" }), "channelId")]
#[case::no_team("teams_list_channels", json!({}), "teamId")]
#[case::no_query("chat_message_search", json!({}), "query")]
#[case::signs("chat_message_search", json!({ "query": "*" }), "query")]
#[case::sender("chat_message_search", json!({ "query": "a", "sender": "\"" }), "sender")]
#[case::place("chat_message_search", json!({ "query": "a", "where": "mail" }), "where")]
#[case::times("chat_message_search", json!({ "query": "a", "afterDateTime": "today", "beforeDateTime": "yesterday" }), "afterDateTime")]
#[case::date("teams_list_chat_messages", json!({ "chatId": "19:a@thread.v2", "afterDateTime": "someday" }), "afterDateTime")]
#[case::zone("teams_list_chats", json!({ "timeZone": "Mars/Olympus" }), "timeZone")]
#[case::topic("teams_list_chats", json!({ "topic": "?" }), "topic")]
#[case::kind("teams_list_chats", json!({ "type": "channel" }), "type")]
#[case::cursor_of_another("teams_list_teams", json!({ "cursor": "abc" }), "")]
#[case::uri("read_resource", json!({ "uri": "teams:///chats/a/members/b" }), "uri")]
#[actix_web::test]
async fn a_wrong_argument_is_named(#[case] tool: &str, #[case] arguments: Value, #[case] argument: &str) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    // The zone of the user is known from here on.
    world.call(&token, "chat_message_search", json!({ "query": "a", "afterDateTime": "today" })).await;
    let before = world.graph_requests().await;
    let refused = world.call(&token, tool, arguments).await;
    let error = &refused["_meta"]["m365-connector/error"];
    let expected = if argument.is_empty() { "invalid_cursor" } else { "invalid_arguments" };
    assert_eq!(error["code"], expected, "{refused}");
    assert!(error["why"].as_str().unwrap().starts_with(argument), "{refused}");
    assert_eq!(world.graph_requests().await, before);
}

/// If this failed, ids that nobody has, or that are somebody else's, would be told apart by nobody.
#[actix_web::test]
async fn what_is_not_there_or_not_ones_own_is_told() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let nobody = json!({ "chatId": "19:0000@thread.v2" });
    assert_eq!(world.error_code(&token, "teams_list_chat_messages", nobody).await, "not_found");
    let no_team = json!({ "teamId": "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b" });
    assert_eq!(world.error_code(&token, "teams_list_channels", no_team).await, "not_found");
    let lunch = world.chat(&token, "Lunch").await["uri"].as_str().unwrap().to_owned();
    let no_message = json!({ "uri": format!("{lunch}/messages/1") });
    assert_eq!(world.error_code(&token, "read_resource", no_message).await, "not_found");

    let theirs = world.token(&world.person(0, 7)).await;
    let rollout = world.chat(&theirs, "rollout").await["uri"].clone();
    assert_eq!(
        world.error_code(&token, "teams_list_chat_messages", json!({ "chatId": rollout })).await,
        "no_access"
    );
    let board = world.channel(&token, "Board", "General").await;
    let stranger = world.token(&world.person(0, 5)).await;
    let channel = board.arguments(json!({}));
    assert_eq!(world.error_code(&stranger, "teams_list_channel_messages", channel).await, "no_access");
    assert_eq!(
        world.error_code(&stranger, "read_resource", json!({ "uri": board.uri() })).await,
        "no_access"
    );
}
