use jsonwebtoken::{Algorithm, EncodingKey};
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{World, token_part};

/// Signs claims as the simulated Graph's own key would.
fn signed_for_graph(claims: &Value) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let header = json!({ "typ": "JWT", "alg": "RS256" });
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let key = EncodingKey::from_rsa_pem(include_bytes!("../../keys/graph.key.pem")).unwrap();
    format!("{signed}.{}", jsonwebtoken::crypto::sign(signed.as_bytes(), &key, Algorithm::RS256).unwrap())
}

fn message(body: &Value) -> &str {
    body["error"]["message"].as_str().unwrap()
}

/// Whoever passes the user's own token through to Graph must be told what is wrong with it.
#[actix_web::test]
async fn a_bearer_that_is_not_for_graph_is_refused() {
    let world = World::start().await;
    let assertion = world.assertion(json!({})).await;
    let for_graph = world.assertion(json!({ "aud": "https://graph.microsoft.com" })).await;
    let mut expired = token_part(&world.graph_token().await, 1);
    expired["exp"] = 1_700_000_000.into();
    let cases = [
        ("rubbish".to_owned(), "JWT is not well formed."),
        (assertion, "Access token validation failure. Invalid audience."),
        (for_graph, "Access token validation failure. Invalid signature."),
        (signed_for_graph(&expired), "Lifetime validation failed, the token is expired."),
    ];
    for (bearer, expected) in cases {
        let reply = world.get_as(&bearer, "/v1.0/me").await;
        assert_eq!(reply.status, 401);
        assert_eq!(reply.json()["error"]["code"], "InvalidAuthenticationToken");
        assert_eq!(message(&reply.json()), expected);
        assert!(reply.header("www-authenticate").starts_with("Bearer realm=\"\", authorization_uri="));
    }
    let missing = world.get("/v1.0/me").await;
    assert_eq!((missing.status, message(&missing.json())), (401, "Access token is empty."));
}

/// A signature is checked once a token: the second request must be answered like the first.
#[actix_web::test]
async fn a_bearer_is_good_for_many_requests() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    let first = world.get_as(&bearer, "/v1.0/me").await;
    let second = world.get_as(&bearer, "/v1.0/me").await;
    assert_eq!(first.status, 200);
    assert_eq!(first.text, second.text);
}

/// A path that Graph does not know is answered in Graph's shape, wherever it is.
#[rstest]
#[case("/nowhere")]
#[case("/v1.0/nowhere")]
#[case("/")]
#[case("/.well-known/oauth-authorization-server/common/v2.0")]
#[actix_web::test]
async fn an_unknown_route_is_answered_as_graph_does(#[case] path: &str) {
    let world = World::start().await;
    let reply = world.get_as(&world.graph_token().await, path).await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["error"]["code"], "BadRequest");
    assert!(message(&reply.json()).starts_with("Resource not found for the segment"));
}

/// A POST that only reads comes through with its body; any other is refused and stays in the log.
#[actix_web::test]
async fn a_post_that_reads_is_answered() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    let post = |path: &str, body: Value| {
        let request = world.http.post(world.url(path)).bearer_auth(&bearer);
        request.header("content-type", "application/json").body(body.to_string())
    };
    let day = |day: &str| json!({ "dateTime": day, "timeZone": "UTC" });
    let body =
        json!({ "schedules": [world.upn()], "startTime": day("2026-11-23"), "endTime": day("2026-11-24") });
    let reply = post("/v1.0/me/calendar/getSchedule", body).send().await.unwrap();
    assert_eq!(reply.status().as_u16(), 200);
    let answer: Value = serde_json::from_str(&reply.text().await.unwrap()).unwrap();
    assert_eq!(answer["value"][0]["availabilityView"].as_str().map(str::len), Some(48));
    let refused = post("/v1.0/me/events", json!({ "subject": "x" })).send().await.unwrap();
    assert_eq!((refused.status().as_u16(), refused.headers()["allow"].to_str().unwrap()), (405, "GET"));
}

/// OpenID Connect libraries ask here for what the id token left out.
#[actix_web::test]
async fn user_info_answers_for_a_graph_token() {
    let world = World::start().await;
    let reply = world.get_as(&world.graph_token().await, "/oidc/userinfo").await;
    assert_eq!((reply.status, reply.json()["email"].as_str()), (200, Some(world.upn().as_str())));
    assert_eq!(world.get("/oidc/userinfo").await.status, 401);
}
