//! Probes. Liveness never depends on Entra or Graph; readiness turns false when the service is about to stop.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde_json::json;

use super::front::Front;

/// `GET /healthz`: the process answers.
pub(crate) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// `GET /readyz` for anyone: are new calls welcome?
pub(crate) async fn readyz(front: Data<Front>) -> HttpResponse {
    let (code, status) = readiness(&front);
    HttpResponse::build(code).json(json!({ "status": status }))
}

/// `GET /readyz` for the operators: how much there is, too.
pub(crate) async fn readyz_with_census(front: Data<Front>) -> HttpResponse {
    let (code, status) = readiness(&front);
    let census = front.actors.census();
    HttpResponse::build(code).json(json!({
        "status": status,
        "tenants": census.tenants,
        "sessions": census.sessions,
        "calls": front.in_progress.get(),
    }))
}

fn readiness(front: &Front) -> (StatusCode, &'static str) {
    if front.readiness.is_ready() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "draining")
    }
}
