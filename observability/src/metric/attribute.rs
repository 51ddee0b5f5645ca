//! The attributes of metrics: closed, each with the words that it may hold.

use opentelemetry::{KeyValue, Value};

/// What a measurement is told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Attribute {
    McpMethod,
    GenAiOperation,
    ToolName,
    PromptName,
    ErrorType,
    RpcStatus,
    ErrorCode,
    HttpMethod,
    HttpRoute,
    HttpStatus,
    UrlScheme,
    ServerAddress,
    ServerPort,
    Workload,
    Limit,
    Phase,
    Tenant,
    Outcome,
    Reason,
    State,
    Scope,
    Signal,
    Version,
    Credential,
    Runtime,
}

impl Attribute {
    /// Every attribute, in the order of the documentation.
    pub const ALL: [Self; 25] = [
        Self::McpMethod,
        Self::GenAiOperation,
        Self::ToolName,
        Self::PromptName,
        Self::ErrorType,
        Self::RpcStatus,
        Self::ErrorCode,
        Self::HttpMethod,
        Self::HttpRoute,
        Self::HttpStatus,
        Self::UrlScheme,
        Self::ServerAddress,
        Self::ServerPort,
        Self::Workload,
        Self::Limit,
        Self::Phase,
        Self::Tenant,
        Self::Outcome,
        Self::Reason,
        Self::State,
        Self::Scope,
        Self::Signal,
        Self::Version,
        Self::Credential,
        Self::Runtime,
    ];

    /// The name on the wire. Dots become underscores in Prometheus.
    pub const fn key(self) -> &'static str {
        match self {
            Self::McpMethod => "mcp.method.name",
            Self::GenAiOperation => "gen_ai.operation.name",
            Self::ToolName => "gen_ai.tool.name",
            Self::PromptName => "gen_ai.prompt.name",
            Self::ErrorType => "error.type",
            Self::RpcStatus => "rpc.response.status_code",
            Self::ErrorCode => "connector.error.code",
            Self::HttpMethod => "http.request.method",
            Self::HttpRoute => "http.route",
            Self::HttpStatus => "http.response.status_code",
            Self::UrlScheme => "url.scheme",
            Self::ServerAddress => "server.address",
            Self::ServerPort => "server.port",
            Self::Workload => "graph.workload",
            Self::Limit => "throttle.limit",
            Self::Phase => "call.phase",
            Self::Tenant => "tenant",
            Self::Outcome => "outcome",
            Self::Reason => "reason",
            Self::State => "state",
            Self::Scope => "scope",
            Self::Signal => "signal",
            Self::Version => "service.version",
            Self::Credential => "credential.kind",
            Self::Runtime => "runtime",
        }
    }

    /// The attribute with this value.
    pub(crate) fn with(self, value: impl Into<Value>) -> KeyValue {
        KeyValue::new(self.key(), value)
    }

    /// Which words it may hold: a closed list each, for the documentation.
    pub const fn values(self) -> &'static str {
        match self {
            Self::McpMethod => "a method of MCP that is known, `_OTHER` for all others",
            Self::GenAiOperation => "`execute_tool`, of `tools/call`",
            Self::ToolName => "a tool of the catalogue",
            Self::PromptName => "a prompt of the catalogue",
            Self::ErrorType => {
                "absent on success; of calls `tool_error`, `refused`, `cancelled`, or a JSON-RPC code; of requests a status of 5xx (our own) or \
                 from 400 on (Graph's), or `timeout`, `connection`, `cancelled`, `too_large`, `unwritable`; `_OTHER` where the status is a rare one"
            }
            Self::RpcStatus => "the code of a JSON-RPC error",
            Self::ErrorCode => {
                "the code of a tool's error (src/tools/error.rs) or of a refusal, a JSON-RPC code, or `cancelled`"
            }
            Self::HttpMethod => "`GET`, `POST`, …; `_OTHER` for unknown ones",
            Self::HttpRoute => "a route as it is registered, never a path as it came",
            Self::HttpStatus => "the status; of Graph's answers one of those that it documents",
            Self::UrlScheme => "that of `public_url`",
            Self::ServerAddress => {
                "the host of Graph that is configured, or the domain that its downloads lie below (`sharepoint.com`): the host itself would name the tenant"
            }
            Self::ServerPort => "its port",
            Self::Workload => {
                "a workload of the throttle: `outlook`, `teams`, …; a batch as a whole has that of its first item, its items have their own"
            }
            Self::Limit => {
                "of waits and refusals: a rate (`resource_rate`, `user_rate`, `tenant_rate`, `tenant_day`, `sharing_rate`, `app_rate`), `concurrency`, \
                 `retry_after` (Graph asked for it), `breaker`; of waits besides: `after_failure`, and `none` where nothing stood in the way"
            }
            Self::Phase => {
                "`own` (what is none of the others), `queue` (for a place in the session), `entra`, `throttle` (at the gate and after \
                 failures, whether or not a request followed), `graph`"
            }
            Self::Tenant => {
                "an alias of at most 100 tenants at a time and 120 since the start, `other` for all others"
            }
            Self::Outcome | Self::Reason => "a word from a closed list of the event",
            Self::State => "a word from a closed list of the gauge",
            Self::Scope => "of permits: `process`; of revocations: `tenant`, `user`, `client`, `token`",
            Self::Signal => "`traces`, `logs`, `metrics`",
            Self::Version => "the version of this build",
            Self::Credential => {
                "`certificate`, `secret` (where its end is put down with it); of the time left `federated_token`, too. A managed identity has no end that anybody knows"
            }
            Self::Runtime => {
                "`workers` (calls), `operations` (probes and this), `shards` (actors), `io` (exchanges with Entra)"
            }
        }
    }
}
