//! Refusals of the token endpoint by AADSTS number, for faults on demand.

use serde_json::json;
use uuid::Uuid;

use super::error_body::ErrorBody;
use crate::message::Answer;

/// Number, OAuth `error`, `suberror`, and the text.
type Row = (u32, &'static str, Option<&'static str>, &'static str);

const CONSENT: Option<&str> = Some("consent_required");
const BASIC: Option<&str> = Some("basic_action");

const ROWS: &[Row] = &[
    (16_000, "interaction_required", None, "Several user identities are available: one has to be selected."),
    (50_005, "interaction_required", None, "The user's platform is not supported by a policy."),
    (50_013, "invalid_grant", None, "The assertion failed its validation."),
    (50_014, "invalid_grant", None, "The guest has not redeemed the invitation."),
    (50_034, "invalid_grant", None, "The user account does not exist in the directory."),
    (50_053, "invalid_grant", None, "The account is locked."),
    (50_055, "invalid_grant", Some("user_password_expired"), "The password is expired."),
    (50_057, "invalid_grant", None, "The user account is disabled."),
    (50_058, "login_required", None, "The user is not signed in."),
    (50_072, "interaction_required", BASIC, "The user has to enrol for multifactor authentication."),
    (50_074, "interaction_required", BASIC, "Strong authentication is required."),
    (50_076, "interaction_required", BASIC, "The user must use multifactor authentication."),
    (50_078, "interaction_required", BASIC, "The multifactor authentication has expired."),
    (50_079, "interaction_required", BASIC, "The user has to enrol for multifactor authentication."),
    (50_105, "invalid_grant", None, "The user is not assigned to a role for the application."),
    (50_132, "invalid_grant", None, "The session is not valid any more."),
    (50_133, "invalid_grant", None, "The session is not valid: the password was changed."),
    (50_158, "interaction_required", None, "An external security challenge was not satisfied."),
    (50_173, "invalid_grant", Some("bad_token"), "The grant was revoked: a fresh sign-in is needed."),
    (50_196, "invalid_grant", None, "The server found a loop: the same request came too often."),
    (53_000, "interaction_required", None, "The device is not compliant."),
    (53_001, "interaction_required", None, "The device is not joined to the domain."),
    (53_002, "interaction_required", None, "The application is not an approved one."),
    (
        53_003,
        "interaction_required",
        Some("message_only"),
        "Access was blocked by Conditional Access policies.",
    ),
    (65_001, "invalid_grant", CONSENT, "The user or administrator has not consented to use the application."),
    (70_008, "invalid_grant", None, "The grant has expired."),
    (
        70_043,
        "invalid_grant",
        Some("token_expired"),
        "The refresh token is too old for the sign-in frequency.",
    ),
    (90_002, "invalid_tenant", None, "The tenant was not found."),
    (90_033, "temporarily_unavailable", None, "A transient error has occurred. Try again."),
    (90_038, "invalid_request", None, "The tenant belongs to a national cloud."),
    (90_055, "temporarily_unavailable", None, "The server has too many requests for this tenant."),
    (
        90_072,
        "interaction_required",
        None,
        "The account does not exist in the tenant: it has to be added first.",
    ),
    (90_094, "consent_required", None, "An administrator has to consent."),
    (500_011, "invalid_resource", None, "The resource principal was not found in the tenant."),
    (500_133, "invalid_grant", None, "The assertion is not within its valid time range."),
    (530_032, "interaction_required", None, "Access was blocked by a security policy of the tenant."),
    (700_016, "unauthorized_client", None, "The application was not found in the directory."),
    (700_084, "invalid_grant", Some("token_expired"), "The refresh token of a single page app has expired."),
    (700_082, "invalid_grant", Some("token_expired"), "The refresh token has expired due to inactivity."),
    (7_000_112, "unauthorized_client", None, "The application is disabled."),
    (7_000_114, "invalid_grant", None, "The application is not allowed to act on behalf of users."),
    (7_000_215, "invalid_client", None, "An invalid client secret was provided."),
    (7_000_222, "invalid_client", None, "The provided client secrets are expired."),
];

/// Whether there is a refusal of that number.
pub(crate) fn is_refusal(number: u32) -> bool {
    ROWS.iter().any(|(known, ..)| *known == number)
}

/// The refusal of that number, in Entra's own shape. Those that a person can lift by signing in again come with the
/// claims to ask for. Of a number that is not known nothing is said but the number.
pub(crate) fn refused(number: u32, base_url: &str, correlation: Uuid) -> Answer {
    let unknown = (number, "invalid_grant", None, "The request was refused on demand.");
    let (code, error, suberror, text) =
        ROWS.iter().find(|(known, ..)| *known == number).copied().unwrap_or(unknown);
    let status = match error {
        "invalid_client" => 401,
        "temporarily_unavailable" if code == 90_055 => 429,
        "temporarily_unavailable" => 503,
        _ => 400,
    };
    let description = format!("AADSTS{code}: {text}");
    let claims = suberror
        .filter(|suberror| Some(*suberror) == BASIC)
        .map(|_| json!({ "access_token": { "acrs": { "essential": true, "value": "c1" } } }).to_string());
    ErrorBody { status, error, code, description, suberror, claims: claims.as_deref() }
        .to_answer(base_url, correlation)
}
