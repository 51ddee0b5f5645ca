//! The page at `/`, for a person who wants to see the cloud react. It is one file without anything from outside, and
//! does everything through the control API.

use actix_web::guard;
use actix_web::{HttpResponse, Resource, web};

use crate::front;

const PAGE: &str = include_str!("page.html");
/// Nothing is loaded from anywhere, and nothing is asked but this origin.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `/` for browsers. A client of Graph that comes here with a bearer is answered by Graph.
pub(crate) fn resource() -> Resource {
    web::resource("/")
        .route(
            web::route()
                .guard(guard::Any(guard::Get()).or(guard::Head()))
                .guard(guard::fn_guard(|context| !context.head().headers().contains_key("authorization")))
                .to(show),
        )
        .default_service(web::to(front::answer))
}

async fn show() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .append_header(("Content-Security-Policy", POLICY))
        .append_header(("Cache-Control", "no-store"))
        .append_header(("X-Content-Type-Options", "nosniff"))
        .append_header(("Referrer-Policy", "no-referrer"))
        .body(PAGE)
}
