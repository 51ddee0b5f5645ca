//! A host without a network, and a catalogue to go with it.

use std::cell::RefCell;
use std::future::pending;
use std::sync::Arc;

use connector_actors::assertion::AssertionHash;
use connector_actors::clock::Timestamp;
use connector_actors::graph_token::GraphToken;
use connector_actors::identity::{ClientId, ObjectId, Principal, TenantId};
use connector_actors::lease::{GrantedScopes, Lease, LeaseOwner};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::mcp::{HeaderField, Host as Surroundings};
use crate::policy::{self, Decision, Question, TenantPolicy};
use crate::tools::{
    About, ActionableError, Challenge, Complete, CompletionQuery, Completions, ErrorCode, HelpLink,
    InternalError, ReadResource, ResourceBody, ResourceContents, ScopeRule, Tool, ToolAnswer, ToolCall,
    ToolError, write_mirrored,
};

/// What goes with [`Ending::SignedOut`].
pub(super) fn sign_in() -> Challenge {
    Challenge::SignIn { sentence: "Sign in again.".into() }
}

pub(super) static TOOLS: [Tool; 3] = [
    tool("search_mail", &[&["Mail.Read"], &["Mail.ReadBasic"]]),
    tool("get_me", &[&["User.Read"]]),
    tool("about", &[]),
];

const fn tool(name: &'static str, scopes: &'static [&'static [&'static str]]) -> Tool {
    Tool {
        name,
        title: "A title",
        description: "A description.",
        input_schema: object,
        output_schema: Some(object),
        scopes: ScopeRule(scopes),
        client_capabilities: &[],
        warm_requests: 0,
        most_requests: 0,
        run: |_: &ToolCall<'_>| Box::pin(pending()),
    }
}

fn object() -> Value {
    json!({ "type": "object", "additionalProperties": false })
}

/// When the user's scopes come.
#[derive(Default)]
pub(super) enum Scopes {
    Granted(&'static str),
    #[default]
    Refused,
    Never,
}

/// How every tool ends.
#[derive(Default)]
pub(super) enum Ending {
    #[default]
    Found,
    Absent,
    Unreadable,
    Throttled,
    SignedOut,
    Broken,
}

#[derive(Default)]
pub(super) struct Host {
    pub(super) policy: PolicyBox,
    pub(super) scopes: Scopes,
    pub(super) ending: Ending,
    /// Which tool ran, with which arguments.
    pub(super) ran: RefCell<Vec<(&'static str, String)>>,
}

/// A policy that denies nothing.
pub(super) struct PolicyBox(pub(super) TenantPolicy);

impl Default for PolicyBox {
    fn default() -> Self {
        Self(TenantPolicy::contoso())
    }
}

impl Host {
    pub(super) const CORRELATION_ID: Uuid = Uuid::from_u128(0x00c0_ffee);

    pub(super) fn ending(ending: Ending) -> Self {
        Self { ending, ..Self::default() }
    }

    fn fail<T>(&self) -> Result<T, ToolError> {
        Err(match self.ending {
            Ending::Found | Ending::Absent => actionable(ErrorCode::NotFound, None),
            Ending::Unreadable => actionable(ErrorCode::InvalidArguments, None),
            Ending::Throttled => actionable(ErrorCode::Throttled, None),
            Ending::SignedOut => actionable(ErrorCode::SignInRequired, Some(sign_in())),
            Ending::Broken => InternalError::Sealing.into(),
        })
    }

    pub(super) fn with_scopes(scopes: Scopes) -> Self {
        Self { scopes, ..Self::default() }
    }

    pub(super) fn denying(tool: &str) -> Self {
        let mut host = Self::default();
        host.policy.0.denied_tools.insert(tool.to_owned());
        host
    }
}

impl Surroundings for Host {
    fn policy(&self) -> &TenantPolicy {
        &self.policy.0
    }

    fn decide(&self, question: &Question<'_>) -> Decision {
        policy::decide(&self.policy.0, question)
    }

    fn correlation_id(&self) -> Uuid {
        Self::CORRELATION_ID
    }

    fn header(&self, _: &str) -> HeaderField<'_> {
        HeaderField::Absent
    }

    fn help(&self, _: HelpLink) -> Option<String> {
        Some("https://login.example/consent".to_owned())
    }

    async fn granted(&self) -> Option<Arc<Lease>> {
        match self.scopes {
            Scopes::Granted(scopes) => {
                let until = Timestamp::from_unix_seconds(1);
                let scopes = GrantedScopes::parse(scopes);
                let principal = Principal {
                    tenant: TenantId::from_uuid(Uuid::nil()),
                    user: ObjectId::from_uuid(Uuid::nil()),
                    client: ClientId::from_uuid(Uuid::nil()),
                };
                let owner = LeaseOwner { principal, assertion: AssertionHash::of("token") };
                Some(Arc::new(Lease::new(owner, GraphToken::parse("token").unwrap(), scopes, until)))
            }
            Scopes::Refused => None,
            Scopes::Never => pending().await,
        }
    }

    async fn run(&self, tool: &'static Tool, arguments: &RawValue) -> Result<ToolAnswer, ToolError> {
        self.ran.borrow_mut().push((tool.name, arguments.get().to_owned()));
        match self.ending {
            Ending::Found => {
                let (json, text) = write_mirrored(&json!({ "name": "Ada \"A\" L." }), 64)?;
                Ok(ToolAnswer::Structured { json, text, beside: Vec::new() })
            }
            _ => self.fail(),
        }
    }

    async fn read(&self, _: ReadResource, uri: &str) -> Result<Vec<ResourceContents>, ToolError> {
        match self.ending {
            Ending::Found => {
                let (uri, body) = (uri.to_owned().into(), ResourceBody::Text("Hello.".into()));
                Ok(vec![ResourceContents { uri, mime_type: "text/plain".into(), body }])
            }
            _ => self.fail(),
        }
    }

    async fn complete(&self, _: Complete, query: CompletionQuery<'_>) -> Result<Completions, ToolError> {
        match self.ending {
            Ending::Found => {
                let values = (0..120).map(|at| format!("{}{at}", query.value)).collect();
                Ok(Completions { values, ..Completions::default() })
            }
            _ => self.fail(),
        }
    }
}

fn actionable(code: ErrorCode, challenge: Option<Challenge>) -> ToolError {
    ToolError::Actionable(Box::new(ActionableError {
        code,
        about: About::NoArgument,
        what: "Outlook asks to be left alone.".into(),
        reason: "Too many requests.".into(),
        who: "nobody",
        how: "Wait.".into(),
        retry_after_s: Some(30),
        link: Some(HelpLink::AdminConsent),
        challenge,
    }))
}
