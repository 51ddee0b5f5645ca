//! Scripts of pages, which redeem what was issued to a single-page application and nothing else.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{Pairs, Reply, World, pairs, value, with};

const PAGE: &str = "http://localhost:5173";
const CALLBACK: &str = "http://localhost:5173/callback";

/// A page, signed in as far as its code, and how it redeems that.
async fn redemption(world: &World) -> Pairs {
    let client = world.simulator.directory().clients.last().unwrap().id.to_string();
    let asked = with(with(world.authorization(), "client_id", &client), "redirect_uri", CALLBACK);
    let code = value(&world.authorize(&world.tenant(), &asked).await.redirected(), "code");
    with(with(world.redemption(&code), "client_id", &client), "redirect_uri", CALLBACK)
}

async fn from_page(world: &World, fields: &[(String, String)]) -> Reply {
    let path = format!("/{}/oauth2/v2.0/token", world.tenant());
    world.send_form(world.http.post(world.url(&path)).header("origin", PAGE), fields).await
}

fn refresh(client: &str, tokens: &Value) -> Pairs {
    pairs(&[
        ("client_id", client),
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ])
}

/// Fails when a page can't sign in, or when a program can use what was given to a page.
#[actix_web::test]
async fn a_page_redeems_its_own_code_and_refresh_token_and_no_program_does() {
    let world = World::start().await;
    let redemption = redemption(&world).await;
    assert_eq!(world.token(&world.tenant(), &redemption).await.aadsts(), 9_002_327);
    let redeemed = from_page(&world, &redemption).await;
    assert_eq!((redeemed.status, redeemed.header("access-control-allow-origin")), (200, "*"));
    let tokens = redeemed.json();
    assert_eq!(tokens["refresh_token_expires_in"], 86_400);
    let refresh = refresh(&value(&redemption, "client_id"), &tokens);
    assert_eq!(world.token(&world.tenant(), &refresh).await.aadsts(), 9_002_327);
    assert_eq!(from_page(&world, &refresh).await.status, 200);
    let again = from_page(&world, &redemption).await;
    assert_eq!(
        (again.aadsts(), again.header("access-control-allow-origin")),
        (54_005, "*"),
        "it can read why"
    );
}

/// Fails when any page may use what belongs to a program: its code, its refresh token, the connector's secret.
#[actix_web::test]
async fn nothing_of_a_program_is_redeemed_across_origins() {
    let world = World::start().await;
    let redemption = world.redemption(&world.code().await);
    let exchange = world.exchange(&world.assertion(json!({})).await);
    for fields in [&redemption, &exchange] {
        let refused = from_page(&world, fields).await;
        assert_eq!((refused.status, refused.aadsts()), (400, 9_002_326));
        assert_eq!(refused.header("access-control-allow-origin"), "");
    }
    let redeemed = world.token(&world.tenant(), &redemption).await;
    assert_eq!((redeemed.status, redeemed.header("access-control-allow-origin")), (200, ""));
    let tokens = redeemed.json();
    assert_eq!(tokens.get("refresh_token_expires_in"), None);
    assert_eq!(from_page(&world, &refresh(&world.client_id(), &tokens)).await.aadsts(), 9_002_326);
}

/// A day after the sign-in it is over, also for tokens that were renewed meanwhile.
#[rstest]
#[case(23 * 3_600, 0)]
#[case(25 * 3_600, 700_084)]
#[actix_web::test]
async fn the_refresh_tokens_of_a_page_end_a_day_after_its_sign_in(#[case] later_s: i64, #[case] code: u64) {
    let world = World::start().await;
    let redemption = redemption(&world).await;
    let tokens = from_page(&world, &redemption).await.json();
    let client = value(&redemption, "client_id");
    let skew = async |seconds: i64| {
        world.delete("/_sim/faults").await;
        world.post_json("/_sim/faults", json!({ "service": "entra", "clock_skew_s": seconds })).await
    };
    assert_eq!(skew(12 * 3_600).await.status, 200);
    let renewed = from_page(&world, &refresh(&client, &tokens)).await.json();
    assert_eq!(skew(later_s).await.status, 200);
    let answer = from_page(&world, &refresh(&client, &renewed)).await;
    match code {
        0 => assert_eq!(answer.status, 200, "{}", answer.text),
        code => assert_eq!(answer.aadsts(), code),
    }
}

/// A browser asks first; what it may send does not depend on the grant, which it has not shown yet.
#[actix_web::test]
async fn a_browser_may_ask_the_token_endpoint_what_it_takes() {
    let world = World::start().await;
    let preflight = world.send(Method::OPTIONS, &format!("/{}/oauth2/v2.0/token", world.tenant())).await;
    assert_eq!(
        (preflight.status, preflight.header("access-control-allow-methods")),
        (204, "GET, POST, OPTIONS")
    );
}
