//! Measures requests to the public listener by route, without a path ever becoming a name.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::web::Data;
use connector_observability::emit;
use connector_observability::event::HttpAnswered;

use super::front::Front;

/// Counts the request once the head of its answer is ready.
pub(crate) async fn measured(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let Some(front) = request.app_data::<Data<Front>>().cloned() else { return next.call(request).await };
    let started = front.clock.instant();
    let method = known_method(request.method());
    let response = next.call(request).await?;
    emit(HttpAnswered {
        method,
        scheme: front.metadata.scheme(),
        route: response.request().match_name().and_then(known_route),
        status: response.status().as_u16(),
        duration: front.clock.instant().saturating_duration_since(started),
    });
    Ok(response)
}

/// Routes as `routes.rs` names them.
pub(super) mod route {
    pub(in crate::http) const MCP: &str = "mcp";
    pub(in crate::http) const TENANT_MCP: &str = "tenant_mcp";
    pub(in crate::http) const PROTECTED_RESOURCE: &str = "protected_resource";
    pub(in crate::http) const AUTHORIZATION_SERVER: &str = "authorization_server";
    pub(in crate::http) const HEALTH: &str = "healthz";
    pub(in crate::http) const READINESS: &str = "readyz";
    pub(in crate::http) const ICON: &str = "icon";

    pub(super) const ALL: [&str; 7] =
        [MCP, TENANT_MCP, PROTECTED_RESOURCE, AUTHORIZATION_SERVER, HEALTH, READINESS, ICON];
}

fn known_route(name: &str) -> Option<&'static str> {
    route::ALL.into_iter().find(|known| *known == name)
}

fn known_method(method: &Method) -> &'static str {
    [Method::GET, Method::POST, Method::HEAD, Method::OPTIONS, Method::DELETE]
        .iter()
        .zip(["GET", "POST", "HEAD", "OPTIONS", "DELETE"])
        .find_map(|(known, name)| (known == method).then_some(name))
        .unwrap_or("_OTHER")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, whoever invents methods would make a series of each in every Prometheus.
    #[rstest]
    #[case::known(Method::POST, "POST")]
    #[case::head(Method::HEAD, "HEAD")]
    #[case::of_no_client(Method::PATCH, "_OTHER")]
    #[case::invented(Method::from_bytes(b"BREW").unwrap(), "_OTHER")]
    fn a_method_is_one_of_few(#[case] method: Method, #[case] expected: &str) {
        assert_eq!(known_method(&method), expected);
    }
}
