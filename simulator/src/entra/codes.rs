//! Authorization codes: single use, one minute, bound to what they were issued for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dashmap::DashMap;
use uuid::Uuid;

use super::opaque;
use super::pkce::CodeChallenge;
use super::refusal::Refusal;
use super::scopes::AskedScopes;
use crate::directory::Platform;

/// How long a code can be redeemed, in seconds.
pub(crate) const CODE_LIFETIME_S: i64 = 60;
/// How long a spent or expired code is remembered, so that its refusal names the reason.
const MEMORY_S: i64 = 600;
/// At so many codes those past their memory are dropped for the first time.
const FIRST_SWEEP: usize = 1_000;
/// More codes than this are only remembered while they can be redeemed.
const REMEMBERED: usize = 10_000;

/// What a code stands for.
#[derive(Clone, Debug)]
pub(crate) struct CodeGrant {
    pub(crate) client: Uuid,
    pub(crate) redirect_uri: String,
    pub(crate) platform: Platform,
    /// Nothing where a confidential client asked without one: it proves itself otherwise.
    pub(crate) challenge: Option<CodeChallenge>,
    pub(crate) tenant: Uuid,
    pub(crate) user: Uuid,
    pub(crate) scopes: AskedScopes,
    pub(crate) resource: Option<String>,
    pub(crate) session: Uuid,
    pub(crate) nonce: Option<String>,
    /// The client declared the capability `cp1`.
    pub(crate) handles_challenges: bool,
}

struct Stored {
    grant: Arc<CodeGrant>,
    expires_at: i64,
    redeemed: bool,
}

impl Stored {
    fn is_redeemable(&self, now: i64) -> bool {
        !self.redeemed && self.expires_at > now
    }
}

/// The codes of this process. Times are seconds since 1970.
pub(crate) struct CodeStore {
    codes: DashMap<String, Stored>,
    /// How many codes there are when it is looked for those to drop.
    next_sweep: AtomicUsize,
}

impl Default for CodeStore {
    fn default() -> Self {
        Self { codes: DashMap::new(), next_sweep: AtomicUsize::new(FIRST_SWEEP) }
    }
}

impl CodeStore {
    pub(crate) fn issue(&self, grant: CodeGrant, now: i64) -> String {
        self.sweep(now);
        let code = format!("1.{}", opaque::text());
        let stored = Stored { grant: Arc::new(grant), expires_at: now + CODE_LIFETIME_S, redeemed: false };
        self.codes.insert(code.clone(), stored);
        code
    }

    /// Drops what nobody asks for any more; the next time when there are twice as many as are left.
    fn sweep(&self, now: i64) {
        if self.codes.len() < self.next_sweep.load(Ordering::Relaxed) {
            return;
        }
        self.codes.retain(|_, stored| stored.expires_at + MEMORY_S > now);
        if self.codes.len() >= REMEMBERED {
            self.codes.retain(|_, stored| stored.is_redeemable(now));
        }
        self.next_sweep.store((self.codes.len() * 2).max(FIRST_SWEEP), Ordering::Relaxed);
    }

    /// What the code stands for, if it can still be redeemed.
    pub(crate) fn find(&self, code: &str, now: i64) -> Result<Arc<CodeGrant>, Refusal> {
        let stored = self.codes.get(code).ok_or(Refusal::InvalidGrant)?;
        if stored.redeemed {
            return Err(Refusal::CodeRedeemed);
        }
        if stored.expires_at <= now {
            return Err(Refusal::CodeExpired);
        }
        Ok(Arc::clone(&stored.grant))
    }

    /// What the code stands for, spent or not: for those who only want to know whose it is.
    pub(crate) fn peek(&self, code: &str) -> Option<Arc<CodeGrant>> {
        self.codes.get(code).map(|stored| Arc::clone(&stored.grant))
    }

    /// Spends the code. Of several that try at once, one succeeds.
    pub(crate) fn redeem(&self, code: &str) -> Result<(), Refusal> {
        let mut stored = self.codes.get_mut(code).ok_or(Refusal::InvalidGrant)?;
        if std::mem::replace(&mut stored.redeemed, true) {
            return Err(Refusal::CodeRedeemed);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::applications::Applications;
    use super::super::scopes::Identifiers;
    use super::*;
    use crate::directory::Directory;
    use crate::origins::Origins;

    fn issued(store: &CodeStore) -> String {
        let connector = Uuid::from_u128(7);
        let identifiers = Identifiers {
            connector,
            connector_scope: "access_as_user",
            app_id_uris: &[],
            origins: &Origins::new(String::new(), Vec::new()),
            applications: &Applications::of(&Directory::generate(1), 1),
        };
        let scopes = identifiers.parse(&format!("{connector}/access_as_user"), None).unwrap();
        let grant = CodeGrant {
            client: Uuid::from_u128(1),
            redirect_uri: "http://localhost/".to_owned(),
            platform: Platform::Native,
            challenge: Some(CodeChallenge::S256(String::new())),
            tenant: Uuid::from_u128(2),
            user: Uuid::from_u128(3),
            scopes,
            resource: None,
            session: Uuid::from_u128(4),
            nonce: None,
            handles_challenges: false,
        };
        store.issue(grant, 1_000)
    }

    /// A code that lives longer than Entra's would hide a client that redeems it too late.
    #[test]
    fn a_code_expires_after_a_minute() {
        let store = CodeStore::default();
        let code = issued(&store);
        assert!(store.find(&code, 1_059).is_ok());
        assert_eq!(store.find(&code, 1_060).unwrap_err().code(), 70_008);
    }

    /// Codes of a crowd that signs in must not add up, and none that can be redeemed may get lost for it.
    #[test]
    fn of_many_codes_those_that_are_spent_are_forgotten_first() {
        let store = CodeStore::default();
        let open = issued(&store);
        for _ in 0..4 * REMEMBERED {
            store.redeem(&issued(&store)).unwrap();
            assert!(store.codes.len() < 2 * REMEMBERED);
        }
        assert!(store.find(&open, 1_001).is_ok());
    }

    /// A code that can be spent twice is the attack that single use is there against.
    #[test]
    fn a_code_is_spent_once() {
        let store = CodeStore::default();
        let code = issued(&store);
        assert!(store.redeem(&code).is_ok());
        assert_eq!(store.redeem(&code).unwrap_err().code(), 54_005);
        assert_eq!(store.find(&code, 1_001).unwrap_err().code(), 54_005);
    }
}
