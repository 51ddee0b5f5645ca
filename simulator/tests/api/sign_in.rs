use rstest::rstest;
use serde_json::{Value, json};

use super::support::{
    MCP, Pairs, VERIFIER, World, challenge, encode, pairs, token_part, value, verifies, with,
};

/// The fields that a page would send: its hidden inputs.
fn hidden_fields(page: &str) -> Pairs {
    page.split("<input type=hidden name=\"")
        .skip(1)
        .map(|input| {
            let (name, rest) = input.split_once('"').unwrap();
            let (_, rest) = rest.split_once("value=\"").unwrap();
            let (value, _) = rest.split_once('"').unwrap();
            let value =
                value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            (name.to_owned(), value)
        })
        .collect()
}

/// The whole way of a person: page, account, code, token. If it breaks, nobody can sign in to the demo.
#[actix_web::test]
async fn a_user_signs_in_through_the_page_and_receives_a_token_that_verifies() {
    let world = World::start().await;
    let page = world.authorize("common", &with(world.authorization(), "user", "")).await;
    assert_eq!(page.status, 200);
    assert!(page.header("set-cookie").is_empty());
    let directory = world.simulator.directory();
    for user in directory.tenants.iter().flat_map(|tenant| &tenant.users) {
        assert!(page.text.contains(&format!("value=\"{}\"", user.upn)), "{} is not offered", user.upn);
    }
    let submitted = with(hidden_fields(&page.text), "user", &world.upn());
    let returned = world.post_form("/common/oauth2/v2.0/authorize", &submitted).await.redirected();
    assert_eq!(value(&returned, "state"), "a state & more");
    let reply = world.token("common", &world.redemption(&value(&returned, "code"))).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let tokens = reply.json();
    assert_eq!(tokens["scope"], format!("openid offline_access {MCP}/access_as_user"));
    assert_eq!(tokens["expires_in"], tokens["ext_expires_in"]);
    check_access_token(&world, tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(token_part(tokens["id_token"].as_str().unwrap(), 1)["aud"], world.client_id());
}

async fn check_access_token(world: &World, token: &str) {
    let kid = token_part(token, 0)["kid"].clone();
    let keys = world.keys().await;
    let key = keys.iter().find(|key| key["kid"] == kid).expect("the key is published");
    assert!(verifies(token, key));
    let claims = token_part(token, 1);
    let (tenant, user) = {
        let tenant = &world.simulator.directory().tenants[0];
        (tenant.id.to_string(), tenant.users[0].clone())
    };
    let expected = json!({
        "aud": world.connector_id(),
        "iss": format!("{}/{tenant}/v2.0", world.simulator.base_url()),
        "tid": tenant,
        "oid": user.id,
        "azp": world.client_id(),
        "azpacr": "0",
        "scp": "access_as_user",
        "ver": "2.0",
        "name": user.name,
        "preferred_username": user.upn,
    });
    for (claim, value) in expected.as_object().unwrap() {
        assert_eq!(&claims[claim], value, "{claim}");
    }
    let life = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert!((3_900..=5_700).contains(&life), "backdated by 300 s, 60 to 90 minutes to live: {life}");
    assert_eq!(claims["nbf"], claims["iat"]);
    for claim in ["sub", "uti", "sid", "rh"] {
        assert!(claims[claim].is_string(), "{claim}");
    }
    assert!(claims.get("xms_cc").is_none(), "the capability was not declared");
}

/// Refresh is how a client stays signed in; rotation must not take the old token away, as in Entra.
#[actix_web::test]
async fn a_refresh_token_is_rotated_and_the_old_one_stays_good() {
    let world = World::start().await;
    let first = world.token(&world.tenant(), &world.redemption(&world.code().await)).await.json();
    let refresh = pairs(&[
        ("client_id", &world.client_id()),
        ("grant_type", "refresh_token"),
        ("refresh_token", first["refresh_token"].as_str().unwrap()),
    ]);
    let second = world.token("organizations", &refresh).await.json();
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    let (old, new) = (session(&first), session(&second));
    assert_eq!(old, new, "the session is inherited");
    assert_eq!(world.token(&world.tenant(), &refresh).await.status, 200);
}

fn session(tokens: &Value) -> Value {
    token_part(tokens["access_token"].as_str().unwrap(), 1)["sid"].clone()
}

/// A refresh token nobody asked for is one that can be stolen.
#[actix_web::test]
async fn no_refresh_token_without_offline_access() {
    let world = World::start().await;
    let asked = with(world.authorization(), "scope", &format!("{MCP}/access_as_user"));
    let code = value(&world.authorize(&world.tenant(), &asked).await.redirected(), "code");
    let tokens = world.token(&world.tenant(), &world.redemption(&code)).await.json();
    assert!(tokens["access_token"].is_string());
    assert!(tokens.get("refresh_token").is_none() && tokens.get("id_token").is_none());
}

/// Without the claim the connector cannot answer with a claims challenge.
#[actix_web::test]
async fn the_capability_cp1_comes_back_as_a_claim() {
    let world = World::start().await;
    let claims = r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#;
    let asked = with(world.authorization(), "claims", claims);
    let code = value(&world.authorize(&world.tenant(), &asked).await.redirected(), "code");
    let tokens = world.token(&world.tenant(), &world.redemption(&code)).await.json();
    assert_eq!(token_part(tokens["access_token"].as_str().unwrap(), 1)["xms_cc"], json!(["cp1"]));
}

/// A user who has not consented must be asked, and be able to say no.
#[actix_web::test]
async fn consent_is_asked_once_and_can_be_declined() {
    let world = World::start().await;
    let directory = world.simulator.directory();
    let tenant = directory.tenants.iter().find(|tenant| {
        tenant.users.iter().any(|user| user.consent == m365_simulator::directory::Consent::None)
    });
    let tenant = tenant.expect("a user without consent");
    let user = tenant.users.iter().find(|user| user.consent.scopes().is_empty()).unwrap();
    let asked = with(world.authorization(), "user", &user.upn);
    let segment = tenant.domain.as_str();
    let page = world.authorize(segment, &asked).await;
    assert!(page.status == 200 && page.text.contains("Permissions requested"));
    let submitted = hidden_fields(&page.text);
    let path = format!("/{segment}/oauth2/v2.0/authorize");
    let declined = world.post_form(&path, &with(submitted.clone(), "consent", "no")).await;
    assert_eq!(value(&declined.redirected(), "error"), "access_denied");
    assert_eq!(declined.aadsts(), 65_004);
    let accepted = world.post_form(&path, &with(submitted, "consent", "yes")).await;
    assert!(!value(&accepted.redirected(), "code").is_empty());
    let again = world.authorize(segment, &asked).await;
    assert!(!value(&again.redirected(), "code").is_empty(), "it is remembered");
}

/// Each prompt that is ignored sends a user through the wrong page.
#[actix_web::test]
async fn prompt_and_login_hint_choose_the_page() {
    let world = World::start().await;
    let nobody = with(world.authorization(), "user", "");
    let silent = world.authorize("common", &with(nobody.clone(), "prompt", "none")).await;
    assert_eq!((value(&silent.redirected(), "error").as_str(), silent.aadsts()), ("login_required", 50_058));
    let hinted = with(nobody, "login_hint", &world.upn());
    let confirm = world.authorize("common", &hinted).await;
    assert_eq!(confirm.text.matches("name=user").count(), 1, "the hinted account alone");
    let picker = world.authorize("common", &with(hinted, "prompt", "select_account")).await;
    assert!(picker.text.matches("name=user").count() > 10);
    let consent = world.authorize("common", &with(world.authorization(), "prompt", "consent")).await;
    assert!(consent.text.contains("Permissions requested"));
}

/// A client that knows its customer spares people the accounts of all others; a hint of nobody's must not lock them out.
#[rstest]
#[case("baobabfreight.example", 1)]
#[case("nobody.example", 3)]
#[case("organizations", 3)]
#[actix_web::test]
async fn domain_hint_chooses_whose_accounts_are_offered(#[case] hint: &str, #[case] tenants: usize) {
    let world = World::start().await;
    let asked = with(with(world.authorization(), "user", ""), "domain_hint", hint);
    let page = world.authorize("common", &asked).await;
    assert_eq!(page.text.matches("<h2>").count(), tenants, "{hint}");
    assert_eq!(value(&hidden_fields(&page.text), "domain_hint"), hint, "it is carried on");
    let own = world.authorize(&world.tenant(), &asked).await;
    assert!(own.text.contains(&world.upn()), "another tenant's hint changes nothing at a tenant's own page");
}

/// The method is `plain` where none is named, and then the verifier is the challenge itself.
#[rstest]
#[case("plain", VERIFIER, 200)]
#[case("", VERIFIER, 200)]
#[case("plain", "another-verifier-of-a-good-size-0123456789-0123", 400)]
#[actix_web::test]
async fn a_plain_challenge_is_met_by_itself(
    #[case] method: &str,
    #[case] verifier: &str,
    #[case] status: u16,
) {
    let world = World::start().await;
    let asked =
        with(with(world.authorization(), "code_challenge", VERIFIER), "code_challenge_method", method);
    let code = value(&world.authorize("common", &asked).await.redirected(), "code");
    let redeemed = world.token("common", &with(world.redemption(&code), "code_verifier", verifier)).await;
    assert_eq!(redeemed.status, status, "{}", redeemed.text);
}

/// Whoever signs out comes back to the application, and to no stranger.
#[actix_web::test]
async fn signing_out_leads_back_to_registered_addresses_alone() {
    let world = World::start().await;
    let sign_out = async |address: &str| {
        let fields = pairs(&[("post_logout_redirect_uri", address), ("state", "s & t")]);
        world.get(&format!("/common/oauth2/v2.0/logout?{}", encode(&fields))).await
    };
    let back = sign_out("https://claude.ai/api/mcp/auth_callback").await;
    assert_eq!(back.header("location"), "https://claude.ai/api/mcp/auth_callback?state=s+%26+t");
    let stranger = sign_out("https://evil.example/").await;
    assert_eq!((stranger.status, stranger.header("location")), (200, ""));
}

/// A tenant's own endpoint must not sign in another tenant's user.
#[actix_web::test]
async fn a_tenants_page_offers_and_takes_its_own_users_alone() {
    let world = World::start().await;
    let other = world.simulator.directory().tenants[1].users[0].upn.clone();
    let page = world.authorize(&world.tenant(), &with(world.authorization(), "user", "")).await;
    assert!(!page.text.contains(&other));
    let refused = world.authorize(&world.tenant(), &with(world.authorization(), "user", &other)).await;
    assert_eq!((refused.status, refused.aadsts()), (400, 50_034));
}

/// A client that asks for another response mode reads its code from another place.
#[actix_web::test]
async fn the_response_mode_decides_where_the_code_stands() {
    let world = World::start().await;
    let fragment = with(world.authorization(), "response_mode", "fragment");
    let location = world.authorize("common", &fragment).await.header("location").to_owned();
    assert!(location.contains("/callback#code="), "{location}");
    let form_post = with(world.authorization(), "response_mode", "form_post");
    let page = world.authorize("common", &form_post).await;
    assert!(page.status == 200 && page.text.contains("document.forms[0].submit()"));
    let fields = hidden_fields(&page.text);
    assert!(!value(&fields, "code").is_empty());
    assert_eq!(value(&fields, "state"), "a state & more");
    assert!(uuid::Uuid::try_parse(&value(&fields, "session_state")).is_ok(), "{fields:?}");
}

/// Redirecting these would send a user to an address that nobody vouches for.
#[rstest]
#[case("nobody.example", "state", "1", 90_002)]
#[case("common", "client_id", "", 900_144)]
#[case("common", "client_id", "5b7c3b9e-0000-4000-8000-000000000000", 700_016)]
#[case("common", "client_id", "not an id", 700_016)]
#[case("common", "redirect_uri", "", 900_144)]
#[case("common", "redirect_uri", "http://evil.example/callback", 50_011)]
#[case("common", "redirect_uri", "http://127.0.0.1:52311/elsewhere", 50_011)]
#[actix_web::test]
async fn what_cannot_be_trusted_is_shown_on_the_page_and_never_redirected(
    #[case] tenant: &str,
    #[case] field: &str,
    #[case] changed: &str,
    #[case] code: u64,
) {
    let world = World::start().await;
    let reply = world.authorize(tenant, &with(world.authorization(), field, changed)).await;
    assert!(reply.header("location").is_empty());
    assert_eq!((reply.status, reply.aadsts()), (400, code));
}

/// A request that Entra refuses and the simulator lets pass would work in the demo and nowhere else.
#[rstest]
#[case("response_type", "token", 70_005)]
#[case("code_challenge", "", 50_147)]
#[case("code_challenge", "short", 501_491)]
#[case("code_challenge_method", "S512", 50_149)]
#[case("code_challenge", "an unreserved-characters-only-verifier-it-is-not", 501_491)]
#[case("scope", "", 900_144)]
#[case("scope", "http://127.0.0.1:8080/mcp/access_as_user_too", 650_053)]
#[case("scope", "access_as_user", 9_010_010)]
#[case("scope", "https://graph.microsoft.com/Mail.Read", 9_010_010)]
#[case("resource", "http://127.0.0.1:8080/mcp/", 9_010_010)]
#[case("resource", "http://127.0.0.1:8080/other", 9_010_010)]
#[case("prompt", "please", 9_002_313)]
#[actix_web::test]
async fn a_wrong_authorization_request_goes_back_with_its_number_and_state(
    #[case] field: &str,
    #[case] changed: &str,
    #[case] code: u64,
) {
    let world = World::start().await;
    let reply = world.authorize("common", &with(world.authorization(), field, changed)).await;
    let returned = reply.redirected();
    assert_eq!(reply.aadsts(), code);
    assert_eq!(value(&returned, "state"), "a state & more");
    assert!(!value(&returned, "error").is_empty() && value(&returned, "code").is_empty());
}

/// Every value on the page comes from a stranger.
#[actix_web::test]
async fn the_page_escapes_what_the_request_brings() {
    let world = World::start().await;
    let hostile = with(with(world.authorization(), "user", ""), "state", "\"><script>alert(1)</script>");
    let page = world.authorize("common", &hostile).await;
    assert!(!page.text.contains("<script>"));
    assert_eq!(value(&hidden_fields(&page.text), "state"), "\"><script>alert(1)</script>");
}

/// An App ID URI that is learnt after the start must count, or a connector on a free port cannot be used.
#[actix_web::test]
async fn an_app_id_uri_can_be_added_while_it_runs() {
    let world = World::start().await;
    let uri = "http://127.0.0.1:40001/mcp";
    let asked = with(world.authorization(), "scope", &format!("{uri}/access_as_user"));
    let asked = with(with(asked, "resource", uri), "code_challenge", &challenge("another"));
    assert_eq!(world.authorize("common", &asked).await.aadsts(), 9_010_010);
    world.simulator.add_app_id_uri(uri);
    assert!(!value(&world.authorize("common", &asked).await.redirected(), "code").is_empty());
}
