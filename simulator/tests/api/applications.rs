//! Applications of strangers: they sign people in for Graph itself, act for themselves, and have APIs of their own.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::client_assertion::{ClientAssertion, with_client_assertion};
use super::support::{
    MCP, ON_BEHALF_OF, Pairs, REDIRECT, Reply, VERIFIER, World, challenge, encode, pairs, token_part, value,
    with,
};

const GRAPH: &str = "https://graph.microsoft.com";
const CALLBACK: &str = "https://notes.example/signed-in";
const SECRET: &str = "a secret that is none";

async fn register(world: &World, order: Value) -> Value {
    let reply = world.post_json("/_sim/applications", order).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

fn id(application: &Value) -> String {
    application["id"].as_str().unwrap().to_owned()
}

/// A public client that reads mail, and leaves offline access to the caller.
async fn public_client(world: &World) -> String {
    let order =
        json!({ "name": "Notes", "redirect_uris": [CALLBACK], "permissions": ["User.Read", "Mail.Read"] });
    id(&register(world, order).await)
}

fn authorization(world: &World, client: &str, scope: &str) -> Pairs {
    pairs(&[
        ("client_id", client),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", scope),
        ("code_challenge", &challenge(VERIFIER)),
        ("code_challenge_method", "S256"),
        ("user", &world.upn()),
        ("consent", "yes"),
    ])
}

fn redemption(client: &str, code: &str) -> Pairs {
    pairs(&[
        ("client_id", client),
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ])
}

async fn code(world: &World, client: &str, scope: &str) -> String {
    let reply = world.authorize("organizations", &authorization(world, client, scope)).await;
    value(&reply.redirected(), "code")
}

async fn sign_in(world: &World, client: &str, scope: &str) -> Value {
    let code = code(world, client, scope).await;
    let reply = world.token("organizations", &redemption(client, &code)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

fn access_token(tokens: &Value) -> &str {
    tokens["access_token"].as_str().unwrap_or_else(|| panic!("{tokens}"))
}

/// Whoever builds on Graph begins here: a client of their own that signs somebody in and reads.
#[rstest]
#[case::named(
    "https://graph.microsoft.com/User.Read openid profile offline_access",
    "User.Read openid profile"
)]
#[case::short("user.read openid", "")]
#[case::everything_registered("https://graph.microsoft.com/.default offline_access", "Mail.Read User.Read")]
#[actix_web::test]
async fn a_client_signs_somebody_in_and_reads_graph(#[case] scope: &str, #[case] granted: &str) {
    let world = World::start().await;
    let client = public_client(&world).await;
    if granted.is_empty() {
        let refused = world.authorize("common", &authorization(&world, &client, scope)).await;
        assert_eq!(refused.aadsts(), 650_053, "names are compared letter by letter");
        return;
    }
    let tokens = sign_in(&world, &client, scope).await;
    let claims = token_part(access_token(&tokens), 1);
    assert_eq!(
        (&claims["appid"], &claims["appidacr"], &claims["scp"]),
        (&json!(client), &json!("0"), &json!(granted))
    );
    assert_eq!((&claims["aud"], &claims["app_displayname"]), (&json!(GRAPH), &json!("Notes")));
    let me = world.get_as(access_token(&tokens), "/v1.0/me").await;
    assert_eq!((me.status, &me.json()["userPrincipalName"]), (200, &json!(world.upn())));
    let mail = world.get_as(access_token(&tokens), "/v1.0/me/messages?$top=1").await;
    assert_eq!(mail.status, if granted.contains("Mail.Read") { 200 } else { 403 }, "{}", mail.text);

    let refresh = pairs(&[
        ("client_id", &client),
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ]);
    let renewed = world.token("organizations", &refresh).await.json();
    assert_eq!(token_part(access_token(&renewed), 1)["scp"], claims["scp"]);
    let more = with(refresh, "scope", "https://graph.microsoft.com/Calendars.Read");
    assert_eq!(world.token("organizations", &more).await.aadsts(), 65_001, "what nobody has consented to");
}

/// A login of another service asks for nobody's API.
#[actix_web::test]
async fn a_sign_in_may_ask_for_no_api() {
    let world = World::start().await;
    let client = public_client(&world).await;
    let tokens = sign_in(&world, &client, "openid profile").await;
    assert_eq!(token_part(access_token(&tokens), 1)["scp"], "openid profile");
    assert_eq!(token_part(tokens["id_token"].as_str().unwrap(), 1)["aud"], client);
    assert_eq!(world.get_as(access_token(&tokens), "/v1.0/me").await.status, 403);
}

/// A command line has no page to be led back to.
#[actix_web::test]
async fn a_device_reads_graph_once_somebody_has_signed_in() {
    let world = World::start().await;
    let client = public_client(&world).await;
    let asked = pairs(&[("client_id", &client), ("scope", "User.Read offline_access")]);
    let begun = world.post_form("/organizations/oauth2/v2.0/devicecode", &asked).await.json();
    let user_code = begun["user_code"].as_str().unwrap();
    let page = encode(&pairs(&[("user_code", user_code), ("user", &world.upn())]));
    let question = world.get(&format!("/devicelogin?{page}")).await.text;
    assert!(question.contains("sign in to Notes") && question.contains("<li>User.Read</li>"), "{question}");
    world.get(&format!("/devicelogin?{page}&consent=yes")).await;
    let redeemed = pairs(&[
        ("client_id", &client),
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", begun["device_code"].as_str().unwrap()),
    ]);
    let tokens = world.token("organizations", &redeemed).await.json();
    assert_eq!(world.get_as(access_token(&tokens), "/v1.0/me").await.status, 200);
}

/// A consent that is not asked for, or remembered for another application, hides the page that people will see.
#[actix_web::test]
async fn consent_is_to_one_application_and_what_it_asks() {
    let world = World::start().await;
    let client = public_client(&world).await;
    let asked = authorization(&world, &client, "User.Read");
    let page = world.authorize("common", &with(asked.clone(), "consent", "")).await;
    assert!(page.text.contains("<b>Notes</b> wants to read in your name at"), "{}", page.text);
    let declined = world.authorize("common", &with(asked.clone(), "consent", "no")).await;
    assert_eq!(declined.aadsts(), 65_004);
    sign_in(&world, &client, "User.Read").await;
    let again = world.authorize("common", &with(asked, "consent", "")).await;
    assert_ne!(value(&again.redirected(), "code"), "", "it is remembered");
    let more = with(authorization(&world, &client, "Calendars.Read"), "consent", "");
    assert!(world.authorize("common", &more).await.text.contains("<li>Calendars.Read</li>"));
    let administrators = authorization(&world, &client, "User.Read.All");
    assert_eq!(world.authorize("common", &administrators).await.aadsts(), 90_094);
    let other = public_client(&world).await;
    let of_other = with(authorization(&world, &other, "User.Read"), "consent", "");
    assert!(world.authorize("common", &of_other).await.text.contains("Permissions requested"));
}

fn own_token(client: &str, scope: &str) -> Pairs {
    pairs(&[
        ("client_id", client),
        ("client_secret", SECRET),
        ("grant_type", "client_credentials"),
        ("scope", scope),
    ])
}

/// A service without a user has in a tenant what its administrator gave it, and no more.
#[actix_web::test]
async fn an_application_reads_by_itself_what_an_administrator_gave_it() {
    let world = World::start().await;
    let order = json!({
        "name": "Archive", "secret": SECRET, "redirect_uris": [CALLBACK],
        "app_permissions": ["Mail.Read", "User.Read.All"],
    });
    let client = id(&register(&world, order).await);
    let form = own_token(&client, "https://graph.microsoft.com/.default");
    let before = world.token(&world.tenant(), &form).await.json();
    assert!(token_part(access_token(&before), 1).get("roles").is_none());
    assert_eq!(world.get_as(access_token(&before), "/v1.0/users").await.status, 403);

    let consent = pairs(&[
        ("client_id", &client),
        ("redirect_uri", CALLBACK),
        ("user", &world.upn()),
        ("consent", "yes"),
    ]);
    let path = format!("/{}/v2.0/adminconsent?{}", world.tenant(), encode(&consent));
    assert_eq!(value(&world.get(&path).await.redirected(), "admin_consent"), "True");
    let tokens = world.token(&world.tenant(), &form).await.json();
    let token = access_token(&tokens);
    assert_eq!(token_part(token, 1)["roles"], json!(["Mail.Read", "User.Read.All"]));
    let tenant = &world.simulator.directory().tenants[0];
    let (last, shared) = (tenant.users[11].id, tenant.shared_mailbox.id);
    let statuses = [
        ("/v1.0/me".to_owned(), 400),
        ("/v1.0/users?$top=5".to_owned(), 200),
        (format!("/v1.0/users/{last}"), 200),
        (format!("/v1.0/users/{last}/messages?$top=1"), 200),
        (format!("/v1.0/users/{shared}/messages?$top=1"), 200),
        (format!("/v1.0/users/{last}/events?$top=1"), 403),
        ("/v1.0/sites/root".to_owned(), 403),
    ];
    for (path, status) in statuses {
        let reply = world.get_as(token, &path).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.text);
    }
    let elsewhere = world.simulator.directory().tenants[1].id.to_string();
    let of_another = world.token(&elsewhere, &form).await.json();
    assert!(token_part(access_token(&of_another), 1).get("roles").is_none(), "consent is by tenant");
}

/// An API that exchanges its users' tokens is what most services on Graph are.
#[actix_web::test]
async fn an_api_exchanges_the_tokens_of_its_own_clients() {
    let world = World::start().await;
    let order = json!({
        "name": "Notes API", "secret": SECRET, "permissions": ["User.Read"],
        "api": { "identifier": "api://notes", "scopes": ["Notes.Read", "Notes.Write"] },
    });
    let api = id(&register(&world, order).await);
    let client = public_client(&world).await;
    let tokens = sign_in(&world, &client, "api://notes/Notes.Read openid").await;
    let claims = token_part(access_token(&tokens), 1);
    assert_eq!(
        (&claims["aud"], &claims["azp"], &claims["scp"], &claims["ver"]),
        (&json!(api), &json!(client), &json!("Notes.Read"), &json!("2.0"))
    );
    let exchange = |scope: &str| {
        pairs(&[
            ("client_id", &api),
            ("client_secret", SECRET),
            ("grant_type", ON_BEHALF_OF),
            ("requested_token_use", "on_behalf_of"),
            ("scope", scope),
            ("assertion", access_token(&tokens)),
        ])
    };
    let exchanged =
        world.token(&world.tenant(), &exchange("https://graph.microsoft.com/.default")).await.json();
    let held = token_part(access_token(&exchanged), 1);
    assert_eq!(
        (&held["appid"], &held["appidacr"], &held["scp"]),
        (&json!(api), &json!("1"), &json!("User.Read"))
    );
    assert_eq!(world.get_as(access_token(&exchanged), "/v1.0/me").await.status, 200);
    let more = exchange("https://graph.microsoft.com/Mail.Read");
    assert_eq!(world.token(&world.tenant(), &more).await.aadsts(), 65_001);
    let unknown = authorization(&world, &client, "api://notes/Notes.Delete");
    assert_eq!(world.authorize("common", &unknown).await.aadsts(), 650_053);
    let of_directory = authorization(&world, &world.client_id(), "api://notes/Notes.Read");
    let of_directory = with(of_directory, "redirect_uri", REDIRECT);
    assert_eq!(
        world.authorize("common", &of_directory).await.aadsts(),
        650_057,
        "it is not registered for that"
    );
    let of_connector = world.exchange(access_token(&tokens));
    assert_eq!(
        world.token(&world.tenant(), &of_connector).await.aadsts(),
        50_013,
        "the token is another API's"
    );
}

/// A server that has a secret must show it, and may leave PKCE out; a client without one may do neither.
#[actix_web::test]
async fn a_confidential_client_proves_itself() {
    let world = World::start().await;
    let order = json!({ "name": "Notes", "secret": SECRET, "redirect_uris": [CALLBACK] });
    let server = id(&register(&world, order).await);
    let without = |client: &str| {
        let asked = with(authorization(&world, client, "User.Read"), "code_challenge", "");
        with(asked, "code_challenge_method", "")
    };
    let reply = world.authorize("common", &without(&server)).await;
    let redeemed = with(redemption(&server, &value(&reply.redirected(), "code")), "code_verifier", "");
    assert_eq!(world.token("common", &redeemed).await.aadsts(), 7_000_218);
    assert_eq!(
        world.token("common", &with(redeemed.clone(), "client_secret", "x")).await.aadsts(),
        7_000_215
    );
    let tokens = world.token("common", &with(redeemed, "client_secret", SECRET)).await.json();
    assert_eq!(token_part(access_token(&tokens), 1)["appidacr"], "1");
    let public = public_client(&world).await;
    assert_eq!(world.authorize("common", &without(&public)).await.aadsts(), 50_147);
}

/// An assertion of the certificate that is registered, and of no other.
#[actix_web::test]
async fn a_certificate_proves_an_application() {
    let world = World::start().await;
    let connector = world.simulator.connector_credentials();
    let order = json!({ "name": "Archive", "certificate": connector.certificate_pem });
    let registered = register(&world, order).await;
    assert_eq!(registered["certificate_sha256"], connector.certificate_thumbprint_sha256);
    let client = id(&registered);
    let form = own_token(&client, "https://graph.microsoft.com/.default");
    let ask = |issuer: &str| {
        let mut assertion = ClientAssertion::of(&world);
        (assertion.claims["iss"], assertion.claims["sub"]) = (issuer.into(), issuer.into());
        with_client_assertion(form.clone(), &assertion.sign(&world))
    };
    let reply = world.token(&world.tenant(), &ask(&client)).await;
    assert_eq!(token_part(access_token(&reply.json()), 1)["appidacr"], "2");
    assert_eq!(world.token(&world.tenant(), &ask(&world.connector_id())).await.aadsts(), 700_021);
}

/// What is removed must be gone, and leave nothing behind for whoever comes by the same id.
#[actix_web::test]
async fn an_application_is_listed_until_it_is_removed() {
    let world = World::start().await;
    let fixed = "5b7c3b9e-0000-4000-8000-000000000001";
    let order =
        json!({ "name": "Notes", "id": fixed, "redirect_uris": [CALLBACK], "permissions": ["User.Read"] });
    register(&world, order.clone()).await;
    let other = public_client(&world).await;
    let listed = world.get("/_sim/applications").await.json();
    let ids: Vec<&Value> = listed.as_array().unwrap().iter().map(|application| &application["id"]).collect();
    assert_eq!(ids, [fixed, &other]);
    let tokens = sign_in(&world, fixed, "User.Read offline_access").await;
    assert_eq!(world.delete(&format!("/_sim/applications/{fixed}")).await.status, 204);
    let refresh = pairs(&[
        ("client_id", fixed),
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ]);
    assert_eq!(world.token("common", &refresh).await.aadsts(), 700_016);
    assert_eq!(world.delete(&format!("/_sim/applications/{fixed}")).await.status, 404);
    assert_eq!(world.delete(&format!("/_sim/applications/{}", world.client_id())).await.status, 404);
    register(&world, order).await;
    assert_eq!(world.token("common", &refresh).await.aadsts(), 65_001, "its consents are gone, too");
    assert_eq!(world.delete("/_sim/applications").await.status, 204);
    assert_eq!(world.get("/_sim/applications").await.json(), json!([]));
}

/// An application that is registered otherwise than was meant fails far from here, at a sign-in.
#[rstest]
#[case(json!({}), "`name` is missing")]
#[case(json!({ "name": "" }), "`name` must be a text that is not empty")]
#[case(json!({ "name": "a", "id": "1" }), "`id` must be a UUID")]
#[case(json!({ "name": "a", "redirect_uris": ["callback"] }), "`redirect_uris` must be a list of addresses")]
#[case(json!({ "name": "a", "spa_redirect_uris": "http://localhost/" }), "`spa_redirect_uris` must be")]
#[case(json!({ "name": "a", "secret": "" }), "`secret` must be a text that is not empty")]
#[case(json!({ "name": "a", "certificate": "x" }), "`certificate` must be a certificate with an RSA key")]
#[case(json!({ "name": "a", "permissions": ["Mail.Raed"] }), "`permissions` must be a list of delegated")]
#[case(json!({ "name": "a", "secret": "s", "app_permissions": ["Mail.Read.Shared"] }), "`app_permissions` must be")]
#[case(json!({ "name": "a", "app_permissions": ["Mail.Read"] }), "`app_permissions` must be left out")]
#[case(json!({ "name": "a", "api": {} }), "`api.scopes` must be a list of at least one short name")]
#[case(json!({ "name": "a", "api": { "scopes": ["a b"] } }), "`api.scopes` must be")]
#[case(json!({ "name": "a", "api": { "scopes": ["a"], "identifier": "notes" } }), "`api.identifier` must be an Application ID URI")]
#[case(json!({ "name": "a", "api": { "scopes": ["a"], "identifier": MCP } }), "`api.identifier` must be")]
#[case(json!({ "name": "a", "admin_consent": ["nobody.example"] }), "`admin_consent` names nothing in the directory")]
#[case(json!({ "name": "a", "federated_credential": { "issuer": "x", "subject": "s" } }), "`federated_credential.issuer` must be an address")]
#[case(json!({ "name": "a", "federated_credential": { "issuer": "https://i.example", "subject": "s", "jwks": {} } }), "`federated_credential.jwks` must be a set of RSA keys")]
#[case(json!({ "name": "a", "scope": "x" }), "`scope` is not a field of this request")]
#[actix_web::test]
async fn a_wrong_application_is_refused_by_its_field(#[case] order: Value, #[case] reason: &str) {
    let world = World::start().await;
    let reply = world.post_json("/_sim/applications", order).await;
    assert_eq!(reply.status, 400, "{}", reply.text);
    assert!(reply.json()["error"].as_str().unwrap().starts_with(reason), "{}", reply.text);
    assert_eq!(world.get("/_sim/applications").await.json(), json!([]));
}

/// Two of one name are one too many: tokens would be whose they are not.
#[actix_web::test]
async fn an_id_and_an_identifier_are_one_applications() {
    let world = World::start().await;
    let api = json!({ "identifier": "api://notes", "scopes": ["Notes.Read"] });
    let first = id(&register(&world, json!({ "name": "a", "api": api })).await);
    let refused = |reply: Reply| (reply.status, reply.json()["error"].as_str().unwrap().to_owned());
    for taken in [first, world.client_id(), world.connector_id()] {
        let reply = world.post_json("/_sim/applications", json!({ "name": "b", "id": taken })).await;
        assert_eq!(refused(reply), (400, "`id` must be an id that no other application has".to_owned()));
    }
    let reply = world.post_json("/_sim/applications", json!({ "name": "b", "api": api })).await;
    let expected = "`api.identifier` must be an Application ID URI that no other application has";
    assert_eq!(refused(reply), (400, expected.to_owned()));
    let method = world.send(Method::PUT, "/_sim/applications").await;
    assert_eq!((method.status, method.header("allow")), (405, "GET, HEAD, POST, DELETE"));
}
