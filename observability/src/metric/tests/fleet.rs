//! How many series a fleet of tenants makes, where everything happens that is counted.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::{call, meters, scraped};
use crate::event::{
    AccessRevoked, AuditRecordsWritten, AuditWriteFailed, CallCompleted, CallRefused, CredentialNotReloaded,
    CredentialReloaded, Event, ExchangeCompleted, GateRefused, GraphRefused, GraphRequestEnded, HttpAnswered,
    InternalFault, JwksRefreshFailed, JwksRefreshed, Panicked, RetryWanted, SessionEnded, TenantChanged,
    WriteScopeGranted,
};
use crate::metric::{Attribute, Kind, Meters, Metric, TenantAliases};
use crate::outcome::CallOutcome;
use crate::time::UnixNanos;
use crate::trace::{GraphAttempt, HeldBack, Phases, TraceId};

const TENANTS: u128 = 5_000;
/// What was promised to operators.
const MOST_SERIES: usize = 20_000;

const TOOLS: [&str; 30] = [
    "t01", "t02", "t03", "t04", "t05", "t06", "t07", "t08", "t09", "t10", "t11", "t12", "t13", "t14", "t15",
    "t16", "t17", "t18", "t19", "t20", "t21", "t22", "t23", "t24", "t25", "t26", "t27", "t28", "t29", "t30",
];
const METHODS: [&str; 6] =
    ["initialize", "ping", "tools/list", "resources/list", "resources/read", "prompts/list"];
/// Those that a tool may meet; each tool meets half of them.
const CODES: [&str; 33] = [
    "invalid_arguments",
    "invalid_cursor",
    "expired_cursor",
    "unsupported_query",
    "not_found",
    "mailbox_not_found",
    "locked",
    "no_access",
    "missing_scope",
    "consent_required",
    "admin_consent_required",
    "not_installed",
    "sign_in_required",
    "interaction_required",
    "blocked_by_policy",
    "blocked_by_device_policy",
    "blocked_by_location_policy",
    "blocked_by_tenant_restriction",
    "account_blocked",
    "not_assigned",
    "not_licensed",
    "misconfigured",
    "credential_refused",
    "tenant_not_found",
    "wrong_cloud",
    "request_refused",
    "sign_in_service_failed",
    "sign_in_loop",
    "session_ended",
    "throttled",
    "unavailable",
    "deadline_exceeded",
    "too_large",
];
const REFUSALS: [(&str, u16); 12] = [
    ("overloaded", 503),
    ("draining", 503),
    ("keys_unavailable", 503),
    ("tenant_busy", 429),
    ("user_busy", 429),
    ("user_quota", 429),
    ("invalid_token", 401),
    ("token_missing", 401),
    ("sign_in_revoked", 401),
    ("insufficient_scope", 403),
    ("tenant_unknown", 403),
    ("body_too_large", 413),
];
const WORKLOADS: [&str; 5] = ["directory", "outlook", "teams", "sharepoint", "search"];
const LIMITS: [&str; 10] = [
    "resource_rate",
    "user_rate",
    "tenant_rate",
    "tenant_day",
    "sharing_rate",
    "app_rate",
    "concurrency",
    "retry_after",
    "breaker",
    "after_failure",
];
const STATUSES: [u16; 12] = [200, 206, 302, 400, 401, 403, 404, 410, 429, 500, 503, 504];
const ROUTES: [&str; 5] = ["/mcp", "/{tenant}/mcp", "/a", "/b", "/c"];
const EXCHANGES: [&str; 11] = [
    "granted",
    "assertion_rejected",
    "interaction_required",
    "consent_required",
    "blocked",
    "misconfigured",
    "throttled",
    "loop_detected",
    "over_budget",
    "no_turn_in_time",
    "unavailable",
];

/// If this failed, a fleet would cost its Prometheus more than operators have planned for; or a new metric would not have
/// been reckoned with.
#[test]
fn five_thousand_tenants_whom_everything_happens_to_make_fewer_series_than_promised() {
    let meters = meters();
    let tenants: Vec<Uuid> = (1..=TENANTS).map(|id| Uuid::from_u128(id << 96)).collect();
    meters.name_tenants(Arc::new(TenantAliases::choose(tenants.iter().map(|tenant| (*tenant, None)))));
    for (number, tenant) in tenants.iter().enumerate() {
        calls(&meters, *tenant, number);
        graph(&meters, *tenant, number);
        entra(&meters, *tenant, number);
    }
    process(&meters);
    observe_everything(&meters, &tenants);

    let text = scraped(&meters);
    let series = text.lines().filter(|line| !line.starts_with('#')).count();
    let mut missing: Vec<_> = Metric::ALL.iter().collect();
    missing.retain(|metric| !text.contains(&metric.name().replace('.', "_")));
    assert!(missing.is_empty(), "these did not happen: {missing:?}");
    assert!((10_000..=MOST_SERIES).contains(&series), "{series} series");
    assert!(!text.contains("otel_metric_overflow"), "nothing was folded to get there");
}

/// Over the fleet, every tool with every outcome that it may have.
fn calls(meters: &Meters, tenant: Uuid, number: usize) {
    let tool = TOOLS[number % TOOLS.len()];
    let part = Duration::from_millis(1);
    let phases = Phases { queue: part, entra: part, throttle: part, graph: part };
    let ended = |tool, method, outcome| {
        CallCompleted { method, tool, phases, ..call(tenant, outcome) }.count(meters);
    };
    for code in CODES.iter().skip(number % TOOLS.len() % 2).step_by(2) {
        ended(Some(tool), "tools/call", CallOutcome::ToolFailed(code));
    }
    for outcome in [CallOutcome::Completed, CallOutcome::Cancelled, CallOutcome::Refused("tool_switched_off")]
    {
        ended(Some(tool), "tools/call", outcome);
    }
    for method in METHODS {
        ended(None, method, CallOutcome::Completed);
        ended(None, method, CallOutcome::ProtocolError(-32_602));
        ended(None, method, CallOutcome::ProtocolError(-32_603));
    }
    let (reason, status) = REFUSALS[number % REFUSALS.len()];
    CallRefused { reason, token: None, status }.count(meters);
    InternalFault { trace_id: TraceId::random(), correlation_id: Uuid::nil(), reason: "a bug" }.count(meters);
    let (route, status) = (ROUTES[number % ROUTES.len()], STATUSES[number % STATUSES.len()]);
    for method in ["GET", "POST"] {
        HttpAnswered { method, route: Some(route), status, duration: part }.count(meters);
    }
}

fn graph(meters: &Meters, tenant: Uuid, number: usize) {
    let status = STATUSES[number % STATUSES.len()];
    let limit = LIMITS[number % LIMITS.len()];
    for workload in WORKLOADS {
        for (method, by, answer) in [
            ("GET", None, Ok(status)),
            ("POST", Some(limit), Ok(status)),
            ("GET", None, Err("timeout")),
            ("GET", None, Err("connection")),
        ] {
            let attempt = GraphAttempt {
                method,
                server: "graph.microsoft.com".into(),
                port: 443,
                workload,
                started: UnixNanos::from_millis(0),
                duration: Duration::from_millis(30),
                held_back: HeldBack { duration: Duration::from_millis(9), by },
                answer,
                request_id: None,
            };
            GraphRequestEnded(&attempt).count(meters);
        }
        GateRefused { workload, limit }.count(meters);
        let (trace_id, correlation_id) = (TraceId::random(), Uuid::nil());
        GraphRefused { trace_id, correlation_id, workload, status, code: None, retry_after: None }
            .count(meters);
    }
    for granted in [true, false] {
        RetryWanted { tenant, granted }.count(meters);
    }
}

fn entra(meters: &Meters, tenant: Uuid, number: usize) {
    ExchangeCompleted {
        trace_id: TraceId::random(),
        correlation_id: Uuid::nil(),
        tenant,
        outcome: EXCHANGES[number % EXCHANGES.len()],
        aadsts: 0,
        duration: Duration::from_millis(80),
    }
    .count(meters);
    WriteScopeGranted { correlation_id: Uuid::nil(), tenant }.count(meters);
    for reason in ["idle", "revoked", "crashed", "drained", "tenant_ended"] {
        SessionEnded { tenant, reason }.count(meters);
    }
    for scope in ["tenant", "user", "client", "token"] {
        AccessRevoked { scope, tenant: Some(tenant), stored: false }.count(meters);
    }
    TenantChanged { tenant, served: true }.count(meters);
}

fn process(meters: &Meters) {
    JwksRefreshed { keys: 2 }.count(meters);
    for reason in ["unreachable", "not_ok", "broken_answer", "bad_discovery", "no_usable_key"] {
        JwksRefreshFailed { reason }.count(meters);
    }
    AuditRecordsWritten { oldest: Duration::from_millis(9) }.count(meters);
    AuditWriteFailed { reason: "storage full" }.count(meters);
    CredentialReloaded { kind: "certificate" }.count(meters);
    CredentialNotReloaded { kind: "certificate", reason: "is empty" }.count(meters);
    Panicked { place: "src/a.rs:7" }.count(meters);
}

/// Every gauge, with as many words as its attributes have.
fn observe_everything(meters: &Meters, tenants: &[Uuid]) {
    for metric in Metric::ALL {
        if !matches!(metric.kind(), Kind::Gauge | Kind::ObservedCounter) {
            continue;
        }
        let tenants = tenants.to_vec();
        meters.observe(*metric, move |readings| match metric.attributes() {
            [] => readings.value(1, &[]),
            [Attribute::Tenant] => readings.lowest_of_tenants(tenants.iter().map(|tenant| (*tenant, 1))),
            [Attribute::ServerAddress, Attribute::Workload, Attribute::State] => {
                for workload in WORKLOADS {
                    for state in ["closed", "open", "half_open"] {
                        let words = [(Attribute::Workload, workload), (Attribute::State, state)];
                        readings.value_at(&"graph.microsoft.com".into(), 1, &words);
                    }
                }
            }
            [attribute] => {
                for word in ["first", "second", "third", "fourth"] {
                    readings.value(1, &[(*attribute, word)]);
                }
            }
            others => panic!("{metric:?} has attributes that nobody has reckoned with: {others:?}"),
        });
    }
}
