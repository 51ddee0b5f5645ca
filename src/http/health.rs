//! Probes. Liveness never depends on Entra or Graph; readiness turns false when the service is about to stop.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde_json::{Value, json};

use super::front::Front;
use crate::state::TenantFault;

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
        "tenant_files_refused": faults(&front),
    }))
}

/// Files that are not in order, for people: so many are enough to see what is wrong.
const FAULTS: usize = 20;

fn faults(front: &Front) -> Vec<Value> {
    let faults = front.tenants.faults().into_iter().take(FAULTS);
    faults
        .map(|TenantFault { file, fault }| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            json!({ "file": name, "line": fault.line, "column": fault.column, "problem": fault.problem })
        })
        .collect()
}

fn readiness(front: &Front) -> (StatusCode, &'static str) {
    if front.readiness.is_ready() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "draining")
    }
}
