//! Faults within a service: refusals, clocks, permissions, and what answers say about waiting.

use rstest::rstest;
use serde_json::{Value, json};

use super::support::{World, pairs, token_part};

async fn fault(world: &World, order: Value) {
    let reply = world.post_json("/_sim/faults", order).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

/// Clients must be seen with every form that services send, also on a refusal of the throttling.
#[rstest]
#[case(json!({ "form": "decimal", "seconds": 2 }), "2.128")]
#[case(json!({ "form": "nonsense" }), "soon")]
#[case(json!({ "form": "missing" }), "")]
#[actix_web::test]
async fn retry_after_comes_in_the_form_asked_for(#[case] retry_after: Value, #[case] expected: &str) {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    fault(&world, json!({ "service": "graph", "status": 503, "retry_after": retry_after, "times": 1 })).await;
    let reply = world.get_as(&bearer, "/v1.0/me").await;
    assert_eq!((reply.status, reply.header("retry-after")), (503, expected));
    world.post_json("/_sim/throttling", json!({ "scale": 0.0001 })).await;
    world.get_as(&bearer, "/v1.0/me").await;
    fault(&world, json!({ "service": "graph", "retry_after": retry_after })).await;
    let refused = world.get_as(&bearer, "/v1.0/me").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, expected));
}

/// A service whose clock is wrong says so in dates and tokens, and finds others' tokens expired.
#[actix_web::test]
async fn a_service_lives_by_its_own_clock() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    let usual = token_part(&bearer, 1)["iat"].as_i64().unwrap();
    fault(&world, json!({ "service": "entra", "clock_skew_s": -7_200 })).await;
    let assertion = world.assertion(json!({ "nbf": 0 })).await;
    let reply = world.token(&world.tenant(), &world.exchange(&assertion)).await;
    let early = token_part(reply.json()["access_token"].as_str().unwrap(), 1);
    assert!(early["iat"].as_i64().unwrap() < usual - 7_000);
    let dated = |reply: &super::support::Reply| {
        let date = reply.header("date");
        jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).unwrap().as_second()
    };
    assert!(dated(&reply) < usual - 6_000, "{}", reply.header("date"));
    fault(&world, json!({ "service": "graph", "clock_skew_s": 7_200 })).await;
    let expired = world.get_as(&bearer, "/v1.0/me").await;
    assert_eq!(
        (expired.status, expired.json()["error"]["code"].as_str()),
        (401, Some("InvalidAuthenticationToken"))
    );
    assert!(dated(&expired) > usual + 7_000);
}

/// A permission that is taken away is gone for tokens that were given out before, and for those to come.
#[actix_web::test]
async fn a_scope_is_lost_in_mid_flight() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    for service in ["graph", "entra"] {
        fault(&world, json!({ "service": service, "user": world.upn(), "lost_scopes": ["Mail.Read", "Mail.ReadBasic"] }))
            .await;
    }
    let denied = world.get_as(&bearer, "/v1.0/me/messages").await;
    assert_eq!((denied.status, denied.json()["error"]["code"].as_str()), (403, Some("ErrorAccessDenied")));
    assert_eq!(world.get_as(&bearer, "/v1.0/me").await.status, 200, "the others stay");
    let later = token_part(&world.graph_token().await, 1)["scp"].to_string();
    assert!(!later.contains("Mail.Read ") && later.contains("Calendars.Read"), "{later}");
    world.delete("/_sim/faults").await;
    assert_eq!(world.get_as(&bearer, "/v1.0/me/messages?$top=1").await.status, 200, "and comes back");
}

/// A latency must hold answers back, and be the same for the same seed.
#[actix_web::test]
async fn a_latency_holds_answers_back() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    let latency = json!({ "kind": "uniform", "from_ms": 60_000, "to_ms": 90_000 });
    fault(&world, json!({ "service": "graph", "latency": latency, "seed": 3 })).await;
    let slow = world.http.get(world.url("/v1.0/me")).bearer_auth(&bearer);
    let error = slow.timeout(std::time::Duration::from_millis(200)).send().await.unwrap_err();
    assert!(error.is_timeout());
}

/// A refresh token lives as long as it is used: a client that comes back after three months has to sign in.
#[rstest]
#[case(89, 0)]
#[case(91, 700_082)]
#[actix_web::test]
async fn a_refresh_token_ends_after_ninety_days_without_use(#[case] days: i64, #[case] code: u64) {
    let world = World::start().await;
    let tokens = world.token(&world.tenant(), &world.redemption(&world.code().await)).await.json();
    let later = json!({ "service": "entra", "clock_skew_s": days * 86_400 });
    assert_eq!(world.post_json("/_sim/faults", later).await.status, 200);
    let refresh = pairs(&[
        ("client_id", &world.client_id()),
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ]);
    let answer = world.token(&world.tenant(), &refresh).await;
    match code {
        0 => assert_eq!(answer.status, 200, "{}", answer.text),
        code => assert_eq!(answer.aadsts(), code),
    }
}
