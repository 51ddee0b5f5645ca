//! How many series a fleet of tenants makes, where everything happens that is counted.

use std::time::Duration;

use uuid::Uuid;

use super::{call, meters, scraped};
use crate::event::{
    AccessRevoked, AuditRecordsWritten, AuditWriteFailed, CallCompleted, CallRefused, CredentialNotReloaded,
    CredentialReloaded, Event, ExchangeCompleted, GateRefused, GraphRefused, GraphRequestEnded, HttpAnswered,
    InternalFault, JwksRefreshFailed, JwksRefreshed, Panicked, RetryWanted, SessionEnded, TenantChanged,
    WriteScopeGranted,
};
use crate::metric::{Attribute, Kind, MOST_SERIES, Meters, Metric};
use crate::outcome::CallOutcome;
use crate::time::UnixNanos;
use crate::trace::{CallTarget, GraphAttempt, HeldBack, Phases, TraceId};

const TENANTS: u128 = 5_000;

const TOOLS: [&str; 20] = [
    "t01", "t02", "t03", "t04", "t05", "t06", "t07", "t08", "t09", "t10", "t11", "t12", "t13", "t14", "t15",
    "t16", "t17", "t18", "t19", "t20",
];
const PROMPTS: [&str; 5] = ["p1", "p2", "p3", "p4", "p5"];
/// Every other one, with notifications and what is not known.
const METHODS: [&str; 13] = [
    "server/discover",
    "initialize",
    "ping",
    "tools/list",
    "tools/call",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "prompts/list",
    "prompts/get",
    "completion/complete",
    "notification",
    "_OTHER",
];
/// What a message may be answered with; what a tool or a prompt may that is there.
const RPC_CODES: [i32; 9] = [-32_700, -32_600, -32_601, -32_602, -32_002, -32_603, -32_020, -32_021, -32_022];
const RPC_CODES_OF_TARGETS: [i32; 4] = [-32_602, -32_603, -32_020, -32_021];
/// Those that a tool may meet.
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
const STATUSES: [u16; 15] = [200, 202, 204, 400, 401, 403, 404, 405, 406, 413, 415, 421, 429, 500, 503];
/// Those of the endpoint answer whatever there is, the others little.
const ROUTES: [(Option<&str>, usize); 8] = [
    (Some("mcp"), STATUSES.len()),
    (Some("tenant_mcp"), STATUSES.len()),
    (Some("protected_resource"), 3),
    (Some("authorization_server"), 3),
    (Some("healthz"), 3),
    (Some("readyz"), 3),
    (Some("icon"), 3),
    (None, 1),
];
const HTTP_METHODS: [&str; 4] = ["GET", "POST", "OPTIONS", "_OTHER"];
/// Graph's own, and what a download is redirected to, by which workloads.
const SERVERS: [(&str, &[&str]); 2] =
    [("graph.microsoft.com", &WORKLOADS), ("sharepoint.com", &["sharepoint", "teams"])];
const NO_ANSWER: [&str; 5] = ["timeout", "connection", "cancelled", "too_large", "unwritable"];
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
    meters.name_tenants(&tenants.iter().map(|tenant| (*tenant, None)).collect::<Vec<_>>());
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
    let folded = text.lines().find(|line| line.contains("otel_metric_overflow"));
    assert_eq!(folded, None, "nothing was folded to get there");
}

/// If this failed, somebody who makes up requests, or a defect of ours, could make more series than were promised.
#[test]
fn whatever_attributes_are_made_up_there_are_no_more_series() {
    let meters = meters();
    for metric in Metric::ALL {
        let made_up = |number: usize| -> Vec<_> {
            metric.attributes().iter().map(|attribute| attribute.with(format!("{number}"))).collect()
        };
        for number in 0..2_000 {
            match metric.kind() {
                Kind::Counter => meters.add(*metric, 1, &made_up(number)),
                Kind::Histogram(_) => meters.record(*metric, Duration::from_millis(1), &made_up(number)),
                Kind::Gauge | Kind::ObservedCounter => {}
            }
        }
        if matches!(metric.kind(), Kind::Gauge | Kind::ObservedCounter) {
            meters.observe(*metric, move |readings| {
                (0..2_000).for_each(|number| readings.made_up(&made_up(number)));
            });
        }
    }

    let text = scraped(&meters);
    let series = text.lines().filter(|line| !line.starts_with('#')).count();
    assert!(series <= MOST_SERIES, "{series} series");
    let most: usize = Metric::ALL.iter().map(|metric| metric.most_series()).sum();
    assert!(series > most - most / 20, "{series} of {most}: they have been made up for nothing");
}

/// Over the fleet, every tool and every method with every outcome that it may have.
fn calls(meters: &Meters, tenant: Uuid, number: usize) {
    let part = Duration::from_millis(1);
    let phases = Phases { queue: part, entra: part, throttle: part, graph: part };
    let ended = |method, target, outcome| {
        CallCompleted { method, target, phases, ..call(tenant, outcome) }.count(meters);
    };
    let tool = Some(CallTarget::Tool(TOOLS[number % TOOLS.len()]));
    let prompt = Some(CallTarget::Prompt(PROMPTS[number % PROMPTS.len()]));
    for code in CODES {
        ended("tools/call", tool, CallOutcome::ToolFailed(code));
    }
    for outcome in [CallOutcome::Completed, CallOutcome::Cancelled, CallOutcome::Refused("tool_switched_off")]
    {
        ended("tools/call", tool, outcome);
        ended("prompts/get", prompt, outcome);
        for method in METHODS {
            ended(method, None, outcome);
        }
    }
    for code in RPC_CODES_OF_TARGETS {
        ended("tools/call", tool, CallOutcome::ProtocolError(code));
        ended("prompts/get", prompt, CallOutcome::ProtocolError(code));
    }
    let method = METHODS[number % METHODS.len()];
    for code in RPC_CODES {
        ended(method, None, CallOutcome::ProtocolError(code));
    }
    let (reason, status) = REFUSALS[number % REFUSALS.len()];
    CallRefused { reason, token: None, status }.count(meters);
    InternalFault { trace_id: TraceId::random(), correlation_id: Uuid::nil(), reason: "a bug" }.count(meters);
    let (route, statuses) = ROUTES[number % ROUTES.len()];
    for (method, status) in
        HTTP_METHODS.iter().flat_map(|method| STATUSES[..statuses].iter().map(move |status| (method, status)))
    {
        HttpAnswered { method, scheme: "https", route, status: *status, duration: part }.count(meters);
    }
}

/// Statuses as Graph has them, and those that somebody makes up.
fn graph(meters: &Meters, tenant: Uuid, number: usize) {
    let status = u16::try_from(100 + number % 500).unwrap();
    let by = LIMITS.get(number % (LIMITS.len() + 1)).copied();
    let answers = NO_ANSWER.iter().map(|word| Err(*word)).chain([Ok(status)]);
    for ((server, workloads), answer) in
        SERVERS.iter().flat_map(|at| answers.clone().map(move |answer| (at, answer)))
    {
        for (method, workload) in
            ["GET", "POST"].iter().flat_map(|method| workloads.iter().map(move |of| (method, of)))
        {
            if *method == "POST" && *server == "sharepoint.com" {
                continue;
            }
            GraphRequestEnded(&GraphAttempt {
                method,
                server: (*server).into(),
                port: 443,
                workload,
                started: UnixNanos::from_millis(0),
                duration: Duration::from_millis(30),
                held_back: HeldBack { duration: Duration::from_millis(9), by },
                resend_count: 0,
                answer,
                request_id: None,
            })
            .count(meters);
        }
    }
    for workload in WORKLOADS {
        GateRefused { tenant, workload, limit: LIMITS[number % (LIMITS.len() - 1)] }.count(meters);
        let (trace_id, correlation_id) = (TraceId::random(), Uuid::nil());
        let (code, retry_after) = (None, None);
        GraphRefused { tenant, trace_id, correlation_id, workload, status, code, retry_after }.count(meters);
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
    WriteScopeGranted { trace_id: TraceId::random(), correlation_id: Uuid::nil(), tenant }.count(meters);
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
                for word in ["first", "second", "third", "fourth"].iter().take(metric.most_sets()) {
                    readings.value(1, &[(*attribute, word)]);
                }
            }
            others => panic!("{metric:?} has attributes that nobody has reckoned with: {others:?}"),
        });
    }
}
