//! From a bearer token to an identity, remembered.

use std::sync::Arc;

use connector_actors::assertion::AssertionHash;
use connector_actors::clock::{Clock, Timestamp};
use tokio::runtime::Handle;

use super::cloud::Cloud;
use super::identity::{Acquaintance, Identity, VerifiedToken};
use super::jwt::{Expectations, MAX_TOKEN_BYTES, UnverifiedToken};
use super::keys::{Generation, KeyRing, KeyRingSettings};
use super::outbound::ClientNotBuilt;
use super::refusal::TokenRefusal;

/// Verifies access tokens for this API. A token seen before costs a hash, a look-up and a look at the clock.
#[derive(Debug)]
pub struct TokenValidator {
    ring: KeyRing,
    expectations: Expectations,
    clock: Arc<dyn Clock>,
}

impl TokenValidator {
    /// Begins to fetch the cloud's signing keys on `io`.
    pub fn start(
        cloud: &Cloud,
        expectations: Expectations,
        keys: KeyRingSettings,
        io: Handle,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ClientNotBuilt> {
        let ring = KeyRing::start(cloud, keys, io, Arc::clone(&clock))?;
        Ok(Self { ring, expectations, clock })
    }

    /// Says whom `token` speaks for. Waits for the signing keys when they are not there or do not hold the
    /// token's; the wait is bounded by the time limit of a fetch, and only so many may wait.
    pub async fn verify(&self, token: &str) -> Result<VerifiedToken, TokenRefusal> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenRefusal::Malformed("it is too long"));
        }
        let hash = AssertionHash::of(token);
        if let Some(identity) = self.recall(&hash, self.clock.now()) {
            return Ok(VerifiedToken { identity, hash, acquaintance: Acquaintance::Known });
        }
        let identity = self.verify_unknown(token, hash).await?;
        Ok(VerifiedToken { identity, hash, acquaintance: Acquaintance::New })
    }

    fn recall(&self, hash: &AssertionHash, now: Timestamp) -> Option<Arc<Identity>> {
        let generation = self.ring.current();
        let identity = generation.as_ref()?.memory().recall(hash)?;
        self.expectations.is_current(identity.expires_at, now).then_some(identity)
    }

    async fn verify_unknown(&self, token: &str, hash: AssertionHash) -> Result<Arc<Identity>, TokenRefusal> {
        let unverified = UnverifiedToken::read(token)?;
        let generation = self.generation_for(&unverified).await?;
        let signed = unverified.signed_by(generation.keys())?;
        let now = self.clock.now();
        let identity = Arc::new(signed.identity(&self.expectations, now)?);
        generation.memory().remember(hash, &identity, now);
        Ok(identity)
    }

    /// The keys to check the token with. Of one that nobody knows a key of, everything else is looked at first: who would
    /// be refused in any case waits for nothing, and has Entra asked for nothing.
    async fn generation_for(
        &self,
        unverified: &UnverifiedToken<'_>,
    ) -> Result<Arc<Generation>, TokenRefusal> {
        if let Some(generation) = self.ring.with_key(unverified.key_id()) {
            return Ok(generation);
        }
        unverified.could_be_good(&self.expectations, self.clock.now())?;
        self.ring.holding(unverified.key_id()).await
    }
}

#[cfg(test)]
mod tests;
