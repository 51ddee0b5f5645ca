//! What operators read and turn on the operations listener, beside the probes.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use connector_observability::LogFilterError;
use connector_observability::metric::prometheus_text;

use super::front::Front;

/// The text format of Prometheus.
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `GET /metrics`.
pub(super) async fn metrics() -> HttpResponse {
    match prometheus_text() {
        Ok(text) => HttpResponse::Ok().content_type(PROMETHEUS).body(text),
        Err(error) => said(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
    }
}

/// `PUT /log-filter`: the body is the filter, in the syntax of `RUST_LOG`. It is in force until the process ends.
pub(super) async fn set_log_filter(filter: String, front: Data<Front>) -> HttpResponse {
    let Some(log) = front.telemetry.log_filter() else {
        return said(StatusCode::SERVICE_UNAVAILABLE, "no log is written in this process");
    };
    match log.set(filter.trim()) {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(error @ (LogFilterError::Unreadable { .. } | LogFilterError::Empty)) => {
            said(StatusCode::BAD_REQUEST, &error.to_string())
        }
        Err(error @ LogFilterError::Ended) => said(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
    }
}

pub(super) fn said(status: StatusCode, text: &str) -> HttpResponse {
    HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(format!("{text}\n"))
}
