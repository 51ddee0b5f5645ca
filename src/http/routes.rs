//! The one list of routes.

use actix_web::http::header;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder};
use bytes::Bytes;

use super::front::Front;
use super::metadata::{AUTHORIZATION_SERVER, PROTECTED_RESOURCE};
use super::refusal::Refusal;
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
        .service(readable(PROTECTED_RESOURCE, protected_resource))
        .service(readable(&format!("{PROTECTED_RESOURCE}{mcp_path}"), protected_resource))
        .service(readable(AUTHORIZATION_SERVER, authorization_server))
        .service(readable("/healthz", health::healthz))
        .service(readable("/readyz", health::readyz))
        .default_service(web::to(nothing_here));
}

/// The operations listener.
pub(crate) fn operations(config: &mut ServiceConfig) {
    config
        .service(readable("/healthz", health::healthz))
        .service(readable("/readyz", health::readyz_with_census))
        .default_service(web::to(nothing_for_operators));
}

/// What can be read and nothing else. The head of an answer to `HEAD` is that of `GET`; the server leaves the body
/// out.
fn readable<F, Args>(path: &str, answer: F) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path)
        .route(web::get().to(answer.clone()))
        .route(web::head().to(answer))
        .default_service(web::to(read_only))
}

/// No stream to get, no session to delete: every method but POST is refused (MCP 2026-07-28).
async fn post_only(request: HttpRequest, front: Data<Front>) -> HttpResponse {
    answer(&request, &front, || Err(Refusal::MethodNotAllowed("POST")))
}

async fn read_only(front: Data<Front>) -> HttpResponse {
    rescue(&Refusal::MethodNotAllowed("GET, HEAD"), &front.metadata)
}

async fn nothing_here(request: HttpRequest, front: Data<Front>) -> HttpResponse {
    answer(&request, &front, || Err(Refusal::NotFound))
}

async fn nothing_for_operators(front: Data<Front>) -> HttpResponse {
    rescue(&Refusal::NotFound, &front.metadata)
}

async fn protected_resource(request: HttpRequest, front: Data<Front>) -> HttpResponse {
    answer(&request, &front, || Ok(document(front.metadata.protected_resource())))
}

async fn authorization_server(request: HttpRequest, front: Data<Front>) -> HttpResponse {
    answer(&request, &front, || front.metadata.authorization_server().map(document).ok_or(Refusal::NotFound))
}

/// Fixed answers too are for our own hosts and origins alone.
fn answer(
    request: &HttpRequest,
    front: &Front,
    fixed: impl FnOnce() -> Result<HttpResponse, Refusal>,
) -> HttpResponse {
    front
        .hosts
        .check(request)
        .and_then(|()| fixed())
        .unwrap_or_else(|refusal| rescue(&refusal, &front.metadata))
}

fn document(body: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(body)
}
