//! Tokens of the application itself: they exist so that whoever must refuse them can be tried.

use rstest::rstest;

use super::support::{Pairs, World, pairs, token_part, with};

fn request(world: &World, scope: &str) -> Pairs {
    pairs(&[
        ("client_id", &world.connector_id()),
        ("client_secret", &world.simulator.connector_credentials().client_secret),
        ("grant_type", "client_credentials"),
        ("scope", scope),
    ])
}

/// A token that could pass for a user's would test nothing.
#[actix_web::test]
async fn an_applications_token_has_no_user_and_no_scope() {
    let world = World::start().await;
    let own = format!("api://{}/.default", world.connector_id());
    for (scope, version) in [(own.as_str(), "2.0"), ("https://graph.microsoft.com/.default", "1.0")] {
        let body = world.token(&world.tenant(), &request(&world, scope)).await.json();
        assert!(body.get("refresh_token").is_none() && body.get("scope").is_none(), "{body}");
        let claims = token_part(body["access_token"].as_str().unwrap(), 1);
        assert_eq!((claims["idtyp"].as_str(), claims["ver"].as_str()), (Some("app"), Some(version)));
        assert!(claims.get("scp").is_none());
        assert_eq!((&claims["oid"], &claims["sub"]), (&claims["sub"], &world.connector_id().into()));
    }
}

/// Graph opens nothing to an application without roles, and `/me` to none.
#[rstest]
#[case("/v1.0/me", 400, "BadRequest")]
#[case("/v1.0/users/someone", 403, "Authorization_RequestDenied")]
#[actix_web::test]
async fn graph_refuses_an_application(#[case] path: &str, #[case] status: u16, #[case] code: &str) {
    let world = World::start().await;
    let form = request(&world, "https://graph.microsoft.com/.default");
    let body = world.token(&world.tenant(), &form).await.json();
    let reply = world.get_as(body["access_token"].as_str().unwrap(), path).await;
    assert_eq!((reply.status, reply.json()["error"]["code"].as_str()), (status, Some(code)));
}

/// What Entra does not grant must not be granted here.
#[rstest]
#[case("scope", "https://graph.microsoft.com/Mail.Read", 1_002_012)]
#[case("scope", "", 900_144)]
#[case("client_secret", "", 7_000_218)]
#[case("client_secret", "wrong", 7_000_215)]
#[actix_web::test]
async fn a_wrong_request_is_refused_with_its_number(
    #[case] field: &str,
    #[case] changed: &str,
    #[case] code: u64,
) {
    let world = World::start().await;
    let form = with(request(&world, "https://graph.microsoft.com/.default"), field, changed);
    assert_eq!(world.token(&world.tenant(), &form).await.aadsts(), code);
}

/// An application belongs to a tenant: without one nobody knows whose token it is.
#[rstest]
#[case("common", 9_001_023)]
#[case("consumers", 9_002_332)]
#[actix_web::test]
async fn an_application_needs_a_tenants_endpoint(#[case] segment: &str, #[case] code: u64) {
    let world = World::start().await;
    let form = request(&world, "https://graph.microsoft.com/.default");
    assert_eq!(world.token(segment, &form).await.aadsts(), code);
}
