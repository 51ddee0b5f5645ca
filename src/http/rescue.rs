//! The one place that turns a refusal into an HTTP answer.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;
use serde_json::json;

use super::metadata::Metadata;
use super::refusal::Refusal;

/// Seconds after which a shed client may try again.
const SHED_RETRY_AFTER_S: u64 = 1;

/// Answers `refusal`.
pub(crate) fn rescue(refusal: &Refusal, metadata: &Metadata) -> HttpResponse {
    let mut response = HttpResponse::build(status(refusal));
    if let Some(challenge) = challenge(refusal, metadata) {
        response.insert_header((header::WWW_AUTHENTICATE, challenge));
    }
    if let Some(seconds) = retry_after(refusal) {
        response.insert_header((header::RETRY_AFTER, seconds));
    }
    if let Refusal::MethodNotAllowed(allowed) = refusal {
        response.insert_header((header::ALLOW, *allowed));
    }
    response.json(json!({ "error": refusal.code(), "error_description": refusal.to_string() }))
}

pub(super) fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::NotFound => StatusCode::NOT_FOUND,
        Refusal::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
        Refusal::ForeignHost
        | Refusal::ForeignOrigin
        | Refusal::ScopeMissing
        | Refusal::TenantUnknown
        | Refusal::TenantRestrictionMalformed
        | Refusal::Policy(_) => StatusCode::FORBIDDEN,
        Refusal::Overloaded | Refusal::Draining | Refusal::KeysUnavailable | Refusal::Ended => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Refusal::TenantBusy => StatusCode::TOO_MANY_REQUESTS,
        Refusal::TokenMissing
        | Refusal::TokenRefused(_)
        | Refusal::SignInExpired
        | Refusal::ClaimsRequired(_) => StatusCode::UNAUTHORIZED,
        Refusal::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Refusal::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
        Refusal::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::BodyIncomplete => StatusCode::BAD_REQUEST,
        Refusal::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
    }
}

/// RFC 6750 section 3.1 and RFC 9728 section 5.1. A valid token that policy refuses gets no challenge: signing
/// in again would change nothing, and a client would do so for ever.
fn challenge(refusal: &Refusal, metadata: &Metadata) -> Option<String> {
    match refusal {
        Refusal::TokenMissing => Some(metadata.challenge()),
        Refusal::TokenRefused(reason) => Some(metadata.challenge_with("invalid_token", &reason.to_string())),
        Refusal::SignInExpired => Some(metadata.challenge_with("invalid_token", &refusal.to_string())),
        Refusal::ClaimsRequired(claims) => Some(metadata.challenge_for_claims(claims, &refusal.to_string())),
        Refusal::ScopeMissing => Some(metadata.challenge_with("insufficient_scope", &refusal.to_string())),
        _ => None,
    }
}

fn retry_after(refusal: &Refusal) -> Option<u64> {
    match refusal {
        Refusal::Overloaded
        | Refusal::TenantBusy
        | Refusal::Draining
        | Refusal::KeysUnavailable
        | Refusal::Ended => Some(SHED_RETRY_AFTER_S),
        _ => None,
    }
}
