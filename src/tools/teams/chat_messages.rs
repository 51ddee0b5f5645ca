//! `teams_list_chat_messages`.

use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PAGES;
use super::listing::{Listing, list_messages};
use super::message::MessageList;
use super::post::Replies;
use super::uri::{Place, chat_id};
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
    /// Written at or after: 2026-11-01, last monday, 3 days ago.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"2026-11-01")]
    after_date_time: Option<String>,
    /// Written before; a date means its start.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"yesterday")]
    before_date_time: Option<String>,
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
        let (window, zone) = Window::understood(call, dates, &start).await?;
        let listing = Listing {
            place: Place::Chat(&chat),
            argument: "chatId",
            window,
            replies: Replies::LeftOut,
            limit: arguments.limit.unwrap_or(DEFAULT_LIMIT),
            zone: zone.as_ref(),
            start,
        };
        let review = Review::of(call);
        let (list, size) = list_messages(call, &listing, &binding, &review)
            .await
            .map_err(|error| Sought::new("chatId", Thing::Chat).explain(error))?;
        ToolAnswer::new(&list, size)
    })
}
