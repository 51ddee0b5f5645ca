use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use uuid::{Uuid, uuid};

use super::audit::AuditWriteFailed;
use super::call::{CallCompleted, CallRefused, InternalFault};
use super::exchange::{
    CredentialExpiring, CredentialNotReloaded, CredentialReloaded, ExchangeCompleted, WriteScopeGranted,
};
use super::graph::{GraphErrorCode, GraphRefused};
use super::jwks::{JwksAddressKept, JwksRefreshFailed, JwksRefreshed};
use super::lifecycle::{ConfigurationLoaded, Draining, ListenerStarted, Panicked, StartFailed, Stopped};
use super::revocation::{RecentTokensNotStored, RecentTokensStored, UncleanShutdown};
use super::session::SessionEnded;
use super::telemetry::{TelemetryLost, TraceExportFailed, TraceExportRecovered};
use super::{Event, emit};
use crate::outcome::CallOutcome;
use crate::testing::{log_lines, log_text};
use crate::trace::{CallTarget, Phases, TraceId};

const TENANT: Uuid = uuid!("7c1ff8b7-3d8e-4c4a-9b53-f2f1f6a3e001");
const CORRELATION: Uuid = uuid!("0a6d2e9c-5b1e-4f0f-8a77-9d3f0c5b2002");

fn trace() -> TraceId {
    TraceId::from_u128(0xabc).unwrap()
}

fn call(outcome: CallOutcome) -> CallCompleted {
    CallCompleted {
        trace_id: trace(),
        correlation_id: CORRELATION,
        tenant: Some(TENANT),
        method: "tools/call",
        target: Some(CallTarget::Tool("mail_search")),
        outcome,
        status: 200,
        duration: Duration::from_micros(1_234_567),
        graph_requests: 2,
        phases: Phases { graph: Duration::from_millis(1_200), ..Phases::default() },
    }
}

/// A renamed, lost or retyped field would break every query and alert that operators have built on the logs.
#[rstest]
#[case::listener(
    ListenerStarted { listener: "public", address: "127.0.0.1:8080".parse().unwrap() },
    json!({"level": "INFO", "message": "listener started", "listener.name": "public",
           "listener.address": "127.0.0.1:8080"})
)]
#[case::configuration(
    ConfigurationLoaded { tenants: 3 },
    json!({"level": "INFO", "message": "configuration loaded", "tenants.count": 3})
)]
#[case::draining(Draining, json!({"level": "INFO", "message": "draining"}))]
#[case::stopped(Stopped, json!({"level": "INFO", "message": "stopped"}))]
#[case::start_failed(
    StartFailed { reason: "no such file" },
    json!({"level": "ERROR", "message": "start failed", "error.reason": "no such file"})
)]
#[case::call(
    call(CallOutcome::Completed),
    json!({"level": "INFO", "message": "call completed", "trace_id": "00000000000000000000000000000abc",
           "correlation_id": CORRELATION, "tenant.id": TENANT, "mcp.method": "tools/call",
           "mcp.tool": "mail_search", "call.outcome": "completed", "http.status": 200,
           "call.duration_ms": 1234.567, "call.own_ms": 34.567, "call.graph_ms": 1200.0, "graph.requests": 2})
)]
#[case::refusal(
    CallRefused { reason: "shed", token: None, status: 503 },
    json!({"level": "INFO", "message": "call refused", "call.reason": "shed", "http.status": 503})
)]
#[case::refused_token(
    CallRefused { reason: "invalid_token", token: Some("expired"), status: 401 },
    json!({"level": "INFO", "message": "call refused", "call.reason": "invalid_token", "token.reason": "expired",
           "http.status": 401})
)]
#[case::internal_fault(
    InternalFault { trace_id: trace(), correlation_id: CORRELATION, reason: "a bug" },
    json!({"level": "ERROR", "message": "internal fault", "trace_id": "00000000000000000000000000000abc",
           "correlation_id": CORRELATION, "error.reason": "a bug"})
)]
#[case::exchange(
    ExchangeCompleted {
        trace_id: trace(), correlation_id: CORRELATION, tenant: TENANT, outcome: "interaction_required", aadsts: 50076,
        duration: Duration::from_millis(80),
    },
    json!({"level": "INFO", "message": "exchange completed", "trace_id": "00000000000000000000000000000abc",
           "correlation_id": CORRELATION,
           "tenant.id": TENANT, "exchange.outcome": "interaction_required", "exchange.aadsts": 50076,
           "exchange.duration_ms": 80.0})
)]
#[case::write_scope(
    WriteScopeGranted { trace_id: trace(), correlation_id: CORRELATION, tenant: TENANT },
    json!({"level": "ERROR", "message": "write scope granted", "trace_id": "00000000000000000000000000000abc",
           "correlation_id": CORRELATION, "tenant.id": TENANT})
)]
#[case::expiring_credential(
    CredentialExpiring { kind: "certificate", days_left: -1 },
    json!({"level": "WARN", "message": "credential expiring", "credential.kind": "certificate",
           "credential.days_left": -1})
)]
#[case::new_credential(
    CredentialReloaded { kind: "secret" },
    json!({"level": "INFO", "message": "credential reloaded", "credential.kind": "secret"})
)]
#[case::wrong_credential(
    CredentialNotReloaded { kind: "secret", reason: "/run/secret: is empty" },
    json!({"level": "ERROR", "message": "credential not reloaded", "credential.kind": "secret",
           "credential.problem": "/run/secret: is empty"})
)]
#[case::panic(
    Panicked { place: "src/a.rs:7" },
    json!({"level": "ERROR", "message": "panicked", "panic.place": "src/a.rs:7"})
)]
#[case::unclean_shutdown(
    UncleanShutdown,
    json!({"level": "WARN", "message": "last stop was not in order"})
)]
#[case::recent_tokens(
    RecentTokensStored { tokens: 7 },
    json!({"level": "INFO", "message": "recent tokens stored", "revocation.recent_tokens": 7})
)]
#[case::recent_tokens_lost(
    RecentTokensNotStored { reason: "disk full" },
    json!({"level": "WARN", "message": "recent tokens not stored", "error.reason": "disk full"})
)]
#[case::session(
    SessionEnded { tenant: TENANT, reason: "idle" },
    json!({"level": "DEBUG", "message": "session ended", "tenant.id": TENANT, "session.reason": "idle"})
)]
#[case::jwks(
    JwksRefreshed { keys: 5 },
    json!({"level": "INFO", "message": "signing keys refreshed", "jwks.keys": 5})
)]
#[case::jwks_failed(
    JwksRefreshFailed { reason: "timeout" },
    json!({"level": "WARN", "message": "refresh of signing keys failed", "jwks.reason": "timeout"})
)]
#[case::jwks_address_kept(
    JwksAddressKept { reason: "unreachable" },
    json!({"level": "WARN", "message": "look-up of signing keys' address failed", "jwks.reason": "unreachable"})
)]
#[case::graph(
    GraphRefused {
        tenant: TENANT, trace_id: trace(), correlation_id: CORRELATION, workload: "outlook", status: 429,
        code: Some(GraphErrorCode::new("ApplicationThrottled")), retry_after: Some(Duration::from_secs(7)),
    },
    json!({"level": "WARN", "message": "graph refused", "trace_id": "00000000000000000000000000000abc",
           "correlation_id": CORRELATION, "tenant.id": TENANT,
           "graph.workload": "outlook", "http.status": 429, "graph.code": "ApplicationThrottled",
           "graph.retry_after_ms": 7000.0})
)]
#[case::graph_without_details(
    GraphRefused {
        tenant: TENANT, trace_id: trace(), correlation_id: CORRELATION, workload: "teams", status: 403, code: None,
        retry_after: None,
    },
    json!({"level": "WARN", "message": "graph refused", "trace_id": "00000000000000000000000000000abc",
           "correlation_id": CORRELATION, "tenant.id": TENANT,
           "graph.workload": "teams", "http.status": 403})
)]
#[case::audit(
    AuditWriteFailed { reason: "storage full" },
    json!({"level": "ERROR", "message": "audit write failed", "audit.reason": "storage full"})
)]
#[case::export_failed(
    TraceExportFailed { reason: "network error" },
    json!({"level": "WARN", "message": "trace export failed", "error.reason": "network error"})
)]
#[case::export_recovered(
    TraceExportRecovered,
    json!({"level": "INFO", "message": "trace export recovered"})
)]
#[case::lost(
    TelemetryLost { lines: 1, calls: 2, spans: 3 },
    json!({"level": "WARN", "message": "telemetry lost", "lost.lines": 1, "lost.calls": 2, "lost.spans": 3})
)]
fn an_event_is_one_line_with_exactly_its_fields(#[case] event: impl Event, #[case] expected: Value) {
    let mut lines = log_lines("debug", || emit(event));
    assert_eq!(lines.len(), 1);
    let line = lines[0].as_object_mut().unwrap();
    let timestamp = line.remove("timestamp").unwrap();
    assert_eq!(line.remove("target").unwrap(), "connector");
    assert_eq!(Value::Object(line.clone()), expected);
    assert!(is_rfc3339_utc(timestamp.as_str().unwrap()), "{timestamp}");
}

/// Without its code a failed call could not be told from another.
#[rstest]
#[case(CallOutcome::ToolFailed("throttled"), "tool_failed", json!("throttled"), Value::Null)]
#[case(CallOutcome::Refused("tool_switched_off"), "refused", json!("tool_switched_off"), Value::Null)]
#[case(CallOutcome::ProtocolError(-32602), "protocol_error", Value::Null, json!(-32602))]
#[case(CallOutcome::Cancelled, "cancelled", Value::Null, Value::Null)]
fn a_call_that_did_not_complete_says_why(
    #[case] outcome: CallOutcome,
    #[case] word: &str,
    #[case] code: Value,
    #[case] jsonrpc_code: Value,
) {
    let lines = log_lines("info", || emit(call(outcome)));
    assert_eq!(lines[0]["call.outcome"], word);
    assert_eq!(lines[0]["call.code"], code);
    assert_eq!(lines[0]["jsonrpc.code"], jsonrpc_code);
}

/// A text from outside could otherwise forge a log line of its own.
#[test]
fn a_field_cannot_begin_a_new_line() {
    let reason = "bad\r\n{\"level\":\"INFO\",\"message\":\"all is well\"}\u{2028}\u{1b}[31m\0";
    let text = log_text("info", || emit(StartFailed { reason }));
    assert_eq!(text.matches(['\n', '\r', '\0', '\u{1b}']).collect::<Vec<_>>(), ["\n"]);
    assert!(text.ends_with('\n'));
    let line: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(line["error.reason"], reason);
    assert_eq!(line["message"], "start failed");
}

/// A sentence of Graph's, with a name or a subject in it, could otherwise be logged as a code.
#[rstest]
#[case::legacy("ErrorAccessDenied", "ErrorAccessDenied")]
#[case::dotted("Forbidden.Teams_v1-2", "Forbidden.Teams_v1-2")]
#[case::longest(&"a".repeat(64), &"a".repeat(64))]
#[case::too_long(&"a".repeat(65), "unintelligible")]
#[case::empty("", "unintelligible")]
#[case::a_sentence("user ada not found", "unintelligible")]
#[case::an_address("ada@example.com", "unintelligible")]
#[case::not_ascii("Zugriff_verwehrt_für", "unintelligible")]
fn a_graph_code_is_an_identifier_or_it_is_not_written(#[case] code: &str, #[case] written: &str) {
    assert_eq!(GraphErrorCode::new(code).as_str(), written);
}

fn is_rfc3339_utc(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00T00:00:00.000000Z"
}
