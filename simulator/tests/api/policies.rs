//! What a tenant's administrators demand, switched while the simulator runs.

use rstest::rstest;
use serde_json::{Value, json};

use super::support::{Reply, World, value, with};

async fn demand(world: &World, policy: Value) -> Value {
    let reply = world.post_json(&format!("/_sim/tenants/{}/policies", world.tenant()), policy).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

async fn change(world: &World, change: Value) {
    let reply = world.post_json(&format!("/_sim/users/{}", world.upn()), change).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

/// A token of an interactive sign-in, which carries `claims` if there are any.
async fn signed_in(world: &World, claims: &str) -> String {
    let asked = with(world.authorization(), "claims", claims);
    let returned = world.authorize(&world.tenant(), &asked).await.redirected();
    let tokens = world.token(&world.tenant(), &world.redemption(&value(&returned, "code"))).await.json();
    tokens["access_token"].as_str().unwrap_or_else(|| panic!("{tokens}")).to_owned()
}

async fn exchanged(world: &World, assertion: &str) -> Reply {
    world.token(&world.tenant(), &world.exchange(assertion)).await
}

/// The way that a step-up goes: refused with claims, satisfied by a sign-in that carries them, and by no other.
#[rstest]
#[case("step_up", 50_076)]
#[case("registration", 50_079)]
#[actix_web::test]
async fn a_second_factor_is_satisfied_by_a_sign_in_that_carries_the_claims(
    #[case] mfa: &str,
    #[case] code: u64,
) {
    let world = World::start().await;
    let before = signed_in(&world, "").await;
    demand(&world, json!({ "mfa": mfa })).await;
    let refused = exchanged(&world, &before).await;
    assert_eq!((refused.status, refused.aadsts()), (400, code));
    let body = refused.json();
    assert_eq!((&body["error"], &body["suberror"]), (&json!("interaction_required"), &json!("basic_action")));
    let claims = body["claims"].as_str().expect("claims are JSON within a text");
    assert!(serde_json::from_str::<Value>(claims).unwrap()["access_token"].is_object());
    assert_eq!(exchanged(&world, &signed_in(&world, "").await).await.aadsts(), code);
    assert_eq!(exchanged(&world, &signed_in(&world, claims).await).await.status, 200);
}

/// Each demand has its own number, by which people look the reason up, and the order is Entra's.
#[rstest]
#[case(json!({ "block": true, "mfa": "step_up" }), 53_003)]
#[case(json!({ "device": "compliant" }), 53_000)]
#[case(json!({ "device": "joined" }), 53_001)]
#[case(json!({ "trusted_addresses": ["192.0.2.1"] }), 53_003)]
#[case(json!({ "assignment_required": true, "block": true }), 50_105)]
#[case(json!({ "consent_withdrawn": true, "block": true }), 65_001)]
#[actix_web::test]
async fn a_demand_that_is_not_met_has_its_number(#[case] policy: Value, #[case] code: u64) {
    let world = World::start().await;
    let assertion = signed_in(&world, "").await;
    demand(&world, policy).await;
    let refused = exchanged(&world, &assertion).await;
    assert_eq!(refused.aadsts(), code);
    assert_eq!(refused.json()["claims"].is_string(), (53_000..54_000).contains(&code));
    let reset = world.delete(&format!("/_sim/tenants/{}/policies", world.tenant())).await;
    assert_eq!(reset.status, 204);
    assert_eq!(exchanged(&world, &assertion).await.status, 200);
}

/// Whoever is told of the second reason first mends the wrong thing.
#[actix_web::test]
async fn a_disabled_account_is_told_before_a_missing_assignment() {
    let world = World::start().await;
    let assertion = signed_in(&world, "").await;
    demand(&world, json!({ "assignment_required": true })).await;
    assert_eq!(exchanged(&world, &assertion).await.aadsts(), 50_105);
    change(&world, json!({ "enabled": false })).await;
    assert_eq!(exchanged(&world, &assertion).await.aadsts(), 50_057);
}

/// A client that is told to wait comes again, and would wait for ever where a policy stands in its way.
#[actix_web::test]
async fn a_policy_is_told_before_a_load_that_is_too_much() {
    let world = World::start().await;
    let assertion = signed_in(&world, "").await;
    demand(&world, json!({ "token_limit": { "requests": 1, "per_s": 3600 } })).await;
    assert_eq!(exchanged(&world, &assertion).await.status, 200);
    demand(&world, json!({ "block": true })).await;
    assert_eq!(exchanged(&world, &assertion).await.aadsts(), 53_003);
    demand(&world, json!({ "block": false })).await;
    assert_eq!(exchanged(&world, &assertion).await.aadsts(), 90_055);
}

/// A demand that can't be met could not be told from an outage.
#[rstest]
#[case(json!({ "device": "compliant" }), json!({ "device": "compliant" }))]
#[case(json!({ "device": "joined" }), json!({ "device": "joined" }))]
#[case(json!({ "trusted_addresses": ["127.0.0.1"] }), json!({}))]
#[case(json!({ "assignment_required": true }), json!({ "assigned": true }))]
#[case(json!({ "consent_withdrawn": true }), json!({ "consent": "full" }))]
#[case(json!({ "sign_in_frequency_s": 3600 }), json!({}))]
#[actix_web::test]
async fn a_demand_that_is_met_stands_in_nobodys_way(#[case] policy: Value, #[case] state: Value) {
    let world = World::start().await;
    demand(&world, policy).await;
    change(&world, state).await;
    let reply = exchanged(&world, &signed_in(&world, "").await).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}

/// What is asked at the page must be refused at the page: an address is no place for it.
#[rstest]
#[case(json!({ "block": true }), json!({}), 53_003)]
#[case(json!({ "device": "compliant" }), json!({}), 53_000)]
#[case(json!({ "assignment_required": true }), json!({}), 50_105)]
#[case(json!({}), json!({ "enabled": false }), 50_057)]
#[case(json!({ "user_consent": false }), json!({ "consent": [] }), 90_094)]
#[actix_web::test]
async fn a_sign_in_that_is_refused_ends_on_a_page(
    #[case] policy: Value,
    #[case] state: Value,
    #[case] code: u64,
) {
    let world = World::start().await;
    demand(&world, policy).await;
    change(&world, state).await;
    let asked = with(world.authorization(), "consent", "yes");
    let refused = world.authorize(&world.tenant(), &asked).await;
    assert_eq!((refused.status, refused.header("location"), refused.aadsts()), (400, "", code));
}

/// A disabled person's tokens are good for nothing that Entra still has a say in.
#[actix_web::test]
async fn a_disabled_person_gets_no_token() {
    let world = World::start().await;
    let assertion = signed_in(&world, "").await;
    change(&world, json!({ "enabled": false })).await;
    assert_eq!(exchanged(&world, &assertion).await.aadsts(), 50_057);
    change(&world, json!({ "enabled": true })).await;
    assert_eq!(exchanged(&world, &assertion).await.status, 200);
}

/// A sign-in that is too old is refused; how old it is the token itself says.
#[actix_web::test]
async fn a_person_has_to_sign_in_again_after_a_while() {
    let world = World::start().await;
    demand(&world, json!({ "sign_in_frequency_s": 3600 })).await;
    let an_hour_ago = jiff::Timestamp::now().as_second() - 3_900;
    let old = world.assertion(json!({ "iat": an_hour_ago })).await;
    assert_eq!(exchanged(&world, &old).await.aadsts(), 70_043);
}

/// Consent is by scope, and what was consented to on the page is remembered.
#[actix_web::test]
async fn consent_is_by_scope_and_remembered() {
    let world = World::start().await;
    change(&world, json!({ "consent": ["User.Read"] })).await;
    let assertion = signed_in(&world, "").await;
    let asked = with(world.exchange(&assertion), "scope", "https://graph.microsoft.com/Mail.Read");
    let refused = world.token(&world.tenant(), &asked).await;
    assert_eq!((refused.aadsts(), &refused.json()["suberror"]), (65_001, &json!("consent_required")));
    let consenting = with(with(world.authorization(), "prompt", "consent"), "consent", "yes");
    assert_eq!(world.authorize(&world.tenant(), &consenting).await.status, 302);
    assert_eq!(world.token(&world.tenant(), &asked).await.status, 200);
}

/// A client that asks for the same again and again instead of keeping it is stopped; another request is not.
#[actix_web::test]
async fn a_loop_of_identical_requests_is_stopped() {
    let world = World::start().await;
    demand(&world, json!({ "loop_limit": 2 })).await;
    let assertion = signed_in(&world, "").await;
    for _ in 0..2 {
        assert_eq!(exchanged(&world, &assertion).await.status, 200);
    }
    assert_eq!(exchanged(&world, &assertion).await.aadsts(), 50_196);
    assert_eq!(exchanged(&world, &signed_in(&world, "").await).await.status, 200);
}

/// Load is refused before a loop is, for the one tenant alone, and in whole seconds, which is all that clients read.
#[actix_web::test]
async fn a_tenant_with_too_many_exchanges_is_told_to_wait() {
    let world = World::start().await;
    let limit = json!({ "requests": 2, "per_s": 3600 });
    let policy = demand(&world, json!({ "loop_limit": 2, "token_limit": limit })).await;
    assert_eq!(policy["token_limit"], limit);
    let assertion = signed_in(&world, "").await;
    for _ in 0..2 {
        assert_eq!(exchanged(&world, &assertion).await.status, 200);
    }
    let refused = exchanged(&world, &assertion).await;
    assert_eq!((refused.status, refused.aadsts()), (429, 90_055));
    assert_eq!(refused.json()["error"], "temporarily_unavailable");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=3_600).contains(&wait), "{wait}");
    let elsewhere = world.simulator.directory().tenants[2].clone();
    let order = json!({ "tenant": elsewhere.id, "user": elsewhere.users[0].upn });
    let token = world.post_json("/_sim/token", order).await.json()["access_token"].clone();
    let exchange = world.exchange(token.as_str().unwrap());
    assert_eq!(world.token(&elsewhere.id.to_string(), &exchange).await.status, 200);
    let policy = demand(&world, json!({ "token_limit": { "requests": 0, "per_s": 1 } })).await;
    assert_eq!(policy["token_limit"], Value::Null);
    assert_eq!(exchanged(&world, &signed_in(&world, "").await).await.status, 200);
}

/// A tenant of a national cloud is sent there by number, whichever endpoint asks for it; the metadata names its hosts.
#[actix_web::test]
async fn a_tenant_of_a_national_cloud_is_sent_there() {
    let world = World::start().await;
    let assertion = world.assertion(json!({})).await;
    let policy = demand(&world, json!({ "cloud": "us_government" })).await;
    assert_eq!(policy["cloud"], "us_government");
    let own = world.authorize(&world.tenant(), &world.authorization()).await;
    assert_eq!((own.status, own.aadsts()), (400, 90_038));
    assert_eq!(world.authorize("common", &world.authorization()).await.aadsts(), 90_038);
    assert_eq!(exchanged(&world, &assertion).await.aadsts(), 90_038);
    let path = format!("/{}/v2.0/.well-known/openid-configuration", world.tenant());
    assert_eq!(world.get(&path).await.json()["msgraph_host"], "graph.microsoft.us");
}

/// Personal accounts are kept out wherever they come from, and their issuer can still be looked up.
#[actix_web::test]
async fn personal_accounts_are_kept_out() {
    let world = World::start().await;
    let asked = with(world.authorization(), "user", "robin.hartley@outlook.example");
    assert_eq!(world.authorize("organizations", &asked).await.aadsts(), 50_020);
    assert_eq!(world.authorize("consumers", &asked).await.aadsts(), 9_002_332);
    let document = world.get("/consumers/v2.0/.well-known/openid-configuration").await.json();
    let personal = "9188040d-6c67-4c5b-b112-36a304b66dad";
    assert_eq!(document["issuer"], world.url(&format!("/{personal}/v2.0")));
}

/// A scenario whose demands come too late, or to the wrong tenant, shows a cloud that nobody described.
#[actix_web::test]
async fn the_policies_of_a_scenario_hold_from_the_start() {
    let text = "[[policy]]\ntenant = \"larkmoor.example\"\nmfa = \"step_up\"\ntranscripts = \"disabled\"\n\
                [[tenants]]\ncount = 2\nusers = 1\n[tenants.policy]\nblock = true\ncopilot_licensed = false\n";
    let options = m365_simulator::scenario::parse("strict.toml", text, None, World::options()).unwrap();
    let world = World::start_with(options).await;
    assert_eq!(exchanged(&world, &signed_in(&world, "").await).await.aadsts(), 50_076);
    let larkmoor = world.get("/_sim/tenants/larkmoor.example").await.json();
    assert_eq!((&larkmoor["transcripts"], &larkmoor["copilot_licensed"]), (&json!("disabled"), &json!(true)));
    for domain in ["t00001.example", "t00002.example"] {
        assert_eq!(world.get(&format!("/_sim/tenants/{domain}/policies")).await.json()["block"], true);
        assert_eq!(world.get(&format!("/_sim/tenants/{domain}")).await.json()["copilot_licensed"], false);
    }
    assert_eq!(world.get("/_sim/tenants/larkmoor.example/policies").await.json()["block"], false);
}

/// A person whom a scenario treats otherwise than was written, or an application that it forgets, is looked for in the client.
#[rstest]
#[case::disabled("enabled = false", 50_057)]
#[case::a_second_factor("mfa = \"step_up\"", 50_076)]
#[case::no_second_factor_yet("mfa = \"registration\"", 50_079)]
#[case::no_consent("consent = []", 65_001)]
#[case::nothing_of_that("device = \"joined\"\nassigned = true\nmfa = \"off\"\ncopilot_licensed = false", 0)]
#[actix_web::test]
async fn the_people_of_a_scenario_are_so_from_the_start(#[case] fields: &str, #[case] code: u64) {
    let text = format!(
        "[[user]]\ntenant = \"larkmoor.example\"\nuser = \"maja.lindqvist@larkmoor.example\"\n{fields}\n\
         [[application]]\nname = \"Notes\"\npermissions = [\"User.Read\"]\n"
    );
    let options = m365_simulator::scenario::parse("people.toml", &text, None, World::options()).unwrap();
    let world = World::start_with(options).await;
    let reply = exchanged(&world, &world.assertion(json!({})).await).await;
    match code {
        0 => {
            assert_eq!(reply.status, 200, "{}", reply.text);
            let shown = world.post_json(&format!("/_sim/users/{}", world.upn()), json!({})).await.json();
            let told = [&shown["device"], &shown["assigned"], &shown["mfa"], &shown["copilot_licensed"]];
            assert_eq!(told, [&json!("joined"), &json!(true), &json!("off"), &json!(false)]);
        }
        code => assert_eq!(reply.aadsts(), code),
    }
    assert_eq!(world.get("/_sim/applications").await.json()[0]["name"], "Notes");
}

/// One person's demand is not the tenant's, and can be taken back.
#[actix_web::test]
async fn a_demand_is_of_one_person_until_it_is_taken_back() {
    let world = World::start().await;
    let path = format!("/_sim/users/{}", world.upn());
    world.post_json("/_sim/tenants/larkmoor.example/policies", json!({ "mfa": "step_up" })).await;
    let assertion = world.assertion(json!({})).await;
    assert_eq!(exchanged(&world, &assertion).await.aadsts(), 50_076);
    world.post_json(&path, json!({ "mfa": "off" })).await;
    assert_eq!(exchanged(&world, &assertion).await.status, 200);
    world.post_json(&path, json!({ "mfa": "tenant" })).await;
    assert_eq!(exchanged(&world, &assertion).await.aadsts(), 50_076);
}

/// A misspelt demand that is ignored would be believed in.
#[rstest]
#[case("/_sim/tenants/nowhere.example/policies", json!({}), "`tenant` names nothing in the directory")]
#[case("/_sim/tenants/larkmoor.example/policies", json!({ "mfa": "on" }), "`mfa` must be \"off\", \"step_up\" or \"registration\"")]
#[case("/_sim/tenants/larkmoor.example/policies", json!({ "trusted_addresses": ["x"] }), "`trusted_addresses` must be a list of IP addresses")]
#[case("/_sim/tenants/larkmoor.example/policies", json!({ "loop_limit": -1 }), "`loop_limit` must be 0 or more")]
#[case("/_sim/tenants/larkmoor.example/policies", json!({ "token_limit": { "requests": 1, "per_s": 0 } }), "`token_limit.per_s` must be from 1 to 86400")]
#[case("/_sim/tenants/larkmoor.example/policies", json!({ "token_limit": { "requests": 1 } }), "`token_limit.per_s` is missing")]
#[case("/_sim/tenants/larkmoor.example/policies", json!({ "blocks": true }), "`blocks` is not a field of this request")]
#[case("/_sim/users/nobody@larkmoor.example", json!({}), "`user` names nothing in the directory")]
#[case("/_sim/users/maja.lindqvist@larkmoor.example", json!({ "device": "new" }), "`device` must be \"unknown\", \"joined\" or \"compliant\"")]
#[case("/_sim/users/maja.lindqvist@larkmoor.example", json!({ "consent": ["Mail.Send"] }), "`consent` must be \"full\" or a list of the connector's Graph scopes")]
#[case("/_sim/users/maja.lindqvist@larkmoor.example", json!({ "mfa": "on" }), "`mfa` must be \"off\", \"step_up\", \"registration\" or \"tenant\"")]
#[case("/_sim/users/maja.lindqvist@larkmoor.example/revocations", json!({}), "`cause` is missing")]
#[actix_web::test]
async fn wrong_input_is_refused_by_its_field(#[case] path: &str, #[case] body: Value, #[case] error: &str) {
    let world = World::start().await;
    let reply = world.post_json(path, body).await;
    assert_eq!((reply.status, reply.json()["error"].as_str()), (400, Some(error)));
}
