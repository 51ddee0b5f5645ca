//! HTTPS on loopback, by a CA that the simulator made itself.

use m365_simulator::{Simulator, SimulatorOptions, TlsOptions};
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{World, token_part};

/// MSAL refuses an authority whose documents lead elsewhere, and a mixed answer would lead a client from HTTPS to HTTP.
#[rstest]
#[case("localhost")]
#[case("127.0.0.1")]
#[actix_web::test]
async fn what_was_asked_over_https_leads_to_where_it_was_asked(#[case] name: &str) {
    let world = World::start_secure(name).await;
    let base = world.url("");
    assert!(base.starts_with(&format!("https://{name}:")));
    let document =
        world.get(&format!("/{}/v2.0/.well-known/openid-configuration", world.tenant())).await.json();
    for field in ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"] {
        assert!(document[field].as_str().unwrap().starts_with(&base), "{field}: {}", document[field]);
    }
    assert!(world.keys().await.iter().all(|key| key["issuer"].as_str().unwrap().starts_with(&base)));
    let assertion = world.assertion(json!({})).await;
    assert_eq!(token_part(&assertion, 1)["iss"], document["issuer"]);
    let token = world.graph_token().await;
    let page = world.get_as(&token, "/v1.0/me/messages?$top=1").await.json();
    assert!(page["@odata.nextLink"].as_str().unwrap().starts_with(&format!("{base}/v1.0/")));
    assert_eq!(world.get("/_sim/registration").await.json()["authority"], base);
    let refused = world.get("/v1.0/me").await;
    assert!(refused.header("www-authenticate").contains(&format!("authorization_uri=\"{base}/")));
}

/// Files are fetched from a host of another name: a client that sends its bearer along would be found out.
#[rstest]
#[case("localhost", "https://127.0.0.1:")]
#[case("127.0.0.1", "https://localhost:")]
#[actix_web::test]
async fn a_download_is_redirected_to_another_name_over_https(#[case] name: &str, #[case] expected: &str) {
    let world = World::start_secure(name).await;
    let token = world.graph_token().await;
    let children = world.get_as(&token, "/v1.0/me/drive/root/children").await.json();
    let file = children["value"].as_array().unwrap().iter().find(|item| item["file"].is_object()).unwrap();
    let content = format!("/v1.0/me/drive/items/{}/content", file["id"].as_str().unwrap());
    let location = world.get_as(&token, &content).await.header("location").to_owned();
    assert!(location.starts_with(expected), "{location}");
    let fetched = world.http.get(&location).send().await.unwrap();
    assert_eq!(fetched.status(), 200);
    assert_eq!(world.http.get(&location).bearer_auth(&token).send().await.unwrap().status(), 401);
}

/// A token that was issued over one of the two is exchanged over the other: they are one Entra.
#[actix_web::test]
async fn both_listeners_are_the_same_entra() {
    let world = World::start_secure("localhost").await;
    let order = json!({ "tenant": world.tenant(), "user": world.upn() }).to_string();
    let plain = format!("{}/_sim/token", world.simulator.base_url());
    let minted = world.http.post(plain).body(order).send().await.unwrap().text().await.unwrap();
    let minted: Value = serde_json::from_str(&minted).unwrap();
    let assertion = minted["access_token"].as_str().unwrap();
    assert!(token_part(assertion, 1)["iss"].as_str().unwrap().starts_with("http://"));
    assert_eq!(world.token(&world.tenant(), &world.exchange(assertion)).await.status, 200);
}

/// Who trusts nothing must not get through: an ordinary client refuses the certificate.
#[actix_web::test]
async fn nobody_trusts_the_ca_by_itself() {
    let world = World::start_secure("localhost").await;
    assert!(reqwest::get(world.url("/_sim/directory")).await.unwrap_err().is_connect());
}

/// Programs that trust a file must find the CA in it, and only its certificate: no key is ever written.
#[actix_web::test]
async fn the_ca_is_written_to_a_file() {
    let file = std::env::temp_dir().join(format!("m365-simulator-{}.pem", std::process::id()));
    let tls = TlsOptions { ca_file: Some(file.clone()), ..TlsOptions::default() };
    let options = SimulatorOptions { tls: Some(tls), ..World::options() };
    let simulator = Simulator::start(options).await.unwrap();
    let written = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    assert_eq!(Some(written.as_str()), simulator.ca_certificate_pem());
    assert!(!written.contains("PRIVATE"));
    let nowhere = TlsOptions { ca_file: Some("/nonexistent/ca.pem".into()), ..TlsOptions::default() };
    let options = SimulatorOptions { tls: Some(nowhere), ..World::options() };
    let error = Simulator::start(options).await.unwrap_err().to_string();
    assert!(error.contains("/nonexistent/ca.pem"), "{error}");
}
