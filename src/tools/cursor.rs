//! Cursors: where a list goes on, sealed so that nobody but its own caller can use it, and nobody can read it.

use std::fmt;
use std::time::Duration;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest::{self, SHA256};
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connector_actors::clock::Timestamp;
use connector_actors::identity::Principal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::{ErrorCode, InternalError, MODEL, ToolError};

/// How long a cursor can be used.
const LIFETIME: Duration = Duration::from_secs(60 * 60);
/// In characters: no longer cursor is given out, and none is read.
pub(super) const LONGEST: usize = 32 * 1024;
const NONCE_BYTES: usize = 12;

/// Seals and opens cursors (AES-256-GCM). The key is random and lives as long as the process: a restart makes all
/// cursors stale, which is a clear error.
pub struct CursorSealer {
    key: RandomizedNonceKey,
}

impl fmt::Debug for CursorSealer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("CursorSealer").finish_non_exhaustive()
    }
}

/// What a cursor belongs to: it opens for the same user, tool and arguments alone. Nothing is computed before a cursor
/// comes in or goes out.
#[derive(Clone, Copy)]
pub(super) struct Binding<'a> {
    principal: &'a Principal,
    tool: &'static str,
    arguments: &'a dyn Arguments,
}

/// Arguments of any tool, as JSON.
trait Arguments {
    fn write_json(&self, out: &mut Vec<u8>) -> serde_json::Result<()>;
}

impl<T: Serialize> Arguments for T {
    fn write_json(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        serde_json::to_writer(out, self)
    }
}

/// The sealed content.
#[derive(Debug, Serialize, Deserialize)]
struct Sealed<P> {
    /// In seconds since the Unix epoch.
    until: u64,
    at: P,
}

impl<'a> Binding<'a> {
    /// `arguments` are those of the call but for the cursor itself.
    pub(super) fn new(principal: &'a Principal, tool: &'static str, arguments: &'a impl Serialize) -> Self {
        Self { principal, tool, arguments }
    }

    fn digest(&self) -> Result<[u8; 32], InternalError> {
        let mut bound = Vec::with_capacity(256);
        bound.extend_from_slice(self.principal.tenant.as_uuid().as_bytes());
        bound.extend_from_slice(self.principal.user.as_uuid().as_bytes());
        bound.extend_from_slice(self.tool.as_bytes());
        // No tool's name and no JSON holds a zero byte, so that the parts can't run into each other.
        bound.push(0);
        self.arguments.write_json(&mut bound).map_err(|_| InternalError::Serialisation)?;
        let mut digest = [0; 32];
        digest.copy_from_slice(digest::digest(&SHA256, &bound).as_ref());
        Ok(digest)
    }
}

impl CursorSealer {
    /// Fails only where the machine has no randomness.
    pub fn new() -> Result<Self, InternalError> {
        let mut key = [0; 32];
        rand::fill(&mut key).map_err(|_| InternalError::Sealing)?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, &key).map_err(|_| InternalError::Sealing)?;
        Ok(Self { key })
    }

    /// `None` when the cursor would be longer than what is read again.
    pub(super) fn seal(
        &self,
        position: &impl Serialize,
        binding: &Binding<'_>,
        now: Timestamp,
    ) -> Result<Option<String>, ToolError> {
        let sealed = Sealed { until: (now + LIFETIME).unix_seconds(), at: position };
        let mut bytes = serde_json::to_vec(&sealed).map_err(|_| InternalError::Serialisation)?;
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(&binding.digest()?), &mut bytes)
            .map_err(|_| InternalError::Sealing)?;
        bytes.extend_from_slice(nonce.as_ref());
        let cursor = URL_SAFE_NO_PAD.encode(bytes);
        Ok(Some(cursor).filter(|cursor| cursor.len() <= LONGEST))
    }

    /// Opens a cursor that was sealed for the same binding.
    pub(super) fn open<P: DeserializeOwned>(
        &self,
        cursor: &str,
        binding: &Binding<'_>,
        now: Timestamp,
    ) -> Result<P, ToolError> {
        let sealed: Sealed<P> = self.unseal(cursor, &binding.digest()?).ok_or_else(invalid)?;
        if sealed.until <= now.unix_seconds() {
            return Err(expired());
        }
        Ok(sealed.at)
    }

    fn unseal<T: DeserializeOwned>(&self, cursor: &str, binding: &[u8; 32]) -> Option<T> {
        let mut bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let nonce_at = bytes.len().checked_sub(NONCE_BYTES)?;
        let nonce = Nonce::try_assume_unique_for_key(&bytes[nonce_at..]).ok()?;
        bytes.truncate(nonce_at);
        let content = self.key.open_in_place(nonce, Aad::from(binding), &mut bytes).ok()?;
        serde_json::from_slice(content).ok()
    }
}

fn invalid() -> ToolError {
    ToolError::new(
        ErrorCode::InvalidCursor,
        "The cursor does not belong to this call.",
        "It was altered, comes from another user or tool or from before a restart of the connector, or the other \
         arguments have changed.",
        MODEL,
        "Repeat the call with exactly the arguments of the call that gave the cursor, or start again without one.",
    )
}

fn expired() -> ToolError {
    ToolError::new(
        ErrorCode::ExpiredCursor,
        "The cursor has expired.",
        format!("A cursor can be used for {} minutes.", LIFETIME.as_secs() / 60),
        MODEL,
        "Make the call again without a cursor.",
    )
}

#[cfg(test)]
mod tests {
    use connector_actors::identity::{ClientId, ObjectId, TenantId};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_464_000);

    fn principal(tenant: u128, user: u128) -> Principal {
        Principal {
            tenant: TenantId::from_uuid(Uuid::from_u128(tenant)),
            user: ObjectId::from_uuid(Uuid::from_u128(user)),
            client: ClientId::from_uuid(Uuid::from_u128(9)),
        }
    }

    /// Made by `tool` for one user and one set of arguments.
    struct Call {
        principal: Principal,
        tool: &'static str,
        arguments: &'static str,
    }

    impl Call {
        fn binding(&self) -> Binding<'_> {
            Binding::new(&self.principal, self.tool, &self.arguments)
        }
    }

    fn call(tenant: u128, user: u128, tool: &'static str, arguments: &'static str) -> Call {
        Call { principal: principal(tenant, user), tool, arguments }
    }

    fn code(result: Result<u32, ToolError>) -> &'static str {
        match result {
            Ok(_) => "opened",
            Err(ToolError::Actionable(error)) => error.code.as_str(),
            Err(ToolError::Internal(_)) => "internal",
        }
    }

    /// If this failed, a cursor would open for somebody or something else than it was given for.
    #[test]
    fn a_cursor_opens_for_its_own_call_alone() {
        let sealer = CursorSealer::new().unwrap();
        let own = call(1, 2, "search", "a");
        let cursor = sealer.seal(&7_u32, &own.binding(), NOW).unwrap().unwrap();
        let open = |call: &Call| code(sealer.open(&cursor, &call.binding(), NOW));
        assert_eq!(open(&own), "opened");
        assert_eq!(open(&call(3, 2, "search", "a")), "invalid_cursor");
        assert_eq!(open(&call(1, 3, "search", "a")), "invalid_cursor");
        assert_eq!(open(&call(1, 2, "list", "a")), "invalid_cursor");
        assert_eq!(open(&call(1, 2, "search", "b")), "invalid_cursor");
        let restarted = CursorSealer::new().unwrap();
        assert_eq!(code(restarted.open(&cursor, &own.binding(), NOW)), "invalid_cursor");
    }

    /// If this failed, cursors would be good for ever.
    #[test]
    fn a_cursor_expires_after_an_hour() {
        let sealer = CursorSealer::new().unwrap();
        let own = call(1, 2, "search", "a");
        let cursor = sealer.seal(&7_u32, &own.binding(), NOW).unwrap().unwrap();
        let open = |minutes: u64| {
            let later = NOW + Duration::from_secs(minutes * 60);
            code(sealer.open(&cursor, &own.binding(), later))
        };
        assert_eq!(open(59), "opened");
        assert_eq!(open(60), "expired_cursor");
    }

    /// If this failed, a list would end with a cursor that its own tool refuses.
    #[test]
    fn no_cursor_is_longer_than_what_is_read() {
        let sealer = CursorSealer::new().unwrap();
        let own = call(1, 2, "search", "a");
        let lengths = |position: usize| {
            let cursor = sealer.seal(&"x".repeat(position), &own.binding(), NOW).unwrap();
            cursor.map(|cursor| cursor.len())
        };
        assert!(lengths(24_000).is_some_and(|length| length <= LONGEST));
        assert_eq!(lengths(24_600), None);
    }

    proptest! {
        /// If this failed, an altered cursor would be followed.
        #[test]
        fn an_altered_cursor_is_refused(position in any::<u32>(), at in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let sealer = CursorSealer::new().unwrap();
            let own = call(1, 2, "search", "a");
            let cursor = sealer.seal(&position, &own.binding(), NOW).unwrap().unwrap();
            let mut bytes = URL_SAFE_NO_PAD.decode(cursor).unwrap();
            let index = at.index(bytes.len());
            bytes[index] ^= 1 << bit;
            let altered = URL_SAFE_NO_PAD.encode(bytes);
            prop_assert_eq!(code(sealer.open(&altered, &own.binding(), NOW)), "invalid_cursor");
        }

        /// If this failed, rubbish in place of a cursor could break a call.
        #[test]
        fn rubbish_is_no_cursor(rubbish in "\\PC{0,60}") {
            let sealer = CursorSealer::new().unwrap();
            let own = call(1, 2, "search", "a");
            prop_assert_eq!(code(sealer.open(&rubbish, &own.binding(), NOW)), "invalid_cursor");
        }
    }
}
