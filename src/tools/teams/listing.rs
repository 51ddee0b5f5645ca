//! The messages of a chat or a channel, page after page.

use std::borrow::Cow;

use super::PAGES;
use super::access::{channel_message_request, chat_message_request};
use super::message::{MessageList, Shaping};
use super::post::{self, Replies};
use super::uri::{ChannelId, Place};
use crate::graph::{ChatMessage, GraphBody, GraphRequest, Preference, QueryOption};
use crate::tools::cursor::Binding;
use crate::tools::error::ToolError;
use crate::tools::own_zone;
use crate::tools::pages::{Opening, Short, Start, Verdict, turn_pages};
use crate::tools::review::Review;
use crate::tools::tool::ToolCall;
use crate::tools::window::{Understood, Window};
use crate::tools::zone::Zone;

const SHORTENED: &str = "Of a post at most its newest 20 replies are given, fewer where they are long; moreReplies says \
                         how many more there are at least. Its uri gives all of them.";
const FRESH_ALONE: &str = "Replies from before afterDateTime are left out, and posts from before it are given where a reply is \
                           newer.";

/// Messages to list: the arguments of a call, or a chat or channel that is read.
pub(in crate::tools) struct Listing<'a> {
    pub(in crate::tools) place: Place<'a>,
    /// The argument that names the place, for errors.
    pub(in crate::tools) argument: &'static str,
    pub(in crate::tools) window: Window,
    /// Of posts: the messages of a chat have none.
    pub(in crate::tools) replies: Replies,
    /// Of messages or posts.
    pub(in crate::tools) limit: u32,
    /// For times, where it is known; if not, it is learnt meanwhile.
    pub(in crate::tools) zone: Option<&'a Zone>,
    pub(in crate::tools) start: Start,
}

/// The messages of a chat, newest first, or the posts of a channel by their latest activity, and how many bytes Graph
/// gave.
pub(in crate::tools) async fn list_messages(
    call: &ToolCall<'_>,
    listing: &Listing<'_>,
    binding: &Binding<'_>,
    review: &Review<'_>,
) -> Result<(MessageList, usize), ToolError> {
    let Listing { place, window, replies, limit, start, .. } = listing;
    let request = request(listing)?;
    let opening = Opening::of(call, &request, start.at.clone());
    let (zone, opening) = own_zone::beside(call, start.zone().or(listing.zone), opening).await?;
    let mut short = Short::of(*limit, review);
    let judge = |message: &ChatMessage<'_>| match place {
        Place::Chat(_) => judge(message, window),
        Place::Channel(_) => post::judge(message, window),
    };
    let shaping = Shaping { place: *place, zone: &zone, user: call, review };
    let look = |body: GraphBody, skip| {
        short.take(&body, skip, judge, |message: ChatMessage<'_>| {
            let items = post::items(message, *replies, window, shaping)?;
            Ok((!items.is_empty()).then_some(items))
        })
    };
    let onward = turn_pages(call, &request, opening, PAGES, look).await?;
    let size = short.size;
    let messages = short.items().into_iter().flatten().collect();
    let list: MessageList =
        onward.map(|at| start.further(at, &zone)).into_list(messages, call, binding, review)?;
    let list = list.understood(Understood::of(window, &zone)).notes(notes(*replies, window));
    Ok((list, size))
}

/// What becomes of a message of a chat, in the order of writing.
fn judge(message: &ChatMessage<'_>, window: &Window) -> Verdict {
    let created = message.created_date_time.as_deref();
    match (window.is_behind(created), window.holds(created)) {
        (true, _) => Verdict::Over,
        (false, true) => Verdict::Given,
        (false, false) => Verdict::PassedOver,
    }
}

fn request(listing: &Listing<'_>) -> Result<GraphRequest, ToolError> {
    let request = match listing.place {
        Place::Chat(chat) => of_chat(chat, listing)?,
        Place::Channel(channel) => of_channel(channel, listing)?,
    };
    Ok(request.prefer(Preference::UnknownEnumMembers).top(listing.limit))
}

/// Teams heeds a filter only together with the order by the same property, and of `createdDateTime` knows `lt` alone:
/// in the order of writing the beginning of the window is found here, where the list reaches it.
/// Source: <https://learn.microsoft.com/graph/api/chat-list-messages>.
fn of_chat(chat: &str, listing: &Listing<'_>) -> Result<GraphRequest, ToolError> {
    let request =
        chat_message_request(chat, listing.argument)?.query(QueryOption::OrderBy, "createdDateTime desc");
    Ok(match listing.window.before {
        Some(before) => request.query(QueryOption::Filter, &format!("createdDateTime lt {before}")),
        None => request,
    })
}

/// Posts can't be filtered. Where a beginning is given, the replies come with them although they may not be asked for:
/// they decide how far the list goes.
fn of_channel(channel: ChannelId<'_>, listing: &Listing<'_>) -> Result<GraphRequest, ToolError> {
    let request = channel_message_request(channel, listing.argument)?;
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
