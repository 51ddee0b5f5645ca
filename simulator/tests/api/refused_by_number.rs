//! Refusals of the token endpoint to order: every number that Microsoft lists for it.

use rstest::rstest;
use serde_json::{Value, json};

use super::support::World;

/// What comes with a refusal besides its number.
#[derive(Clone, Copy)]
struct Expected {
    status: u16,
    error: &'static str,
    suberror: Option<&'static str>,
    /// The member of the access token that its claims demand.
    demand: Option<&'static str>,
}

const fn refusal(status: u16, error: &'static str) -> Expected {
    Expected { status, error, suberror: None, demand: None }
}

const fn with(expected: Expected, suberror: &'static str) -> Expected {
    Expected { suberror: Some(suberror), ..expected }
}

const fn demanding(expected: Expected, member: &'static str) -> Expected {
    Expected { demand: Some(member), ..expected }
}

/// A number in another form than Entra's own is handled by another path of the client, and one that cannot be ordered by
/// none that anybody has tried.
#[rstest]
#[case::not_consented(&[65_001], with(refusal(400, "invalid_grant"), "consent_required"))]
#[case::declined(&[65_004], refusal(400, "access_denied"))]
#[case::permissions_of_the_registration(
    &[65_005, 650_052, 650_054, 650_056, 650_057, 650_059],
    refusal(400, "invalid_client")
)]
#[case::administrators_consent(&[90_094, 90_095], refusal(400, "consent_required"))]
#[case::steps(
    &[50_072, 50_074, 50_076, 50_078, 50_079],
    demanding(with(refusal(400, "interaction_required"), "basic_action"), "acrs")
)]
#[case::steps_elsewhere(
    &[50_158, 50_005, 50_097, 50_129, 50_131, 50_155, 50_187],
    refusal(400, "interaction_required")
)]
#[case::policies(
    &[53_000, 53_001, 53_002, 53_003],
    demanding(with(refusal(400, "interaction_required"), "message_only"), "polids")
)]
#[case::risks_and_defaults(
    &[53_004, 53_010, 53_011, 530_032, 530_034, 530_035],
    refusal(400, "interaction_required")
)]
#[case::assertion(&[50_013, 500_133, 7_000_114], refusal(400, "invalid_grant"))]
#[case::no_jwt(&[50_027, 240_002, 90_008], refusal(400, "invalid_request"))]
#[case::too_old(&[70_043, 700_082, 700_084], with(refusal(400, "invalid_grant"), "token_expired"))]
#[case::grant(&[70_000, 70_008, 50_089, 50_132, 50_133, 54_005], refusal(400, "invalid_grant"))]
#[case::revoked(&[50_173], with(refusal(400, "invalid_grant"), "bad_token"))]
#[case::password(&[50_055], with(refusal(400, "invalid_grant"), "user_password_expired"))]
#[case::account(
    &[50_053, 50_057, 50_144, 50_034, 51_004, 50_014, 50_020, 50_105],
    refusal(400, "invalid_grant")
)]
#[case::not_in_the_tenant(&[16_000, 16_003, 90_072], refusal(400, "interaction_required"))]
#[case::not_installed(
    &[700_016, 700_011, 70_001, 7_000_112, 1_000_031],
    refusal(400, "unauthorized_client")
)]
#[case::resource(&[500_011, 50_001, 500_014], refusal(400, "invalid_resource"))]
#[case::no_tenant(&[90_002], refusal(400, "invalid_tenant"))]
#[case::tenant(&[90_019, 50_059, 50_128, 90_038, 51_005], refusal(400, "invalid_request"))]
#[case::endpoint(&[50_194, 9_002_332, 90_124, 90_130, 9_001_023], refusal(400, "invalid_request"))]
#[case::tenant_restrictions(
    &[500_021, 500_022, 50_002, 500_212, 500_213, 500_208, 500_207],
    refusal(400, "access_denied")
)]
#[case::credential(
    &[7_000_215, 7_000_222, 70_002, 7_000_218, 700_025, 700_027, 700_030, 50_012, 50_048],
    refusal(401, "invalid_client")
)]
#[case::scope(&[70_011, 28_002, 28_003], refusal(400, "invalid_scope"))]
#[case::request(
    &[700_022, 700_023, 901_002, 900_144, 90_014, 90_013, 90_004, 9_002_313, 90_100],
    refusal(400, "invalid_request")
)]
#[case::a_loop(&[50_196], refusal(400, "invalid_grant"))]
#[case::throttled(&[90_055], refusal(429, "temporarily_unavailable"))]
#[case::passing(
    &[90_033, 90_090, 90_006, 90_024, 50_033, 50_087, 90_012],
    refusal(503, "temporarily_unavailable")
)]
#[case::lasting(&[90_036, 50_000, 90_092], refusal(500, "server_error"))]
#[case::redirect(&[50_011, 70_004, 900_971], refusal(400, "invalid_request"))]
#[case::not_signed_in(&[50_058], refusal(400, "login_required"))]
#[case::device_pending(&[70_016], refusal(400, "authorization_pending"))]
#[case::device_unknown(&[70_018], refusal(400, "bad_verification_code"))]
#[case::device_expired(&[70_019], refusal(400, "expired_token"))]
#[actix_web::test]
async fn a_token_is_refused_by_number(#[case] numbers: &[u64], #[case] expected: Expected) {
    let world = World::start().await;
    let exchange = world.exchange(&world.assertion(json!({})).await);
    for number in numbers {
        let order =
            json!({ "service": "entra", "path_prefix": "/oauth2/v2.0/token", "aadsts": number, "times": 1 });
        let accepted = world.post_json("/_sim/faults", order).await;
        assert_eq!(accepted.status, 200, "{number}: {}", accepted.text);
        let refused = world.token(&world.tenant(), &exchange).await;
        let body = refused.json();
        assert_eq!((refused.status, refused.aadsts()), (expected.status, *number));
        assert_eq!(body["error_codes"], json!([number]));
        let said = (body["error"].as_str(), body["suberror"].as_str());
        assert_eq!(said, (Some(expected.error), expected.suberror), "{number}");
        assert_eq!(refused.header("retry-after"), if expected.status == 429 { "30" } else { "" });
        let claims = body["claims"].as_str().map(|claims| serde_json::from_str::<Value>(claims).unwrap());
        let demanded = claims.as_ref().map(|claims| claims["access_token"].as_object().unwrap());
        let member = demanded.and_then(|token| token.keys().next().map(String::as_str));
        assert_eq!(member, expected.demand, "{number}");
    }
    assert_eq!(world.token(&world.tenant(), &exchange).await.status, 200, "each was for once");
}
