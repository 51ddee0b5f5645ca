//! Why a token is not accepted.

use std::time::Duration;

use thiserror::Error;

/// Why a token is not accepted: a closed list of fixed sentences. They hold nothing of the token, and neither
/// quotes nor backslashes, so that each can stand in the `error_description` of `WWW-Authenticate` as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenRefusal {
    /// The request has no Authorization header. Answered with a challenge that names no error (RFC 6750 3).
    #[error("an access token is required")]
    Missing,
    /// Of several tokens none is looked at. The fault is the request's: `invalid_request`.
    #[error("the request has more than one Authorization header")]
    RepeatedHeader,
    #[error("the Authorization scheme must be Bearer")]
    NotBearer,
    /// Not a token of the form that Entra issues; the text says which rule is broken.
    #[error("the access token is malformed: {0}")]
    Malformed(&'static str),
    #[error("the access token must be signed with RS256")]
    UnsupportedAlgorithm,
    #[error("the access token is signed with an unknown key")]
    UnknownKey,
    #[error("the signature of the access token is wrong")]
    BadSignature,
    #[error("the access token must be of version 2.0")]
    WrongVersion,
    #[error("the access token was issued by somebody else")]
    WrongIssuer,
    #[error("personal Microsoft accounts are not served")]
    PersonalAccount,
    #[error("the access token is for another audience")]
    WrongAudience,
    /// An application's own token, or an ID token: no user has delegated anything.
    #[error("the access token does not act for a user")]
    NotDelegated,
    #[error("the access token has expired")]
    Expired,
    #[error("the access token is not valid yet")]
    NotYetValid,
    /// A good token that lacks this API's own scope: `insufficient_scope`, where most others are `invalid_token`.
    #[error("the access token lacks the scope of this API")]
    MissingScope,
    /// Nothing is said about the token: the keys to check it with have not been fetched, and whoever comes back after
    /// this time will be told more.
    #[error("the keys to check access tokens with are not available")]
    KeysUnavailable(Duration),
}

impl TokenRefusal {
    /// The word for logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::RepeatedHeader => "repeated_header",
            Self::NotBearer => "not_bearer",
            Self::Malformed(_) => "malformed",
            Self::UnsupportedAlgorithm => "unsupported_algorithm",
            Self::UnknownKey => "unknown_key",
            Self::BadSignature => "bad_signature",
            Self::WrongVersion => "wrong_version",
            Self::WrongIssuer => "wrong_issuer",
            Self::PersonalAccount => "personal_account",
            Self::WrongAudience => "wrong_audience",
            Self::NotDelegated => "not_delegated",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::MissingScope => "missing_scope",
            Self::KeysUnavailable(_) => "keys_unavailable",
        }
    }
}
