//! The same figures from both sides: what the connector measured, and what the simulator and the users counted.

use std::sync::Arc;

use super::prometheus::Prometheus;
use crate::mixed::{Asked, Tally};

type Failure = Box<dyn std::error::Error>;

/// What does not agree.
pub(super) async fn check(
    prometheus: &Prometheus,
    asked: &Asked,
    tally: &Arc<Tally>,
) -> Result<Vec<String>, Failure> {
    // One that the connection failed under has reached nobody, nor has one that met the 408 with which a server closes a
    // connection on which nothing has come for long.
    let answered = "http_client_request_duration_seconds_count{http_response_status_code!~\"|408\"";
    let mut pairs = vec![
        ("requests to Graph".to_owned(), format!("sum({answered}}})"), asked.graph.values().sum()),
        (
            "answers 429".to_owned(),
            format!("sum({answered}, http_response_status_code=\"429\"}})"),
            asked.throttled,
        ),
        (
            "exchanges granted".to_owned(),
            "sum(connector_exchange_duration_seconds_count{outcome=\"granted\"})".to_owned(),
            asked.exchanges,
        ),
        (
            "calls that completed".to_owned(),
            "sum(connector_tenant_calls_total{outcome=\"completed\"})".to_owned(),
            tally.calls("ok"),
        ),
        (
            "calls of no token".to_owned(),
            "sum(connector_calls_refused_total{reason=\"invalid_token\"})".to_owned(),
            tally.calls("HTTP 401"),
        ),
    ];
    for (workload, count) in &asked.graph {
        let expression = format!("sum({answered}, graph_workload=\"{workload}\"}})");
        pairs.push((format!("requests to {workload}"), expression, *count));
    }
    let mut wrong = Vec::new();
    for (what, expression, counted) in pairs {
        let measured = prometheus.number(&expression).await?;
        if counted == 0 {
            wrong.push(format!("{what}: there were none"));
        }
        #[expect(clippy::cast_precision_loss, reason = "counts of a minute fit a double exactly")]
        if (measured - counted as f64).abs() > 0.5 {
            wrong.push(format!("{what}: {counted} were counted, and {measured} measured"));
        }
    }
    Ok(wrong)
}
