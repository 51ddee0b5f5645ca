//! The admin consent endpoint: one administrator agrees for everybody.

use rstest::rstest;
use serde_json::json;

use super::support::{Pairs, Reply, World, encode, pairs, value, with};

const LANDING: &str = "http://127.0.0.1:8080/consented";

fn request(world: &World) -> Pairs {
    pairs(&[
        ("client_id", &world.connector_id()),
        ("redirect_uri", LANDING),
        ("scope", "https://graph.microsoft.com/.default"),
        ("state", "a state & more"),
        ("user", &world.upn()),
        ("consent", "yes"),
    ])
}

async fn ask(world: &World, segment: &str, request: &Pairs) -> Reply {
    world.get(&format!("/{segment}/v2.0/adminconsent?{}", encode(request))).await
}

/// A tenant without consent is opened by its administrator, for everybody at once.
#[actix_web::test]
async fn an_administrator_consents_for_everybody() {
    let world = World::start().await;
    let policies = format!("/_sim/tenants/{}/policies", world.tenant());
    world.post_json(&policies, json!({ "consent_withdrawn": true })).await;
    let exchange = world.exchange(&world.assertion(json!({})).await);
    assert_eq!(world.token(&world.tenant(), &exchange).await.aadsts(), 65_001);
    let answer = ask(&world, "organizations", &request(&world)).await;
    assert!(answer.header("location").starts_with(LANDING));
    let returned = answer.redirected();
    assert_eq!(value(&returned, "admin_consent"), "True");
    assert_eq!(value(&returned, "tenant"), world.tenant());
    assert_eq!(value(&returned, "scope"), "https://graph.microsoft.com/.default");
    assert_eq!(value(&returned, "state"), "a state & more");
    assert_eq!(world.token(&world.tenant(), &exchange).await.status, 200);
}

/// As documented a refusal comes back too, and says what was asked.
#[actix_web::test]
async fn a_refusal_comes_back_with_its_number() {
    let world = World::start().await;
    let answer = ask(&world, &world.tenant(), &with(request(&world), "consent", "no")).await;
    let returned = answer.redirected();
    assert_eq!(
        (value(&returned, "admin_consent"), value(&returned, "error")),
        ("True".into(), "consent_required".into())
    );
    assert!(value(&returned, "error_description").starts_with("AADSTS65004"));
    assert_eq!(value(&returned, "state"), "a state & more");
}

/// What cannot be trusted is shown, and goes nowhere.
#[rstest]
#[case("common", "state", "x", 9_001_023)]
#[case("larkmoor.example", "redirect_uri", "https://evil.example/", 50_011)]
#[case("larkmoor.example", "client_id", "5b7c3b9e-0000-4000-8000-000000000000", 700_016)]
#[case("larkmoor.example", "user", "tomas.ferreira@larkmoor.example", 90_094)]
#[case("larkmoor.example", "scope", "https://graph.microsoft.com/Mail.Send", 650_053)]
#[actix_web::test]
async fn a_wrong_request_is_shown_on_a_page(
    #[case] segment: &str,
    #[case] field: &str,
    #[case] changed: &str,
    #[case] code: u64,
) {
    let world = World::start().await;
    let answer = ask(&world, segment, &with(request(&world), field, changed)).await;
    assert_eq!((answer.status, answer.header("location"), answer.aadsts()), (400, "", code));
}

/// A person sees whom it is for before anything is granted.
#[actix_web::test]
async fn a_person_picks_the_administrator_and_then_decides() {
    let world = World::start().await;
    let asked = with(request(&world), "consent", "");
    let picker = ask(&world, "organizations", &with(asked.clone(), "user", "")).await;
    assert!(picker.text.contains(&world.upn()) && !picker.text.contains("name=consent"), "{}", picker.text);
    let page = ask(&world, "organizations", &asked).await;
    assert!(page.text.contains("Larkmoor Timber") && page.text.contains("name=consent value=yes"));
}
