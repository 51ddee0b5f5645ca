//! What the tests of this room share: keys, tokens, a clock that stands still, and a server that plays Entra.

mod clock;
mod mint;
mod server;

pub(super) use clock::ManualClock;
pub(super) use mint::{
    AUDIENCE, CLIENT, FOREIGN_KEY, KEY, NOW, SCOPE, TENANT, USER, claims, claims_with, expectations, header,
    identity_expiring_at, jwk, jwks, mint, sign,
};
pub(super) use server::{Answer, FakeEntra, Received};
