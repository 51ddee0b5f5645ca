//! Why a request gets no answer from the protocol: a closed list. `rescue` alone gives each its HTTP form.

use std::sync::Arc;
use std::time::Duration;

use connector_actors::identity::TenantId;
use thiserror::Error;

use crate::entra::TokenRefusal;
use crate::policy;

/// A request that ends before, or outside of, the protocol.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Refusal {
    #[error("there is nothing at this address")]
    NotFound,
    /// The methods that there are, as `Allow` lists them.
    #[error("this method is not for this address")]
    MethodNotAllowed(&'static str),
    #[error("this host is not served here")]
    ForeignHost,
    #[error("this origin may not call the connector")]
    ForeignOrigin,
    #[error("the connector is busy")]
    Overloaded,
    #[error("the connector is stopping")]
    Draining,
    #[error("the tenant has too many calls in progress")]
    TenantBusy,
    #[error("this user has too many calls in progress")]
    UserBusy,
    /// How long it takes until the next call.
    #[error("this user has made as many calls within a minute as the tenant allows")]
    QuotaUsedUp(Duration),
    #[error("an access token is required")]
    TokenMissing,
    /// Not a matter of the tokens, of which each may be good: another sign-in would not mend it.
    #[error("the request has more than one Authorization header")]
    AuthorizationRepeated,
    #[error("the access token is not accepted: {0}")]
    TokenRefused(TokenRefusal),
    #[error("this sign-in has been revoked: sign in again")]
    Revoked,
    /// Why, who can do what about it, and the support id, in words that a header can hold.
    #[error("{sentence}")]
    SignInExpired { sentence: String },
    /// The claims JSON that the next sign-in must satisfy, and what is asked for, of whom and where, in words that a
    /// header can hold.
    #[error("{sentence}")]
    ClaimsRequired { tenant: TenantId, claims: Arc<str>, sentence: String },
    #[error("the access token lacks the scope of this API")]
    ScopeMissing,
    /// How long it takes until they are, or until it is known that they are not.
    #[error("the keys to check access tokens with are not available")]
    KeysUnavailable(Duration),
    #[error("this tenant is not served here: its administrator has to sign up for the connector first")]
    TenantUnknown,
    #[error(
        "this address is another tenant's: use that of your own tenant, or the common one without a tenant's ID"
    )]
    OtherTenantsAddress,
    #[error(
        "the network that this request came through restricts the tenants, but not in a way that is understood: the \
         header must list directory IDs or domains, separated by commas"
    )]
    TenantRestrictionMalformed,
    #[error(transparent)]
    Policy(policy::Refusal),
    #[error("the Content-Type must be application/json")]
    NotJson,
    #[error("the request body must be sent as it is, without a Content-Encoding")]
    BodyEncoded,
    #[error("a request with a body must not ask for another protocol")]
    BodyUnframed,
    #[error("the Accept header must allow application/json and text/event-stream")]
    NotAcceptable,
    #[error("the request body is larger than {limit} bytes")]
    BodyTooLarge { limit: usize },
    #[error("the request body did not arrive whole")]
    BodyIncomplete,
    #[error("the request body did not arrive in time")]
    BodyTooSlow,
    #[error("the call was ended")]
    Ended,
}

impl Refusal {
    /// A stable name, for clients' logs and ours.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::MethodNotAllowed(_) => "method_not_allowed",
            Self::ForeignHost => "foreign_host",
            Self::ForeignOrigin => "foreign_origin",
            Self::Overloaded => "overloaded",
            Self::Draining => "draining",
            Self::TenantBusy => "tenant_busy",
            Self::UserBusy => "user_busy",
            Self::QuotaUsedUp(_) => "user_quota",
            Self::TokenMissing => "token_missing",
            Self::AuthorizationRepeated => "invalid_request",
            Self::TokenRefused(_) => "invalid_token",
            Self::Revoked => "sign_in_revoked",
            Self::SignInExpired { .. } => "sign_in_expired",
            Self::ClaimsRequired { .. } => "insufficient_claims",
            Self::ScopeMissing => "insufficient_scope",
            Self::KeysUnavailable(_) => "keys_unavailable",
            Self::TenantUnknown => "tenant_unknown",
            Self::OtherTenantsAddress => "other_tenants_address",
            Self::TenantRestrictionMalformed => "tenant_restriction_malformed",
            Self::Policy(reason) => reason.code(),
            Self::NotJson => "unsupported_media_type",
            Self::BodyEncoded => "unsupported_content_encoding",
            Self::BodyUnframed => "body_unframed",
            Self::NotAcceptable => "not_acceptable",
            Self::BodyTooLarge { .. } => "body_too_large",
            Self::BodyIncomplete => "body_incomplete",
            Self::BodyTooSlow => "body_too_slow",
            Self::Ended => "ended",
        }
    }

    /// Which rule a token broke that was not accepted. For our log: the caller is told in a sentence.
    pub(crate) fn token_reason(&self) -> Option<&'static str> {
        match self {
            Self::TokenRefused(refusal) => Some(refusal.as_str()),
            _ => None,
        }
    }
}
