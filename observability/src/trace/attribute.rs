//! Every attribute of a span. `connector.*` are ours, the others follow the semantic conventions of OpenTelemetry: MCP and
//! GenAI (<https://github.com/open-telemetry/semantic-conventions-genai>, in development, hence written down here), HTTP,
//! RPC and what is general.

use opentelemetry::{KeyValue, Value};

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeType {
    Text,
    Integer,
    /// A number that may have a fraction.
    Double,
}

/// Who has fixed the name and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Convention {
    General,
    Mcp,
    GenAi,
    Http,
    Rpc,
    Ours,
}

macro_rules! span_attributes {
    ($($attribute:ident: $key:literal, $kind:ident, $convention:ident, $meaning:literal;)*) => {
        /// One attribute of spans.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum SpanAttribute {
            $(#[doc = $meaning] $attribute,)*
        }

        impl SpanAttribute {
            /// Every attribute, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$attribute,)*];

            /// The name on the wire.
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$attribute => $key,)*
                }
            }

            pub const fn value_type(self) -> AttributeType {
                match self {
                    $(Self::$attribute => AttributeType::$kind,)*
                }
            }

            pub const fn convention(self) -> Convention {
                match self {
                    $(Self::$attribute => Convention::$convention,)*
                }
            }

            /// What it says, and when it is there where that is not always.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$attribute => $meaning,)*
                }
            }
        }
    };
}

span_attributes! {
    McpMethod: "mcp.method.name", Text, Mcp, "the method; `_OTHER` for one that is not known";
    McpVersion: "mcp.protocol.version", Text, Mcp, "the version that the call is answered in, once that is known";
    GenAiOperation: "gen_ai.operation.name", Text, GenAi, "`execute_tool`, of `tools/call` alone";
    ToolName: "gen_ai.tool.name", Text, GenAi, "a tool of the catalogue, where one was called";
    PromptName: "gen_ai.prompt.name", Text, GenAi, "a prompt of the catalogue, where one was asked for";
    RpcStatus: "rpc.response.status_code", Text, Rpc, "the code of a JSON-RPC error";
    NetworkTransport: "network.transport", Text, General, "`tcp`";
    NetworkProtocol: "network.protocol.name", Text, General, "`http`";
    NetworkProtocolVersion: "network.protocol.version", Text, General, "of HTTP, as the client spoke it: `1.1`, `2`";
    HttpMethod: "http.request.method", Text, Http, "`GET` or `POST`";
    HttpStatus: "http.response.status_code", Integer, Http, "the status, where an answer came";
    HttpResendCount: "http.request.resend_count", Integer, Http, "how often the request had been made before; not of the first attempt";
    ServerAddress: "server.address", Text, General, "the host of Graph, or the domain that a download lies below";
    ServerPort: "server.port", Integer, General, "the port that was asked";
    ErrorType: "error.type", Text, General, "if and only if the span is an error: `tool_error`, `refused`, `cancelled`, a JSON-RPC code, a status, or a word for why no answer came";
    ErrorCode: "connector.error.code", Text, Ours, "the code of a tool's error, or the word for a refusal";
    GraphRequests: "connector.graph.requests", Integer, Ours, "how many requests the call made to Graph, those without a span included";
    Kept: "connector.trace.kept", Text, Ours, "why the trace is there: `sampled`, `failed` or `slow`; rates can be counted over the sampled ones alone";
    ThrottleWait: "connector.throttle.wait_ms", Double, Ours, "how long a request was held back before it was sent, at the gate and after a failure of the one before; of a call, how long requests were that were never sent, where there were some";
    ThrottleLimit: "connector.throttle.limit", Text, Ours, "what was waited for last, in the words of `throttle.limit`; missing where nothing stood in the way";
    Workload: "connector.workload", Text, Ours, "what of Microsoft 365 was asked: `outlook`, `teams`, …";
    GraphRequestId: "connector.graph.request_id", Text, Ours, "Graph's `request-id`, which Microsoft's support asks for, where Graph gave one";
    PolicyQuestion: "connector.policy.question", Text, Ours, "what policy was asked last: `use_tool`, `read`";
    PolicyDecision: "connector.policy.decision", Text, Ours, "`allow`, or the code of the refusal";
    PolicyWithheld: "connector.policy.withheld", Integer, Ours, "how many items were shown without their content";
    PolicyLeftOut: "connector.policy.left_out", Integer, Ours, "how many items were not even named";
    SessionEntry: "connector.session.entry", Text, Ours, "how the call came into its session: `at_once`, `created`, `after_others`; missing where it never did";
    SessionEntryWait: "connector.session.entry_wait_ms", Double, Ours, "how long that took, where the call had to wait for anything";
    LeaseReason: "connector.lease.reason", Text, Ours, "`first`, or `replacement` where Graph had refused the lease before";
    LeaseSource: "connector.lease.source", Text, Ours, "`published`, `held`, `own_exchange`, `shared_exchange`, `renewal`; missing where there was no lease and no exchange";
    ExchangePurpose: "connector.exchange.purpose", Text, Ours, "`call`, or `renewal` where no call caused it";
    TurnWait: "connector.exchange.turn_wait_ms", Double, Ours, "how long the exchange waited for its turn";
    Aadsts: "connector.exchange.aadsts", Integer, Ours, "the number of Entra's `AADSTS…` code, 0 where there was none; of a session, where it got no lease";
}

impl SpanAttribute {
    /// The attribute with this value.
    pub(super) fn with(self, value: impl Into<Value>) -> KeyValue {
        KeyValue::new(self.key(), value)
    }
}

impl AttributeType {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Double => "double",
        }
    }

    pub(super) const fn is_of(self, value: &Value) -> bool {
        matches!(
            (self, value),
            (Self::Text, Value::String(_)) | (Self::Integer, Value::I64(_)) | (Self::Double, Value::F64(_))
        )
    }
}

impl Convention {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Mcp => "MCP",
            Self::GenAi => "GenAI",
            Self::Http => "HTTP",
            Self::Rpc => "RPC",
            Self::Ours => "ours",
        }
    }
}
