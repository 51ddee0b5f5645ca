//! The names of span attributes. `connector.*` are ours, the others follow the semantic conventions of
//! OpenTelemetry: MCP and GenAI (<https://github.com/open-telemetry/semantic-conventions-genai>, in
//! development, hence written down here) and HTTP.

pub(super) const ERROR_TYPE: &str = "error.type";
pub(super) const GEN_AI_OPERATION_NAME: &str = "gen_ai.operation.name";
pub(super) const GEN_AI_TOOL_NAME: &str = "gen_ai.tool.name";
pub(super) const HTTP_REQUEST_METHOD: &str = "http.request.method";
pub(super) const HTTP_RESPONSE_STATUS_CODE: &str = "http.response.status_code";
pub(super) const MCP_METHOD_NAME: &str = "mcp.method.name";
pub(super) const MCP_PROTOCOL_VERSION: &str = "mcp.protocol.version";
pub(super) const NETWORK_PROTOCOL_NAME: &str = "network.protocol.name";
pub(super) const NETWORK_TRANSPORT: &str = "network.transport";
pub(super) const RPC_RESPONSE_STATUS_CODE: &str = "rpc.response.status_code";
pub(super) const SERVER_ADDRESS: &str = "server.address";
pub(super) const SERVER_PORT: &str = "server.port";

/// The number of Entra's `AADSTS…` code.
pub(super) const AADSTS: &str = "connector.exchange.aadsts";
/// How many milliseconds an exchange waited for its turn.
pub(super) const TURN_WAIT_MS: &str = "connector.exchange.turn_wait_ms";
/// `call`, or `renewal` where no call caused it.
pub(super) const EXCHANGE_PURPOSE: &str = "connector.exchange.purpose";
/// How a call came into its session: `at_once`, `created`, `after_others`.
pub(super) const SESSION_ENTRY: &str = "connector.session.entry";
/// How many milliseconds went by before the call was in its session.
pub(super) const SESSION_ENTRY_WAIT_MS: &str = "connector.session.entry_wait_ms";
/// `first`, or `replacement` where Graph had refused the lease before.
pub(super) const LEASE_REASON: &str = "connector.lease.reason";
/// `published`, `held`, `own_exchange`, `shared_exchange`, `renewal`.
pub(super) const LEASE_SOURCE: &str = "connector.lease.source";
/// What policy was asked last: `use_tool`, `read`.
pub(super) const POLICY_QUESTION: &str = "connector.policy.question";
/// `allow`, or the code of the refusal.
pub(super) const POLICY_DECISION: &str = "connector.policy.decision";
/// How many items were shown without their content.
pub(super) const POLICY_WITHHELD: &str = "connector.policy.withheld";
/// How many items were not even named.
pub(super) const POLICY_LEFT_OUT: &str = "connector.policy.left_out";
/// The word of a tool error or of a refusal.
pub(super) const ERROR_CODE: &str = "connector.error.code";
/// Graph's `request-id`, which Microsoft's support asks for.
pub(super) const GRAPH_REQUEST_ID: &str = "connector.graph.request_id";
/// How many requests the call made to Graph, those without a span included.
pub(super) const GRAPH_REQUESTS: &str = "connector.graph.requests";
/// Why the trace is there: `sampled`, `failed` or `slow`. Rates can be counted over the sampled ones alone.
pub(super) const KEPT: &str = "connector.trace.kept";
/// How many milliseconds a request waited before it was sent, at the gate or after a failure of the one before.
pub(super) const THROTTLE_WAIT_MS: &str = "connector.throttle.wait_ms";
/// The limit that it waited for last.
pub(super) const THROTTLE_LIMIT: &str = "connector.throttle.limit";
/// What of Microsoft 365 was asked: `outlook`, `teams`, …
pub(super) const WORKLOAD: &str = "connector.workload";
