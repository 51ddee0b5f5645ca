//! The one place that turns a refusal into an HTTP answer.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header;
use serde_json::json;

use super::address::Address;
use super::metadata::Metadata;
use super::refusal::Refusal;

/// Seconds after which a shed client may try again.
const SHED_RETRY_AFTER_S: u64 = 1;

/// Answers `refusal` of a request to `address`.
pub(super) fn rescue(refusal: &Refusal, metadata: &Metadata, address: Address) -> HttpResponse {
    let mut response = HttpResponse::build(status(refusal));
    if let Some(challenge) = challenge(refusal, metadata, address) {
        response.insert_header((header::WWW_AUTHENTICATE, challenge));
    }
    if let Some(seconds) = retry_after(refusal) {
        response.insert_header((header::RETRY_AFTER, seconds));
    }
    if let Refusal::MethodNotAllowed(allowed) = refusal {
        response.insert_header((header::ALLOW, *allowed));
    }
    if let Refusal::BodyEncoded = refusal {
        // What is wrong is not the type (RFC 9110 section 15.5.16).
        response.insert_header((header::ACCEPT_ENCODING, "identity"));
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
        | Refusal::OtherTenantsAddress
        | Refusal::TenantRestrictionMalformed
        | Refusal::Policy(_) => StatusCode::FORBIDDEN,
        Refusal::Overloaded | Refusal::Draining | Refusal::KeysUnavailable(_) | Refusal::Ended => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Refusal::TenantBusy | Refusal::UserBusy | Refusal::QuotaUsedUp(_) => StatusCode::TOO_MANY_REQUESTS,
        Refusal::TokenMissing
        | Refusal::TokenRefused(_)
        | Refusal::Revoked
        | Refusal::SignInExpired { .. }
        | Refusal::ClaimsRequired { .. } => StatusCode::UNAUTHORIZED,
        Refusal::NotJson | Refusal::BodyEncoded => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Refusal::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
        Refusal::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::AuthorizationRepeated | Refusal::BodyIncomplete | Refusal::BodyUnframed => {
            StatusCode::BAD_REQUEST
        }
        Refusal::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
    }
}

/// RFC 6750 section 3.1 and RFC 9728 section 5.1. A valid token that policy refuses gets no challenge: signing
/// in again would change nothing, and a client would do so for ever.
fn challenge(refusal: &Refusal, metadata: &Metadata, address: Address) -> Option<String> {
    match refusal {
        Refusal::TokenMissing => Some(metadata.challenge(address)),
        Refusal::AuthorizationRepeated => {
            Some(metadata.challenge_with(address, "invalid_request", &refusal.to_string()))
        }
        Refusal::TokenRefused(reason) => {
            Some(metadata.challenge_with(address, "invalid_token", &reason.to_string()))
        }
        Refusal::Revoked | Refusal::SignInExpired { .. } => {
            Some(metadata.challenge_with(address, "invalid_token", &refusal.to_string()))
        }
        Refusal::ClaimsRequired { tenant, claims, .. } => {
            Some(metadata.challenge_for_claims(address, *tenant, claims, &refusal.to_string()))
        }
        Refusal::ScopeMissing => {
            Some(metadata.challenge_with(address, "insufficient_scope", &refusal.to_string()))
        }
        _ => None,
    }
}

fn retry_after(refusal: &Refusal) -> Option<u64> {
    match refusal {
        Refusal::Overloaded
        | Refusal::TenantBusy
        | Refusal::UserBusy
        | Refusal::Draining
        | Refusal::Ended => Some(SHED_RETRY_AFTER_S),
        Refusal::QuotaUsedUp(wait) | Refusal::KeysUnavailable(wait) => Some(whole_seconds(*wait)),
        _ => None,
    }
}

/// Rounded up, so that nobody comes back too soon; at least one.
fn whole_seconds(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use connector_actors::identity::TenantId;
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;
    use crate::entra::{Cloud, TokenRefusal};
    use crate::http::TenantIssuer;
    use crate::policy;

    const CONTOSO: TenantId = TenantId::from_uuid(Uuid::from_u128(0x1111_1111_1111_4111_8111_1111_1111_1111));

    /// What every challenge of the common address begins with, and the tenant's own.
    const COMMON: &str = r#"resource_metadata="https://connector.example.com/.well-known/oauth-protected-resource/mcp", scope="https://connector.example.com/mcp/access_as_user""#;
    const OWN: &str = r#"resource_metadata="https://connector.example.com/.well-known/oauth-protected-resource/mcp/11111111-1111-4111-8111-111111111111", scope="https://connector.example.com/mcp/access_as_user""#;

    fn answer(refusal: &Refusal, address: Address) -> HttpResponse {
        let url = "https://connector.example.com/mcp".parse().unwrap();
        let cloud: Cloud = "global".parse().unwrap();
        let metadata = Metadata::new(&url, &cloud, "access_as_user", None, TenantIssuer::Facade);
        rescue(refusal, &metadata, address)
    }

    fn header(response: &HttpResponse, name: header::HeaderName) -> Option<&str> {
        let mut values = response.headers().get_all(name);
        let value = values.next().map(|value| value.to_str().unwrap());
        assert!(values.next().is_none(), "once at most");
        value
    }

    fn claims_required() -> Refusal {
        Refusal::ClaimsRequired {
            tenant: CONTOSO,
            claims: r#"{"access_token":{"nbf":{"essential":true}}}"#.into(),
            sentence: "Conditional Access asks for multifactor authentication.".to_owned(),
        }
    }

    /// If this failed, a client could not read where to sign in and what for, or would sign in where that changes
    /// nothing: a challenge calls for that with 401 and 403. `{}` stands for what points to the metadata.
    #[rstest]
    #[case::no_token(Refusal::TokenMissing, 401, Some("Bearer {}"))]
    #[case::two_tokens(
        Refusal::AuthorizationRepeated,
        400,
        Some(r#"Bearer {}, error="invalid_request", error_description="the request has more than one Authorization header""#)
    )]
    #[case::wrong_token(
        Refusal::TokenRefused(TokenRefusal::Expired),
        401,
        Some(r#"Bearer {}, error="invalid_token", error_description="the access token has expired""#)
    )]
    #[case::ended_sign_in(
        Refusal::SignInExpired { sentence: "Entra no longer accepts it. Support ID: 7".to_owned() },
        401,
        Some(r#"Bearer {}, error="invalid_token", error_description="Entra no longer accepts it. Support ID: 7""#)
    )]
    #[case::revoked(
        Refusal::Revoked,
        401,
        Some(r#"Bearer {}, error="invalid_token", error_description="this sign-in has been revoked: sign in again""#)
    )]
    #[case::further_step(
        claims_required(),
        401,
        Some(r#"Bearer realm="", authorization_uri="https://login.microsoftonline.com/11111111-1111-4111-8111-111111111111/oauth2/v2.0/authorize", {}, error="insufficient_claims", error_description="Conditional Access asks for multifactor authentication.", claims="eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZX19fQ==""#)
    )]
    #[case::no_scope(
        Refusal::ScopeMissing,
        403,
        Some(r#"Bearer {}, error="insufficient_scope", error_description="the access token lacks the scope of this API""#)
    )]
    #[case::tenant(Refusal::TenantUnknown, 403, None)]
    #[case::client(Refusal::Policy(policy::Refusal::ClientNotAllowed), 403, None)]
    #[case::guest(Refusal::Policy(policy::Refusal::GuestNotAllowed), 403, None)]
    #[case::account(Refusal::Policy(policy::Refusal::AccountUnstated), 403, None)]
    #[case::network(Refusal::Policy(policy::Refusal::TenantRestricted), 403, None)]
    #[case::network_unclear(Refusal::TenantRestrictionMalformed, 403, None)]
    #[case::other_address(Refusal::OtherTenantsAddress, 403, None)]
    #[case::host(Refusal::ForeignHost, 403, None)]
    #[case::origin(Refusal::ForeignOrigin, 403, None)]
    #[case::busy(Refusal::Overloaded, 503, None)]
    #[case::nothing(Refusal::NotFound, 404, None)]
    fn a_challenge_goes_with_what_the_authorization_lacks(
        #[case] refusal: Refusal,
        #[case] status: u16,
        #[case] challenge: Option<&str>,
        #[values((Address::Common, COMMON), (Address::Tenant(CONTOSO), OWN))] at: (Address, &str),
    ) {
        let response = answer(&refusal, at.0);
        assert_eq!(response.status().as_u16(), status);
        let expected = challenge.map(|challenge| challenge.replace("{}", at.1));
        assert_eq!(header(&response, header::WWW_AUTHENTICATE), expected.as_deref());
    }

    /// If this failed, a challenge could say one thing twice, and readers would take different ones (RFC 9110
    /// section 11.2).
    #[rstest]
    #[case::no_token(Refusal::TokenMissing)]
    #[case::no_scope(Refusal::ScopeMissing)]
    #[case::further_step(claims_required())]
    fn a_challenge_says_everything_once(#[case] refusal: Refusal) {
        let response = answer(&refusal, Address::Common);
        let challenge = header(&response, header::WWW_AUTHENTICATE).unwrap();
        let names =
            challenge.trim_start_matches("Bearer ").split(", ").filter_map(|part| part.split_once("=\""));
        let mut names: Vec<_> = names.map(|(name, _)| name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all, "{challenge}");
    }

    /// If this failed, a client would not learn what to send instead, or when to come back.
    #[rstest]
    #[case::method(Refusal::MethodNotAllowed("GET, HEAD"), Some("GET, HEAD"), None)]
    #[case::shed(Refusal::Overloaded, None, Some("1"))]
    #[case::stopping(Refusal::Draining, None, Some("1"))]
    #[case::tenant_busy(Refusal::TenantBusy, None, Some("1"))]
    #[case::user_busy(Refusal::UserBusy, None, Some("1"))]
    #[case::quota(Refusal::QuotaUsedUp(Duration::from_millis(2_001)), None, Some("3"))]
    #[case::no_keys(Refusal::KeysUnavailable(Duration::from_millis(1_001)), None, Some("2"))]
    #[case::no_keys_for_a_moment(Refusal::KeysUnavailable(Duration::ZERO), None, Some("1"))]
    #[case::for_good(Refusal::TenantUnknown, None, None)]
    fn what_to_do_instead_is_said(
        #[case] refusal: Refusal,
        #[case] allow: Option<&str>,
        #[case] retry_after: Option<&str>,
    ) {
        let response = answer(&refusal, Address::Common);
        assert_eq!(header(&response, header::ALLOW), allow);
        assert_eq!(header(&response, header::RETRY_AFTER), retry_after);
    }
}
