//! The numbers that Microsoft lists for the token endpoint, each with what comes with it.
//!
//! What a number means is from <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>. The error that
//! comes with it is published for some alone; the others have that of the class they are of.

use super::Numbered;

const ACCESS_DENIED: &str = "access_denied";
const CONSENT_REQUIRED: &str = "consent_required";
const INTERACTION_REQUIRED: &str = "interaction_required";
const INVALID_CLIENT: &str = "invalid_client";
const INVALID_GRANT: &str = "invalid_grant";
const INVALID_REQUEST: &str = "invalid_request";
const INVALID_RESOURCE: &str = "invalid_resource";
const INVALID_SCOPE: &str = "invalid_scope";
const SERVER_ERROR: &str = "server_error";
const TEMPORARILY_UNAVAILABLE: &str = "temporarily_unavailable";
const UNAUTHORIZED_CLIENT: &str = "unauthorized_client";

const fn plain(number: u32, error: &'static str, text: &'static str) -> Numbered {
    Numbered::plain(number, error, text)
}

/// In the order of the numbers.
pub(super) const NUMBERED: &[Numbered] = &[
    plain(16_000, INTERACTION_REQUIRED, "Several user identities are available: one has to be selected."),
    plain(16_003, INTERACTION_REQUIRED, "The user has not been added to the tenant."),
    plain(28_002, INVALID_SCOPE, "The scope is not valid when an access token is asked for."),
    plain(28_003, INVALID_SCOPE, "The scope may not be empty when an access token is asked for by a code."),
    plain(50_000, SERVER_ERROR, "There is an issue with the sign-in service."),
    plain(50_001, INVALID_RESOURCE, "The resource is disabled, or does not exist in the tenant."),
    plain(50_002, ACCESS_DENIED, "The sign-in failed because of a restricted proxy access on the tenant."),
    plain(50_005, INTERACTION_REQUIRED, "The user's platform is not supported by a policy."),
    plain(
        50_011,
        INVALID_REQUEST,
        "The redirect URI is missing, wrong, or does not match the ones registered for the application.",
    ),
    plain(50_012, INVALID_CLIENT, "The authentication of the client failed."),
    plain(50_013, INVALID_GRANT, "The assertion failed its validation."),
    plain(50_014, INVALID_GRANT, "The guest has not redeemed the invitation."),
    plain(
        50_020,
        INVALID_GRANT,
        "The user account from another identity provider does not exist in the tenant.",
    ),
    plain(50_027, INVALID_REQUEST, "The token is invalid: it is not well-formed."),
    plain(50_033, TEMPORARILY_UNAVAILABLE, "An error has occurred that passes by itself. Try again."),
    plain(50_034, INVALID_GRANT, "The user account does not exist in the directory."),
    plain(50_048, INVALID_CLIENT, "The client assertion's subject does not match its issuer."),
    plain(50_053, INVALID_GRANT, "The account is locked."),
    plain(50_055, INVALID_GRANT, "The password is expired.").with_suberror("user_password_expired"),
    plain(50_057, INVALID_GRANT, "The user account is disabled."),
    plain(50_058, "login_required", "The user is not signed in."),
    plain(
        50_059,
        INVALID_REQUEST,
        "No information that identifies the tenant was found in the request or in a credential.",
    ),
    plain(50_072, INTERACTION_REQUIRED, "The user has to enrol for multifactor authentication.")
        .demanding_step(),
    plain(50_074, INTERACTION_REQUIRED, "Strong authentication is required.").demanding_step(),
    plain(50_076, INTERACTION_REQUIRED, "The user must use multifactor authentication.").demanding_step(),
    plain(50_078, INTERACTION_REQUIRED, "The multifactor authentication has expired.").demanding_step(),
    plain(50_079, INTERACTION_REQUIRED, "The user has to enrol for multifactor authentication.")
        .demanding_step(),
    plain(
        50_087,
        TEMPORARILY_UNAVAILABLE,
        "A key of the session could not be read for the moment. Try again.",
    ),
    plain(50_089, INVALID_GRANT, "The flow token has expired."),
    plain(50_097, INTERACTION_REQUIRED, "The device has to authenticate itself."),
    plain(50_105, INVALID_GRANT, "The user is not assigned to a role for the application."),
    plain(50_128, INVALID_REQUEST, "The domain name is invalid: nothing in it identifies a tenant."),
    plain(50_129, INTERACTION_REQUIRED, "The device is not joined to the workplace."),
    plain(
        50_131,
        INTERACTION_REQUIRED,
        "Access was blocked by a policy on the device, or an unusual sign-in.",
    ),
    plain(50_132, INVALID_GRANT, "The session is not valid any more."),
    plain(50_133, INVALID_GRANT, "The session is not valid: the password was changed."),
    plain(50_144, INVALID_GRANT, "The user's password on the premises is expired."),
    plain(50_155, INTERACTION_REQUIRED, "The authentication of the device failed for this user."),
    plain(50_158, INTERACTION_REQUIRED, "An external security challenge was not satisfied."),
    plain(50_173, INVALID_GRANT, "The grant was revoked: a fresh sign-in is needed.")
        .with_suberror("bad_token"),
    plain(50_187, INTERACTION_REQUIRED, "The device could not be authenticated by its service."),
    plain(
        50_194,
        INVALID_REQUEST,
        "The application is not one of several tenants: do not use the '/common' endpoint.",
    ),
    plain(50_196, INVALID_GRANT, "The server found a loop: the same request came too often."),
    plain(51_004, INVALID_GRANT, "The user account does not exist in the directory."),
    plain(51_005, INVALID_REQUEST, "The tenant is in another cloud instance."),
    plain(53_000, INTERACTION_REQUIRED, "The device is not compliant.").demanding_policy(),
    plain(53_001, INTERACTION_REQUIRED, "The device is not joined to the domain.").demanding_policy(),
    plain(53_002, INTERACTION_REQUIRED, "The application is not an approved one.").demanding_policy(),
    plain(53_003, INTERACTION_REQUIRED, "Access was blocked by Conditional Access policies.")
        .demanding_policy(),
    plain(
        53_004,
        INTERACTION_REQUIRED,
        "Enrolment for multifactor authentication was blocked because of a risk.",
    ),
    plain(
        53_010,
        INTERACTION_REQUIRED,
        "The methods of multifactor authentication cannot be set up from here.",
    ),
    plain(53_011, INTERACTION_REQUIRED, "The user was blocked because of a risk in the home tenant."),
    plain(54_005, INVALID_GRANT, "The authorization code was already redeemed."),
    plain(65_001, INVALID_GRANT, "The user or administrator has not consented to use the application.")
        .with_suberror("consent_required"),
    plain(65_004, ACCESS_DENIED, "The user declined to consent to the application."),
    plain(65_005, INVALID_CLIENT, "The application asks for a resource that is not among its required ones."),
    plain(70_000, INVALID_GRANT, "The grant is not valid."),
    plain(70_001, UNAUTHORIZED_CLIENT, "The application is disabled."),
    plain(70_002, INVALID_CLIENT, "The client cannot be authenticated by what it presented."),
    plain(70_004, INVALID_REQUEST, "The redirect URI is invalid."),
    plain(70_008, INVALID_GRANT, "The grant has expired."),
    plain(70_011, INVALID_SCOPE, "The scope that the application asked for is invalid."),
    plain(70_016, "authorization_pending", "The authorization is pending. Continue polling."),
    plain(70_018, "bad_verification_code", "The verification code is invalid: another one was typed."),
    plain(70_019, "expired_token", "The verification code has expired."),
    plain(70_043, INVALID_GRANT, "The refresh token is too old for the sign-in frequency.")
        .with_suberror("token_expired"),
    plain(90_002, "invalid_tenant", "The tenant was not found."),
    plain(90_004, INVALID_REQUEST, "The request is not well-formed."),
    plain(
        90_006,
        TEMPORARILY_UNAVAILABLE,
        "A service that the sign-in depends on failed for the moment. Try again.",
    ),
    plain(
        90_008,
        INVALID_REQUEST,
        "The application needs at least the permission to sign in and read the user's profile.",
    ),
    plain(90_012, TEMPORARILY_UNAVAILABLE, "The request has timed out."),
    plain(90_013, INVALID_REQUEST, "The request has invalid input."),
    plain(90_014, INVALID_REQUEST, "A field that the request requires is missing."),
    plain(90_019, INVALID_REQUEST, "No information that identifies the tenant was found in the request."),
    plain(90_024, TEMPORARILY_UNAVAILABLE, "The request took too long within the service. Try again."),
    plain(90_033, TEMPORARILY_UNAVAILABLE, "A transient error has occurred. Try again."),
    plain(90_036, SERVER_ERROR, "An error has occurred in the directory that does not pass by itself."),
    plain(90_038, INVALID_REQUEST, "The tenant belongs to a national cloud."),
    plain(90_055, TEMPORARILY_UNAVAILABLE, "The server has too many requests for this tenant."),
    plain(
        90_072,
        INTERACTION_REQUIRED,
        "The account does not exist in the tenant: it has to be added first.",
    ),
    plain(90_090, TEMPORARILY_UNAVAILABLE, "The directory could not be read for the moment. Try again."),
    plain(90_092, SERVER_ERROR, "The directory could not be read."),
    plain(90_094, CONSENT_REQUIRED, "An administrator has to consent."),
    plain(
        90_095,
        CONSENT_REQUIRED,
        "An administrator has to consent: the user can ask for that in a request.",
    ),
    plain(90_100, INVALID_REQUEST, "A parameter of the request is empty or invalid."),
    plain(
        90_124,
        INVALID_REQUEST,
        "The resource is not supported at the endpoints '/common' and '/consumers'.",
    ),
    plain(
        90_130,
        INVALID_REQUEST,
        "The application is not supported at the endpoints '/common' and '/consumers'.",
    ),
    plain(240_002, INVALID_REQUEST, "An ID token cannot be used as the assertion of this grant."),
    plain(500_011, INVALID_RESOURCE, "The resource principal was not found in the tenant."),
    plain(500_014, INVALID_RESOURCE, "The service principal of the resource is disabled."),
    plain(500_021, ACCESS_DENIED, "Access to the tenant is denied by tenant restrictions."),
    plain(500_022, ACCESS_DENIED, "Access to the tenant is denied by tenant restrictions of version 2."),
    plain(500_133, INVALID_GRANT, "The assertion is not within its valid time range."),
    plain(500_207, ACCESS_DENIED, "The type of the account cannot be used for the resource."),
    plain(500_208, ACCESS_DENIED, "The domain is not one that the type of the account signs in with."),
    plain(
        500_212,
        ACCESS_DENIED,
        "The administrator of the user's tenant does not allow access to the resource's tenant.",
    ),
    plain(500_213, ACCESS_DENIED, "The resource's tenant does not allow the user's tenant access."),
    plain(530_032, INTERACTION_REQUIRED, "Access was blocked by a security policy of the tenant."),
    plain(
        530_034,
        INTERACTION_REQUIRED,
        "Access was blocked: a delegated administrator may not enter by security defaults.",
    ),
    plain(
        530_035,
        INTERACTION_REQUIRED,
        "Access was blocked by security defaults: the request is one of legacy authentication.",
    ),
    plain(
        650_052,
        INVALID_CLIENT,
        "The organisation lacks a service principal for a service that the application needs, or did not subscribe to it.",
    ),
    plain(650_054, INVALID_CLIENT, "The application asks for permissions of a resource that is gone."),
    plain(
        650_056,
        INVALID_CLIENT,
        "The application is misconfigured: its required permissions do not name the resource.",
    ),
    plain(
        650_057,
        INVALID_CLIENT,
        "The application asks for a resource that is not listed among its permissions.",
    ),
    plain(650_059, INVALID_CLIENT, "The application is not configured for several tenants."),
    plain(700_011, UNAUTHORIZED_CLIENT, "The application was not found in the directory."),
    plain(700_016, UNAUTHORIZED_CLIENT, "The application was not found in the directory."),
    plain(700_022, INVALID_REQUEST, "The scope names more than one resource."),
    plain(700_023, INVALID_REQUEST, "The scope names no resource."),
    plain(700_025, INVALID_CLIENT, "The client is public: it presents neither an assertion nor a secret."),
    plain(700_027, INVALID_CLIENT, "The client assertion failed its validation."),
    plain(700_030, INVALID_CLIENT, "The certificate of the client assertion is invalid."),
    plain(700_082, INVALID_GRANT, "The refresh token has expired due to inactivity.")
        .with_suberror("token_expired"),
    plain(700_084, INVALID_GRANT, "The refresh token of a single page app has expired.")
        .with_suberror("token_expired"),
    plain(900_144, INVALID_REQUEST, "A parameter that the request requires is missing."),
    plain(900_971, INVALID_REQUEST, "No reply address was provided."),
    plain(901_002, INVALID_REQUEST, "The parameter 'resource' is not supported."),
    plain(1_000_031, UNAUTHORIZED_CLIENT, "The application cannot be accessed at this time."),
    plain(7_000_112, UNAUTHORIZED_CLIENT, "The application is disabled."),
    plain(7_000_114, INVALID_GRANT, "The application is not allowed to act on behalf of users."),
    plain(7_000_215, INVALID_CLIENT, "An invalid client secret was provided."),
    plain(7_000_218, INVALID_CLIENT, "The request must contain 'client_assertion' or 'client_secret'."),
    plain(7_000_222, INVALID_CLIENT, "The provided client secrets are expired."),
    plain(
        9_001_023,
        INVALID_REQUEST,
        "The grant is not supported over the endpoints '/common' and '/consumers'.",
    ),
    plain(9_002_313, INVALID_REQUEST, "The request is malformed or invalid."),
    plain(
        9_002_332,
        INVALID_REQUEST,
        "The application is for work accounts alone: do not use the '/consumers' endpoint.",
    ),
];
