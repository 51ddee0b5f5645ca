//! The same figures from both sides: what the connector measured, and what the simulator, the users and the reader of the
//! audit records counted.

use std::sync::Arc;

use uuid::Uuid;

use super::prometheus::Prometheus;
use crate::mixed::{Asked, MixedWorld, Tally};

type Failure = Box<dyn std::error::Error>;

/// A figure: what it is of, how Prometheus is asked for it, and what was counted.
struct Pair {
    what: String,
    expression: String,
    counted: usize,
    slack: Slack,
}

/// By how many the two sides may differ, and which way, as Prometheus is asked for it.
enum Slack {
    None,
    /// So many fewer may have been measured.
    Unheard(String),
    /// So many more may have been measured.
    Unseen(String),
}

/// Of one whose call ended before its answer came (revoked, out of time), the simulator knows the answer and the connector
/// does not.
const UNHEARD: &str = "error_type=~\"cancelled|timeout\"";

/// How large a part of all requests may have been left before their answer came: above that, figures that agree say little.
const MOST_UNHEARD: f64 = 0.02;

fn pair(what: impl Into<String>, expression: impl Into<String>, counted: usize) -> Pair {
    Pair { what: what.into(), expression: expression.into(), counted, slack: Slack::None }
}

/// What does not agree.
pub(super) async fn check(
    prometheus: &Prometheus,
    world: &MixedWorld,
    tally: &Arc<Tally>,
) -> Result<Vec<String>, Failure> {
    let asked = world.simulator.asked().await?;
    let mut wrong = Vec::new();
    let pairs = graph(&asked)
        .into_iter()
        .chain(tenants(&asked))
        .chain(entra(&asked))
        .chain(users(tally))
        .chain(told(tally))
        .chain(operators());
    for pair in pairs {
        wrong.extend(disagreement(prometheus, pair).await?);
    }
    wrong.extend(left_unheard(prometheus).await?);
    wrong.extend(records(prometheus, world.premises.audit.records()).await?);
    Ok(wrong)
}

async fn disagreement(prometheus: &Prometheus, pair: Pair) -> Result<Option<String>, Failure> {
    let Pair { what, expression, counted, slack } = pair;
    if counted == 0 {
        return Ok(Some(format!("{what}: there were none")));
    }
    let measured = prometheus.number(&expression).await?;
    let (fewer, more) = match slack {
        Slack::None => (0.0, 0.0),
        Slack::Unheard(expression) => (prometheus.number(&expression).await?, 0.0),
        Slack::Unseen(expression) => (0.0, prometheus.number(&expression).await?),
    };
    #[expect(clippy::cast_precision_loss, reason = "counts of a minute fit a double exactly")]
    let counted = counted as f64;
    let agrees = measured - more - 0.5 < counted && counted < measured + fewer + 0.5;
    Ok((!agrees).then(|| format!("{what}: {counted} were counted, and {measured} measured")))
}

async fn left_unheard(prometheus: &Prometheus) -> Result<Option<String>, Failure> {
    let all = prometheus.number("sum(http_client_request_duration_seconds_count)").await?;
    let unheard =
        prometheus.number(&format!("sum(http_client_request_duration_seconds_count{{{UNHEARD}}})")).await?;
    let is_much = unheard > all * MOST_UNHEARD;
    Ok(is_much.then(|| format!("of {all} requests to Graph {unheard} were left before their answer came")))
}

/// Every request to Graph, by workload and status. One that the connection failed under has reached nobody, nor has one that
/// met the 408 with which a server closes a connection on which nothing has come for long.
fn graph(asked: &Asked) -> Vec<Pair> {
    let answered = "http_client_request_duration_seconds_count{http_response_status_code!~\"|408\"";
    let of = |counted: &dyn Fn(&str, u64) -> bool| {
        let fitting = asked.graph.iter().filter(|((workload, status), _)| counted(workload, *status));
        fitting.map(|(_, count)| count).sum()
    };
    let unheard = |words: &str| {
        Slack::Unheard(format!("sum(http_client_request_duration_seconds_count{{{words}{UNHEARD}}})"))
    };
    let mut pairs = vec![
        pair("requests to Graph", format!("sum({answered}}})"), of(&|_, _| true)),
        pair(
            "answers 429",
            format!("sum({answered}, http_response_status_code=\"429\"}})"),
            of(&|_, status| status == 429),
        ),
        pair(
            "refusals by Graph with 503",
            "sum(connector_graph_refusals_total{http_response_status_code=\"503\"})",
            of(&|_, status| status == 503),
        ),
    ];
    for pair in &mut pairs {
        pair.slack = unheard("");
    }
    for ((workload, status), count) in &asked.graph {
        let of_workload = format!("graph_workload=\"{workload}\", ");
        let words = format!("{of_workload}http_response_status_code=\"{status}\"");
        pairs.push(Pair {
            what: format!("answers {status} of {workload}"),
            expression: format!("sum({answered}, {words}}})"),
            counted: *count,
            slack: unheard(&of_workload),
        });
    }
    pairs
}

/// Requests by tenant, and those that Graph throttled. Of some the simulator does not know the tenant: downloads have no
/// token, and what found no connection has reached nobody.
fn tenants(asked: &Asked) -> Vec<Pair> {
    let alias = |tenant: &Uuid| format!("t-{}", &tenant.simple().to_string()[..8]);
    let nowhere =
        "(sum(http_client_request_duration_seconds_count{http_response_status_code=~\"|408\"}) or vector(0))";
    let of_tenant = |(tenant, counted): (&Uuid, &usize)| Pair {
        what: format!("requests to Graph of {}", alias(tenant)),
        expression: format!("sum(connector_tenant_graph_requests_total{{tenant=\"{}\"}})", alias(tenant)),
        counted: *counted,
        slack: Slack::Unseen(format!("{} + {nowhere}", asked.downloads)),
    };
    let throttled = |(tenant, counted): (&Uuid, &usize)| Pair {
        what: format!("answers 429 to {}", alias(tenant)),
        expression: format!(
            "sum(connector_tenant_throttled_total{{tenant=\"{}\", outcome=\"by_graph\"}})",
            alias(tenant)
        ),
        counted: *counted,
        slack: Slack::Unheard(format!("sum(http_client_request_duration_seconds_count{{{UNHEARD}}})")),
    };
    let all = Pair {
        what: "requests to Graph of all tenants".to_owned(),
        expression: "sum(connector_tenant_graph_requests_total)".to_owned(),
        counted: asked.tenants.values().sum::<usize>() + asked.downloads,
        slack: Slack::Unseen(nowhere.to_owned()),
    };
    let of_each = asked.tenants.iter().map(of_tenant).chain(asked.throttled.iter().map(throttled));
    of_each.chain([all]).collect()
}

/// What users were told by tools that failed.
fn told(tally: &Tally) -> Vec<Pair> {
    let of_code = |(code, counted): (String, usize)| {
        let failed = format!("sum(connector_calls_failed_total{{connector_error_code=\"{code}\"}})");
        pair(format!("calls that failed with {code}"), failed, counted)
    };
    tally.failures().into_iter().map(of_code).collect()
}

/// Exchanges by outcome, and fetches of keys. The step-up is the only thing for which Entra answers 400 here.
fn entra(asked: &Asked) -> Vec<Pair> {
    let answered = |counts: &std::collections::BTreeMap<u64, usize>, status| {
        counts.get(&status).copied().unwrap_or_default()
    };
    let exchanges = "sum(connector_exchange_duration_seconds_count{outcome=";
    vec![
        pair("exchanges granted", format!("{exchanges}\"granted\"}})"), answered(&asked.exchanges, 200)),
        pair("step-ups", format!("{exchanges}\"interaction_required\"}})"), answered(&asked.exchanges, 400)),
        pair(
            "fetches of keys",
            "sum(connector_jwks_refreshes_total{outcome=\"refreshed\"})",
            answered(&asked.keys, 200),
        ),
        pair(
            "fetches of keys that failed",
            "sum(connector_jwks_refreshes_total{outcome=\"not_ok\"})",
            answered(&asked.keys, 503),
        ),
    ]
}

/// What the users were told.
fn users(tally: &Tally) -> Vec<Pair> {
    let refused = |words: &str| format!("sum(connector_calls_refused_total{{{words}}})");
    vec![
        pair(
            "calls that completed",
            "sum(connector_tenant_calls_total{outcome=\"completed\"})",
            tally.calls("ok"),
        ),
        pair("calls of no token", refused("reason=\"invalid_token\""), tally.calls_without_token("HTTP 401")),
        pair(
            "calls turned away with 503",
            refused("http_response_status_code=\"503\""),
            tally.calls("HTTP 503") + tally.calls_without_token("HTTP 503"),
        ),
        pair(
            "calls turned away with 429",
            refused("http_response_status_code=\"429\""),
            tally.calls("HTTP 429"),
        ),
    ]
}

/// What the operators did.
fn operators() -> Vec<Pair> {
    vec![
        pair("revocations", "sum(connector_revocations_total)", 1),
        pair("changes of policies", "sum(connector_tenant_changes_total)", 2),
        pair(
            "files of the credential that could not be used",
            "sum(connector_credential_reload_failures_total)",
            1,
        ),
        pair("credentials that came into use", "sum(connector_credential_reloads_total)", 1),
    ]
}

/// Each call leaves a record, which was read, or was lost while nobody read. Of those that were told as lost, what the
/// writer still held has come when the reader was back.
async fn records(prometheus: &Prometheus, read: usize) -> Result<Option<String>, Failure> {
    let calls = prometheus.number("sum(mcp_server_operation_duration_seconds_count)").await?;
    let lost = prometheus.number("sum(connector_audit_failures_total)").await?;
    #[expect(clippy::cast_precision_loss, reason = "counts of a minute fit a double exactly")]
    let read = read as f64;
    let agrees = read <= calls && calls <= read + lost && lost > 0.0;
    Ok((!agrees).then(|| format!("audit records of {calls} calls: {read} were read, and {lost} lost")))
}
