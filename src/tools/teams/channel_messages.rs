//! `teams_list_channel_messages`.

use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PAGES;
use super::access::{CHANNELS, channels_request, segment};
use super::listing::{Listing, list_messages};
use super::message::MessageList;
use super::post::Replies;
use super::uri::{ChannelId, Place, conversation_id, team_id};
use crate::graph::GraphError;
use crate::tools::arguments::{self, limit, required_text, text};
use crate::tools::cursor::{self, Binding};
use crate::tools::error::ToolError;
use crate::tools::pages::Start;
use crate::tools::review::Review;
use crate::tools::schema;
use crate::tools::sought::{Sought, Thing};
use crate::tools::tool::{ScopeRule, Tool, ToolAnswer, ToolCall};
use crate::tools::window::{Window, WindowArguments};

const DEFAULT_LIMIT: u32 = 10;
pub(in crate::tools) const TEAMS_LIST_CHANNEL_MESSAGES: Tool = Tool {
    name: "teams_list_channel_messages",
    title: "Messages of a channel",
    description: "Posts of a channel by their latest activity; with includeReplies each is followed by its \
                  replies. Long texts are cut: read_resource gives all. Example: \
                  {\"teamId\": \"fbe2bf47-16c8-47cf-b4a5-4b9b187c508b\", \"channelId\": \
                  \"19:abc@thread.tacv2\", \"includeReplies\": true}",
    input_schema: schema::input::<Arguments>,
    output_schema: Some(schema::output::<MessageList>),
    scopes: ScopeRule(&[&["ChannelMessage.Read.All"]]),
    client_capabilities: &[],
    warm_requests: 1,
    // The last one asks whether it is the team or the channel that is not there.
    most_requests: PAGES + 1,
    run: list_channel_messages,
};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    /// As teams_list_teams gives it.
    #[serde(deserialize_with = "required_text::<_, 100>")]
    #[schemars(example = &"fbe2bf47-16c8-47cf-b4a5-4b9b187c508b")]
    team_id: String,
    /// As teams_list_channels gives it.
    #[serde(deserialize_with = "required_text::<_, 1000>")]
    #[schemars(example = &"19:abc@thread.tacv2")]
    channel_id: String,
    #[schemars(example = true)]
    include_replies: Option<bool>,
    /// Written, changed or replied to at or after: 2026-11-01, last monday, 3 days ago.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"2026-11-01")]
    after_date_time: Option<String>,
    /// Of posts.
    #[serde(default, deserialize_with = "limit::<_, 50>")]
    #[schemars(range(min = 1, max = 50), example = 10, extend("default" = DEFAULT_LIMIT))]
    limit: Option<u32>,
    /// nextCursor of the same call's answer.
    #[serde(default, deserialize_with = "text::<_, { cursor::LONGEST }>", skip_serializing)]
    cursor: Option<String>,
    /// IANA zone; default: the user's own.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"Europe/Berlin")]
    time_zone: Option<String>,
}

fn list_channel_messages<'a>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let arguments: Arguments = arguments::parse(call.arguments)?;
        let binding = Binding::new(call.principal, TEAMS_LIST_CHANNEL_MESSAGES.name, &arguments);
        let start = Start::of(call, arguments.cursor.as_deref(), &binding)?;
        let team = team_id("teamId", &arguments.team_id)?;
        let channel = conversation_id("channelId", &arguments.channel_id)?;
        let dates = WindowArguments {
            after: arguments.after_date_time.as_deref(),
            before: None,
            time_zone: arguments.time_zone.as_deref(),
        };
        let (window, zone) = Window::understood(call, dates, &start).await?;
        let listing = Listing {
            place: Place::Channel(ChannelId { team, channel }),
            argument: "channelId",
            window,
            replies: if arguments.include_replies == Some(true) {
                Replies::Included
            } else {
                Replies::LeftOut
            },
            limit: arguments.limit.unwrap_or(DEFAULT_LIMIT),
            zone: zone.as_ref(),
            start,
        };
        let review = Review::of(call);
        match list_messages(call, &listing, &binding, &review).await {
            Ok((list, size)) => ToolAnswer::new(&list, size),
            Err(error) => Err(missing(call, team, error).await),
        }
    })
}

/// Of an error about something that is not there or not shared, whether it is the team or the channel: Graph does not say
/// it, and so is asked for the team's channels, where the user's permissions let it be asked.
async fn missing(call: &ToolCall<'_>, team: &str, error: ToolError) -> ToolError {
    if !error.is_unnamed() {
        return error;
    }
    let both = Sought::new("teamId, channelId", Thing::Channel);
    let may_ask = call.graph.may_ask(CHANNELS).await.unwrap_or(false);
    let Some(team) = segment(team, "teamId").ok().filter(|_| may_ask) else { return both.explain(error) };
    match call.graph.get(&channels_request(team)).await {
        Ok(_) => Sought::new("channelId", Thing::Channel).explain(error),
        Err(GraphError::NotFound { .. } | GraphError::AccessDenied { .. }) => {
            Sought::new("teamId", Thing::Team).explain(error)
        }
        Err(_) => both.explain(error),
    }
}
