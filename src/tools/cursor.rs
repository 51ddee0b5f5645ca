//! Cursors: where a list goes on, sealed so that nobody but its own caller can use it, and nobody can read it.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest::{self, SHA256};
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connector_actors::clock::Timestamp;
use connector_actors::identity::Principal;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::error::{About, ErrorCode, InternalError, MODEL, ToolError};

/// In characters: no longer cursor is given out, and none is read.
pub(super) const LONGEST: usize = 32 * 1024;
const NONCE_BYTES: usize = 12;

/// Seals and opens cursors (AES-256-GCM). The key is random and lives as long as the process: a restart makes all
/// cursors stale, which is a clear error.
pub struct CursorSealer {
    key: RandomizedNonceKey,
    /// How long a cursor can be used.
    lifetime: Duration,
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
struct Sealed<'a, P> {
    /// In seconds since the Unix epoch.
    until: u64,
    /// That of the call which gave the cursor.
    tool: Cow<'a, str>,
    /// Of that call's arguments.
    arguments: [u8; 16],
    at: P,
}

impl<'a> Binding<'a> {
    /// `arguments` are those of the call but for the cursor itself.
    pub(super) fn new(principal: &'a Principal, tool: &'static str, arguments: &'a impl Serialize) -> Self {
        Self { principal, tool, arguments }
    }

    /// What a cursor is sealed with.
    fn user(&self) -> [u8; 32] {
        let mut user = [0; 32];
        let (tenant, object) = user.split_at_mut(16);
        tenant.copy_from_slice(self.principal.tenant.as_uuid().as_bytes());
        object.copy_from_slice(self.principal.user.as_uuid().as_bytes());
        user
    }

    /// Nobody could find other arguments with the same one but by chance, and would gain nothing.
    fn arguments(&self) -> Result<[u8; 16], InternalError> {
        let mut json = Vec::with_capacity(256);
        self.arguments.write_json(&mut json).map_err(|_| InternalError::Serialisation)?;
        let mut beginning = [0; 16];
        beginning.copy_from_slice(&digest::digest(&SHA256, &json).as_ref()[..16]);
        Ok(beginning)
    }
}

impl CursorSealer {
    /// Fails only where the machine has no randomness.
    pub fn new(lifetime: Duration) -> Result<Self, InternalError> {
        let mut key = [0; 32];
        rand::fill(&mut key).map_err(|_| InternalError::Sealing)?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, &key).map_err(|_| InternalError::Sealing)?;
        Ok(Self { key, lifetime })
    }

    /// `None` when the cursor would be longer than what is read again.
    pub(super) fn seal(
        &self,
        position: &impl Serialize,
        binding: &Binding<'_>,
        now: Timestamp,
    ) -> Result<Option<String>, ToolError> {
        let sealed = Sealed {
            until: (now + self.lifetime).unix_seconds(),
            tool: Cow::Borrowed(binding.tool),
            arguments: binding.arguments()?,
            at: position,
        };
        let mut bytes = serde_json::to_vec(&sealed).map_err(|_| InternalError::Serialisation)?;
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(&binding.user()), &mut bytes)
            .map_err(|_| InternalError::Sealing)?;
        bytes.extend_from_slice(nonce.as_ref());
        let cursor = URL_SAFE_NO_PAD.encode(bytes);
        Ok(Some(cursor).filter(|cursor| cursor.len() <= LONGEST))
    }

    /// Refuses what [`Self::open`] does, whatever a position is there: for those who learn only from Graph of what kind it is.
    pub(super) fn check(&self, cursor: &str, binding: &Binding<'_>, now: Timestamp) -> Result<(), ToolError> {
        self.open::<IgnoredAny>(cursor, binding, now).map(drop)
    }

    /// Opens a cursor that was sealed for the same binding.
    pub(super) fn open<P: DeserializeOwned>(
        &self,
        cursor: &str,
        binding: &Binding<'_>,
        now: Timestamp,
    ) -> Result<P, ToolError> {
        let content = self.unseal(cursor, &binding.user()).ok_or_else(unknown)?;
        // Another tool's position is of no interest, and has another shape.
        let sealed: Sealed<'_, &RawValue> = serde_json::from_slice(&content).map_err(|_| unknown())?;
        if sealed.tool != binding.tool {
            return Err(of_another_tool(&sealed.tool));
        }
        if sealed.arguments != binding.arguments()? {
            return Err(with_other_arguments());
        }
        if sealed.until <= now.unix_seconds() {
            return Err(self.expired());
        }
        serde_json::from_str(sealed.at.get()).map_err(|_| unknown())
    }

    fn unseal(&self, cursor: &str, user: &[u8; 32]) -> Option<Vec<u8>> {
        let mut bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let nonce_at = bytes.len().checked_sub(NONCE_BYTES)?;
        let nonce = Nonce::try_assume_unique_for_key(&bytes[nonce_at..]).ok()?;
        bytes.truncate(nonce_at);
        let content = self.key.open_in_place(nonce, Aad::from(user), &mut bytes).ok()?;
        Some(content.to_vec())
    }

    fn expired(&self) -> ToolError {
        ToolError::new(
            ErrorCode::ExpiredCursor,
            About::argument("cursor"),
            "The cursor has expired.",
            format!("a cursor can be used for {} s.", self.lifetime.as_secs()),
            MODEL,
            "Make the call again without a cursor.",
        )
    }
}

/// What can't be opened: whose it was nobody can tell.
fn unknown() -> ToolError {
    invalid(
        "it was altered or cut, was given to another user, or comes from before a restart of the connector.",
        "Give nextCursor of the answer before character for character, or make the call again without a cursor.",
    )
}

fn of_another_tool(tool: &str) -> ToolError {
    invalid(
        format!("it was given by {tool}."),
        "Give it to that tool with the arguments of the call that gave it, or make this call without a cursor.",
    )
}

fn with_other_arguments() -> ToolError {
    invalid(
        "the other arguments are not those of the call that gave it.",
        "Repeat the call with exactly the arguments of the call that gave the cursor, or start again without one.",
    )
}

fn invalid(why: impl Into<Cow<'static, str>>, how: &'static str) -> ToolError {
    ToolError::new(
        ErrorCode::InvalidCursor,
        About::argument("cursor"),
        "The cursor does not belong to this call.",
        why,
        MODEL,
        how,
    )
}

#[cfg(test)]
mod tests {
    use connector_actors::identity::{ClientId, ObjectId, TenantId};
    use proptest::prelude::*;
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    const HOUR: Duration = Duration::from_secs(60 * 60);
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
        let sealer = CursorSealer::new(HOUR).unwrap();
        let own = call(1, 2, "search", "a");
        let cursor = sealer.seal(&7_u32, &own.binding(), NOW).unwrap().unwrap();
        let open = |call: &Call| code(sealer.open(&cursor, &call.binding(), NOW));
        assert_eq!(open(&own), "opened");
        assert_eq!(open(&call(3, 2, "search", "a")), "invalid_cursor");
        assert_eq!(open(&call(1, 3, "search", "a")), "invalid_cursor");
        assert_eq!(open(&call(1, 2, "list", "a")), "invalid_cursor");
        assert_eq!(open(&call(1, 2, "search", "b")), "invalid_cursor");
        let restarted = CursorSealer::new(HOUR).unwrap();
        assert_eq!(code(restarted.open(&cursor, &own.binding(), NOW)), "invalid_cursor");
    }

    /// If this failed, a model would not know which of its mistakes to mend.
    #[rstest]
    #[case::altered(call(1, 2, "search", "a"), "x", "altered")]
    #[case::of_another_user(call(1, 3, "search", "a"), "", "another user")]
    #[case::of_another_tool(call(1, 2, "list", "b"), "", "given by search")]
    #[case::with_other_arguments(call(1, 2, "search", "b"), "", "other arguments")]
    fn a_cursor_says_why_it_is_refused(#[case] made: Call, #[case] more: &str, #[case] expected: &str) {
        let sealer = CursorSealer::new(HOUR).unwrap();
        let own = call(1, 2, "search", "a");
        let cursor = sealer.seal(&7_u32, &own.binding(), NOW).unwrap().unwrap() + more;
        match sealer.open::<u32>(&cursor, &made.binding(), NOW) {
            Err(ToolError::Actionable(error)) => assert!(error.why().contains(expected), "{}", error.why()),
            other => panic!("{other:?}"),
        }
    }

    /// If this failed, cursors would be good for ever.
    #[test]
    fn a_cursor_expires_after_an_hour() {
        let sealer = CursorSealer::new(HOUR).unwrap();
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
        let sealer = CursorSealer::new(HOUR).unwrap();
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
            let sealer = CursorSealer::new(HOUR).unwrap();
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
            let sealer = CursorSealer::new(HOUR).unwrap();
            let own = call(1, 2, "search", "a");
            prop_assert_eq!(code(sealer.open(&rubbish, &own.binding(), NOW)), "invalid_cursor");
        }
    }
}
