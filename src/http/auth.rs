//! From the Authorization header to a verified principal that its tenant lets in.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{self, HeaderMap, HeaderValue};
use connector_actors::assertion::PresentedToken;
use connector_actors::{AdmissionError, TenantPermit};
use tokio::time::{Instant, timeout_at};

use super::calls_in_progress::CountedCall;
use super::entry::may_enter;
use super::front::Front;
use super::refusal::Refusal;
use crate::entra::{Acquaintance, Identity, TokenRefusal, bearer_token};
use crate::policy::{CallQuota, TenantPolicy};

/// A caller who may call: verified, known to a tenant, within the tenant's limits.
#[derive(Debug)]
pub(super) struct Admitted<'r> {
    pub(super) identity: Arc<Identity>,
    pub(super) token: PresentedToken<'r>,
    pub(super) policy: Arc<TenantPolicy>,
    _counted: CountedCall,
    _permit: TenantPermit,
}

/// Checks the bearer token, then asks the tenant's policy, then takes one of the tenant's permits: of which one user
/// has at most half.
pub(super) async fn admit<'r>(
    front: &Front,
    headers: &'r HeaderMap,
    deadline: Instant,
) -> Result<Admitted<'r>, Refusal> {
    let token = only_bearer(headers).map_err(token_refusal)?;
    let verified = timeout_at(deadline, front.validator.verify(token));
    let verified =
        verified.await.map_err(|_| Refusal::KeysUnavailable(Duration::ZERO))?.map_err(token_refusal)?;
    let identity = verified.identity;
    if verified.acquaintance == Acquaintance::New {
        front.revocations.note(identity.marks());
    }
    if front.revocations.refuses(identity.marks()) {
        return Err(Refusal::Revoked);
    }
    let policy = front.tenants.policy(identity.principal.tenant).ok_or(Refusal::TenantUnknown)?;
    may_enter(&policy, &identity)?;
    front.restriction.check(headers, &policy)?;
    let most = policy.limits.concurrent_calls.div_ceil(2);
    let counted = front.in_progress.begin(&identity.principal, most).ok_or(Refusal::UserBusy)?;
    let permit = front.actors.admit(identity.principal.tenant).map_err(admission_refusal)?;
    // Last: a call that is not let in is none that the user has made.
    if let CallQuota::PerMinute(quota) = policy.rules.calls_per_user_per_minute {
        front.quotas.count(&identity.principal, quota, front.clock.now()).map_err(Refusal::QuotaUsedUp)?;
    }
    let token = PresentedToken::new(token, verified.hash, identity.expires_at);
    Ok(Admitted { token, policy, _counted: counted, _permit: permit, identity })
}

/// Two values are enough to see that there is more than one.
fn only_bearer(headers: &HeaderMap) -> Result<&str, TokenRefusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    match (values.next(), values.next()) {
        (None, _) => bearer_token(&[]),
        (Some(only), None) => bearer_token(&[only]),
        (Some(first), Some(second)) => bearer_token(&[first, second]),
    }
}

fn token_refusal(refusal: TokenRefusal) -> Refusal {
    match refusal {
        // Another scheme is no token that failed (RFC 6750 section 3.1): the challenge says what is wanted.
        TokenRefusal::Missing | TokenRefusal::NotBearer => Refusal::TokenMissing,
        // Nor are two of them: the request is malformed, not a token.
        TokenRefusal::RepeatedHeader => Refusal::AuthorizationRepeated,
        TokenRefusal::MissingScope => Refusal::ScopeMissing,
        TokenRefusal::KeysUnavailable(wait) => Refusal::KeysUnavailable(wait),
        refusal => Refusal::TokenRefused(refusal),
    }
}

fn admission_refusal(error: AdmissionError) -> Refusal {
    match error {
        AdmissionError::UnknownTenant => Refusal::TenantUnknown,
        AdmissionError::TenantBusy => Refusal::TenantBusy,
        AdmissionError::Draining => Refusal::Draining,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const GOOD: &str = "Bearer a.b.c";

    fn headers(values: &[&'static str]) -> HeaderMap {
        let name = header::AUTHORIZATION;
        values.iter().map(|value| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    /// If this failed, a header that a proxy has added could take the place of the user's, or a token be read that is none.
    #[rstest]
    #[case::none(&[], Err(TokenRefusal::Missing))]
    #[case::one(&[GOOD], Ok("a.b.c"))]
    #[case::another_scheme(&["Basic YTpi"], Err(TokenRefusal::NotBearer))]
    #[case::two(&[GOOD, GOOD], Err(TokenRefusal::RepeatedHeader))]
    #[case::another_scheme_first(&["Basic YTpi", GOOD], Err(TokenRefusal::RepeatedHeader))]
    #[case::an_empty_one_behind(&[GOOD, ""], Err(TokenRefusal::RepeatedHeader))]
    #[case::three(&[GOOD, GOOD, GOOD], Err(TokenRefusal::RepeatedHeader))]
    fn the_token_is_that_of_the_one_header(
        #[case] values: &[&'static str],
        #[case] expected: Result<&str, TokenRefusal>,
    ) {
        assert_eq!(only_bearer(&headers(values)), expected);
    }

    /// If this failed, clients would sign in again for what that does not mend, or not sign in at all.
    #[rstest]
    #[case::none(TokenRefusal::Missing, Refusal::TokenMissing)]
    #[case::another_scheme(TokenRefusal::NotBearer, Refusal::TokenMissing)]
    #[case::two(TokenRefusal::RepeatedHeader, Refusal::AuthorizationRepeated)]
    #[case::no_scope(TokenRefusal::MissingScope, Refusal::ScopeMissing)]
    #[case::no_keys(
        TokenRefusal::KeysUnavailable(Duration::from_secs(7)),
        Refusal::KeysUnavailable(Duration::from_secs(7))
    )]
    #[case::wrong(TokenRefusal::Expired, Refusal::TokenRefused(TokenRefusal::Expired))]
    fn what_is_wrong_with_a_token_has_its_answer(#[case] wrong: TokenRefusal, #[case] expected: Refusal) {
        assert_eq!(token_refusal(wrong), expected);
    }

    /// If this failed, somebody who can come back would be sent away, or the reverse.
    #[rstest]
    #[case::unknown(AdmissionError::UnknownTenant, Refusal::TenantUnknown)]
    #[case::busy(AdmissionError::TenantBusy, Refusal::TenantBusy)]
    #[case::stopping(AdmissionError::Draining, Refusal::Draining)]
    fn what_keeps_a_call_out_has_its_answer(#[case] error: AdmissionError, #[case] expected: Refusal) {
        assert_eq!(admission_refusal(error), expected);
    }
}
