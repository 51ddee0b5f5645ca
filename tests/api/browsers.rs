//! Clients that run in a browser, on a page of another origin.

use m365_connector::WebOrigin;
use reqwest::{Method, StatusCode};
use rstest::rstest;
use serde_json::json;

use crate::world::{Answer, World, send};

const INSPECTOR: &str = "http://localhost:6274";
const EVIL: &str = "https://evil.example";

async fn world_with_the_inspector() -> World {
    let inspector: WebOrigin = INSPECTOR.parse().unwrap();
    World::start_with(|settings| settings.http.allowed_origins = vec![inspector]).await
}

fn shared_with(answer: &Answer) -> (&str, &str, &str) {
    let header = |name| answer.header(name);
    (
        header("access-control-allow-origin"),
        header("access-control-expose-headers"),
        header("access-control-allow-credentials"),
    )
}

const SHARED: (&str, &str, &str) = (INSPECTOR, "WWW-Authenticate, Retry-After", "");
const KEPT: (&str, &str, &str) = ("", "", "");

/// If this failed, a client in a browser could not call, or a page that nobody allowed could.
#[rstest]
#[case::preflight(INSPECTOR, StatusCode::NO_CONTENT, SHARED)]
#[case::foreign(EVIL, StatusCode::FORBIDDEN, KEPT)]
#[case::other_port("http://localhost:6275", StatusCode::FORBIDDEN, KEPT)]
#[case::null("null", StatusCode::FORBIDDEN, KEPT)]
#[actix_web::test]
async fn a_browser_asks_before_it_lets_a_page_call(
    #[case] origin: &str,
    #[case] status: StatusCode,
    #[case] shared: (&str, &str, &str),
) {
    let world = world_with_the_inspector().await;
    let asked = "authorization,content-type,mcp-method,mcp-param-region,mcp-protocol-version,x-other";
    let request = world.http.request(Method::OPTIONS, world.url()).header("origin", origin);
    let request = request.header("access-control-request-method", "POST");
    let answer = send(request.header("access-control-request-headers", asked)).await;
    assert_eq!((answer.status, shared_with(&answer)), (status, shared));
    if status == StatusCode::FORBIDDEN {
        return;
    }
    assert_eq!(answer.header("access-control-allow-methods"), "POST");
    assert_eq!(
        answer.header("access-control-allow-headers"),
        "authorization, content-type, accept, mcp-protocol-version, mcp-method, mcp-name, mcp-session-id, \
         last-event-id, mcp-param-region"
    );
    assert_eq!(answer.header("access-control-max-age"), "7200");
    let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
    assert_eq!(vary, ["access-control-request-headers", "Origin"]);
}

/// If this failed, a page could not read what its client has to act on: where to sign in stands in a refusal.
#[actix_web::test]
async fn an_allowed_page_reads_answers_and_refusals_alike() {
    let world = world_with_the_inspector().await;
    let token = world.token(&world.person(0, 0)).await;
    let call = || world.modern(&token, "tools/list", json!({}));
    let expected = [
        (call(), StatusCode::OK),
        (world.post().body("{}"), StatusCode::UNAUTHORIZED),
        (call().header("content-type", "text/plain"), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (call().header("x-m365-connector-allowed-tenants", ""), StatusCode::FORBIDDEN),
        (world.http.get(world.url()), StatusCode::METHOD_NOT_ALLOWED),
        (world.modern(&token, "no/such", json!({})), StatusCode::NOT_FOUND),
    ];
    for (request, status) in expected {
        let answer = send(request.header("origin", INSPECTOR)).await;
        assert_eq!((answer.status, shared_with(&answer)), (status, SHARED), "{}", answer.text);
        assert_eq!(answer.header("vary"), "Origin");
    }
}

/// If this failed, answers would be open to pages without anybody having said so.
#[rstest]
#[case::no_origin(None, StatusCode::OK)]
#[case::foreign(Some(EVIL), StatusCode::FORBIDDEN)]
#[case::prefix(Some("http://localhost:62740"), StatusCode::FORBIDDEN)]
#[actix_web::test]
async fn answers_are_shared_with_nobody_else(#[case] origin: Option<&str>, #[case] status: StatusCode) {
    let world = world_with_the_inspector().await;
    let token = world.token(&world.person(0, 0)).await;
    let request = world.modern(&token, "tools/list", json!({}));
    let answer =
        send(origin.into_iter().fold(request, |request, origin| request.header("origin", origin))).await;
    assert_eq!((answer.status, shared_with(&answer)), (status, KEPT));
}

/// If this failed, pages would be let in where the operator allows none.
#[actix_web::test]
async fn no_page_is_allowed_unless_configured() {
    let world = World::start().await;
    let request = world.http.request(Method::OPTIONS, world.url()).header("origin", INSPECTOR);
    let answer = send(request.header("access-control-request-method", "POST")).await;
    assert_eq!((answer.status, shared_with(&answer)), (StatusCode::FORBIDDEN, KEPT));
    let plain = send(world.http.request(Method::OPTIONS, world.url())).await;
    assert_eq!((plain.status, plain.header("allow")), (StatusCode::NO_CONTENT, "POST, OPTIONS"));
    assert_eq!(shared_with(&plain), KEPT);
}

/// If this failed, a client in a browser could not find the sign-in, whatever the operator allows later on.
#[rstest]
#[case::resource("/.well-known/oauth-protected-resource", StatusCode::OK)]
#[case::resource_of_the_path("/.well-known/oauth-protected-resource/mcp", StatusCode::OK)]
#[case::facade("/.well-known/oauth-authorization-server", StatusCode::OK)]
#[case::what_clients_try_next("/.well-known/openid-configuration", StatusCode::NOT_FOUND)]
#[actix_web::test]
async fn any_page_may_read_the_metadata(#[case] path: &str, #[case] status: StatusCode) {
    let world = World::start().await;
    let address = format!("http://{}{path}", world.stage.connector.public_address());
    let answer = send(world.http.get(&address).header("origin", EVIL)).await;
    assert_eq!((answer.status, shared_with(&answer)), (status, ("*", "", "")));
    let foreign = send(world.http.get(&address).header("host", "evil.example")).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN, "the host's rule stands");
    if status == StatusCode::NOT_FOUND {
        return;
    }
    let request = world.http.request(Method::OPTIONS, &address).header("origin", EVIL);
    let request = request.header("access-control-request-method", "GET");
    let answer = send(request.header("access-control-request-headers", "mcp-protocol-version")).await;
    assert_eq!((answer.status, shared_with(&answer)), (StatusCode::NO_CONTENT, ("*", "", "")));
    assert_eq!(answer.header("access-control-allow-headers"), "*");
    assert_eq!(answer.header("access-control-allow-methods"), "GET, HEAD");
}
