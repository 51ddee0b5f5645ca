//! A body and its headers, read into a request that one of our methods can answer.

use std::borrow::Cow;
use std::fmt;

use serde_json::value::RawValue;

use super::envelope::{Envelope, RequestId};
use super::error::{ParamsFault, RpcError};
use super::headers::TransportHeaders;
use super::outcome::Answer;
use super::params::Params;
use super::raw;
use super::version::{Era, LegacyVersion};

/// A method that is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Discover,
    Initialize,
    Ping,
    ToolsList,
    ToolsCall,
}

impl Method {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Discover => "server/discover",
            Self::Initialize => "initialize",
            Self::Ping => "ping",
            Self::ToolsList => "tools/list",
            Self::ToolsCall => "tools/call",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Discover, Self::Initialize, Self::Ping, Self::ToolsList, Self::ToolsCall]
            .into_iter()
            .find(|method| method.as_str() == name)
    }
}

/// What came in one body.
#[derive(Debug)]
pub enum Message<'a> {
    Request(Request<'a>),
    /// Accepted (202, no body) and otherwise passed over: no notification of a client asks anything of this server.
    Notification,
}

/// A request that passed every rule of the envelope, of its era and of its headers, and whose params are read.
pub struct Request<'a> {
    pub(super) id: RequestId<'a>,
    pub(super) era: Era,
    pub(super) call: MethodCall<'a>,
    traceparent: Option<Cow<'a, str>>,
}

/// A method with its own params.
#[derive(Clone)]
pub(super) enum MethodCall<'a> {
    Discover,
    Initialize(LegacyVersion),
    Ping,
    ListTools,
    CallTool(Invocation<'a>),
}

/// The params of `tools/call`.
#[derive(Clone)]
pub(super) struct Invocation<'a> {
    pub(super) name: Cow<'a, str>,
    /// An object, where it is there.
    pub(super) arguments: Option<&'a RawValue>,
}

impl Request<'_> {
    pub fn era(&self) -> Era {
        self.era
    }

    pub fn method(&self) -> Method {
        match self.call {
            MethodCall::Discover => Method::Discover,
            MethodCall::Initialize(_) => Method::Initialize,
            MethodCall::Ping => Method::Ping,
            MethodCall::ListTools => Method::ToolsList,
            MethodCall::CallTool(_) => Method::ToolsCall,
        }
    }

    /// `_meta.traceparent` (W3C Trace Context), as it was sent: not yet held against its grammar.
    pub fn traceparent(&self) -> Option<&str> {
        self.traceparent.as_deref()
    }
}

/// Without id and params: they are content.
impl fmt::Debug for Request<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Request")
            .field("era", &self.era)
            .field("method", &self.method())
            .finish_non_exhaustive()
    }
}

/// Reads the body of a POST. The error is the finished answer to what can't be served: malformed, misfit to its
/// headers, of an unknown version or method, or with params that its method does not take.
pub fn parse<'a>(body: &'a [u8], headers: &TransportHeaders<'_>) -> Result<Message<'a>, Answer> {
    let envelope =
        Envelope::read(body).map_err(|unreadable| Answer::error(unreadable.id, None, &unreadable.error))?;
    let Some(id) = envelope.id else {
        return admit_notification(&envelope, headers)
            .map(|()| Message::Notification)
            .map_err(|error| Answer::error(None, None, &error));
    };
    let method = Method::named(&envelope.method);
    read_request(id, method, &envelope, headers)
        .map(Message::Request)
        .map_err(|error| Answer::error(Some(id), method, &error))
}

fn admit_notification(envelope: &Envelope<'_>, headers: &TransportHeaders<'_>) -> Result<(), RpcError> {
    Params::read(envelope.params)?;
    Era::admit_notification(headers.protocol_version)?;
    headers.match_notification(&envelope.method)
}

fn read_request<'a>(
    id: RequestId<'a>,
    method: Option<Method>,
    envelope: &Envelope<'a>,
    headers: &TransportHeaders<'_>,
) -> Result<Request<'a>, RpcError> {
    let params = Params::read(envelope.params)?;
    let era = era_of(method, &params, headers)?;
    if era == Era::Modern {
        headers.match_request(&envelope.method, params.mirrored_name(&envelope.method).as_deref())?;
        params.meta.require_modern_fields()?;
    }
    let call = read_call(method, era, &params)?;
    Ok(Request { id, era, call, traceparent: params.meta.traceparent() })
}

fn era_of(
    method: Option<Method>,
    params: &Params<'_>,
    headers: &TransportHeaders<'_>,
) -> Result<Era, RpcError> {
    let declared = params.meta.declared_version();
    if method == Some(Method::Initialize) {
        Era::admit_initialize(headers.protocol_version, declared.as_deref())?;
        return params.negotiated_version().map(Era::Legacy).map_err(RpcError::InvalidParams);
    }
    Era::select(headers.protocol_version, declared.as_deref())
}

fn read_call<'a>(method: Option<Method>, era: Era, params: &Params<'a>) -> Result<MethodCall<'a>, RpcError> {
    match (method, era) {
        (Some(Method::Discover), Era::Modern) => Ok(MethodCall::Discover),
        (Some(Method::Initialize), Era::Legacy(version)) => Ok(MethodCall::Initialize(version)),
        (Some(Method::Ping), Era::Legacy(_)) => Ok(MethodCall::Ping),
        (Some(Method::ToolsList), _) => params.require_first_page().map(|()| MethodCall::ListTools),
        (Some(Method::ToolsCall), _) => Invocation::read(params).map(MethodCall::CallTool),
        _ => return Err(RpcError::MethodNotFound(era)),
    }
    .map_err(RpcError::InvalidParams)
}

impl<'a> Invocation<'a> {
    fn read(params: &Params<'a>) -> Result<Self, ParamsFault> {
        let name = params.name.and_then(raw::string).ok_or(ParamsFault::ToolName)?;
        Ok(Self { name, arguments: params.tool_arguments()? })
    }
}
