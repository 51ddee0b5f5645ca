//! Probes. Liveness never depends on Entra or Graph; readiness turns false when the service is about to stop.

use actix_web::web::Data;
use actix_web::{HttpResponse, Responder};
use serde_json::json;

use super::front::Front;

/// `GET /healthz`: the process answers.
pub(crate) async fn healthz() -> impl Responder {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// `GET /readyz`: new calls are welcome.
pub(crate) async fn readyz(front: Data<Front>) -> impl Responder {
    let census = front.actors.census();
    let body = json!({
        "status": if front.readiness.is_ready() { "ready" } else { "draining" },
        "tenants": census.tenants,
        "sessions": census.sessions,
        "calls": front.calls_in_progress(),
    });
    if front.readiness.is_ready() {
        HttpResponse::Ok().json(body)
    } else {
        HttpResponse::ServiceUnavailable().json(body)
    }
}
