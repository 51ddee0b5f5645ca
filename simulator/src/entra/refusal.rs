//! Everything that Entra refuses, by its AADSTS number.

use thiserror::Error;
use uuid::Uuid;

use super::error_body::ErrorBody;
use crate::message::Answer;

/// A refusal of the authorize or token endpoint. The text is what a person reads after the number.
#[derive(Debug, Error)]
pub(crate) enum Refusal {
    #[error("Tenant '{0}' not found. Check the tenant id or domain, and the cloud it is in.")]
    TenantNotFound(String),
    #[error("The request must contain the parameter '{0}'.")]
    MissingParameter(&'static str),
    #[error("The parameter '{0}' has a value that is not allowed here.")]
    WrongParameter(&'static str),
    #[error("Only POST requests are accepted at this endpoint.")]
    PostOnly,
    #[error("Only {0} requests are accepted at this endpoint.")]
    MethodNotAllowed(&'static str),
    #[error("The grant type '{0}' is not supported.")]
    UnsupportedGrant(String),
    #[error("This grant is not supported over '/{0}': use the tenant's own endpoint.")]
    NeedsTenantEndpoint(String),
    #[error("Application '{0}' was not found in the directory.")]
    ClientNotFound(String),
    #[error("The redirect URI '{0}' does not match the ones registered for the application.")]
    RedirectMismatch(String),
    #[error("The response type '{0}' is not supported for this application.")]
    UnsupportedResponseType(String),
    #[error("The code challenge is missing: public clients must use PKCE with S256.")]
    ChallengeMissing,
    #[error("The code challenge has an invalid size.")]
    ChallengeSize,
    #[error("The code challenge method '{0}' is not allowed: use S256.")]
    ChallengeMethod(String),
    #[error("The code verifier is missing or has an invalid size.")]
    VerifierSize,
    #[error("The code verifier does not match the code challenge of the authorization request.")]
    VerifierMismatch,
    #[error("Silent sign-in is not possible: no user is signed in.")]
    NotSignedIn,
    #[error("The user declined to consent to the application.")]
    ConsentDeclined,
    #[error("The user account '{0}' does not exist in the directory of this endpoint.")]
    UserNotFound(String),
    #[error("The scope names no resource that a token could be for.")]
    NoResource,
    #[error("'.default' cannot be combined with other scopes of a resource.")]
    DefaultNotAlone,
    #[error("The scope names more than one resource.")]
    SeveralResources,
    #[error("The scope of an On-Behalf-Of request names more than one resource.")]
    SeveralResourcesOnBehalfOf,
    #[error("The resource principal named '{0}' was not found in the tenant.")]
    ResourceNotFound(String),
    #[error("The resource parameter of the request doesn't match the requested scopes.")]
    ResourceMismatch,
    #[error("The application asked for scope '{scope}' that doesn't exist on the resource '{resource}'.")]
    ScopeNotFound { scope: String, resource: String },
    #[error("The application is not registered to ask for the resource '{0}'.")]
    ResourceNotRegistered(String),
    #[error("The provided grant is not valid.")]
    InvalidGrant,
    #[error("The grant was issued to another application.")]
    GrantOfAnotherClient,
    #[error("The authorization code was already redeemed.")]
    CodeRedeemed,
    #[error("The authorization code has expired.")]
    CodeExpired,
    #[error("The authorization code is for another tenant.")]
    CodeOfAnotherTenant,
    #[error("The redirect URI differs from the one of the authorization request.")]
    RedirectDiffers,
    #[error("OAuth 2.0 device flow error. Authorization is pending. Continue polling.")]
    DevicePending,
    #[error("OAuth 2.0 device flow error. Authorization is pending, and the device asks too often.")]
    DeviceAsksTooOften,
    #[error("OAuth 2.0 device flow error. The user declined to sign in.")]
    DeviceDeclined,
    #[error("The verification code is not valid.")]
    DeviceCodeUnknown,
    #[error("The verification code has expired.")]
    DeviceCodeExpired,
    #[error("The refresh token has expired due to inactivity.")]
    RefreshTokenExpired,
    #[error(
        "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime. It is now expired."
    )]
    SinglePageTokenExpired,
    #[error(
        "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request origin: '{0}'."
    )]
    CrossOrigin(String),
    #[error(
        "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests."
    )]
    SameOrigin,
    #[error(
        "The specified tenant '{tenant}' belongs to the National Cloud '{cloud}'. The current cloud instance does not federate with it."
    )]
    OtherCloud { tenant: Uuid, cloud: &'static str },
    #[error("The request must contain 'client_assertion' or 'client_secret'.")]
    CredentialMissing,
    #[error("Invalid client secret provided for application '{0}'.")]
    WrongSecret(Uuid),
    #[error("The client is public, so neither 'client_assertion' nor 'client_secret' should be presented.")]
    PublicWithCredential,
    #[error("The client assertion failed validation: {0}.")]
    ClientAssertionInvalid(&'static str),
    #[error("The client assertion's issuer and subject differ.")]
    ClientAssertionSubject,
    #[error("The client assertion is not from the application of 'client_id'.")]
    ClientAssertionOfAnotherClient,
    #[error("The client assertion's audience is not this endpoint.")]
    ClientAssertionAudience,
    #[error("The client assertion is not within its valid time range.")]
    ClientAssertionTime,
    #[error("The assertion is not a well-formed token.")]
    AssertionMalformed,
    #[error("The assertion is invalid: {0}.")]
    AssertionInvalid(&'static str),
    #[error("The assertion is not within its valid time range.")]
    AssertionTime,
    #[error("An assertion without a user cannot be used on behalf of one.")]
    AssertionAppOnly,
    #[error("The user or administrator has not consented to use the application '{0}'.")]
    NotConsented(Uuid),
    #[error("The user account is disabled.")]
    UserDisabled,
    #[error("The signed in user '{0}' is not assigned to a role for the application.")]
    NotAssigned(String),
    #[error(
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource."
    )]
    MfaRequired(String),
    #[error(
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access the resource."
    )]
    MfaRegistration(String),
    #[error(
        "The device is not in the required state: compliant. Conditional Access requires a compliant device."
    )]
    DeviceNotCompliant(String),
    #[error(
        "The device is not in the required state: domain joined. Conditional Access requires a joined device."
    )]
    DeviceNotJoined(String),
    #[error("Access has been blocked by Conditional Access policies. They do not allow token issuance.")]
    BlockedByPolicy(String),
    #[error("The refresh token has expired due to sign-in frequency checks by Conditional Access.")]
    SignInTooOld,
    #[error("The provided grant has expired due to it being revoked: a fresh auth token is needed.")]
    GrantRevoked,
    #[error("The sign-in is older than the claims challenge allows: a fresh one is needed.")]
    SignInOutdated(String),
    #[error("The application needs permissions that only an administrator can grant.")]
    AdminConsentRequired,
    #[error("The server terminated an operation because it encountered a client request loop.")]
    LoopDetected,
    #[error("The server has too many requests for this tenant: try again in {wait_s} seconds.")]
    TooManyRequests { wait_s: i64 },
    #[error(
        "The provided value for scope '{0}' is not valid: a client credentials request needs '.default'."
    )]
    ApplicationScope(String),
    #[error("The application is configured for work accounts only: do not use the '/consumers' endpoint.")]
    WorkAccountsOnly,
    #[error("User account '{0}' from identity provider 'live.com' does not exist in the tenant.")]
    PersonalAccount(String),
    #[error("No matching federated identity record found for presented assertion issuer '{0}'.")]
    FederatedIssuer(String),
    #[error("No matching federated identity record found for presented assertion audience '{0}'.")]
    FederatedAudience(String),
    #[error("No matching federated identity record found for presented assertion subject '{0}'.")]
    FederatedSubject(String),
    #[error(
        "The certificate with identifier '{0}' used to sign the federated credential could not be found in the metadata of the identity provider."
    )]
    FederatedKey(String),
    #[error("A token issued to a user cannot be used as a federated credential.")]
    FederatedUserToken,
    #[error("The token could not be signed.")]
    CannotSign,
}

impl Refusal {
    /// The AADSTS number and the OAuth `error`.
    fn facts(&self) -> (u32, &'static str) {
        match self {
            Self::TenantNotFound(_) => (90_002, "invalid_tenant"),
            Self::MissingParameter(_) => (900_144, "invalid_request"),
            Self::WrongParameter(_) => (9_002_313, "invalid_request"),
            Self::PostOnly | Self::MethodNotAllowed(_) => (900_561, "invalid_request"),
            Self::UnsupportedGrant(_) => (70_003, "unsupported_grant_type"),
            Self::NeedsTenantEndpoint(_) => (9_001_023, "invalid_request"),
            Self::ClientNotFound(_) => (700_016, "unauthorized_client"),
            Self::RedirectMismatch(_) => (50_011, "invalid_request"),
            Self::UnsupportedResponseType(_) => (70_005, "unsupported_response_type"),
            Self::ChallengeMissing => (50_147, "invalid_request"),
            Self::ChallengeSize => (501_491, "invalid_request"),
            Self::ChallengeMethod(_) => (50_149, "invalid_request"),
            Self::VerifierSize => (50_148, "invalid_grant"),
            Self::VerifierMismatch => (501_481, "invalid_grant"),
            Self::NotSignedIn => (50_058, "login_required"),
            Self::ConsentDeclined => (65_004, "access_denied"),
            Self::UserNotFound(_) => (50_034, "invalid_grant"),
            Self::NoResource | Self::DefaultNotAlone => (70_011, "invalid_scope"),
            Self::SeveralResources => (28_000, "invalid_request"),
            Self::SeveralResourcesOnBehalfOf => (700_022, "invalid_request"),
            Self::ResourceNotFound(_) => (500_011, "invalid_resource"),
            Self::ResourceMismatch => (9_010_010, "invalid_target"),
            Self::ScopeNotFound { .. } => (650_053, "invalid_client"),
            Self::ResourceNotRegistered(_) => (650_057, "invalid_client"),
            Self::InvalidGrant | Self::GrantOfAnotherClient => (70_000, "invalid_grant"),
            Self::CodeRedeemed => (54_005, "invalid_grant"),
            Self::CodeExpired => (70_008, "invalid_grant"),
            // Of the two errors that have one number, RFC 8628 tells the second.
            Self::DevicePending => (70_016, "authorization_pending"),
            Self::DeviceAsksTooOften => (70_016, "slow_down"),
            Self::DeviceDeclined => (65_004, "authorization_declined"),
            Self::DeviceCodeUnknown => (70_018, "bad_verification_code"),
            Self::DeviceCodeExpired => (70_019, "expired_token"),
            Self::CodeOfAnotherTenant => (700_005, "invalid_grant"),
            Self::RedirectDiffers => (500_112, "invalid_grant"),
            Self::RefreshTokenExpired => (700_082, "invalid_grant"),
            Self::SinglePageTokenExpired => (700_084, "invalid_grant"),
            Self::CrossOrigin(_) => (9_002_326, "invalid_request"),
            Self::SameOrigin => (9_002_327, "invalid_request"),
            Self::OtherCloud { .. } => (90_038, "invalid_request"),
            Self::CredentialMissing => (7_000_218, "invalid_client"),
            Self::WrongSecret(_) => (7_000_215, "invalid_client"),
            Self::PublicWithCredential => (700_025, "invalid_client"),
            Self::ClientAssertionInvalid(_) => (700_027, "invalid_client"),
            Self::ClientAssertionSubject => (50_048, "invalid_client"),
            Self::ClientAssertionOfAnotherClient => (700_021, "invalid_client"),
            Self::ClientAssertionAudience => (700_023, "invalid_client"),
            Self::ClientAssertionTime => (700_024, "invalid_client"),
            Self::AssertionMalformed => (50_027, "invalid_request"),
            Self::AssertionInvalid(_) => (50_013, "invalid_grant"),
            Self::AssertionTime => (500_133, "invalid_grant"),
            Self::AssertionAppOnly => (7_000_114, "invalid_grant"),
            Self::NotConsented(_) => (65_001, "invalid_grant"),
            Self::UserDisabled => (50_057, "invalid_grant"),
            Self::NotAssigned(_) => (50_105, "invalid_grant"),
            Self::MfaRequired(_) => (50_076, "interaction_required"),
            Self::MfaRegistration(_) => (50_079, "interaction_required"),
            Self::DeviceNotCompliant(_) => (53_000, "interaction_required"),
            Self::DeviceNotJoined(_) => (53_001, "interaction_required"),
            Self::BlockedByPolicy(_) => (53_003, "interaction_required"),
            Self::SignInTooOld => (70_043, "invalid_grant"),
            Self::GrantRevoked => (50_173, "invalid_grant"),
            Self::SignInOutdated(_) => (50_173, "interaction_required"),
            Self::AdminConsentRequired => (90_094, "consent_required"),
            Self::LoopDetected => (50_196, "invalid_grant"),
            Self::TooManyRequests { .. } => (90_055, "temporarily_unavailable"),
            Self::ApplicationScope(_) => (1_002_012, "invalid_scope"),
            Self::WorkAccountsOnly => (9_002_332, "invalid_request"),
            Self::PersonalAccount(_) => (50_020, "invalid_grant"),
            Self::FederatedIssuer(_) => (700_211, "invalid_client"),
            Self::FederatedAudience(_) => (700_212, "invalid_client"),
            Self::FederatedSubject(_) => (700_213, "invalid_client"),
            Self::FederatedKey(_) => (7_000_272, "invalid_client"),
            Self::FederatedUserToken => (700_229, "invalid_client"),
            Self::CannotSign => (90_036, "server_error"),
        }
    }

    pub(crate) fn code(&self) -> u32 {
        self.facts().0
    }

    /// The value of the OAuth parameter `error`.
    pub(crate) fn oauth_error(&self) -> &'static str {
        self.facts().1
    }

    /// The number and the text, as in `error_description`.
    pub(crate) fn description(&self) -> String {
        format!("AADSTS{}: {self}", self.code())
    }

    fn status(&self) -> u16 {
        match self.oauth_error() {
            // 650053 and 650057 share the error of a failed authentication, but are faults of the request.
            "invalid_client"
                if !matches!(self, Self::ScopeNotFound { .. } | Self::ResourceNotRegistered(_)) =>
            {
                401
            }
            "server_error" => 500,
            "temporarily_unavailable" => 429,
            _ if self.allowed_methods().is_some() => 405,
            _ => 400,
        }
    }

    /// The value of `Allow`, where the method is what is refused.
    fn allowed_methods(&self) -> Option<&'static str> {
        match self {
            Self::MethodNotAllowed(allowed) => Some(allowed),
            _ => None,
        }
    }

    fn suberror(&self) -> Option<&'static str> {
        match self {
            Self::NotConsented(_) => Some("consent_required"),
            Self::GrantOfAnotherClient => Some("client_mismatch"),
            Self::MfaRequired(_) | Self::MfaRegistration(_) | Self::SignInOutdated(_) => Some("basic_action"),
            Self::DeviceNotCompliant(_) | Self::DeviceNotJoined(_) | Self::BlockedByPolicy(_) => {
                Some("message_only")
            }
            Self::SignInTooOld | Self::RefreshTokenExpired | Self::SinglePageTokenExpired => {
                Some("token_expired")
            }
            Self::GrantRevoked => Some("bad_token"),
            _ => None,
        }
    }

    /// The claims that the next sign-in must carry, as JSON.
    fn claims(&self) -> Option<&str> {
        match self {
            Self::MfaRequired(claims)
            | Self::MfaRegistration(claims)
            | Self::DeviceNotCompliant(claims)
            | Self::DeviceNotJoined(claims)
            | Self::BlockedByPolicy(claims)
            | Self::SignInOutdated(claims) => Some(claims),
            _ => None,
        }
    }

    /// The JSON answer with every field that Entra's has.
    pub(crate) fn to_answer(&self, base_url: &str, correlation: Uuid) -> Answer {
        let body = ErrorBody {
            status: self.status(),
            error: self.oauth_error(),
            code: self.code(),
            description: self.description(),
            suberror: self.suberror(),
            claims: self.claims(),
        };
        let mut answer = body.to_answer(base_url, correlation);
        if let Self::TooManyRequests { wait_s } = self {
            answer.replace_header("Retry-After", &wait_s.to_string());
        }
        match self.allowed_methods() {
            Some(allowed) => answer.header("Allow", allowed),
            None => answer,
        }
    }
}
