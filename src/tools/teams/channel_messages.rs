//! `teams_list_channel_messages`.

use std::borrow::Cow;

use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PAGES;
use super::access::channel_message_request;
use super::message::{MessageList, Shaping};
use super::post::{self, Replies};
use super::uri::{ChannelId, Place, conversation_id, team_id};
use super::window::{Understood, Window, WindowArguments};
use crate::graph::{ChatMessage, GraphRequest, Preference, QueryOption};
use crate::tools::arguments::{self, limit, required_text, text};
use crate::tools::cursor::{self, Binding};
use crate::tools::error::ToolError;
use crate::tools::pages::{Room, Scanned, Shelf, Start, scan};
use crate::tools::review::Review;
use crate::tools::schema;
use crate::tools::tool::{ScopeRule, Tool, ToolAnswer, ToolCall};
use crate::tools::zone::Zone;

const DEFAULT_LIMIT: u32 = 10;
const SHORTENED: &str = "Of a post at most its newest 20 replies are given; moreReplies says how many more there are at least. Its uri gives \
                         all of them.";
const FRESH_ALONE: &str = "Replies from before afterDateTime are left out, and posts from before it are given where a reply is \
                           newer.";

pub(in crate::tools) const TEAMS_LIST_CHANNEL_MESSAGES: Tool = Tool {
    name: "teams_list_channel_messages",
    title: "Messages of a channel",
    description: "Posts of a channel by their latest activity; with includeReplies each is followed by its replies, which \
                  have replyTo. Long texts are cut: read_resource and the uri give all. Example: {\"teamId\": \
                  \"fbe2bf47-16c8-47cf-b4a5-4b9b187c508b\", \"channelId\": \"19:abc@thread.tacv2\", \"includeReplies\": true}",
    input_schema: schema::input::<Arguments>,
    output_schema: Some(schema::output::<MessageList>),
    scopes: ScopeRule(&[&["ChannelMessage.Read.All"]]),
    client_capabilities: &[],
    warm_requests: 1,
    most_requests: PAGES,
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
    /// Written, changed or replied to at or after: 2026-11-01, today, last monday, 3 days ago, ISO 8601.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"2026-11-01")]
    after_date_time: Option<String>,
    /// Of posts. Default 10.
    #[serde(default, deserialize_with = "limit::<_, 50>")]
    #[schemars(range(min = 1, max = 50), example = 10)]
    limit: Option<u32>,
    /// nextCursor of the previous answer, with the same other arguments.
    #[serde(default, deserialize_with = "text::<_, { cursor::LONGEST }>", skip_serializing)]
    cursor: Option<String>,
    /// IANA zone for dates and times, such as Europe/Berlin. Default: the user's own.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"Europe/Berlin")]
    time_zone: Option<String>,
}

/// Posts to list: the arguments of a call, or a channel that is read.
pub(in crate::tools) struct ChannelListing<'a> {
    pub(in crate::tools) channel: ChannelId<'a>,
    /// The argument that names the channel, for errors.
    pub(in crate::tools) argument: &'static str,
    pub(in crate::tools) window: Window,
    pub(in crate::tools) replies: Replies,
    /// Of posts.
    pub(in crate::tools) limit: u32,
    pub(in crate::tools) zone: &'a Zone,
    pub(in crate::tools) start: Start,
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
        let (window, zone) = Window::understood(call, dates, start.as_of()).await?;
        let listing = ChannelListing {
            channel: ChannelId { team, channel },
            argument: "channelId",
            window,
            replies: if arguments.include_replies == Some(true) {
                Replies::Included
            } else {
                Replies::LeftOut
            },
            limit: arguments.limit.unwrap_or(DEFAULT_LIMIT),
            zone: &zone,
            start,
        };
        let review = Review::of(call);
        let (list, size) = list_posts(call, &listing, &binding, &review).await?;
        ToolAnswer::new(&list, size)
    })
}

/// The posts of a channel by their latest activity, and how many bytes Graph gave.
pub(in crate::tools) async fn list_posts(
    call: &ToolCall<'_>,
    listing: &ChannelListing<'_>,
    binding: &Binding<'_>,
    review: &Review<'_>,
) -> Result<(MessageList, usize), ToolError> {
    let ChannelListing { channel, window, replies, limit, zone, start, .. } = listing;
    let shelf = Shelf::default();
    let room = Room::of(*limit, PAGES);
    let judge = |post: &ChatMessage<'_>| post::judge(post, window);
    let Scanned { items, onward } = scan(call, &request(listing)?, &start.at, &shelf, room, judge).await?;
    let shaping = Shaping { place: Place::Channel(*channel), zone, user: call, review };
    let messages: Vec<_> =
        items.into_iter().flat_map(|post| post::items(post, *replies, window, shaping)).collect();
    let list: MessageList = onward.map(|at| start.further(at)).into_list(messages, call, binding, review)?;
    let list = list.understood(Understood::of(window, zone)).notes(notes(*replies, window));
    Ok((list, shelf.size()))
}

/// Posts can't be filtered. Where a beginning is given, the replies come with them although they may not be asked for:
/// they decide how far the list goes.
fn request(listing: &ChannelListing<'_>) -> Result<GraphRequest, ToolError> {
    let request = channel_message_request(listing.channel, listing.argument)?
        .prefer(Preference::UnknownEnumMembers)
        .top(listing.limit);
    let needs_replies = listing.replies == Replies::Included || listing.window.after.is_some();
    Ok(if needs_replies { request.query(QueryOption::Expand, "replies") } else { request })
}

fn notes(replies: Replies, window: &Window) -> Vec<Cow<'static, str>> {
    match (replies, window.after) {
        (Replies::LeftOut, _) => Vec::new(),
        (Replies::Included, None) => vec![SHORTENED.into()],
        (Replies::Included, Some(_)) => vec![SHORTENED.into(), FRESH_ALONE.into()],
    }
}
