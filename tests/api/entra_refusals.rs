//! Entra's refusals of an exchange, number by number: what the user is told, and who can do something about it.

use rstest::rstest;
use serde_json::json;

use crate::conditional_access::{ADMINISTRATOR, USER, error, refusal};
use crate::world::World;

const OPERATOR: &str = "the operator of this connector";
const MODEL: &str = "you, the caller";
const NOBODY: &str = "nobody in particular; it usually passes";

/// If this failed, a person would be told of the wrong rule, or to do what does not help: each number that Microsoft lists
/// for the token endpoint comes as Entra sends it, with its suberror and its claims.
#[rstest]
#[case::second_factor(
    &[50076, 50074, 50078],
    "interaction_required", "asks for multifactor authentication (", USER, "with a second factor"
)]
#[case::enrolment(
    &[50079, 50072],
    "interaction_required", "set up multifactor authentication", USER, "Set up multifactor"
)]
#[case::external(&[50158], "interaction_required", "another provider", USER, "complete the check")]
#[case::password(&[50055], "interaction_required", "password has expired", USER, "Choose a new password")]
#[case::account(
    &[50053, 50057, 50034, 51004, 50014, 50020],
    "account_blocked", "locked, disabled", ADMINISTRATOR, "to unlock it"
)]
#[case::account_in_the_way(
    &[90072, 16000, 16003, 50144],
    "account_blocked", "expired password", ADMINISTRATOR, "the right account"
)]
#[case::assignment(&[50105], "not_assigned", "assigned users", ADMINISTRATOR, "assign the user")]
#[case::device(
    &[53000, 53001, 53002],
    "blocked_by_device_policy", "compliant devices", ADMINISTRATOR, "a device that the organisation manages"
)]
#[case::platform(
    &[50005, 50097, 50129, 50131, 50155, 50187],
    "blocked_by_device_policy", "compliant devices", ADMINISTRATOR, "exclude the connector"
)]
#[case::policy(
    &[53003, 53004, 53010, 53011, 530_032, 530_034, 530_035],
    "blocked_by_policy", "Conditional Access refuses",
    ADMINISTRATOR, "which Conditional Access policy applies"
)]
#[case::tenant_restrictions(
    &[500_021, 500_022, 50002, 500_212, 500_213, 500_208, 500_207],
    "blocked_by_tenant_restriction", "keep this account out", ADMINISTRATOR, "cross-tenant access settings"
)]
#[case::consent(
    &[65001, 65004],
    "consent_required", "somebody consents", ADMINISTRATOR, "grants admin consent"
)]
#[case::admin_consent(
    &[90094, 90095],
    "admin_consent_required", "administrators alone", ADMINISTRATOR, "grant admin consent"
)]
#[case::not_installed(
    &[700_016, 700_011, 70001, 7_000_112, 1_000_031, 500_014],
    "not_installed", "directory", ADMINISTRATOR, "sets the app up"
)]
#[case::permissions(
    &[65005, 650_052, 650_054, 650_056, 650_057, 650_059, 90008],
    "misconfigured", "own registration", OPERATOR, "Tell the operator the code"
)]
#[case::registration(
    &[500_011, 50001, 7_000_114, 240_002, 50011, 70004, 900_971],
    "misconfigured", "own registration", OPERATOR, "Tell the operator the code"
)]
#[case::endpoint(
    &[50194, 9_002_332, 90124, 90130, 9_001_023],
    "misconfigured", "own registration", OPERATOR, "Tell the operator the code"
)]
#[case::credential(
    &[7_000_215, 7_000_222, 70002, 7_000_218, 700_025, 700_027, 700_030, 50012, 50048],
    "credential_refused", "own credential", OPERATOR, "must be renewed"
)]
#[case::tenant(&[90002, 90019, 50059, 50128], "tenant_not_found", "does not know", OPERATOR, "was deleted")]
#[case::cloud(&[90038, 51005], "wrong_cloud", "another Microsoft cloud", OPERATOR, "in its own cloud")]
#[case::scope(
    &[70011, 28002, 28003, 700_022, 700_023, 901_002],
    "request_refused", "a fault of the connector", OPERATOR, "the correlation ID"
)]
#[case::request(
    &[900_144, 90014, 90013, 90004, 9_002_313, 90100],
    "request_refused", "a fault of the connector", OPERATOR, "the correlation ID"
)]
#[case::loop_detected(&[50196], "sign_in_loop", "takes that for a loop", MODEL, "make the same call again")]
#[case::throttled(&[90055], "throttled", "More was asked of it", NOBODY, "make the same call again")]
#[case::passing(
    &[90033, 90090, 90006, 90024, 50033, 50087, 90012],
    "unavailable", "usable answer", NOBODY, "in half a minute"
)]
#[case::lasting(
    &[90036, 50000, 90092],
    "sign_in_service_failed", "does not pass by itself", OPERATOR, "Microsoft's support"
)]
#[case::of_another_grant(&[70016, 70018, 70019], "unavailable", "usable answer", NOBODY, "in half a minute")]
#[actix_web::test]
async fn each_refusal_of_entra_ends_in_the_error_of_its_class(
    #[case] numbers: &[u32],
    #[case] code: &str,
    #[case] why: &str,
    #[case] who: &str,
    #[case] how: &str,
) {
    let world = World::start().await;
    for (user, number) in numbers.iter().enumerate() {
        let token = world.token(&world.person(0, user)).await;
        world.fault(refusal(*number)).await;
        let result = world.call(&token, "get_me", json!({})).await;
        world.clear_faults().await;
        let error = error(&result);
        let said =
            |part: &str| error[part].as_str().unwrap_or_else(|| panic!("{number} says no {part}: {error}"));
        assert_eq!((said("code"), said("who")), (code, who), "{number}: {error}");
        assert!(said("why").contains(why), "{number}: {error}");
        assert!(said("how").contains(how), "{number}: {error}");
        assert!(!said("what").is_empty() && !said("correlation_id").is_empty(), "{number}: {error}");
    }
}
