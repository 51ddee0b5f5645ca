use m365_simulator::{Simulator, SimulatorOptions};
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{MCP, World, token_part, value, with};

async fn requests(world: &World) -> Vec<Value> {
    world.get("/_sim/requests").await.json().as_array().unwrap().clone()
}

/// Tests and the demo find everything by this document; its shape is a promise.
#[actix_web::test]
async fn the_directory_lists_tenants_users_connector_and_clients() {
    let world = World::start().await;
    let document = world.get("/_sim/directory").await.json();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&document), ["clients", "connector", "tenants"]);
    assert_eq!(document["tenants"].as_array().unwrap().len(), 3);
    assert_eq!(keys(&document["tenants"][0]), ["domain", "id", "name", "users"]);
    assert_eq!(keys(&document["tenants"][0]["users"][0]), ["id", "name", "upn"]);
    assert_eq!(keys(&document["connector"]), ["client_id"]);
    let clients = document["clients"].as_array().unwrap();
    assert_eq!(keys(&clients[0]), ["id", "name", "redirect_uris"]);
    let of_a_page = clients.iter().find(|client| client["spa_redirect_uris"].is_array()).unwrap();
    let all = of_a_page["redirect_uris"].as_array().unwrap();
    assert!(of_a_page["spa_redirect_uris"].as_array().unwrap().iter().all(|address| all.contains(address)));
}

/// Whoever takes the first and the last listed user of a tenant would meet somebody without a mailbox.
#[actix_web::test]
async fn the_first_and_the_last_listed_user_of_each_tenant_are_members_with_a_mailbox() {
    let world = World::start().await;
    let document = world.get("/_sim/directory").await.json();
    for tenant in document["tenants"].as_array().unwrap() {
        let users = tenant["users"].as_array().unwrap();
        for user in [users.first(), users.last()] {
            let user = user.unwrap();
            assert!(!user["upn"].as_str().unwrap().contains("#EXT#"), "{user}");
        }
    }
    let guest = &world.simulator.directory().tenants[1].users[12];
    let listed = document["tenants"][1]["users"].as_array().unwrap();
    assert!(listed.iter().any(|user| user["upn"] == guest.upn.as_str()));
}

/// Whoever runs the simulator alone points a connector at it by this document.
#[actix_web::test]
async fn the_registration_holds_what_a_connector_is_configured_with() {
    let world = World::start().await;
    let (base, shown) = (world.simulator.base_url(), world.get("/_sim/registration").await.json());
    let credentials = world.simulator.connector_credentials();
    let expected = json!({
        "authority": base,
        "graph_base": format!("{base}/v1.0"),
        "graph_resource": "https://graph.microsoft.com",
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "certificate_pem": credentials.certificate_pem,
        "private_key_pem": credentials.private_key_pem,
        "scope": "access_as_user",
        "app_id_uris": [MCP],
    });
    assert_eq!(shown, expected);
}

/// A connector on a port that was free learns its address last, and must still be known to Entra.
#[actix_web::test]
async fn an_app_id_uri_can_be_registered_by_the_control_api() {
    let world = World::start().await;
    let other = "http://127.0.0.1:40001/mcp";
    let asked = with(world.authorization(), "resource", other);
    let asked = with(asked, "scope", &format!("{other}/access_as_user"));
    assert_eq!(world.authorize(&world.tenant(), &asked).await.aadsts(), 9_010_010);
    let shown = world.post_json("/_sim/registration", json!({ "app_id_uri": other })).await.json();
    assert_eq!(shown["app_id_uris"], json!([MCP, other]));
    assert!(!value(&world.authorize(&world.tenant(), &asked).await.redirected(), "code").is_empty());
}

/// The defaults are promised: most tests rely on them.
#[actix_web::test]
async fn a_minted_token_is_for_the_first_client_our_scope_and_an_hour() {
    let world = World::start().await;
    let order = json!({ "tenant": world.tenant(), "user": world.upn() });
    let minted = world.post_json("/_sim/token", order).await.json();
    assert_eq!(minted["expires_in"], 3_600);
    let claims = token_part(minted["access_token"].as_str().unwrap(), 1);
    assert_eq!(claims["azp"], world.client_id());
    assert_eq!(claims["scp"], "access_as_user");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3_900);
}

/// Every wrong token must be mintable, or the connector's refusals cannot be tested.
#[actix_web::test]
async fn claims_are_overridden_last_and_null_removes_one() {
    let world = World::start().await;
    let client = world.simulator.directory().clients[1].id;
    let claims = json!({ "aud": ["a", 1], "scp": null, "azp": null, "deep": { "x": [null] }, "ver": 1.5 });
    let order = json!({
        "tenant": world.simulator.directory().tenants[0].domain,
        "user": world.upn(),
        "client": client,
        "scopes": ["access_as_user", "more"],
        "lifetime_s": -60,
        "claims": claims,
    });
    let minted = world.post_json("/_sim/token", order).await.json();
    let token = minted["access_token"].as_str().unwrap();
    let claims = token_part(token, 1);
    assert_eq!(claims["aud"], json!(["a", 1]));
    assert_eq!(claims["deep"], json!({ "x": [null] }));
    assert_eq!(claims["ver"], 1.5);
    assert!(claims.get("scp").is_none() && claims.get("azp").is_none());
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 240);
    let keys = world.keys().await;
    assert!(super::support::verifies(token, &keys[0]), "the signature is right all the same");
}

/// A control request that is silently misread makes a test prove something else.
#[rstest]
#[case("/_sim/token", json!({ "user": "x" }), "`tenant` is missing")]
#[case("/_sim/token", json!({ "tenant": "x", "user": "y" }), "`tenant` names nothing in the directory")]
#[case("/_sim/token", json!({ "tenant": "x", "user": 3 }), "`user` must be a string")]
#[case("/_sim/token", json!({ "tenant": "x", "user": "y", "lifetime_s": "z" }), "`lifetime_s` must be a whole number")]
#[case("/_sim/token", json!({ "tenant": "x", "user": "y", "scopes": [1] }), "`scopes` must be a list of strings")]
#[case("/_sim/token", json!({ "tenant": "x", "user": "y", "claims": [] }), "`claims` must be an object")]
#[case("/_sim/token", json!({ "tenant": "x", "user": "y", "scope": "z" }), "`scope` is not a field of this request")]
#[case("/_sim/token", json!([]), "the body is not a JSON object")]
#[case("/_sim/token", json!({ "tenant": "x", "user": "y", "kind": "z" }), "`kind` must be \"access\", \"application\", \"id\" or \"graph\"")]
#[case("/_sim/token", json!({ "tenant": "x", "user": "y", "signed_with": "z" }), "`signed_with` must be \"first\", \"second\", \"personal\", \"graph\", \"hs256\" or \"none\"")]
#[case("/_sim/token", json!({ "tenant": "x", "user": "y", "header_again": 1 }), "`header_again` must be an object")]
#[case("/_sim/keys", json!({ "active": "graph" }), "`active` must be \"first\", \"second\" or \"personal\"")]
#[case("/_sim/keys", json!({ "published": ["first", 2] }), "`published` must be a list of \"first\", \"second\" and \"personal\"")]
#[case("/_sim/keys", json!({ "published": "first" }), "`published` must be a list of \"first\", \"second\" and \"personal\"")]
#[case("/_sim/registration", json!({}), "`app_id_uri` is missing")]
#[case("/_sim/registration", json!({ "app_id_uri": "http://127.0.0.1/" }), "`app_id_uri` must be the full URL of an MCP endpoint, without a slash at the end")]
#[case("/_sim/requests", json!({}), "`recording` is missing")]
#[case("/_sim/requests", json!({ "recording": "no" }), "`recording` must be true or false")]
#[case("/_sim/faults", json!({ "status": 500 }), "`service` is missing")]
#[case("/_sim/faults", json!({ "service": "exchange", "status": 500 }), "`service` must be \"entra\", \"graph\" or \"files\"")]
#[case("/_sim/faults", json!({ "service": "graph", "status": 42 }), "`status` must be an HTTP status from 200 to 999")]
#[case("/_sim/faults", json!({ "service": "graph", "delay_ms": -1 }), "`delay_ms` must be 0 or more")]
#[case("/_sim/faults", json!({ "service": "graph", "status": 500, "share": 1.5 }), "`share` must be a number above 0 and up to 1")]
#[case("/_sim/faults", json!({ "service": "graph", "status": 500, "times": 0 }), "`times` must be at least 1")]
#[case("/_sim/faults", json!({ "service": "graph", "status": 500, "user": "nobody" }), "`user` names nothing in the directory")]
#[case("/_sim/faults", json!({ "service": "graph", "status": 500, "headers": { "a b": "c" } }), "`headers` must be names and values that HTTP allows")]
#[case("/_sim/faults", json!({ "service": "graph", "delay_ms": 600_001 }), "`delay_ms` must be from 0 to 600000")]
#[case("/_sim/faults", json!({ "service": "graph", "status": 500, "path_prefix": "me" }), "`path_prefix` must be a path that begins with a slash")]
#[case("/_sim/faults", json!({ "service": "graph", "lost_scopes": ["Mail.Raed"] }), "`lost_scopes` must be a list of short names of scopes of Graph, for example [\"Mail.Read\"]")]
#[case("/_sim/faults", json!({ "service": "graph", "latency": { "kind": "fixed", "ms": -1 } }), "`latency.ms` must be from 0 to 600000 milliseconds")]
#[case("/_sim/faults", json!({ "service": "graph", "latency": { "kind": "uniform", "from_ms": 2, "to_ms": 1 } }), "`latency.to_ms` must be `from_ms` or more")]
#[case("/_sim/faults", json!({ "service": "graph", "retry_after": { "form": "date", "after": 1 } }), "`retry_after.after` is not a field of this request")]
#[case("/_sim/faults", json!({ "service": "entra", "status": 400, "aadsts": 65_001 }), "`status` must be left out: it follows from `aadsts`")]
#[case("/_sim/faults", json!({ "service": "graph", "distort": "next_link_foreign", "foreign_origin": "https://elsewhere.example?a" }), "`foreign_origin` must be an origin without a slash at the end, as https://elsewhere.example")]
#[case("/_sim/registration", json!({ "app_id_uri": "127.0.0.1:8080/mcp" }), "`app_id_uri` must be the full URL of an MCP endpoint, without a slash at the end")]
#[case("/_sim/faults", json!({ "service": "graph" }), "a fault needs at least one of `status`, `aadsts`, `access_ended`, `delay_ms`, `latency`, `reset`, `body`, `distort`, `headers`, `retry_after`, `clock_skew_s`, `lost_scopes`")]
#[actix_web::test]
async fn wrong_input_is_refused_and_names_the_field(
    #[case] path: &str,
    #[case] body: Value,
    #[case] message: &str,
) {
    let world = World::start().await;
    let reply = world.post_json(path, body).await;
    assert_eq!((reply.status, reply.json()["error"].as_str()), (400, Some(message)));
}

/// A body that was written by hand is wrong somewhere: its writer must not have to look for it.
#[actix_web::test]
async fn a_body_that_is_no_json_is_refused_with_the_place() {
    let world = World::start().await;
    let reply = world.send_form(world.http.post(world.url("/_sim/faults")), &[]).await;
    assert_eq!(reply.json()["error"], "the body is not JSON: EOF while parsing a value at line 1 column 0");
    let request = world.http.post(world.url("/_sim/faults")).body("{\n  \"service\" \"graph\"\n}");
    let error: Value = serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap();
    assert_eq!(error["error"], "the body is not JSON: expected `:` at line 2 column 13");
}

/// A misspelt parameter would show something else than was asked for.
#[rstest]
#[case("/_sim/requests?lats=5", "`lats` is not a field of this request")]
#[case("/_sim/requests?last=few", "`last` must be a whole number")]
#[case("/_sim/directory?tenant=5", "`tenant` is not a field of this request")]
#[actix_web::test]
async fn a_wrong_query_is_refused_by_its_parameter(#[case] path: &str, #[case] message: &str) {
    let reply = World::start().await.get(path).await;
    assert_eq!((reply.status, reply.json()["error"].as_str()), (400, Some(message)));
}

/// What was sent is what the log shows, or a test cannot prove that a secret never left.
#[actix_web::test]
async fn the_log_shows_requests_as_they_came() {
    let world = World::start().await;
    let bearer = world.graph_token().await;
    world.delete("/_sim/requests").await;
    world.get_as(&bearer, "/v1.0/me?$select=id").await;
    let exchange = world.exchange(&world.assertion(json!({})).await);
    world.token(&world.tenant(), &exchange).await;
    world.get("/nowhere").await;
    let log = requests(&world).await;
    assert_eq!(log.len(), 3, "the control API is not in it: {log:?}");
    assert_eq!(log[0]["service"], "graph");
    assert_eq!((log[0]["method"].as_str(), log[0]["path"].as_str()), (Some("GET"), Some("/v1.0/me")));
    assert_eq!(log[0]["query"], "$select=id");
    assert_eq!(log[0]["headers"]["authorization"], format!("Bearer {bearer}"));
    assert_eq!(log[0]["status"], 200);
    assert!(log[0].get("form").is_none());
    assert!(log[0]["at"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    assert_eq!(log[1]["service"], "entra");
    assert_eq!(log[1]["path"], format!("/{}/oauth2/v2.0/token", world.tenant()));
    for (name, value) in &exchange {
        assert_eq!(&log[1]["form"][name], value);
    }
    assert_eq!((log[2]["service"].as_str(), log[2]["status"].as_u64()), (Some("graph"), Some(400)));
}

/// Under load the log must be able to cost nothing, and to begin anew.
#[actix_web::test]
async fn the_log_can_be_switched_off_and_forgotten() {
    let world = World::start().await;
    world.get("/one").await;
    assert_eq!(
        world.post_json("/_sim/requests", json!({ "recording": false })).await.json()["recording"],
        false
    );
    world.get("/two").await;
    assert_eq!(requests(&world).await.len(), 1);
    assert_eq!(world.delete("/_sim/requests").await.status, 204);
    world.post_json("/_sim/requests", json!({ "recording": true })).await;
    world.get("/three").await;
    let log = requests(&world).await;
    assert_eq!((log.len(), log[0]["path"].as_str()), (1, Some("/three")));
}

/// A typing error in a control path must not look like an empty success.
#[actix_web::test]
async fn an_unknown_control_path_is_not_found() {
    let world = World::start().await;
    assert_eq!(world.get("/_sim/request").await.status, 404);
}

/// "Address in use" without the port sends a newcomer searching.
#[actix_web::test]
async fn a_taken_port_is_named() {
    let world = World::start().await;
    let address = world.simulator.address();
    let error =
        Simulator::start(SimulatorOptions { address, ..SimulatorOptions::default() }).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    let port = address.port();
    assert_eq!(
        error.to_string(),
        format!("the simulator cannot listen on {address}: port {port} is already in use")
    );
}

/// A simulator that lives on after its test holds its port and its threads.
#[actix_web::test]
async fn a_stopped_simulator_frees_its_port() {
    let world = World::start().await;
    let address = world.simulator.address();
    drop(world.http);
    world.simulator.stop().await;
    let again = Simulator::start(SimulatorOptions { address, ..SimulatorOptions::default() }).await.unwrap();
    assert_eq!(again.address(), address);
    again.stop().await;
}

/// A tenant's switches reach Graph at once, and a wrong value is named instead of ignored.
#[actix_web::test]
async fn a_tenants_switches_are_shown_and_changed() {
    let world = World::start().await;
    let tenant = world.simulator.directory().tenants[0].clone();
    let path = format!("/_sim/tenants/{}", tenant.domain);
    let shown = world.get(&path).await.json();
    assert_eq!((&shown["id"], &shown["transcripts"]), (&json!(tenant.id), &json!("allowed")));
    assert_eq!(shown["mailboxes"].as_array().unwrap().len(), 12);
    let changed = world.post_json(&path, json!({ "transcripts": "disabled" })).await.json();
    assert_eq!((&changed["transcripts"], &changed["copilot_licensed"]), (&json!("disabled"), &json!(true)));
    let changed = world.post_json(&path, json!({ "copilot_licensed": false })).await.json();
    assert_eq!((&changed["transcripts"], &changed["copilot_licensed"]), (&json!("disabled"), &json!(false)));
    assert_eq!(world.simulator.policy(tenant.id).transcripts.as_str(), "disabled");
    for (wrong, field) in
        [(json!({ "transcripts": "off" }), "transcripts"), (json!({ "copilot": true }), "copilot")]
    {
        let refused = world.post_json(&path, wrong).await;
        assert_eq!(refused.status, 400);
        assert!(refused.text.contains(field), "{}", refused.text);
    }
    assert_eq!(world.get("/_sim/tenants/nowhere.example").await.status, 404);
}
