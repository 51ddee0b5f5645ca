use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use super::support::{Reply, World};

async fn fault(world: &World, order: Value) {
    let reply = world.post_json("/_sim/faults", order).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(reply.json()["id"].is_string());
}

/// A failure in another shape than the service's own would be handled by another path of the connector.
#[rstest]
#[case("/me/messages", [
    (400, "ErrorInvalidRequest"),
    (401, "InvalidAuthenticationToken"),
    (403, "ErrorAccessDenied"),
    (404, "ErrorItemNotFound"),
    (429, "TooManyRequests"),
    (500, "ErrorInternalServerError"),
    (503, "ErrorServerBusy"),
])]
#[case("/me", [
    (400, "Request_BadRequest"),
    (401, "InvalidAuthenticationToken"),
    (403, "Authorization_RequestDenied"),
    (404, "Request_ResourceNotFound"),
    (429, "TooManyRequests"),
    (500, "InternalServerError"),
    (503, "ServiceUnavailable"),
])]
#[case("/me/drive/root", [
    (400, "invalidRequest"),
    (401, "InvalidAuthenticationToken"),
    (403, "accessDenied"),
    (404, "itemNotFound"),
    (429, "activityLimitReached"),
    (500, "generalException"),
    (503, "serviceNotAvailable"),
])]
#[case("/me/chats", [
    (400, "BadRequest"),
    (401, "Unauthorized"),
    (403, "Forbidden"),
    (404, "NotFound"),
    (429, "TooManyRequests"),
    (500, "InternalServerError"),
    (503, "ServiceUnavailable"),
])]
#[case("/search/query", [
    (400, "BadRequest"),
    (401, "InvalidAuthenticationToken"),
    (403, "Forbidden"),
    (404, "NotFound"),
    (429, "activityLimitReached"),
    (500, "InternalServerError"),
    (503, "ServiceUnavailable"),
])]
#[actix_web::test]
async fn a_status_has_the_code_of_the_service_that_was_asked(
    #[case] path: &str,
    #[case] codes: [(u16, &str); 7],
) {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    let everywhere = [
        (410, "resyncRequired"),
        (502, "BadGateway"),
        (504, "GatewayTimeout"),
        (507, "quotaLimitReached"),
        (509, "bandwidthLimitExceeded"),
    ];
    for (status, code) in codes.into_iter().chain(everywhere) {
        fault(&world, json!({ "service": "graph", "status": status, "times": 1 })).await;
        let failed = world.get_as(&bearer, &format!("/v1.0{path}")).await;
        assert_eq!((failed.status, failed.json()["error"]["code"].as_str()), (status, Some(code)));
        let is_challenged =
            failed.header("www-authenticate").starts_with("Bearer realm=\"\", authorization_uri=");
        assert_eq!(is_challenged, status == 401, "{status}");
    }
}

/// A fault that refuses in other words than the service itself does would be told apart by a client's code.
#[rstest]
#[case("/me/messages", "Mail.Read")]
#[case("/me", "User.Read")]
#[case("/me/drive/root", "Files.Read")]
#[case("/me/chats", "Chat.Read")]
#[actix_web::test]
async fn a_403_has_the_code_of_a_missing_permission(#[case] path: &str, #[case] scope: &str) {
    let world = World::start().await;
    let order = json!({
        "tenant": world.tenant(), "user": world.upn(), "kind": "graph", "scopes": [scope]
    });
    let minted = world.post_json("/_sim/token", order).await.json();
    let bearer = minted["access_token"].as_str().unwrap();
    let path = format!("/v1.0{path}");
    let code = |reply: Reply| (reply.status, reply.json()["error"]["code"].clone());
    fault(&world, json!({ "service": "graph", "lost_scopes": [scope], "times": 1 })).await;
    let missing = code(world.get_as(bearer, &path).await);
    fault(&world, json!({ "service": "graph", "status": 403, "times": 1 })).await;
    assert_eq!(code(world.get_as(bearer, &path).await), missing);
    assert_eq!(world.get_as(bearer, &path).await.status, 200);
}

/// What a throttled client looks for lies deeper than the first code.
#[rstest]
#[case("/me/drive/root", json!({ "code": "throttledRequest", "innerError": { "code": "quota" } }))]
#[case("/me/messages", json!({ "code": "429", "message": "Please retry after", "status": "429" }))]
#[actix_web::test]
async fn a_429_on_demand_has_the_inner_error_of_throttling(#[case] path: &str, #[case] expected: Value) {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    fault(&world, json!({ "service": "graph", "status": 429 })).await;
    let inner = world.get_as(&bearer, &format!("/v1.0{path}")).await.json()["error"]["innerError"].clone();
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&inner[name], value, "{name}");
    }
    assert!(inner["request-id"].is_string() && inner["date"].is_string());
}

/// Headers of a fault reach the client, and a fault for once hits once.
#[actix_web::test]
async fn a_status_fault_answers_in_graphs_shape() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    let headers = json!({ "Retry-After": "7", "X-Anything": "yes" });
    fault(&world, json!({ "service": "graph", "status": 503, "headers": headers, "times": 1 })).await;
    let failed = world.get_as(&bearer, "/v1.0/me").await;
    assert_eq!((failed.status, failed.json()["error"]["code"].as_str()), (503, Some("ServiceUnavailable")));
    assert_eq!((failed.header("retry-after"), failed.header("x-anything")), ("7", "yes"));
    assert_eq!(world.get_as(&bearer, "/v1.0/me").await.status, 200, "it was for once");
}

/// The same for Entra, whose errors carry numbers.
#[rstest]
#[case(429, "temporarily_unavailable", 90_055)]
#[case(503, "temporarily_unavailable", 90_033)]
#[case(500, "server_error", 90_006)]
#[case(401, "invalid_client", 7_000_215)]
#[actix_web::test]
async fn a_status_fault_answers_in_entras_shape(#[case] status: u16, #[case] error: &str, #[case] code: u64) {
    let world = World::start().await;
    let exchange = world.exchange(&world.assertion(json!({})).await);
    fault(&world, json!({ "service": "entra", "path_prefix": "/oauth2/v2.0/token", "status": status })).await;
    let failed = world.token(&world.tenant(), &exchange).await;
    assert_eq!(failed.status, status);
    assert_eq!((failed.json()["error"].as_str(), failed.aadsts()), (Some(error), code));
    assert_eq!(failed.header("retry-after"), if status == 429 { "30" } else { "" });
    assert_eq!(world.keys().await.len(), 2, "another path is untouched");
}

/// Rubbish with a good status is what a broken proxy sends.
#[actix_web::test]
async fn a_body_fault_replaces_the_body_of_the_real_answer() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    fault(&world, json!({ "service": "graph", "body": "{\"value\": [", "times": 1 })).await;
    fault(&world, json!({ "service": "graph", "status": 404, "body": { "error": {} }, "times": 1 })).await;
    let truncated = world.get_as(&bearer, "/v1.0/me").await;
    assert_eq!((truncated.status, truncated.text.as_str()), (200, "{\"value\": ["));
    let replaced = world.get_as(&bearer, "/v1.0/me").await;
    assert_eq!((replaced.status, replaced.json()), (404, json!({ "error": {} })));
}

/// A slow answer must be slow, or no deadline is ever tested.
#[actix_web::test]
async fn a_delay_holds_the_answer_back() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    fault(&world, json!({ "service": "graph", "delay_ms": 60_000 })).await;
    let slow = world.http.get(world.url("/v1.0/me")).bearer_auth(&bearer).timeout(Duration::from_millis(200));
    assert!(slow.send().await.unwrap_err().is_timeout());
    world.delete("/_sim/faults").await;
    fault(&world, json!({ "service": "graph", "delay_ms": 1, "status": 503 })).await;
    assert_eq!(world.get_as(&bearer, "/v1.0/me").await.status, 503, "it combines");
    let log = world.get("/_sim/requests").await.json();
    let statuses: Vec<&Value> =
        log.as_array().unwrap().iter().rev().take(2).map(|entry| &entry["status"]).collect();
    assert_eq!(statuses, [&json!(503), &Value::Null], "a request that nobody waited for is logged too");
}

/// A connection that ends without an answer, or in the middle of one, is not an HTTP error.
#[actix_web::test]
async fn a_reset_closes_the_connection() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    fault(&world, json!({ "service": "graph", "reset": true, "times": 1 })).await;
    let request = world.http.get(world.url("/v1.0/me")).bearer_auth(&bearer);
    let error = request.try_clone().unwrap().send().await.unwrap_err();
    assert!(error.is_request() && !error.is_timeout(), "{error:?}");
    fault(&world, json!({ "service": "graph", "reset": true, "body": "{\"half\":", "times": 1 })).await;
    let response = request.send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    assert!(response.text().await.is_err(), "the body ends too early");
    assert_eq!(world.get_as(&bearer, "/v1.0/me").await.status, 200);
}

/// One user's or tenant's trouble must be testable beside another's health.
#[actix_web::test]
async fn a_fault_can_be_aimed_at_a_tenant_or_a_user() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    let exchange = world.exchange(&world.assertion(json!({})).await);
    let (other_user, other_tenant) = {
        let directory = world.simulator.directory();
        (directory.tenants[0].users[2].upn.clone(), directory.tenants[1].id)
    };
    for service in ["graph", "entra"] {
        fault(&world, json!({ "service": service, "user": other_user, "status": 503 })).await;
        fault(&world, json!({ "service": service, "tenant": other_tenant, "status": 503 })).await;
    }
    assert_eq!(world.get_as(&bearer, "/v1.0/me").await.status, 200);
    assert_eq!(world.token(&world.tenant(), &exchange).await.status, 200);
    for service in ["graph", "entra"] {
        let order =
            json!({ "service": service, "tenant": world.tenant(), "user": world.upn(), "status": 504 });
        fault(&world, order).await;
    }
    assert_eq!(world.get_as(&bearer, "/v1.0/me").await.status, 504);
    assert_eq!(world.token(&world.tenant(), &exchange).await.status, 504);
}

/// A list that does not tell what is in force, or a clearing that forgets one, spoils the next test.
#[actix_web::test]
async fn faults_are_listed_as_ordered_and_cleared() {
    let world = World::start().await;
    let order =
        json!({ "service": "graph", "path_prefix": "/v1.0/me", "status": 503, "share": 0.5, "times": 3 });
    fault(&world, order.clone()).await;
    let bearer = world.graph_token().await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(world.get_as(&bearer, "/v1.0/me").await.status);
    }
    assert_eq!(statuses, [200, 503, 200, 503], "every second request");
    let mut expected = order;
    expected["id"] = "1".into();
    expected["times"] = 1.into();
    assert_eq!(world.get("/_sim/faults").await.json(), json!([expected]));
    assert_eq!(world.delete("/_sim/faults").await.status, 204);
    assert_eq!(world.get("/_sim/faults").await.json(), json!([]));
}

/// A fault that cannot be aimed at one address needs to know every id in it.
#[actix_web::test]
async fn a_fault_is_for_one_route_and_method() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    fault(
        &world,
        json!({ "service": "graph", "status": 503, "route": "/me/messages/{id}", "method": "GET" }),
    )
    .await;
    assert_eq!(world.get_as(&bearer, "/v1.0/me/messages?$top=1").await.status, 200);
    assert_eq!(world.get_as(&bearer, "/v1.0/me/messages/x/attachments").await.status, 400);
    assert_eq!(world.get_as(&bearer, "/v1.0/me/messages/x").await.status, 503);
    let patch = world.http.patch(world.url("/v1.0/me/messages/x")).bearer_auth(&bearer).body("{}");
    assert_eq!(patch.send().await.unwrap().status().as_u16(), 405, "another method is untouched");
}

/// To clear all faults for the sake of one ends those of somebody else's test.
#[actix_web::test]
async fn one_fault_is_removed_by_its_id() {
    let world = World::start().await;
    let add = async |path: &str| {
        let order = json!({ "service": "graph", "path_prefix": path, "status": 500 });
        world.post_json("/_sim/faults", order).await.json()["id"].as_str().unwrap().to_owned()
    };
    let (first, second) = (add("/me").await, add("/users").await);
    assert_eq!(world.delete(&format!("/_sim/faults/{first}")).await.status, 204);
    assert_eq!(world.delete(&format!("/_sim/faults/{first}")).await.status, 404);
    assert_eq!(world.delete("/_sim/faults/first").await.status, 404);
    let left = world.get("/_sim/faults").await.json();
    assert_eq!((left.as_array().unwrap().len(), &left[0]["id"]), (1, &json!(second)));
}
