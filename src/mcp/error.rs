//! Every JSON-RPC error that leaves the connector: its code, its words, and the status it travels with.

use serde::Serialize;
use serde_json::{Map, Value, json};
use thiserror::Error;
use uuid::Uuid;

use super::failure::Failure;
use super::header::{Header, HeaderFault};
use super::reply_status::ReplyStatus;
use super::request_id::RequestId;
use super::version::{Era, SUPPORTED_VERSIONS};

/// Why a request is answered with a JSON-RPC error.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum RpcError {
    #[error("the body is not JSON")]
    Malformed,
    #[error("the JSON nests deeper than 64 levels")]
    TooDeep,
    #[error("{0}")]
    InvalidRequest(EnvelopeFault),
    #[error("the {header} header {fault}")]
    HeaderMismatch { header: Header, fault: HeaderFault },
    #[error("protocol version not supported")]
    UnsupportedVersion { requested: Box<str> },
    #[error("params._meta lacks required fields")]
    MetaIncomplete { missing: Vec<&'static str> },
    #[error("method not found")]
    MethodNotFound(Era),
    /// The params are nothing that a method's own rules could be held against.
    #[error("{0}")]
    MalformedParams(ParamsFault),
    #[error("{0}")]
    InvalidParams(ParamsFault),
    #[error("unknown tool: tools/list has the names of those that are there")]
    UnknownTool,
    #[error("the tool needs capabilities that the client has not declared")]
    CapabilitiesMissing(Vec<&'static str>),
    #[error("unknown prompt: prompts/list has the names of those that are there")]
    UnknownPrompt,
    #[error("the prompt needs the argument {0}")]
    PromptArgumentMissing(&'static str),
    /// An argument that its tool mirrors into a header.
    #[error("the Mcp-Param-{name} header {fault}")]
    ParameterMismatch { name: Box<str>, fault: HeaderFault },
    /// Ours. The id is all that a caller learns.
    #[error("internal error")]
    Internal { correlation_id: Uuid },
}

// Codes of our own, outside of what JSON-RPC and MCP 2026-07-28 keep for themselves and for the past (-32768 to -32000).

/// The request was fine, and Microsoft 365 or the user's permissions do not allow an answer.
pub(super) const NOT_SERVED: i32 = 1;

/// The request was broken off after its answer had begun, for what `data` says.
const BROKEN_OFF: i32 = 2;

/// What a method was asked with can't be served by anybody.
pub(super) const INVALID_PARAMS: i32 = -32602;

/// A resource that is not there.
pub(super) const fn no_such_resource(era: Era) -> i32 {
    match era {
        Era::Modern => INVALID_PARAMS,
        // Retired by 2026-07-28, and what a client of the versions before looks for.
        Era::Legacy(_) => -32002,
    }
}

/// What is wrong with the envelope (-32600).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum EnvelopeFault {
    #[error("batches are not supported: send one message a request")]
    Batch,
    #[error("a message must be a JSON object")]
    NotAnObject,
    #[error("a member of the message is there twice")]
    RepeatedMember,
    #[error("the id must be a string or a number")]
    IllegalId,
    #[error("responses are not expected here: this server sends no requests")]
    Response,
    #[error("the jsonrpc member must be \"2.0\"")]
    NotVersion2,
    #[error("the method member must be a string")]
    NoMethod,
}

/// What is wrong with the params (-32602).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum ParamsFault {
    #[error("params must be an object")]
    NotAnObject,
    #[error("a member of params is there twice")]
    RepeatedMember,
    #[error("params._meta must be an object, without a member that is there twice")]
    Meta,
    #[error("params.name must be a string: the name of a tool")]
    ToolName,
    #[error("params.arguments must be an object")]
    Arguments,
    #[error("params.uri must be a string")]
    Uri,
    #[error("params.name must be a string: the name of a prompt")]
    PromptName,
    #[error("params.arguments must be an object of at most 64 strings, none of them twice")]
    PromptArguments,
    #[error("params.ref must be a prompt's name or a resource template's pattern, with its type")]
    Reference,
    #[error("params.argument must be an object with the strings name and value")]
    Argument,
    #[error(
        "params.context must be an object whose arguments are at most 64 strings by their names, none of them twice"
    )]
    Context,
    #[error("params._meta.progressToken must be a string or a number of at most 1024 bytes")]
    ProgressToken,
    #[error("params.cursor is none that this server gave out")]
    Cursor,
    #[error("params.protocolVersion must be a string")]
    ProtocolVersion,
    #[error("params.capabilities must be an object")]
    Capabilities,
    #[error("params.clientInfo must be an object")]
    ClientInfo,
}

impl HeaderFault {
    pub(super) fn of(self, header: Header) -> RpcError {
        RpcError::HeaderMismatch { header, fault: self }
    }
}

impl RpcError {
    /// The code, as JSON-RPC 2.0 and the error code table of MCP 2026-07-28 give it.
    pub(super) const fn code(&self) -> i32 {
        match self {
            Self::Malformed | Self::TooDeep => -32700,
            Self::InvalidRequest(_) => -32600,
            Self::MethodNotFound(_) => -32601,
            Self::MetaIncomplete { .. }
            | Self::MalformedParams(_)
            | Self::InvalidParams(_)
            | Self::UnknownTool
            | Self::UnknownPrompt
            | Self::PromptArgumentMissing(_) => INVALID_PARAMS,
            Self::Internal { .. } => -32603,
            Self::HeaderMismatch { .. } | Self::ParameterMismatch { .. } => -32020,
            Self::CapabilitiesMissing(_) => -32021,
            Self::UnsupportedVersion { .. } => -32022,
        }
    }

    /// The status, as the Streamable HTTP transport of MCP 2026-07-28 gives it. The legacy era leaves an unknown
    /// method, and both eras leave what is wrong inside a well-formed call, to the body.
    pub(super) const fn status(&self) -> ReplyStatus {
        match self {
            Self::MethodNotFound(Era::Modern) => ReplyStatus::NotFound,
            Self::MethodNotFound(Era::Legacy(_))
            | Self::InvalidParams(_)
            | Self::UnknownTool
            | Self::UnknownPrompt
            | Self::PromptArgumentMissing(_)
            | Self::Internal { .. } => ReplyStatus::Ok,
            Self::Malformed
            | Self::TooDeep
            | Self::InvalidRequest(_)
            | Self::HeaderMismatch { .. }
            | Self::ParameterMismatch { .. }
            | Self::CapabilitiesMissing(_)
            | Self::UnsupportedVersion { .. }
            | Self::MetaIncomplete { .. }
            | Self::MalformedParams(_) => ReplyStatus::BadRequest,
        }
    }

    fn data(&self) -> Option<ErrorData<'_>> {
        match self {
            Self::UnsupportedVersion { requested } => {
                Some(ErrorData::Versions { supported: &SUPPORTED_VERSIONS, requested })
            }
            Self::MetaIncomplete { missing } => Some(ErrorData::Missing { missing }),
            Self::CapabilitiesMissing(missing) => Some(ErrorData::Capabilities {
                required_capabilities: missing.iter().map(|name| ((*name).to_owned(), json!({}))).collect(),
            }),
            Self::Internal { correlation_id } => Some(ErrorData::Incident { correlation_id }),
            _ => None,
        }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum ErrorData<'a> {
    Versions {
        supported: &'static [&'static str],
        requested: &'a str,
    },
    Missing {
        missing: &'a [&'static str],
    },
    #[serde(rename_all = "camelCase")]
    Capabilities {
        required_capabilities: Map<String, Value>,
    },
    Incident {
        correlation_id: &'a Uuid,
    },
}

#[derive(Serialize)]
struct ErrorResponse<'a, D> {
    jsonrpc: &'static str,
    /// Left out, never `null`, where the id could not be read: MCP's ids are not null.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<RequestId<'a>>,
    error: ErrorObject<D>,
}

#[derive(Serialize)]
struct ErrorObject<D> {
    code: i32,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<D>,
}

/// What is sent should an error itself refuse to be written.
const LAST_RESORT: &[u8] = br#"{"jsonrpc":"2.0","error":{"code":-32603,"message":"internal error"}}"#;

/// The body of an error response.
pub(super) fn encode(id: Option<RequestId<'_>>, error: &RpcError) -> Vec<u8> {
    let object = ErrorObject { code: error.code(), message: error.to_string(), data: error.data() };
    serde_json::to_vec(&ErrorResponse { jsonrpc: "2.0", id, error: object })
        .unwrap_or_else(|_| LAST_RESORT.to_vec())
}

/// The body of an error that a person or the model can act on, for methods whose results have no `isError`. `absent`:
/// the uri that was asked for where there is nothing behind it, which MCP 2026-07-28 would have sent back.
pub(super) fn encode_failure(
    id: RequestId<'_>,
    code: i32,
    failure: Failure<'_>,
    absent: Option<&str>,
    correlation_id: Uuid,
) -> Result<Vec<u8>, serde_json::Error> {
    let message = failure.what.to_owned();
    let object =
        ErrorObject { code, message, data: Some(FailureData { failure, uri: absent, correlation_id }) };
    serde_json::to_vec(&ErrorResponse { jsonrpc: "2.0", id: Some(id), error: object })
}

/// The body of an error for a request that was refused after its answer had begun.
pub(super) fn encode_refusal(id: RequestId<'_>, code: &'static str, reason: &str) -> Vec<u8> {
    let object =
        ErrorObject { code: BROKEN_OFF, message: reason.to_owned(), data: Some(json!({ "code": code })) };
    serde_json::to_vec(&ErrorResponse { jsonrpc: "2.0", id: Some(id), error: object })
        .unwrap_or_else(|_| LAST_RESORT.to_vec())
}

#[derive(Serialize)]
struct FailureData<'a> {
    #[serde(flatten)]
    failure: Failure<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<&'a str>,
    correlation_id: Uuid,
}
