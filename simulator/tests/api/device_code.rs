//! A device that cannot show a page, and somebody who signs in for it elsewhere.

use rstest::rstest;
use serde_json::{Value, json};

use super::support::{MCP, Pairs, Reply, World, encode, pairs, token_part};

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn begin(world: &World) -> Value {
    let asked = pairs(&[
        ("client_id", &world.client_id()),
        ("scope", &format!("{MCP}/access_as_user openid offline_access")),
    ]);
    let reply = world.post_form("/organizations/oauth2/v2.0/devicecode", &asked).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

fn question(world: &World, begun: &Value) -> Pairs {
    pairs(&[
        ("client_id", &world.client_id()),
        ("grant_type", DEVICE_CODE),
        ("device_code", begun["device_code"].as_str().unwrap()),
    ])
}

async fn ask(world: &World, begun: &Value) -> Reply {
    world.token("organizations", &question(world, begun)).await
}

async fn page(world: &World, fields: &[(&str, &str)]) -> Reply {
    world.get(&format!("/devicelogin?{}", encode(&pairs(fields)))).await
}

fn refused(reply: &Reply, error: &str, number: u64) {
    assert_eq!((reply.status, reply.json()["error"].as_str()), (400, Some(error)), "{}", reply.text);
    assert_eq!(reply.aadsts(), number);
}

/// A client that prints `message` and waits must end with tokens that are as good as those of a browser.
#[actix_web::test]
async fn a_device_gets_tokens_once_somebody_has_signed_in() {
    let world = World::start().await;
    let begun = begin(&world).await;
    let code = begun["user_code"].as_str().unwrap().to_owned();
    assert_eq!((&begun["expires_in"], &begun["interval"]), (&json!(900), &json!(5)));
    assert_eq!(begun["verification_uri"], world.url("/devicelogin"));
    assert!(begun["message"].as_str().unwrap().contains(&code));
    assert_eq!(code.len(), 9);
    refused(&ask(&world, &begun).await, "authorization_pending", 70_016);

    assert!(page(&world, &[]).await.text.contains("name=user_code"));
    let accounts = page(&world, &[("user_code", &code.to_lowercase())]).await;
    assert!(accounts.text.contains("Pick an account") && accounts.text.contains(&world.upn()));
    let question = page(&world, &[("user_code", &code), ("user", &world.upn())]).await;
    assert!(question.text.contains("Are you trying to sign in to"), "{}", question.text);
    let chosen = [("user_code", &*code), ("user", &*world.upn()), ("consent", "yes")];
    assert!(page(&world, &chosen).await.text.contains("You have signed in"));

    let tokens = ask(&world, &begun).await.json();
    let claims = token_part(tokens["access_token"].as_str().unwrap_or_else(|| panic!("{tokens}")), 1);
    assert_eq!((&claims["scp"], &claims["azp"]), (&json!("access_as_user"), &json!(world.client_id())));
    assert!(tokens["refresh_token"].is_string() && tokens["id_token"].is_string());
    assert_eq!(ask(&world, &begun).await.aadsts(), 54_005, "for once");
    assert_eq!(page(&world, &chosen).await.status, 400, "and its code, too");
}

/// A client that polls as fast as it can would wait no shorter, and never learns that it must not.
#[actix_web::test]
async fn a_device_that_asks_too_often_is_told_to_slow_down() {
    let world = World::start().await;
    let begun = begin(&world).await;
    refused(&ask(&world, &begun).await, "authorization_pending", 70_016);
    refused(&ask(&world, &begun).await, "slow_down", 70_016);
    later(&world, 7).await;
    refused(&ask(&world, &begun).await, "slow_down", 70_016);
    later(&world, 30).await;
    refused(&ask(&world, &begun).await, "authorization_pending", 70_016);
}

/// Whoever says no must be heard, and not be asked for until the code ends.
#[actix_web::test]
async fn a_sign_in_that_is_declined_ends_the_questions() {
    let world = World::start().await;
    let begun = begin(&world).await;
    let code = begun["user_code"].as_str().unwrap();
    page(&world, &[("user_code", code), ("user", &world.upn()), ("consent", "no")]).await;
    refused(&ask(&world, &begun).await, "authorization_declined", 65_004);
}

/// A code that works for ever is one that somebody finds.
#[actix_web::test]
async fn a_code_ends_after_a_quarter_of_an_hour() {
    let world = World::start().await;
    let begun = begin(&world).await;
    later(&world, 901).await;
    refused(&ask(&world, &begun).await, "expired_token", 70_019);
    let typed = page(&world, &[("user_code", begun["user_code"].as_str().unwrap())]).await;
    assert_eq!((typed.status, typed.aadsts()), (400, 70_019));
}

/// Somebody else's code, or another client's, must open nothing.
#[rstest]
#[case(("device_code", "guessed"), "bad_verification_code", 70_018)]
#[case(("device_code", ""), "invalid_request", 900_144)]
#[actix_web::test]
async fn a_wrong_code_is_refused(#[case] changed: (&str, &str), #[case] error: &str, #[case] number: u64) {
    let world = World::start().await;
    let begun = begin(&world).await;
    let asked = super::support::with(question(&world, &begun), changed.0, changed.1);
    refused(&world.token("organizations", &asked).await, error, number);
    let typed = page(&world, &[("user_code", "AAAAAAAAA")]).await;
    assert_eq!((typed.status, typed.aadsts()), (400, 70_018));
}

/// A code that another client shows would make that one's user somebody else's.
#[actix_web::test]
async fn a_code_is_for_the_client_that_began() {
    let world = World::start().await;
    let begun = begin(&world).await;
    let code = begun["user_code"].as_str().unwrap();
    page(&world, &[("user_code", code), ("user", &world.upn()), ("consent", "yes")]).await;
    let other = world.simulator.directory().clients[1].id.to_string();
    let asked = super::support::with(question(&world, &begun), "client_id", &other);
    assert_eq!(world.token("organizations", &asked).await.aadsts(), 70_000);
    let elsewhere = world.simulator.directory().tenants[1].id.to_string();
    assert_eq!(world.token(&elsewhere, &question(&world, &begun)).await.aadsts(), 700_005);
    assert_eq!(ask(&world, &begun).await.status, 200);
}

/// Entra's clock goes on by so many seconds from now.
async fn later(world: &World, seconds: i64) {
    world.delete("/_sim/faults").await;
    world.post_json("/_sim/faults", json!({ "service": "entra", "clock_skew_s": seconds })).await;
}
