//! The one list of routes.

use actix_web::http::header;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;

use super::front::Front;
use super::metadata::{AUTHORIZATION_SERVER, PROTECTED_RESOURCE};
use super::rescue::rescue;
use super::{health, mcp_endpoint};

/// The public listener: the MCP endpoint at the path of `public_url`, its metadata, and the probes.
pub(crate) fn public(config: &mut ServiceConfig, mcp_path: &str) {
    config
        .service(
            web::resource(mcp_path)
                .route(web::post().to(mcp_endpoint::post))
                .default_service(web::to(post_only)),
        )
        .route(PROTECTED_RESOURCE, web::get().to(protected_resource))
        .route(&format!("{PROTECTED_RESOURCE}{mcp_path}"), web::get().to(protected_resource))
        .route(AUTHORIZATION_SERVER, web::get().to(authorization_server));
    config.route("/healthz", web::get().to(health::healthz)).route("/readyz", web::get().to(health::readyz));
}

/// The operations listener.
pub(crate) fn operations(config: &mut ServiceConfig) {
    config
        .route("/healthz", web::get().to(health::healthz))
        .route("/readyz", web::get().to(health::readyz_with_census));
}

/// No stream to get, no session to delete: every method but POST is refused (MCP 2026-07-28).
async fn post_only(request: HttpRequest, front: Data<Front>) -> HttpResponse {
    answer(&request, &front, || {
        HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "POST")).finish()
    })
}

async fn protected_resource(request: HttpRequest, front: Data<Front>) -> HttpResponse {
    answer(&request, &front, || document(front.metadata.protected_resource()))
}

async fn authorization_server(request: HttpRequest, front: Data<Front>) -> HttpResponse {
    answer(&request, &front, || {
        front.metadata.authorization_server().map_or_else(|| HttpResponse::NotFound().finish(), document)
    })
}

/// Fixed answers too are for our own hosts and origins alone.
fn answer(request: &HttpRequest, front: &Front, fixed: impl FnOnce() -> HttpResponse) -> HttpResponse {
    match front.hosts.check(request.headers(), request.peer_addr().map(|peer| peer.ip())) {
        Ok(()) => fixed(),
        Err(refusal) => rescue(&refusal, &front.metadata),
    }
}

fn document(body: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(body)
}
