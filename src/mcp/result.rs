//! Results, written straight into the body of the reply: what was serialised before is copied, never parsed again.

use std::borrow::Borrow;

use rmcp::model::CacheScope;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::failure::Failure;
use super::request_id::RequestId;
use crate::tools::{Completions, Content, JsonText, PromptMessage, ResourceContents, ToolAnswer, WarmBuffer};

/// Room for an envelope and its `_meta`.
const ENVELOPE_BYTES: usize = 640;

#[derive(Serialize)]
struct Response<'a, R> {
    jsonrpc: &'static str,
    id: RequestId<'a>,
    result: R,
}

fn write(id: RequestId<'_>, result: impl Serialize, bytes: usize) -> Result<WarmBuffer, serde_json::Error> {
    let mut body = WarmBuffer::with_room(bytes + ENVELOPE_BYTES);
    serde_json::to_writer(&mut *body, &Response { jsonrpc: "2.0", id, result })?;
    Ok(body)
}

/// What every result of the modern era carries, and none of the legacy one: there, all of it is left out.
#[derive(Clone, Copy)]
pub(super) struct EraMarks<'a>(Option<&'a RawValue>);

impl<'a> EraMarks<'a> {
    pub(super) const LEGACY: Self = Self(None);

    pub(super) fn modern(identity: &'a RawValue) -> Self {
        Self(Some(identity))
    }

    fn result_type(self) -> Option<&'static str> {
        self.0.map(|_| "complete")
    }

    fn caching(self, caching: Caching) -> Option<Caching> {
        self.0.map(|_| caching)
    }

    fn meta<'m>(self, error: Option<ErrorMeta<'m>>) -> Option<ResultMeta<'m>>
    where
        'a: 'm,
    {
        let is_there = self.0.is_some() || error.is_some();
        is_there.then_some(ResultMeta { server_info: self.0, error })
    }
}

/// How long a client may keep a result, and for whom (MCP 2026-07-28, "Caching").
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Caching {
    ttl_ms: u64,
    cache_scope: CacheScope,
}

impl Caching {
    /// Differs by tenant and user. A tool that is switched off meanwhile is refused when it is called.
    pub(super) const PER_USER: Self = Self { ttl_ms: 300_000, cache_scope: CacheScope::Private };
    /// Drawn up without the user's scopes: the next one may be another.
    pub(super) const WITHOUT_SCOPES: Self = Self { ttl_ms: 0, cache_scope: CacheScope::Private };
    /// Changes with a release.
    pub(super) const FOR_EVERYONE: Self = Self { ttl_ms: 3_600_000, cache_scope: CacheScope::Public };
    /// A user's own data, which may be another the next moment.
    const CONTENT: Self = Self { ttl_ms: 0, cache_scope: CacheScope::Private };
}

#[derive(Serialize)]
struct ResultMeta<'a> {
    #[serde(rename = "io.modelcontextprotocol/serverInfo", skip_serializing_if = "Option::is_none")]
    server_info: Option<&'a RawValue>,
    #[serde(rename = "m365-connector/error", skip_serializing_if = "Option::is_none")]
    error: Option<ErrorMeta<'a>>,
}

#[derive(Serialize)]
struct ErrorMeta<'a> {
    #[serde(flatten)]
    failure: Failure<'a>,
    correlation_id: Uuid,
}

/// What a result holds, and what its era adds.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Marked<'a, R> {
    #[serde(flatten)]
    result: R,
    #[serde(skip_serializing_if = "Option::is_none")]
    result_type: Option<&'static str>,
    #[serde(flatten)]
    caching: Option<Caching>,
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    meta: Option<ResultMeta<'a>>,
}

impl<'a> EraMarks<'a> {
    fn mark<R: Serialize>(self, result: R) -> Marked<'a, R> {
        Marked { result, result_type: self.result_type(), caching: None, meta: self.meta(None) }
    }

    fn mark_cached<R: Serialize>(self, result: R, caching: Caching) -> Marked<'a, R> {
        Marked { caching: self.caching(caching), ..self.mark(result) }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Blocks<'a, C> {
    content: &'a [C],
    is_error: bool,
}

#[derive(Serialize)]
struct TextContent<'a> {
    r#type: &'static str,
    text: &'a str,
}

impl<'a> TextContent<'a> {
    fn of(text: &'a str) -> Self {
        Self { r#type: "text", text }
    }
}

/// The items of a list that stand ready, under the name of their kind.
pub(super) struct List<'a, T> {
    pub(super) member: &'static str,
    pub(super) items: &'a [T],
    pub(super) caching: Caching,
}

impl<T: Serialize> Serialize for List<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.member, self.items)?;
        map.end()
    }
}

/// A result that stands ready.
pub(super) fn write_fixed(id: RequestId<'_>, result: &RawValue) -> Result<WarmBuffer, serde_json::Error> {
    write(id, result, result.get().len())
}

/// A list.
pub(super) fn write_list<T: Serialize + Borrow<RawValue>>(
    id: RequestId<'_>,
    marks: EraMarks<'_>,
    list: &List<'_, T>,
) -> Result<WarmBuffer, serde_json::Error> {
    let bytes = list.items.iter().map(|item| item.borrow().get().len() + 1).sum();
    write(id, marks.mark_cached(list, list.caching), bytes)
}

/// What a tool found.
pub(super) fn write_answer(
    id: RequestId<'_>,
    marks: EraMarks<'_>,
    answer: &ToolAnswer,
) -> Result<WarmBuffer, serde_json::Error> {
    match answer {
        ToolAnswer::Structured { json, text, beside } => write_structured(id, marks, (json, text), beside),
        ToolAnswer::Blocks(content) => write_blocks(id, marks, content),
    }
}

fn write_blocks(
    id: RequestId<'_>,
    marks: EraMarks<'_>,
    content: &[Content],
) -> Result<WarmBuffer, serde_json::Error> {
    write(id, marks.mark(Blocks { content, is_error: false }), 0)
}

/// Written by hand: both copies of the content are finished JSON, and copying is all there is left to do.
fn write_structured(
    id: RequestId<'_>,
    marks: EraMarks<'_>,
    (json, text): (&[u8], &JsonText),
    beside: &[Content],
) -> Result<WarmBuffer, serde_json::Error> {
    let text = text.as_bytes();
    let mut body = WarmBuffer::with_room(text.len() + json.len() + ENVELOPE_BYTES);
    body.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    body.extend_from_slice(id.as_bytes());
    body.extend_from_slice(br#","result":{"content":[{"type":"text","text":""#);
    body.extend_from_slice(text);
    body.extend_from_slice(br#""}"#);
    for content in beside {
        body.push(b',');
        serde_json::to_writer(&mut *body, content)?;
    }
    body.extend_from_slice(br#"],"structuredContent":"#);
    body.extend_from_slice(json);
    body.extend_from_slice(br#","isError":false"#);
    if let Some(server_info) = marks.0 {
        body.extend_from_slice(br#","resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":"#);
        body.extend_from_slice(server_info.get().as_bytes());
        body.push(b'}');
    }
    body.extend_from_slice(b"}}");
    Ok(body)
}

/// `resources/read`.
pub(super) fn write_contents(
    id: RequestId<'_>,
    marks: EraMarks<'_>,
    contents: &[ResourceContents],
) -> Result<WarmBuffer, serde_json::Error> {
    #[derive(Serialize)]
    struct Read<'a> {
        contents: &'a [ResourceContents],
    }
    write(id, marks.mark_cached(Read { contents }, Caching::CONTENT), 0)
}

/// `prompts/get`.
pub(super) fn write_prompt(
    id: RequestId<'_>,
    marks: EraMarks<'_>,
    description: &str,
    messages: &[PromptMessage],
) -> Result<WarmBuffer, serde_json::Error> {
    #[derive(Serialize)]
    struct Rendered<'a> {
        description: &'a str,
        messages: &'a [PromptMessage],
    }
    write(id, marks.mark(Rendered { description, messages }), 0)
}

/// `completion/complete`.
pub(super) fn write_completions(
    id: RequestId<'_>,
    marks: EraMarks<'_>,
    found: &Completions,
) -> Result<WarmBuffer, serde_json::Error> {
    #[derive(Serialize)]
    struct Completed<'a> {
        completion: Completion<'a>,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Completion<'a> {
        values: &'a [String],
        #[serde(skip_serializing_if = "Option::is_none")]
        total: Option<usize>,
        has_more: bool,
    }
    let values = &found.values[..found.values.len().min(Completions::MOST_VALUES)];
    let has_more = found.has_more || found.total.unwrap_or(found.values.len()) > values.len();
    let completion = Completion { values, total: found.total, has_more };
    write(id, marks.mark(Completed { completion }), 0)
}

/// Why a tool found nothing, in words for the model and the person, and in parts for machines. Never as
/// `structuredContent`: clients hold that against the tool's output schema.
pub(super) fn write_failure(
    id: RequestId<'_>,
    marks: EraMarks<'_>,
    failure: Failure<'_>,
    correlation_id: Uuid,
) -> Result<WarmBuffer, serde_json::Error> {
    let text = text_of(&failure, correlation_id);
    let content = [TextContent::of(&text)];
    let meta = marks.meta(Some(ErrorMeta { failure, correlation_id }));
    let result = Marked { meta, ..marks.mark(Blocks { content: &content, is_error: true }) };
    write(id, result, 2 * text.len())
}

fn text_of(failure: &Failure<'_>, correlation_id: Uuid) -> String {
    let Failure { code, what, why, who, how, link, .. } = failure;
    let link = link.as_deref().map(|link| format!("\nLink: {link}")).unwrap_or_default();
    format!(
        "{what}\nWhy: {why}\nWho can act: {who}\nWhat to do: {how}{link}\nError {code}, correlation id {correlation_id}"
    )
}
