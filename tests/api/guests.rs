//! Guests: let in where the tenant's administrator says so, and nowhere else.

use m365_connector::{GuestRule, TenantSource};
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use crate::world::{World, send};

/// If this failed, people from outside would read a tenant's data without a word of its administrator; or the
/// operator would not learn that the registration lacks the claim that tells them apart.
#[rstest]
#[case::member(GuestRule::Refuse, json!({ "acct": 0 }), None)]
#[case::guest(GuestRule::Refuse, json!({ "acct": 1 }), Some(("guest_not_allowed", "lets no guests in")))]
#[case::unstated(GuestRule::Refuse, json!({ "acct": null }), Some(("account_unstated", "optional claim acct")))]
#[case::invited_guest(GuestRule::Allow, json!({ "acct": 1 }), None)]
#[case::nobody_asks(GuestRule::Allow, json!({ "acct": null }), None)]
#[actix_web::test]
async fn guests_call_where_the_tenant_lets_them(
    #[case] rule: GuestRule,
    #[case] claims: Value,
    #[case] refused: Option<(&str, &str)>,
) {
    let world = World::start_with(|settings| {
        let TenantSource::Fixed(policies) = &mut settings.tenants else { return };
        for policy in policies.iter_mut() {
            policy.guests = rule;
        }
    })
    .await;
    let token = world.token_with(&world.person(0, 0), json!({ "claims": claims })).await;
    let answer = send(world.modern(&token, "tools/list", json!({}))).await;
    let Some((code, text)) = refused else {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        return;
    };
    assert_eq!((answer.status, answer.json()["error"].as_str()), (StatusCode::FORBIDDEN, Some(code)));
    assert!(answer.text.contains(text), "{}", answer.text);
    assert_eq!(answer.header("www-authenticate"), "", "a new sign-in would change nothing");
    assert_eq!(world.exchanges().await, 0, "who may not enter costs no exchange");
}
