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
use crate::policy::TenantPolicy;

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
    if let Some(quota) = policy.rules.calls_per_user_per_minute {
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
