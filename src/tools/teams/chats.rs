//! `teams_list_chats`.

use std::borrow::Cow;
use std::cell::Cell;

use connector_actors::throttle::Workload;
use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PAGES;
use super::access::{CHATS, ChatAccess};
use super::chat::{ChatItem, ChatType, Conditions, EXPAND, EXPAND_BASIC, Naming, note_of};
use crate::graph::{Chat, GraphBody, GraphRequest, QueryOption};
use crate::tools::arguments::{self, limit, text};
use crate::tools::cursor::{self, Binding};
use crate::tools::error::ToolError;
use crate::tools::list::{Ended, List};
use crate::tools::own_zone;
use crate::tools::pages::{Opening, Position, Short, Verdict, turn_pages};
use crate::tools::person::PersonQuery;
use crate::tools::review::Review;
use crate::tools::schema;
use crate::tools::tool::{ScopeRule, Tool, ToolAnswer, ToolCall};
use crate::tools::window::{Understood, Window};
use crate::tools::words;

const DEFAULT_LIMIT: u32 = 10;
/// Chats of a page where some will be sorted out here.
const EXAMINED_PAGE: u32 = 50;

pub(in crate::tools) const TEAMS_LIST_CHATS: Tool = Tool {
    name: "teams_list_chats",
    title: "List chats",
    description: "The user's Teams chats with members and the last message, latest first. Use it to find a chat by topic \
                  or member. Example: {\"member\": \"Adele\", \"type\": \"group\"}",
    input_schema: schema::input::<Arguments>,
    output_schema: Some(schema::output::<ChatList>),
    scopes: ScopeRule(&[&["Chat.ReadBasic"], &["Chat.Read"]]),
    client_capabilities: &[],
    // One for every 50 chats.
    warm_requests: 2,
    most_requests: PAGES,
    run: list_chats,
};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    /// Words in the topic.
    #[serde(default, deserialize_with = "text::<_, 250>")]
    #[schemars(example = &"budget")]
    topic: Option<String>,
    /// Address, name or part of a name.
    #[serde(default, deserialize_with = "text::<_, 320>")]
    #[schemars(example = &"Adele")]
    member: Option<String>,
    r#type: Option<ChatType>,
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

type ChatList = List<ChatItem, Understood>;

fn list_chats<'a>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let arguments: Arguments = arguments::parse(call.arguments)?;
        let binding = Binding::new(call.principal, TEAMS_LIST_CHATS.name, &arguments);
        let from = Position::of(call, arguments.cursor.as_deref(), &binding)?;
        let conditions = Conditions {
            topic: words::given("topic", arguments.topic.as_deref())?,
            member: words::given("member", arguments.member.as_deref())?.map(PersonQuery::parse),
            kind: arguments.r#type,
        };
        let zone = own_zone::known(call, arguments.time_zone.as_deref()).await?;
        let limit = arguments.limit.unwrap_or(DEFAULT_LIMIT);
        let access = ChatAccess::of(call.graph.lease().await?.scopes());
        let page = if conditions.is_empty() { limit } else { EXAMINED_PAGE };
        let request = request(access, page);
        let opening = Opening::of(call, &request, from);
        let (zone, opening) = own_zone::beside(call, zone.as_ref(), opening).await?;
        let review = Review::of(call);
        let mut short = Short::of(limit, &review);
        let missed = Cell::new(0);
        let look = |body: GraphBody, skip| {
            let judge = |chat: &Chat<'_>| {
                if conditions.admit(chat) {
                    return Verdict::Given;
                }
                missed.set(missed.get() + u32::from(conditions.may_miss(chat)));
                Verdict::PassedOver
            };
            short.take(&body, skip, judge, |chat: Chat<'_>| {
                let shape = |chat: Chat<'_>| ChatItem::of(chat, Naming::First, &zone, &review);
                Ok(review.admit(chat).map(|chat| chat.shape(|chat, _| shape(chat))))
            })
        };
        let mut onward = turn_pages(call, &request, opening, PAGES, look).await?;
        let note = perhaps_missed(missed.get(), &mut onward.ended);
        let size = short.size;
        let list: ChatList = onward.into_list(short.items(), call, &binding, &review)?;
        let list = list.understood(Understood::of(&Window::default(), &zone));
        ToolAnswer::new(&list.notes(note_of(access).map(Into::into)).notes(note), size)
    })
}

/// Says of how many chats not all members were looked at. A list that would be complete is not, for that reason.
fn perhaps_missed(chats: u32, ended: &mut Ended) -> Option<Cow<'static, str>> {
    if chats == 0 {
        return None;
    }
    let missed = format!(
        "{chats} large chats are left out of which Graph tells only the first members: the one that is looked for may be in them, \
         too. Find them by topic; read_resource names their members."
    );
    match ended {
        Ended::Complete => {
            *ended = Ended::Partial(missed.into());
            None
        }
        Ended::Partial(_) => Some(missed.into()),
    }
}

/// The user's chats, those with the latest message first.
fn request(access: ChatAccess, page: u32) -> GraphRequest {
    let expand = if access == ChatAccess::Full { EXPAND } else { EXPAND_BASIC };
    GraphRequest::get(Workload::Teams, CHATS, "/me/chats")
        .query(QueryOption::Expand, expand)
        .query(QueryOption::OrderBy, "lastMessagePreview/createdDateTime desc")
        .top(page)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const CHAT: &str = r#"{"id":"19:a@thread.v2","topic":"Budget for Q3","chatType":"group","members":[
        {"displayName":"Adele Vance","email":"adele@contoso.example","tenantId":"t"}]}"#;

    /// If this failed, chats would be given that were not asked for.
    #[rstest]
    #[case::topic(Conditions { topic: Some("q3 budget"), ..Conditions::default() }, true)]
    #[case::other_topic(Conditions { topic: Some("q4"), ..Conditions::default() }, false)]
    #[case::member(Conditions { member: Some(PersonQuery::Words("vance")), ..Conditions::default() }, true)]
    #[case::address(Conditions { member: Some(PersonQuery::Address("adele@contoso.example")), ..Conditions::default() }, true)]
    #[case::other_member(Conditions { member: Some(PersonQuery::Words("megan")), ..Conditions::default() }, false)]
    #[case::kind(Conditions { kind: Some(ChatType::Group), ..Conditions::default() }, true)]
    #[case::other_kind(Conditions { kind: Some(ChatType::Meeting), ..Conditions::default() }, false)]
    #[case::all_but_one(Conditions { topic: Some("budget"), kind: Some(ChatType::OneOnOne), member: None }, false)]
    fn conditions_hold_at_once(#[case] conditions: Conditions<'_>, #[case] admitted: bool) {
        assert_eq!(conditions.admit(&serde_json::from_str(CHAT).unwrap()), admitted);
    }
}
