//! A body and its headers, read into a request that one of our methods can answer.

use std::borrow::Cow;
use std::fmt;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::envelope::Envelope;
use super::error::{self, ParamsFault, RpcError};
use super::headers::{MirroredName, TransportHeaders};
use super::method::Method;
use super::outcome::Answer;
use super::params::{Params, Typing};
use super::raw;
use super::request_id::RequestId;
use super::version::{Era, LegacyVersion};
use crate::tools::{Catalogue, PromptArguments};

/// Which kinds of methods a server has beside those for tools: what it declares as capabilities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Offered {
    pub resources: bool,
    pub prompts: bool,
    pub completions: bool,
}

impl Offered {
    pub fn by(catalogue: &Catalogue) -> Self {
        Self {
            resources: catalogue.resources.is_some(),
            prompts: !catalogue.prompts.is_empty(),
            completions: catalogue.complete.is_some(),
        }
    }

    fn includes(self, method: Method) -> bool {
        match method {
            Method::Discover | Method::Initialize | Method::Ping | Method::ToolsList | Method::ToolsCall => {
                true
            }
            Method::ResourcesList | Method::ResourceTemplatesList | Method::ResourcesRead => self.resources,
            Method::PromptsList | Method::PromptsGet => self.prompts,
            Method::Complete => self.completions,
        }
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
    id: Cow<'a, RawValue>,
    pub(super) era: Era,
    pub(super) call: MethodCall<'a>,
    traceparent: Option<Cow<'a, str>>,
    progress_token: Option<Cow<'a, RawValue>>,
    client_capabilities: Option<Cow<'a, RawValue>>,
}

/// The id of a request as it was sent.
#[derive(Debug, Clone)]
pub struct SentId(Box<RawValue>);

impl SentId {
    /// The error response to a request that was broken off, as one JSON text: `code` is a word for machines, `reason` a
    /// sentence for people.
    pub fn refused(&self, code: &'static str, reason: &str) -> Vec<u8> {
        error::encode_refusal(RequestId::known(&self.0), code, reason)
    }
}

/// A method with its own params.
#[derive(Clone)]
pub(super) enum MethodCall<'a> {
    Discover,
    Initialize(LegacyVersion),
    Ping,
    ListTools,
    CallTool(Invocation<'a>),
    ListResources,
    ListResourceTemplates,
    ReadResource(Cow<'a, str>),
    ListPrompts,
    GetPrompt(Cow<'a, str>, PromptArguments),
    Complete(Box<Typing<'a>>),
}

/// The params of `tools/call`.
#[derive(Clone)]
pub(super) struct Invocation<'a> {
    pub(super) name: Cow<'a, str>,
    /// An object, where it is there.
    pub(super) arguments: Option<Cow<'a, RawValue>>,
}

impl Request<'_> {
    pub fn era(&self) -> Era {
        self.era
    }

    pub(super) fn id(&self) -> RequestId<'_> {
        RequestId::known(&self.id)
    }

    /// The id, for an answer that is not written here.
    pub fn to_id(&self) -> SentId {
        SentId(self.id.clone().into_owned())
    }

    pub fn method(&self) -> Method {
        match self.call {
            MethodCall::Discover => Method::Discover,
            MethodCall::Initialize(_) => Method::Initialize,
            MethodCall::Ping => Method::Ping,
            MethodCall::ListTools => Method::ToolsList,
            MethodCall::CallTool(_) => Method::ToolsCall,
            MethodCall::ListResources => Method::ResourcesList,
            MethodCall::ListResourceTemplates => Method::ResourceTemplatesList,
            MethodCall::ReadResource(_) => Method::ResourcesRead,
            MethodCall::ListPrompts => Method::PromptsList,
            MethodCall::GetPrompt(..) => Method::PromptsGet,
            MethodCall::Complete(_) => Method::Complete,
        }
    }

    /// `_meta.traceparent` (W3C Trace Context), as it was sent: not yet held against its grammar.
    pub fn traceparent(&self) -> Option<&str> {
        self.traceparent.as_deref()
    }

    /// `_meta.progressToken`: the client wants to hear how far the call has come.
    pub fn progress_token(&self) -> Option<&RawValue> {
        self.progress_token.as_deref()
    }

    /// Those of `required` that the client has not declared with this request. The legacy era declares them once, to a
    /// session, and there are none: then it is all of them.
    pub(super) fn missing_capabilities(&self, required: &[&'static str]) -> Vec<&'static str> {
        if required.is_empty() {
            return Vec::new();
        }
        let declared = self.client_capabilities.as_deref().map_or("{}", RawValue::get);
        let declared: Map<String, Value> = serde_json::from_str(declared).unwrap_or_default();
        required.iter().copied().filter(|capability| !declared.contains_key(*capability)).collect()
    }

    /// The same request, standing on its own: for one that was read on another thread.
    pub fn into_owned(self) -> Request<'static> {
        Request {
            id: owned(self.id),
            era: self.era,
            call: self.call.into_owned(),
            traceparent: self.traceparent.map(|text| Cow::Owned(text.into_owned())),
            progress_token: self.progress_token.map(owned),
            client_capabilities: self.client_capabilities.map(owned),
        }
    }
}

impl MethodCall<'_> {
    fn into_owned(self) -> MethodCall<'static> {
        match self {
            Self::Discover => MethodCall::Discover,
            Self::Initialize(version) => MethodCall::Initialize(version),
            Self::Ping => MethodCall::Ping,
            Self::ListTools => MethodCall::ListTools,
            Self::CallTool(invocation) => MethodCall::CallTool(Invocation {
                name: Cow::Owned(invocation.name.into_owned()),
                arguments: invocation.arguments.map(owned),
            }),
            Self::ListResources => MethodCall::ListResources,
            Self::ListResourceTemplates => MethodCall::ListResourceTemplates,
            Self::ReadResource(uri) => MethodCall::ReadResource(Cow::Owned(uri.into_owned())),
            Self::ListPrompts => MethodCall::ListPrompts,
            Self::GetPrompt(name, arguments) => {
                MethodCall::GetPrompt(Cow::Owned(name.into_owned()), arguments)
            }
            Self::Complete(typing) => MethodCall::Complete(Box::new(typing.into_owned())),
        }
    }
}

fn owned(value: Cow<'_, RawValue>) -> Cow<'static, RawValue> {
    Cow::Owned(value.into_owned())
}

impl Message<'_> {
    /// The same message, standing on its own.
    pub fn into_owned(self) -> Message<'static> {
        match self {
            Self::Request(request) => Message::Request(request.into_owned()),
            Self::Notification => Message::Notification,
        }
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
/// headers, of an unknown version or method, or with params that its method does not take. A method that is not
/// `offered` is an unknown one.
pub fn parse<'a>(
    body: &'a [u8],
    headers: &TransportHeaders<'_>,
    offered: Offered,
) -> Result<Message<'a>, Answer> {
    let envelope =
        Envelope::read(body).map_err(|unreadable| Answer::error(unreadable.id, None, &unreadable.error))?;
    let Some(id) = envelope.id else {
        return admit_notification(&envelope, headers)
            .map(|()| Message::Notification)
            .map_err(|error| Answer::error(None, None, &error));
    };
    let method = Method::named(&envelope.method).filter(|method| offered.includes(*method));
    read_request(id, method, &envelope, headers)
        .map(Message::Request)
        .map_err(|error| Answer::error(Some(id), method, &error))
}

fn admit_notification(envelope: &Envelope<'_>, headers: &TransportHeaders<'_>) -> Result<(), RpcError> {
    let params = Params::read(envelope.params)?;
    let declared = params.meta.declared_version();
    match Era::select(headers.protocol_version, declared.as_deref())? {
        Era::Modern => headers.match_body(&envelope.method, &MirroredName::NotNamed),
        Era::Legacy(_) => Ok(()),
    }
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
        headers.match_body(&envelope.method, &params.mirrored_name(&envelope.method))?;
        params.meta.require_modern_fields()?;
    }
    let call = read_call(method, era, &params)?;
    let progress_token = params.meta.progress_token().map_err(RpcError::InvalidParams)?;
    Ok(Request {
        id: Cow::Borrowed(id.raw()),
        era,
        call,
        traceparent: params.meta.traceparent(),
        progress_token: progress_token.map(Cow::Borrowed),
        client_capabilities: params.meta.client_capabilities().map(Cow::Borrowed),
    })
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
    let first_page = |call: MethodCall<'a>| params.require_first_page().map(|()| call);
    match (method, era) {
        (Some(Method::Discover), Era::Modern) => Ok(MethodCall::Discover),
        (Some(Method::Initialize), Era::Legacy(version)) => Ok(MethodCall::Initialize(version)),
        (Some(Method::Ping), Era::Legacy(_)) => Ok(MethodCall::Ping),
        (Some(Method::ToolsList), _) => first_page(MethodCall::ListTools),
        (Some(Method::ToolsCall), _) => Invocation::read(params).map(MethodCall::CallTool),
        (Some(Method::ResourcesList), _) => first_page(MethodCall::ListResources),
        (Some(Method::ResourceTemplatesList), _) => first_page(MethodCall::ListResourceTemplates),
        (Some(Method::ResourcesRead), _) => params.resource_uri().map(MethodCall::ReadResource),
        (Some(Method::PromptsList), _) => first_page(MethodCall::ListPrompts),
        (Some(Method::PromptsGet), _) => {
            params.prompt().map(|(name, arguments)| MethodCall::GetPrompt(name, arguments))
        }
        (Some(Method::Complete), _) => {
            params.completion().map(|typing| MethodCall::Complete(Box::new(typing)))
        }
        _ => return Err(RpcError::MethodNotFound(era)),
    }
    .map_err(RpcError::InvalidParams)
}

impl<'a> Invocation<'a> {
    fn read(params: &Params<'a>) -> Result<Self, ParamsFault> {
        let name = params.name.and_then(raw::string).ok_or(ParamsFault::ToolName)?;
        Ok(Self { name, arguments: params.tool_arguments()?.map(Cow::Borrowed) })
    }
}
