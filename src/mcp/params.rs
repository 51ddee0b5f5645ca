//! The params of a request, read once: every member that a rule or a method looks at, raw.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::{ParamsFault, RpcError};
use super::headers::MirroredName;
use super::version::LegacyVersion;
use super::{prompt_arguments, raw};
use crate::tools::PromptArguments;

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members<'a> {
    #[serde(rename = "_meta", borrow, default, deserialize_with = "raw::present")]
    meta: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw::present")]
    name: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw::present")]
    uri: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw::present")]
    arguments: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw::present")]
    cursor: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw::present")]
    protocol_version: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw::present")]
    capabilities: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw::present")]
    client_info: Option<&'a RawValue>,
    #[serde(rename = "ref", borrow, default, deserialize_with = "raw::present")]
    reference: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw::present")]
    argument: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw::present")]
    context: Option<&'a RawValue>,
}

/// The params of any method.
pub(super) struct Params<'a> {
    pub(super) meta: Meta<'a>,
    pub(super) name: Option<&'a RawValue>,
    uri: Option<&'a RawValue>,
    arguments: Option<&'a RawValue>,
    cursor: Option<&'a RawValue>,
    protocol_version: Option<&'a RawValue>,
    capabilities: Option<&'a RawValue>,
    client_info: Option<&'a RawValue>,
    reference: Option<&'a RawValue>,
    argument: Option<&'a RawValue>,
    context: Option<&'a RawValue>,
}

impl<'a> Params<'a> {
    pub(super) fn read(params: Option<&'a RawValue>) -> Result<Self, RpcError> {
        Self::read_members(params).map_err(RpcError::MalformedParams)
    }

    fn read_members(params: Option<&'a RawValue>) -> Result<Self, ParamsFault> {
        let members = match raw::unless_null(params) {
            None => Members::default(),
            Some(params) if !raw::is_object(params) => return Err(ParamsFault::NotAnObject),
            Some(params) => serde_json::from_str(params.get()).map_err(|_| ParamsFault::RepeatedMember)?,
        };
        Ok(Self {
            meta: Meta::read(members.meta)?,
            name: members.name,
            uri: members.uri,
            arguments: members.arguments,
            cursor: members.cursor,
            protocol_version: members.protocol_version,
            capabilities: members.capabilities,
            client_info: members.client_info,
            reference: members.reference,
            argument: members.argument,
            context: members.context,
        })
    }

    /// What `Mcp-Name` mirrors for `method`, whether or not that method is served.
    pub(super) fn mirrored_name(&self, method: &str) -> MirroredName<'a> {
        let named = match method {
            "tools/call" | "prompts/get" => self.name,
            "resources/read" => self.uri,
            _ => return MirroredName::NotNamed,
        };
        named.and_then(raw::string).map_or(MirroredName::Lacking, MirroredName::Named)
    }

    /// The arguments of `tools/call`, where there are any.
    pub(super) fn tool_arguments(&self) -> Result<Option<&'a RawValue>, ParamsFault> {
        match raw::unless_null(self.arguments) {
            Some(arguments) if !raw::is_object(arguments) => Err(ParamsFault::Arguments),
            arguments => Ok(arguments),
        }
    }

    /// The URI of `resources/read`.
    pub(super) fn resource_uri(&self) -> Result<Cow<'a, str>, ParamsFault> {
        self.uri.and_then(raw::string).ok_or(ParamsFault::Uri)
    }

    /// The name of a prompt, and what fills its blanks.
    pub(super) fn prompt(&self) -> Result<(Cow<'a, str>, PromptArguments), ParamsFault> {
        let name = self.name.and_then(raw::string).ok_or(ParamsFault::PromptName)?;
        let Some(arguments) = raw::unless_null(self.arguments) else {
            return Ok((name, PromptArguments::new()));
        };
        let arguments = prompt_arguments::read(arguments).ok_or(ParamsFault::PromptArguments)?;
        Ok((name, arguments))
    }

    /// What `completion/complete` completes.
    pub(super) fn completion(&self) -> Result<Typing<'a>, ParamsFault> {
        let target = self.reference.and_then(Target::read).ok_or(ParamsFault::Reference)?;
        let argument: Argument<'_> = self.argument.and_then(raw::object).ok_or(ParamsFault::Argument)?;
        let resolved = match raw::unless_null(self.context) {
            None => PromptArguments::new(),
            Some(context) => Context::arguments(context).ok_or(ParamsFault::Context)?,
        };
        Ok(Typing { target, argument: argument.name, value: argument.value, resolved })
    }

    /// Lists have one page, so the only cursors there are is none and the empty one.
    pub(super) fn require_first_page(&self) -> Result<(), ParamsFault> {
        match raw::unless_null(self.cursor) {
            None => Ok(()),
            Some(cursor) if raw::string(cursor).is_some_and(|cursor| cursor.is_empty()) => Ok(()),
            Some(_) => Err(ParamsFault::Cursor),
        }
    }

    /// The version that an `initialize` with these params is answered with.
    pub(super) fn negotiated_version(&self) -> Result<LegacyVersion, ParamsFault> {
        let proposal = self.protocol_version.and_then(raw::string).ok_or(ParamsFault::ProtocolVersion)?;
        if !self.capabilities.is_some_and(raw::is_object) {
            return Err(ParamsFault::Capabilities);
        }
        if !self.client_info.is_some_and(raw::is_object) {
            return Err(ParamsFault::ClientInfo);
        }
        Ok(LegacyVersion::negotiate(&proposal))
    }
}

/// `params.ref`. Not an enum that serde tells apart by `type`: it would hold everything else beside it as values.
#[derive(Deserialize)]
struct Reference<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "raw::present")]
    name: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw::present")]
    uri: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Argument<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    value: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Context<'a> {
    #[serde(borrow, default)]
    arguments: Option<&'a RawValue>,
}

impl Context<'_> {
    /// What has been filled in already.
    fn arguments(context: &RawValue) -> Option<PromptArguments> {
        let context: Context<'_> = raw::object(context)?;
        context.arguments.map_or_else(|| Some(PromptArguments::new()), prompt_arguments::read)
    }
}

/// An argument that is being typed.
#[derive(Clone)]
pub(super) struct Typing<'a> {
    pub(super) target: Target<'a>,
    pub(super) argument: Cow<'a, str>,
    pub(super) value: Cow<'a, str>,
    /// Of the others, those that have their values already.
    pub(super) resolved: PromptArguments,
}

/// What the argument belongs to.
#[derive(Clone)]
pub(super) enum Target<'a> {
    Prompt(Cow<'a, str>),
    Template(Cow<'a, str>),
}

impl<'a> Target<'a> {
    fn read(reference: &'a RawValue) -> Option<Self> {
        let reference: Reference<'a> = raw::object(reference)?;
        match &*reference.kind {
            "ref/prompt" => reference.name.and_then(raw::string).map(Self::Prompt),
            "ref/resource" => reference.uri.and_then(raw::string).map(Self::Template),
            _ => None,
        }
    }
}

impl Typing<'_> {
    pub(super) fn into_owned(self) -> Typing<'static> {
        let target = match self.target {
            Target::Prompt(name) => Target::Prompt(Cow::Owned(name.into_owned())),
            Target::Template(uri) => Target::Template(Cow::Owned(uri.into_owned())),
        };
        let (argument, value) = (Cow::Owned(self.argument.into_owned()), Cow::Owned(self.value.into_owned()));
        Typing { target, argument, value, resolved: self.resolved }
    }
}

const PROTOCOL_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const CLIENT_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

/// In bytes, as it is written: it comes back with every report, so that a long one would come back many times over.
const LONGEST_PROGRESS_TOKEN: usize = 1_024;

fn is_progress_token(value: &RawValue) -> bool {
    raw::is_string_or_number(value) && value.get().len() <= LONGEST_PROGRESS_TOKEN
}

/// `params._meta`, as far as it is looked at.
#[derive(Default, Deserialize)]
pub(super) struct Meta<'a> {
    #[serde(rename = "io.modelcontextprotocol/protocolVersion", borrow, default)]
    #[serde(deserialize_with = "raw::present")]
    protocol_version: Option<&'a RawValue>,
    #[serde(rename = "io.modelcontextprotocol/clientCapabilities", borrow, default)]
    #[serde(deserialize_with = "raw::present")]
    client_capabilities: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "raw::present")]
    traceparent: Option<&'a RawValue>,
    #[serde(rename = "progressToken", borrow, default, deserialize_with = "raw::present")]
    progress_token: Option<&'a RawValue>,
}

impl<'a> Meta<'a> {
    fn read(meta: Option<&'a RawValue>) -> Result<Self, ParamsFault> {
        match raw::unless_null(meta) {
            None => Ok(Self::default()),
            Some(meta) => raw::object(meta).ok_or(ParamsFault::Meta),
        }
    }

    pub(super) fn declared_version(&self) -> Option<Cow<'a, str>> {
        self.protocol_version.and_then(raw::string)
    }

    /// A trace context that is no string is as good as none: tracing never fails a call.
    pub(super) fn traceparent(&self) -> Option<Cow<'a, str>> {
        self.traceparent.and_then(raw::string)
    }

    /// What the client can do, as far as it says so with this request.
    pub(super) fn client_capabilities(&self) -> Option<&'a RawValue> {
        self.client_capabilities
    }

    /// The token that progress is to be reported under: a short string or a number, kept as it was sent.
    pub(super) fn progress_token(&self) -> Result<Option<&'a RawValue>, ParamsFault> {
        match raw::unless_null(self.progress_token) {
            Some(token) if !is_progress_token(token) => Err(ParamsFault::ProgressToken),
            token => Ok(token),
        }
    }

    /// The fields that every request of 2026-07-28 must bring, in the right JSON type; `clientInfo` is not one.
    pub(super) fn require_modern_fields(&self) -> Result<(), RpcError> {
        let version = self.declared_version().is_some();
        let capabilities = self.client_capabilities.is_some_and(raw::is_object);
        if version && capabilities {
            return Ok(());
        }
        let missing = [(PROTOCOL_VERSION, version), (CLIENT_CAPABILITIES, capabilities)]
            .into_iter()
            .filter_map(|(field, there)| (!there).then_some(field))
            .collect();
        Err(RpcError::MetaIncomplete { missing })
    }
}
