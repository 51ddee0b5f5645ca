//! The pure core of token validation: no clock, no network, no memory, and all that decides.
//!
//! [`UnverifiedToken`] → [`SignedToken`] → `Identity`: a step cannot be left out, for each is made by the one before it.
//! [`verify`] is all of them in one. `TokenValidator` takes the same steps, and between the first and the second it
//! waits for the keys.

use connector_actors::clock::Timestamp;

use super::identity::Identity;
use super::refusal::TokenRefusal;

pub use super::jwks::{JwksError, KeySet};
pub use super::token::{Expectations, MAX_TOKEN_BYTES, SignedToken, UnverifiedToken};

/// Says whom `token` speaks for, by `keys` and at the time `now`.
pub fn verify(
    token: &str,
    keys: &KeySet,
    expectations: &Expectations,
    now: Timestamp,
) -> Result<Identity, TokenRefusal> {
    UnverifiedToken::read(token)?.signed_by(keys)?.identity(expectations, now)
}
