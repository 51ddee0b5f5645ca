//! The one list of routes.

use actix_web::http::{Method, header};
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder};
use bytes::Bytes;

use super::address::{Address, TENANT_SEGMENT};
use super::cpu_profiles::{CpuProfiles, profile};
use super::front::{Front, Worker};
use super::icons::{ICONS, icon};
use super::measured::route;
use super::metadata::{AUTHORIZATION_SERVER, PROTECTED_RESOURCE};
use super::refusal::Refusal;
use super::rescue::rescue;
use super::{cors, health, instruments, mcp_endpoint};

/// What is below is for any page to read, also that there is nothing.
const WELL_KNOWN: &str = "/.well-known/";

/// The public listener: the MCP endpoint at the path of `public_url`, its metadata, and the probes.
pub(crate) fn public(config: &mut ServiceConfig, mcp_path: &str) {
    config
        .service(endpoint(mcp_path, route::MCP))
        .service(endpoint(&format!("{mcp_path}/{TENANT_SEGMENT}"), route::TENANT_MCP))
        .service(document_at(PROTECTED_RESOURCE, route::PROTECTED_RESOURCE, protected_resource))
        .service(document_at(
            &format!("{PROTECTED_RESOURCE}{mcp_path}"),
            route::PROTECTED_RESOURCE,
            protected_resource,
        ))
        .service(document_at(
            &format!("{PROTECTED_RESOURCE}{mcp_path}/{TENANT_SEGMENT}"),
            route::PROTECTED_RESOURCE,
            protected_resource,
        ))
        .service(document_at(AUTHORIZATION_SERVER, route::AUTHORIZATION_SERVER, authorization_server))
        .service(document_at(
            &format!("{AUTHORIZATION_SERVER}/{TENANT_SEGMENT}"),
            route::AUTHORIZATION_SERVER,
            authorization_server,
        ))
        .service(document_at(&format!("{ICONS}/{{set}}/{{file}}"), route::ICON, picture))
        .service(readable("/healthz", route::HEALTH, health::healthz).default_service(web::to(read_only)))
        .service(readable("/readyz", route::READINESS, health::readyz).default_service(web::to(read_only)))
        .default_service(web::to(nothing_here));
}

/// The operations listener.
pub(crate) fn operations(config: &mut ServiceConfig, profiles: CpuProfiles) {
    if profiles == CpuProfiles::OnRequest {
        config.service(
            web::resource("/debug/profile").route(web::get().to(profile)).default_service(web::to(get_only)),
        );
    }
    config
        .service(readable("/healthz", route::HEALTH, health::healthz).default_service(web::to(read_only)))
        .service(
            readable("/readyz", route::READINESS, health::readyz_with_census)
                .default_service(web::to(read_only)),
        )
        .service(readable("/metrics", "metrics", instruments::metrics).default_service(web::to(read_only)))
        .service(
            web::resource("/log-filter")
                .route(web::put().to(instruments::set_log_filter))
                .default_service(web::to(put_only)),
        )
        .default_service(web::to(nothing_for_operators));
}

/// No stream to get, no session to delete: every method but POST is refused (MCP 2026-07-28).
fn endpoint(path: &str, name: &str) -> Resource {
    web::resource(path)
        .name(name)
        .route(web::post().to(call))
        .route(web::method(Method::OPTIONS).to(call_options))
        .default_service(web::to(call_refused))
}

fn document_at<F, Args>(path: &str, name: &str, answer: F) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    readable(path, name, answer)
        .route(web::method(Method::OPTIONS).to(document_options))
        .default_service(web::to(document_refused))
}

/// What can be read. The head of an answer to `HEAD` is that of `GET`; the server leaves the body out.
fn readable<F, Args>(path: &str, name: &str, answer: F) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path).name(name).route(web::get().to(answer.clone())).route(web::head().to(answer))
}

async fn call(
    request: HttpRequest,
    payload: Payload,
    front: Data<Front>,
    worker: Data<Worker>,
) -> HttpResponse {
    let Ok(address) = Address::of(&request) else { return nothing_here(request, front).await };
    let mut response = mcp_endpoint::post(request.clone(), payload, front.clone(), worker, address).await;
    if let Some(origin) = front.hosts.shared_with(request.headers()) {
        cors::share_with(origin, &mut response);
    }
    response
}

async fn call_options(request: HttpRequest, front: Data<Front>) -> HttpResponse {
    guarded(&request, &front, |_| Ok(cors::endpoint_options(request.headers())))
}

async fn call_refused(request: HttpRequest, front: Data<Front>) -> HttpResponse {
    guarded(&request, &front, |_| Err(Refusal::MethodNotAllowed(cors::ENDPOINT_METHODS)))
}

async fn protected_resource(request: HttpRequest, front: Data<Front>) -> HttpResponse {
    open(&request, &front, |address| Ok(document(front.metadata.protected_resource(address))))
}

async fn authorization_server(request: HttpRequest, front: Data<Front>) -> HttpResponse {
    open(&request, &front, |address| {
        front.metadata.authorization_server(address).map(document).ok_or(Refusal::NotFound)
    })
}

async fn picture(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    front: Data<Front>,
) -> HttpResponse {
    let (set, file) = path.into_inner();
    open(&request, &front, |_| icon(&set, &file))
}

async fn document_options(request: HttpRequest, front: Data<Front>) -> HttpResponse {
    open(&request, &front, |_| Ok(cors::document_options()))
}

async fn document_refused(request: HttpRequest, front: Data<Front>) -> HttpResponse {
    open(&request, &front, |_| Err(Refusal::MethodNotAllowed(cors::DOCUMENT_METHODS)))
}

async fn read_only(front: Data<Front>) -> HttpResponse {
    rescue(&Refusal::MethodNotAllowed("GET, HEAD"), &front.metadata, Address::Common)
}

async fn get_only(front: Data<Front>) -> HttpResponse {
    rescue(&Refusal::MethodNotAllowed("GET"), &front.metadata, Address::Common)
}

async fn put_only(front: Data<Front>) -> HttpResponse {
    rescue(&Refusal::MethodNotAllowed("PUT"), &front.metadata, Address::Common)
}

async fn nothing_here(request: HttpRequest, front: Data<Front>) -> HttpResponse {
    let nothing = |_| Err(Refusal::NotFound);
    if request.path().starts_with(WELL_KNOWN) {
        return open(&request, &front, nothing);
    }
    guarded(&request, &front, nothing)
}

async fn nothing_for_operators(front: Data<Front>) -> HttpResponse {
    rescue(&Refusal::NotFound, &front.metadata, Address::Common)
}

/// An answer for our own hosts and for origins that may call.
fn guarded(
    request: &HttpRequest,
    front: &Front,
    fixed: impl FnOnce(Address) -> Result<HttpResponse, Refusal>,
) -> HttpResponse {
    let answer = front.hosts.check(request).and_then(|()| Address::of(request)).and_then(fixed);
    let mut response = answer.unwrap_or_else(|refusal| rescue(&refusal, &front.metadata, Address::Common));
    if let Some(origin) = front.hosts.shared_with(request.headers()) {
        cors::share_with(origin, &mut response);
    }
    response
}

/// An answer for our own hosts and any origin: it is the same for everybody.
fn open(
    request: &HttpRequest,
    front: &Front,
    fixed: impl FnOnce(Address) -> Result<HttpResponse, Refusal>,
) -> HttpResponse {
    let answer = front.hosts.check_host(request).and_then(|()| Address::of(request)).and_then(fixed);
    let mut response = answer.unwrap_or_else(|refusal| rescue(&refusal, &front.metadata, Address::Common));
    cors::share_with_everybody(&mut response);
    response
}

fn document(body: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(body)
}
