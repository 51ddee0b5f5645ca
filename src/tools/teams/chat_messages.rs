//! `teams_list_chat_messages`.

use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PAGES;
use super::access::chat_message_request;
use super::message::{MessageList, Shaping};
use super::uri::{Place, chat_id};
use super::window::{Understood, Window, WindowArguments};
use crate::graph::{ChatMessage, GraphRequest, Preference, QueryOption};
use crate::tools::arguments::{self, limit, required_text, text};
use crate::tools::cursor::{self, Binding};
use crate::tools::error::ToolError;
use crate::tools::pages::{Room, Scanned, Shelf, Start, Verdict, scan};
use crate::tools::review::Review;
use crate::tools::schema;
use crate::tools::tool::{ScopeRule, Tool, ToolAnswer, ToolCall};
use crate::tools::zone::Zone;

const DEFAULT_LIMIT: u32 = 10;

pub(in crate::tools) const TEAMS_LIST_CHAT_MESSAGES: Tool = Tool {
    name: "teams_list_chat_messages",
    title: "Messages of a chat",
    description: "What was said in a Teams chat, newest first, long messages cut: read_resource and a message's uri give \
                  all of it with images. Example: {\"chatId\": \"19:abc@thread.v2\", \"afterDateTime\": \"3 days ago\"}",
    input_schema: schema::input::<Arguments>,
    output_schema: Some(schema::output::<MessageList>),
    scopes: ScopeRule(&[&["Chat.Read"], &["ChatMessage.Read"]]),
    client_capabilities: &[],
    warm_requests: 1,
    most_requests: PAGES,
    run: list_chat_messages,
};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    /// A chat's uri or id, as teams_list_chats gives it.
    #[serde(deserialize_with = "required_text::<_, 1000>")]
    #[schemars(example = &"19:abc@thread.v2")]
    chat_id: String,
    /// Written at or after: 2026-11-01, today, last monday, 3 days ago, ISO 8601.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"2026-11-01")]
    after_date_time: Option<String>,
    /// Written before; a date means the start of that day.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"yesterday")]
    before_date_time: Option<String>,
    /// Default 10.
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

/// Messages to list: the arguments of a call, or a chat that is read.
pub(in crate::tools) struct ChatListing<'a> {
    pub(in crate::tools) chat: &'a str,
    /// The argument that names the chat, for errors.
    pub(in crate::tools) argument: &'static str,
    pub(in crate::tools) window: Window,
    pub(in crate::tools) limit: u32,
    pub(in crate::tools) zone: &'a Zone,
    pub(in crate::tools) start: Start,
}

fn list_chat_messages<'a>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let arguments: Arguments = arguments::parse(call.arguments)?;
        let binding = Binding::new(call.principal, TEAMS_LIST_CHAT_MESSAGES.name, &arguments);
        let start = Start::of(call, arguments.cursor.as_deref(), &binding)?;
        let chat = chat_id(&arguments.chat_id)?;
        let dates = WindowArguments {
            after: arguments.after_date_time.as_deref(),
            before: arguments.before_date_time.as_deref(),
            time_zone: arguments.time_zone.as_deref(),
        };
        let (window, zone) = Window::understood(call, dates, start.as_of()).await?;
        let limit = arguments.limit.unwrap_or(DEFAULT_LIMIT);
        let listing = ChatListing { chat: &chat, argument: "chatId", window, limit, zone: &zone, start };
        let review = Review::of(call);
        let (list, size) = list_messages(call, &listing, &binding, &review).await?;
        ToolAnswer::new(&list, size)
    })
}

/// The messages of a chat, newest first, and how many bytes Graph gave.
pub(in crate::tools) async fn list_messages(
    call: &ToolCall<'_>,
    listing: &ChatListing<'_>,
    binding: &Binding<'_>,
    review: &Review<'_>,
) -> Result<(MessageList, usize), ToolError> {
    let ChatListing { chat, argument, window, limit, zone, start } = listing;
    let request = request(chat, argument, window, *limit)?;
    let shelf = Shelf::default();
    let room = Room::of(*limit, PAGES);
    let judge = |message: &ChatMessage<'_>| {
        let created = message.created_date_time.as_deref();
        match (window.is_behind(created), window.holds(created)) {
            (true, _) => Verdict::Over,
            (false, true) => Verdict::Given,
            (false, false) => Verdict::PassedOver,
        }
    };
    let Scanned { items, onward } = scan(call, &request, &start.at, &shelf, room, judge).await?;
    let shaping = Shaping { place: Place::Chat(chat), zone, user: call, review };
    let messages = items.into_iter().filter_map(|message| shaping.item(message, None)).collect();
    let list: MessageList = onward.map(|at| start.further(at)).into_list(messages, call, binding, review)?;
    Ok((list.understood(Understood::of(window, zone)), shelf.size()))
}

/// Teams heeds a filter only together with the order by the same property, and of `createdDateTime` knows `lt` alone:
/// in the order of writing the beginning of the window is found here, where the list reaches it.
/// Source: <https://learn.microsoft.com/graph/api/chat-list-messages>.
fn request(
    chat: &str,
    argument: &'static str,
    window: &Window,
    limit: u32,
) -> Result<GraphRequest, ToolError> {
    let request = chat_message_request(chat, argument)?
        .query(QueryOption::OrderBy, "createdDateTime desc")
        .prefer(Preference::UnknownEnumMembers)
        .top(limit);
    Ok(match window.before {
        Some(before) => request.query(QueryOption::Filter, &format!("createdDateTime lt {before}")),
        None => request,
    })
}
