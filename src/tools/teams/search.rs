//! `chat_message_search`.

use connector_actors::lease::GrantedScopes;
use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::access::{CHANNEL_MESSAGES, CHAT_MESSAGES};
use super::found::{question, read_hits};
use super::hit::{Hit, completing};
use super::search_query::{Conditions, Where};
use crate::graph::{ChatHit, ChatMessage, GraphBody, GraphRequest, grants_any};
use crate::tools::arguments::{self, limit, required_text, text};
use crate::tools::cursor::{self, Binding};
use crate::tools::error::ToolError;
use crate::tools::list::{Ended, List};
use crate::tools::own_zone;
use crate::tools::pages::{Gathering, Onward, Start};
use crate::tools::person::PersonQuery;
use crate::tools::review::{Review, Reviewed};
use crate::tools::schema;
use crate::tools::tool::{ScopeRule, Tool, ToolAnswer, ToolCall};
use crate::tools::window::{Understood, Window, WindowArguments};
use crate::tools::words;
use crate::tools::zone::Zone;

const DEFAULT_LIMIT: u32 = 10;
/// Hits of one page of the service's.
const LARGEST_PAGE: u32 = 25;
/// Pages of one answer.
const PAGES: u32 = 8;
/// Messages that are read by their ids, where their hits say too little: Teams lets a user read one a second.
const COMPLETED: usize = 3;
/// Any of these opens the search, each for its own part.
pub(super) const OPENED_BY: &[&str] = &["Chat.Read", "ChatMessage.Read", "ChannelMessage.Read.All"];

const MORE: &str = "There may be more hits; go on with nextCursor.";
const NO_CHANNELS: &str = "Channels were not searched: the app has not been granted ChannelMessage.Read.All.";
const NO_CHATS: &str = "Chats were not searched: the app has not been granted Chat.Read.";

pub(in crate::tools) const CHAT_MESSAGE_SEARCH: Tool = Tool {
    name: "chat_message_search",
    title: "Search chats and channels",
    description: "Finds Teams messages by words, newest first. Hits show what stands round the words, \
                  long texts cut; read_resource gives the whole message. Example: {\"query\": \"budget\", \"afterDateTime\": \
                  \"last monday\"}",
    input_schema: schema::input::<Arguments>,
    output_schema: Some(schema::output::<HitList>),
    scopes: ScopeRule(&[&["Chat.Read"], &["ChatMessage.Read"], &["ChannelMessage.Read.All"]]),
    client_capabilities: &[],
    warm_requests: 1,
    most_requests: PAGES + 1,
    run: search,
};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    /// Words of the message; KQL works.
    #[serde(deserialize_with = "required_text::<_, 1000>")]
    #[schemars(example = &"budget")]
    query: String,
    /// Address, name or part of a name.
    #[serde(default, deserialize_with = "text::<_, 320>")]
    #[schemars(example = &"Adele")]
    sender: Option<String>,
    #[schemars(example = true)]
    mentions_me: Option<bool>,
    /// Written at or after: 2026-11-01, last monday, 3 days ago.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"2026-11-01")]
    after_date_time: Option<String>,
    /// Written before; a date means its start.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"yesterday")]
    before_date_time: Option<String>,
    #[schemars(extend("default" = Where::default()))]
    r#where: Option<Where>,
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

type HitList = List<Hit, Understood>;

/// Hits of the service's that were looked at: where the next answer begins.
type LookedAt = u32;

/// What was gathered.
struct Hits {
    bodies: Vec<GraphBody>,
    /// Of each body the places of hits that are given.
    given: Vec<Vec<usize>>,
    onward: Onward<LookedAt>,
}

fn search<'a>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let arguments: Arguments = arguments::parse(call.arguments)?;
        let binding = Binding::new(call.principal, CHAT_MESSAGE_SEARCH.name, &arguments);
        let start = Start::<LookedAt>::of(call, arguments.cursor.as_deref(), &binding)?;
        let query = words::given("query", Some(&arguments.query))?.unwrap_or_default();
        let sender = words::given("sender", arguments.sender.as_deref())?.map(PersonQuery::parse);
        let dates = WindowArguments {
            after: arguments.after_date_time.as_deref(),
            before: arguments.before_date_time.as_deref(),
            time_zone: arguments.time_zone.as_deref(),
        };
        let (window, zone) = Window::understood(call, dates, &start).await?;
        let within = arguments.r#where.unwrap_or_default();
        let unsearched = part_of(call.graph.lease().await?.scopes(), within)?;
        let conditions = Conditions { query, sender, mentions_me: arguments.mentions_me, window, within };
        let limit = usize::try_from(arguments.limit.unwrap_or(DEFAULT_LIMIT)).unwrap_or(usize::MAX);
        let hits = find(call, &conditions, start.at, limit);
        let (zone, hits) = own_zone::beside(call, zone.as_ref(), hits).await?;

        let review = Review::of(call);
        let size = hits.bodies.iter().map(GraphBody::size).sum();
        let items = shaped(call, &hits, &zone, &review).await?;
        let onward = hits.onward.map(|at| start.further(at, &zone));
        let list: HitList = onward.into_list(items, call, &binding, &review)?;
        let list = list.understood(Understood::of(&window, &zone));
        ToolAnswer::new(&list.lacking(unsearched), size)
    })
}

/// What the permissions leave out of the search. Where they leave nothing that was asked for, it is refused.
pub(super) fn part_of(granted: &GrantedScopes, within: Where) -> Result<Option<&'static str>, ToolError> {
    match (grants_any(granted, CHAT_MESSAGES), grants_any(granted, CHANNEL_MESSAGES), within) {
        (false, _, Where::Chats) => Err(ToolError::missing_scope("Chats can't be searched.", &["Chat.Read"])),
        (_, false, Where::Channels) => {
            Err(ToolError::missing_scope("Channels can't be searched.", CHANNEL_MESSAGES))
        }
        (true, false, Where::All) => Ok(Some(NO_CHANNELS)),
        (false, true, Where::All) => Ok(Some(NO_CHATS)),
        _ => Ok(None),
    }
}

async fn find(
    call: &ToolCall<'_>,
    conditions: &Conditions<'_>,
    from: LookedAt,
    limit: usize,
) -> Result<Hits, ToolError> {
    let wanted = u32::try_from(limit).unwrap_or(LARGEST_PAGE).min(LARGEST_PAGE);
    let size = if conditions.are_checked_here() { LARGEST_PAGE } else { wanted };
    let query = conditions.query_string();
    let mut hits = Hits { bodies: Vec::new(), given: Vec::new(), onward: Onward::COMPLETE };
    let (mut at, mut count) = (from, 0);
    let mut gathering = Gathering::new(call, PAGES);
    loop {
        let request = GraphRequest::ask(question(query.clone(), at, size), OPENED_BY);
        let body = match gathering.page(&request, None).await? {
            Ok(body) => body,
            Err(stop) => return Ok(hits.partial(stop.reason(), at)),
        };
        let page = read_hits(&body)?;
        let (mut given, mut is_full) = (Vec::new(), false);
        for (place, hit) in page.hits.iter().enumerate() {
            if conditions.admit(&hit.resource) {
                if count == limit {
                    is_full = true;
                    break;
                }
                given.push(place);
                count += 1;
            }
            at = at.saturating_add(1);
        }
        let has_more = page.has_more && !page.hits.is_empty();
        drop(page);
        hits.bodies.push(body);
        hits.given.push(given);
        if is_full || (has_more && count >= limit) {
            return Ok(hits.partial(MORE, at));
        }
        if !has_more {
            return Ok(hits);
        }
    }
}

impl Hits {
    fn partial(self, reason: &'static str, next: LookedAt) -> Self {
        Self { onward: Onward { ended: Ended::Partial(reason.into()), next: Some(next) }, ..self }
    }
}

async fn shaped(
    call: &ToolCall<'_>,
    found: &Hits,
    zone: &Zone,
    review: &Review<'_>,
) -> Result<Vec<Reviewed<Hit>>, ToolError> {
    let mut hits: Vec<ChatHit<'_>> = Vec::new();
    for (body, given) in found.bodies.iter().zip(&found.given) {
        let page = read_hits(body)?.hits.into_iter().enumerate();
        hits.extend(page.filter(|(place, _)| given.contains(place)).map(|(_, hit)| hit));
    }
    let lacking = hits.iter().enumerate().filter_map(|(place, hit)| Some((place, completing(hit)?)));
    let (places, requests): (Vec<usize>, Vec<GraphRequest>) = lacking.take(COMPLETED).unzip();
    let answers = complete(call, &requests).await?;
    let mut wholes: Vec<Option<ChatMessage<'_>>> = hits.iter().map(|_| None).collect();
    for (place, answer) in places.into_iter().zip(&answers) {
        wholes[place] = answer.as_ref().and_then(|body| body.parse().ok());
    }
    let shape = |(hit, whole): (ChatHit<'_>, Option<ChatMessage<'_>>)| {
        let admitted = review.admit(hit)?;
        Some(admitted.shape(|hit, withheld| Hit::of(hit, whole, withheld, zone, review)))
    };
    Ok(hits.into_iter().zip(wholes).filter_map(shape).collect())
}

/// The messages themselves. Without one that can't be had, the hit is given as it is.
async fn complete(
    call: &ToolCall<'_>,
    requests: &[GraphRequest],
) -> Result<Vec<Option<GraphBody>>, ToolError> {
    if requests.is_empty() {
        return Ok(Vec::new());
    }
    match call.graph.batch(requests).await {
        Ok(answers) => Ok(answers.into_iter().map(Result::ok).collect()),
        Err(error) if error.ends_the_call() => Err(error.into()),
        Err(_) => Ok(Vec::new()),
    }
}
