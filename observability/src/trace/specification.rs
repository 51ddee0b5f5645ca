//! Every span that there is. docs/OBSERVABILITY.md is written from this, and what is emitted is held against it.

use opentelemetry_sdk::trace::SpanData;

use super::attribute::SpanAttribute as A;

/// A span of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Span {
    /// A request of a client's, from its first byte to the answer.
    Call,
    /// What policy said last.
    Policy,
    /// What a call asked of its session.
    Session,
    /// An On-Behalf-Of exchange with Entra.
    Exchange,
    /// One request to Graph, or to the host that it named for a download.
    GraphRequest,
}

/// On which side of a request the span stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    Server,
    Internal,
    Client,
}

/// What a span may hang below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parent {
    /// It begins a trace.
    None,
    /// The span of a caller who is trusted with our traces.
    TrustedCaller,
    /// A span of ours.
    Span(Span),
}

/// What a span may be linked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkTarget {
    /// The span of a caller who is not trusted with our traces.
    Caller,
    /// The span of the HTTP request that the call came in.
    HttpRequest,
    /// The exchange that was waited for, where this call had not caused it.
    SharedExchange,
}

/// What a span says of itself.
struct Entry {
    name: &'static str,
    kind: SpanKind,
    parents: &'static [Parent],
    links: &'static [LinkTarget],
    always: &'static [A],
    sometimes: &'static [A],
}

impl Span {
    /// Every span, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Call, Self::Policy, Self::Session, Self::Exchange, Self::GraphRequest];

    const fn entry(self) -> Entry {
        match self {
            Self::Call => Entry {
                name: "{mcp.method.name} {gen_ai.tool.name or gen_ai.prompt.name}",
                kind: SpanKind::Server,
                parents: &[Parent::None, Parent::TrustedCaller],
                links: &[LinkTarget::Caller, LinkTarget::HttpRequest],
                always: &[A::McpMethod, A::NetworkTransport, A::NetworkProtocol, A::GraphRequests, A::Kept],
                sometimes: &[
                    A::McpVersion,
                    A::NetworkProtocolVersion,
                    A::GenAiOperation,
                    A::ToolName,
                    A::PromptName,
                    A::ErrorType,
                    A::ErrorCode,
                    A::RpcStatus,
                    A::ThrottleWait,
                    A::ThrottleLimit,
                ],
            },
            Self::Policy => Entry {
                name: "policy",
                kind: SpanKind::Internal,
                parents: &[Parent::Span(Self::Call)],
                links: &[],
                always: &[A::PolicyQuestion, A::PolicyDecision, A::PolicyWithheld, A::PolicyLeftOut],
                sometimes: &[],
            },
            Self::Session => Entry {
                name: "session",
                kind: SpanKind::Internal,
                parents: &[Parent::Span(Self::Call)],
                links: &[LinkTarget::SharedExchange],
                always: &[A::LeaseReason],
                sometimes: &[A::SessionEntry, A::SessionEntryWait, A::LeaseSource, A::Aadsts, A::ErrorType],
            },
            Self::Exchange => Entry {
                name: "exchange",
                kind: SpanKind::Internal,
                parents: &[Parent::Span(Self::Session), Parent::None],
                links: &[],
                always: &[A::ExchangePurpose, A::TurnWait, A::Aadsts],
                sometimes: &[A::ErrorType],
            },
            Self::GraphRequest => Entry {
                name: "{http.request.method}",
                kind: SpanKind::Client,
                parents: &[Parent::Span(Self::Call)],
                links: &[],
                always: &[A::HttpMethod, A::ServerAddress, A::ServerPort, A::Workload, A::ThrottleWait],
                sometimes: &[
                    A::HttpStatus,
                    A::HttpResendCount,
                    A::ErrorType,
                    A::ThrottleLimit,
                    A::GraphRequestId,
                ],
            },
        }
    }

    /// The span that is named so when it is emitted. Methods of MCP are words of their own, and name calls.
    pub fn named(name: &str) -> Self {
        match name {
            "policy" => Self::Policy,
            "session" => Self::Session,
            "exchange" => Self::Exchange,
            "GET" | "POST" => Self::GraphRequest,
            _ => Self::Call,
        }
    }

    /// Its name; in braces, the attributes that it is made of.
    pub const fn name(self) -> &'static str {
        self.entry().name
    }

    pub const fn kind(self) -> SpanKind {
        self.entry().kind
    }

    /// What it may hang below: one of these.
    pub const fn parents(self) -> &'static [Parent] {
        self.entry().parents
    }

    /// What it may be linked to.
    pub const fn links(self) -> &'static [LinkTarget] {
        self.entry().links
    }

    /// The attributes that each of its kind has.
    pub const fn always(self) -> &'static [A] {
        self.entry().always
    }

    /// Those that it may have besides.
    pub const fn sometimes(self) -> &'static [A] {
        self.entry().sometimes
    }

    /// Whether a span is as it is specified, as far as it can be seen of one alone.
    pub(super) fn describes(self, span: &SpanData) -> bool {
        let attribute =
            |key: &str| self.always().iter().chain(self.sometimes()).find(|attribute| attribute.key() == key);
        let has = |attribute: &A| span.attributes.iter().any(|pair| pair.key.as_str() == attribute.key());
        self.always().iter().all(has)
            && span.attributes.iter().all(|pair| {
                attribute(pair.key.as_str())
                    .is_some_and(|attribute| attribute.value_type().is_of(&pair.value))
            })
    }
}

impl SpanKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Internal => "internal",
            Self::Client => "client",
        }
    }
}
