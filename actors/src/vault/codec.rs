//! What is sealed, as bytes: when the lease ends, its scopes, its token.

use zeroize::Zeroizing;

use crate::clock::Timestamp;
use crate::graph_token::GraphToken;
use crate::lease::{GrantedScopes, Lease, LeaseOwner};

/// The end in milliseconds, and the length of the scopes: big-endian.
const HEAD: usize = 8 + 4;

/// With room for `spare` bytes behind it, so that nothing is copied when a tag is added. `None`: too long.
pub(super) fn encode(lease: &Lease, spare: usize) -> Option<Zeroizing<Vec<u8>>> {
    let scopes: Vec<&str> = lease.scopes().iter().collect();
    let scopes = scopes.join(" ");
    let token = lease.expose_token();
    let mut bytes = Zeroizing::new(Vec::with_capacity(HEAD + scopes.len() + token.len() + spare));
    bytes.extend_from_slice(&lease.usable_until().unix_millis().to_be_bytes());
    bytes.extend_from_slice(&u32::try_from(scopes.len()).ok()?.to_be_bytes());
    bytes.extend_from_slice(scopes.as_bytes());
    bytes.extend_from_slice(token.as_bytes());
    Some(bytes)
}

pub(super) fn decode(owner: LeaseOwner, bytes: &[u8]) -> Option<Lease> {
    let (end, rest) = bytes.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (scopes, token) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    let (scopes, token) = (std::str::from_utf8(scopes).ok()?, std::str::from_utf8(token).ok()?);
    let usable_until = Timestamp::from_unix_millis(u64::from_be_bytes(*end));
    Some(Lease::new(owner, GraphToken::parse(token)?, GrantedScopes::parse(scopes), usable_until))
}
