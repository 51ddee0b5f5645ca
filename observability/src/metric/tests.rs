//! The catalogue against its own rules, and what a scrape shows of events.

mod fleet;
mod tenants;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use uuid::{Uuid, uuid};

use super::*;
use crate::collector::resource;
use crate::event::{
    AccessRevoked, CallCompleted, CallRefused, CredentialNotReloaded, Event, ExchangeCompleted, Panicked,
};
use crate::outcome::CallOutcome;
use crate::trace::{CallTarget, Phases, TraceId};

const TENANT: Uuid = uuid!("7c1ff8b7-3d8e-4c4a-9b53-f2f1f6a3e001");

fn meters() -> Meters {
    Meters::new(resource("1.2.3"), |metrics| metrics).unwrap()
}

fn scraped(meters: &Meters) -> String {
    prometheus::TextEncoder::new().encode_to_string(&meters.registry().gather()).unwrap()
}

fn call(tenant: Uuid, outcome: CallOutcome) -> CallCompleted {
    CallCompleted {
        trace_id: TraceId::from_u128(1).unwrap(),
        correlation_id: Uuid::nil(),
        tenant: Some(tenant),
        method: "tools/call",
        target: Some(CallTarget::Tool("mail_search")),
        outcome,
        status: 200,
        duration: Duration::from_millis(40),
        graph_requests: 2,
        phases: Phases { graph: Duration::from_millis(30), ..Phases::default() },
    }
}

/// Two metrics of one name would be one to a dashboard, with numbers that mean nothing.
#[test]
fn names_are_unique_and_follow_the_conventions() {
    let names: HashSet<_> = Metric::ALL.iter().map(|metric| metric.name()).collect();
    assert_eq!(names.len(), Metric::ALL.len());
    for metric in Metric::ALL {
        let name = metric.name();
        assert!(name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'.' | b'_')), "{name}");
        assert!(!metric.unit().is_empty() && !metric.description().ends_with('.'), "{name}");
    }
    let keys: HashSet<_> = Attribute::ALL.iter().map(|attribute| attribute.key()).collect();
    assert_eq!(keys.len(), Attribute::ALL.len());
}

/// A dashboard would be empty, or show one call as none or as two.
#[test]
fn a_call_shows_up_by_method_tool_and_tenant_with_its_phases() {
    let meters = meters();
    meters.name_tenants(&[(TENANT, TenantAlias::parse("north").ok())]);
    call(TENANT, CallOutcome::Completed).count(&meters);
    call(Uuid::nil(), CallOutcome::ToolFailed("throttled")).count(&meters);

    let text = scraped(&meters);
    for line in [
        r#"mcp_server_operation_duration_seconds_count{gen_ai_operation_name="execute_tool",gen_ai_tool_name="mail_search",mcp_method_name="tools/call"} 1"#,
        r#"mcp_server_operation_duration_seconds_bucket{gen_ai_operation_name="execute_tool",gen_ai_tool_name="mail_search",mcp_method_name="tools/call",le="0.05"} 1"#,
        r#"mcp_server_operation_duration_seconds_count{error_type="tool_error",gen_ai_operation_name="execute_tool",gen_ai_tool_name="mail_search",mcp_method_name="tools/call"} 1"#,
        r#"connector_calls_failed_total{connector_error_code="throttled"} 1"#,
        r#"connector_tenant_calls_total{outcome="completed",tenant="north"} 1"#,
        r#"connector_tenant_calls_total{outcome="tool_failed",tenant="other"} 1"#,
        r#"connector_tenant_graph_requests_total{tenant="north"} 2"#,
        r#"connector_call_phase_duration_seconds_sum{call_phase="own"} 0.02"#,
        r#"connector_call_phase_duration_seconds_sum{call_phase="graph"} 0.06"#,
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("call_phase=\"entra\""), "no time was spent at Entra\n{text}");
}

/// Refusals and exchanges would go unseen, which is what alerts are for.
#[test]
fn refusals_and_exchanges_are_counted_by_their_words() {
    let meters = meters();
    CallRefused { reason: "shed", token: None, status: 503 }.count(&meters);
    ExchangeCompleted {
        trace_id: TraceId::random(),
        correlation_id: Uuid::nil(),
        tenant: TENANT,
        outcome: "granted",
        aadsts: 0,
        duration: Duration::from_millis(80),
    }
    .count(&meters);

    let text = scraped(&meters);
    assert!(
        text.contains(r#"connector_calls_refused_total{http_response_status_code="503",reason="shed"} 1"#),
        "{text}"
    );
    assert!(text.contains(r#"connector_exchange_duration_seconds_count{outcome="granted"} 1"#), "{text}");
}

/// The first loss of an audit record, or the first panic, would be the beginning of a series and no increase: the alert
/// would come with the second.
#[test]
fn counters_of_what_must_not_happen_begin_at_zero() {
    let meters = meters();
    let begin = scraped(&meters);
    Panicked { place: "src/a.rs:7" }.count(&meters);
    AccessRevoked { scope: "user", tenant: Some(TENANT), stored: false }.count(&meters);
    CredentialNotReloaded { kind: "secret", reason: "is empty" }.count(&meters);
    let text = scraped(&meters);
    for name in [
        "connector_panics_total",
        "connector_revocations_unstored_total",
        "connector_credential_reload_failures_total",
    ] {
        assert!(begin.contains(&format!("\n{name} 0\n")), "{name} is missing in\n{begin}");
        assert!(text.contains(&format!("\n{name} 1\n")), "{name} is not 1 in\n{text}");
    }
    assert!(begin.contains("\nconnector_audit_failures_total 0\n"), "{begin}");
    assert!(begin.contains(r#"connector_revocations_total{scope="user"} 0"#), "{begin}");
    assert!(begin.contains(r#"connector_sessions_ended_total{reason="crashed"} 0"#), "{begin}");
    assert!(text.contains(r#"connector_revocations_total{scope="user"} 1"#), "{text}");
}

/// Gauges would show what was and not what is.
#[test]
fn an_observed_metric_is_read_at_each_scrape() {
    use std::sync::atomic::{AtomicU64, Ordering};

    let meters = meters();
    let sessions = Arc::new(AtomicU64::new(3));
    let read = Arc::clone(&sessions);
    meters.observe(Metric::Sessions, move |gauge| gauge.value(read.load(Ordering::Relaxed), &[]));
    assert!(scraped(&meters).contains("\nconnector_sessions 3\n"));
    sessions.store(4, Ordering::Relaxed);
    assert!(scraped(&meters).contains("\nconnector_sessions 4\n"));
}

/// A fleet of 5,000 tenants must cost neither the connector nor its Prometheus more than is planned for, and nobody
/// would know that the numbers of some are missing.
#[test]
fn many_tenants_share_one_name_and_the_named_ones_are_the_same_everywhere() {
    let meters = meters();
    let tenants: Vec<_> = (1_u128..=5_000).map(|id| (Uuid::from_u128(id << 96), None)).collect();
    meters.name_tenants(&tenants);
    for (tenant, _) in tenants {
        call(tenant, CallOutcome::Completed).count(&meters);
    }

    let text = scraped(&meters);
    let named = text.lines().filter(|line| line.starts_with("connector_tenant_calls_total{")).count();
    assert_eq!(named, NAMED_TENANTS + 1);
    assert!(
        text.contains(r#"connector_tenant_calls_total{outcome="completed",tenant="other"} 4900"#),
        "{text}"
    );
    assert!(text.contains(r#"tenant="t-00000001""#), "{text}");
}

/// Attributes without a bound would fill memory; that some were folded together must show.
#[test]
fn sets_of_attributes_beyond_the_bound_are_folded_and_say_so() {
    let meters = meters();
    for status in 0..2_000 {
        CallRefused { reason: "shed", token: None, status }.count(&meters);
    }
    let text = scraped(&meters);
    let series = text.lines().filter(|line| line.starts_with("connector_calls_refused_total{")).count();
    assert_eq!(series, Metric::CallsRefused.most_series());
    assert!(text.contains(r#"connector_calls_refused_total{otel_metric_overflow="true"}"#), "no overflow");
}

/// A name that is no alias would break queries, or name a person or a company in a metric by accident of form.
#[rstest]
#[case::word("north", true)]
#[case::digits("7", true)]
#[case::hyphen("north-2", true)]
#[case::reserved("other", false)]
#[case::of_an_id("t-0a6f4d8c", false)]
#[case::empty("", false)]
#[case::capital("North", false)]
#[case::space("north 2", false)]
#[case::long("a23456789012345678901234567890123", false)]
fn an_alias_is_a_short_word(#[case] text: &str, #[case] is_alias: bool) {
    assert_eq!(TenantAlias::parse(text).is_ok(), is_alias);
}
