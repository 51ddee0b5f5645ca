//! Results, written straight into the body of the reply: what was serialised before is copied, never parsed again.

use rmcp::model::CacheScope;
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::envelope::RequestId;
use super::failure::Failure;
use crate::tools::ToolAnswer;

/// How long a client may keep its list of tools. A tool that is switched off meanwhile is refused when it is called.
const LIST_TTL_MS: u64 = 300_000;

/// Room for an envelope and its `_meta`.
const ENVELOPE_BYTES: usize = 640;

#[derive(Serialize)]
struct Response<'a, R> {
    jsonrpc: &'static str,
    id: RequestId<'a>,
    result: R,
}

fn write(id: RequestId<'_>, result: impl Serialize, bytes: usize) -> Result<Vec<u8>, serde_json::Error> {
    let mut body = Vec::with_capacity(bytes + ENVELOPE_BYTES);
    serde_json::to_writer(&mut body, &Response { jsonrpc: "2.0", id, result })?;
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

    fn ttl_ms(self) -> Option<u64> {
        self.0.map(|_| LIST_TTL_MS)
    }

    /// The list differs by tenant and by user.
    fn cache_scope(self) -> Option<CacheScope> {
        self.0.map(|_| CacheScope::Private)
    }

    fn meta<'m>(self, error: Option<ErrorMeta<'m>>) -> Option<ResultMeta<'m>>
    where
        'a: 'm,
    {
        let is_there = self.0.is_some() || error.is_some();
        is_there.then_some(ResultMeta { server_info: self.0, error })
    }
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToolResult<'a> {
    content: [TextContent<'a>; 1],
    is_error: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    result_type: Option<&'static str>,
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    meta: Option<ResultMeta<'a>>,
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

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToolList<'a> {
    tools: &'a [&'a RawValue],
    #[serde(skip_serializing_if = "Option::is_none")]
    result_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_scope: Option<CacheScope>,
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    meta: Option<ResultMeta<'a>>,
}

/// A result that stands ready.
pub(super) fn write_fixed(id: RequestId<'_>, result: &RawValue) -> Result<Vec<u8>, serde_json::Error> {
    write(id, result, result.get().len())
}

/// `tools/list`.
pub(super) fn write_list(
    id: RequestId<'_>,
    marks: EraMarks<'_>,
    tools: &[&RawValue],
) -> Result<Vec<u8>, serde_json::Error> {
    let bytes = tools.iter().map(|tool| tool.get().len() + 1).sum();
    let list = ToolList {
        tools,
        result_type: marks.result_type(),
        ttl_ms: marks.ttl_ms(),
        cache_scope: marks.cache_scope(),
        meta: marks.meta(None),
    };
    write(id, list, bytes)
}

/// What a tool found. Written by hand: both copies of the content are finished JSON, and copying is all there is
/// left to do.
pub(super) fn write_answer(id: RequestId<'_>, marks: EraMarks<'_>, answer: &ToolAnswer) -> Vec<u8> {
    let (text, structured) = (answer.text.as_bytes(), &answer.structured);
    let mut body = Vec::with_capacity(text.len() + structured.len() + ENVELOPE_BYTES);
    body.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    body.extend_from_slice(id.as_bytes());
    body.extend_from_slice(br#","result":{"content":[{"type":"text","text":""#);
    body.extend_from_slice(text);
    body.extend_from_slice(br#""}],"structuredContent":"#);
    body.extend_from_slice(structured);
    body.extend_from_slice(br#","isError":false"#);
    if let Some(server_info) = marks.0 {
        body.extend_from_slice(br#","resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":"#);
        body.extend_from_slice(server_info.get().as_bytes());
        body.push(b'}');
    }
    body.extend_from_slice(b"}}");
    body
}

/// Why a tool found nothing, in words for the model and the person, and in parts for machines. Never as
/// `structuredContent`: clients hold that against the tool's output schema.
pub(super) fn write_failure(
    id: RequestId<'_>,
    marks: EraMarks<'_>,
    failure: Failure<'_>,
    correlation_id: Uuid,
) -> Result<Vec<u8>, serde_json::Error> {
    let text = text_of(failure, correlation_id);
    let result = ToolResult {
        content: [TextContent::of(&text)],
        is_error: true,
        result_type: marks.result_type(),
        meta: marks.meta(Some(ErrorMeta { failure, correlation_id })),
    };
    write(id, result, 2 * text.len())
}

fn text_of(failure: Failure<'_>, correlation_id: Uuid) -> String {
    let Failure { code, what, why, who, how, .. } = failure;
    format!(
        "{what}\nWhy: {why}\nWho can act: {who}\nWhat to do: {how}\nError {code}, correlation id {correlation_id}"
    )
}
