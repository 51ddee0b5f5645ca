//! A tenant's own address: its users alone, with a sign-in at that tenant.

use m365_connector::TenantIssuer;
use m365_demo::SignIn;
use reqwest::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use crate::discovery::{facade_of, resource_of};
use crate::world::{Answer, World, send};

const STRANGER: &str = "99999999-9999-4999-8999-999999999999";

fn tenant(world: &World, place: usize) -> String {
    world.stage.simulator.directory().tenants[place].id.to_string()
}

fn origin(world: &World) -> &str {
    world.url().trim_end_matches("/mcp")
}

/// `tools/list` of the first tenant's first user at the address of `tenant`.
async fn list_at(world: &World, tenant: &str) -> Answer {
    let token = world.token(&world.person(0, 0)).await;
    let request = world.modern(&token, "tools/list", json!({})).build().unwrap();
    let address = format!("{}/{tenant}", world.url());
    let mut moved = world.http.post(address).headers(request.headers().clone());
    moved = moved.body(request.body().unwrap().as_bytes().unwrap().to_vec());
    send(moved).await
}

async fn document(world: &World, path: &str) -> Value {
    let answer = send(world.http.get(format!("{}{path}", origin(world)))).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}");
    answer.json()
}

/// If this failed, a tenant's address would let others in, or would tell who is served.
#[rstest]
#[case::own(0, StatusCode::OK, None)]
#[case::other_served(1, StatusCode::FORBIDDEN, Some("other_tenants_address"))]
#[actix_web::test]
async fn a_tenants_address_is_for_its_own_users(
    #[case] place: usize,
    #[case] status: StatusCode,
    #[case] code: Option<&str>,
) {
    let world = World::start().await;
    let answer = list_at(&world, &tenant(&world, place)).await;
    assert_eq!((answer.status, answer.header("www-authenticate")), (status, ""), "{}", answer.text);
    assert_eq!(answer.json()["error"].as_str(), code);
    let unserved = list_at(&world, STRANGER).await;
    assert_eq!(unserved.status, StatusCode::FORBIDDEN);
    assert_eq!(
        unserved.json()["error"],
        "other_tenants_address",
        "as at the address of a tenant that is served"
    );
}

/// If this failed, an identifier in capitals would be another tenant.
#[actix_web::test]
async fn capitals_in_the_address_do_not_matter() {
    let world = World::start().await;
    let answer = list_at(&world, &tenant(&world, 0).to_uppercase()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

/// If this failed, who has no token could learn from a tenant's address whether the tenant is served.
#[actix_web::test]
async fn without_a_token_every_tenants_address_is_alike() {
    let world = World::start().await;
    let served = tenant(&world, 0);
    for path in
        ["/mcp/", "/.well-known/oauth-protected-resource/mcp/", "/.well-known/oauth-authorization-server/"]
    {
        let ask = async |id: &str| {
            let method = if path == "/mcp/" { Method::POST } else { Method::GET };
            let answer = send(world.http.request(method, format!("{}{path}{id}", origin(&world)))).await;
            let challenge = answer.header("www-authenticate").replace(id, "{tid}");
            (answer.status, challenge, answer.text.replace(id, "{tid}"))
        };
        assert_eq!(ask(&served).await, ask(STRANGER).await);
    }
}

/// If this failed, a client at a tenant's address would be sent to the sign-in of all tenants, or to nowhere.
#[actix_web::test]
async fn a_tenants_address_leads_to_its_own_sign_in() {
    let world = World::start().await;
    let (tid, origin) = (tenant(&world, 0), origin(&world).to_owned());
    let refused = send(world.http.post(format!("{}/{tid}", world.url()))).await;
    assert_eq!(
        refused.header("www-authenticate"),
        format!(
            "Bearer resource_metadata=\"{origin}/.well-known/oauth-protected-resource/mcp/{tid}\", \
             scope=\"{origin}/mcp/access_as_user\""
        )
    );
    let resource = document(&world, &format!("/.well-known/oauth-protected-resource/mcp/{tid}")).await;
    let issuer = format!("{origin}/{tid}");
    assert_eq!(resource, resource_of(&world, &issuer));
    let server = document(&world, &format!("/.well-known/oauth-authorization-server/{tid}")).await;
    assert_eq!(server, facade_of(&world, &issuer, &tid, &tid));
}

/// If this failed, the whole way from a tenant's address to an answer would be broken somewhere.
#[actix_web::test]
async fn a_person_signs_in_at_the_tenants_address_and_calls() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let client = world.stage.simulator.directory().clients[0].id.to_string();
    let address = format!("{}/{}", world.url(), person.tenant);
    let sign_in = SignIn::discover(&world.http, &address).await.unwrap();
    assert!(
        sign_in.authorization_endpoint().contains(&person.tenant),
        "{}",
        sign_in.authorization_endpoint()
    );
    let token = sign_in.sign_in(&world.http, &client, &person.upn).await.unwrap();
    let request = world.http.post(&address).bearer_auth(&token).header("content-type", "application/json");
    let answer = send(request.header("accept", "*/*").body(crate::wire::PING)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

/// If this failed, the operator's choice of Entra's own issuer would leave a façade behind, or name the wrong one.
#[actix_web::test]
async fn the_tenants_own_issuer_can_be_named_instead() {
    let world = World::start_with(|settings| settings.entra.tenant_issuer = TenantIssuer::Entra).await;
    let tid = tenant(&world, 0);
    let resource = document(&world, &format!("/.well-known/oauth-protected-resource/mcp/{tid}")).await;
    let issuer = format!("{}/{tid}/v2.0", world.stage.simulator_url());
    assert_eq!(resource, resource_of(&world, &issuer));
    let facade = format!("{}/.well-known/oauth-authorization-server/{tid}", origin(&world));
    let answer = send(world.http.get(facade)).await;
    assert_eq!((answer.status, answer.json()["error"].as_str()), (StatusCode::NOT_FOUND, Some("not_found")));
    document(&world, "/.well-known/oauth-authorization-server").await;
}

/// If this failed, what is no tenant's ID would pass for an address.
#[rstest]
#[case::name("contoso.example")]
#[case::no_hyphens("99999999999949998999999999999999")]
#[case::braces("{99999999-9999-4999-8999-999999999999}")]
#[case::more("99999999-9999-4999-8999-999999999999/x")]
#[case::nothing("")]
#[actix_web::test]
async fn what_is_no_tenants_id_is_no_address(#[case] segment: &str) {
    let world = World::start().await;
    for path in
        ["/mcp/", "/.well-known/oauth-protected-resource/mcp/", "/.well-known/oauth-authorization-server/"]
    {
        let address = format!("{}{path}{segment}", origin(&world));
        for method in [Method::GET, Method::POST, Method::OPTIONS, Method::DELETE] {
            let answer = send(world.http.request(method.clone(), &address)).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {address}");
            assert_eq!(answer.json()["error"], "not_found");
        }
    }
}

/// If this failed, a client that knows Microsoft's challenges could not take the further step of a sign-in.
#[rstest]
#[case::common("")]
#[case::tenants("/{tid}")]
#[actix_web::test]
async fn a_claims_challenge_says_where_and_with_what_to_sign_in(#[case] below: &str) {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token_with(&person, json!({ "claims": { "xms_cc": ["cp1"] } })).await;
    let refusal = json!({
        "error": "interaction_required",
        "error_description": "AADSTS50076",
        "error_codes": [50076],
        "claims": "{\"access_token\":{\"acrs\":{\"essential\":true,\"value\":\"c1\"}}}",
    });
    world
        .fault(json!({
            "service": "entra", "path_prefix": "/oauth2/v2.0/token", "status": 400, "body": refusal.to_string(),
        }))
        .await;
    let request = world.modern(&token, "tools/call", json!({ "name": "get_me", "arguments": {} }));
    let request = request.build().unwrap();
    let below = below.replace("{tid}", &person.tenant);
    let body = request.body().unwrap().as_bytes().unwrap().to_vec();
    let moved = world.http.post(format!("{}{below}", world.url())).headers(request.headers().clone());
    let answer = send(moved.body(body)).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text);
    let (entra, origin) = (world.stage.simulator_url(), origin(&world));
    let challenge = answer.header("www-authenticate");
    let (_, after) = challenge.split_once("Support ID: ").unwrap();
    let support_id: uuid::Uuid = after[..36].parse().unwrap();
    assert_eq!(
        challenge,
        format!(
            "Bearer realm=\"\", authorization_uri=\"{entra}/{}/oauth2/v2.0/authorize\", \
             resource_metadata=\"{origin}/.well-known/oauth-protected-resource/mcp{below}\", \
             scope=\"{origin}/mcp/access_as_user\", error=\"insufficient_claims\", \
             error_description=\"Conditional Access asks for multifactor authentication (AADSTS50076). The signed-in \
             user can do it: sign in again and complete the step. Support ID: {support_id}\", \
             claims=\"eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiYzEifX19\"",
            person.tenant
        )
    );
}
