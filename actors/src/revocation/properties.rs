//! What must hold of every history of sign-ins, uses and revocations.

use std::mem::replace;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::{
    BACKDATING, KEPT, LastShutdown, RecentSnapshot, Revocation, RevocationStore, RevocationStoreError,
    RevocationTable, Revocations, Subject, TokenMarks,
};
use crate::clock::{Clock, Timestamp};
use crate::identity::Principal;
use crate::testing::{EPOCH, principal, tenant};

/// A clock that the test sets.
#[derive(Debug)]
struct SetClock(Mutex<Timestamp>);

impl SetClock {
    fn at(now: Timestamp) -> Arc<Self> {
        Arc::new(Self(Mutex::new(now)))
    }

    fn advance(&self, span: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = *now + span;
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn instant(&self) -> tokio::time::Instant {
        unreachable!("revocations have no deadlines")
    }
}

/// Keeps in memory, or fails.
#[derive(Debug)]
struct FakeStore {
    kept: Mutex<Vec<Revocation>>,
    last: Mutex<LastShutdown>,
    is_full: AtomicBool,
}

impl Default for FakeStore {
    fn default() -> Self {
        Self {
            kept: Mutex::default(),
            last: Mutex::new(LastShutdown::Never),
            is_full: AtomicBool::new(false),
        }
    }
}

impl FakeStore {
    fn fill(&self) {
        self.is_full.store(true, Ordering::SeqCst);
    }

    fn room(&self) -> Result<(), RevocationStoreError> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(RevocationStoreError("no space left on device".to_owned()));
        }
        Ok(())
    }
}

impl RevocationStore for FakeStore {
    fn load(&self) -> Result<Vec<Revocation>, RevocationStoreError> {
        Ok(self.kept.lock().unwrap().clone())
    }

    fn record(&self, revocation: &Revocation, forget_before: Timestamp) -> Result<(), RevocationStoreError> {
        self.room()?;
        let mut kept = self.kept.lock().unwrap();
        kept.retain(|revocation| revocation.at >= forget_before);
        kept.push(revocation.clone());
        Ok(())
    }

    fn mark_in_use(&self) -> Result<LastShutdown, RevocationStoreError> {
        self.room()?;
        Ok(replace(&mut *self.last.lock().unwrap(), LastShutdown::Unclean))
    }

    fn mark_clean(&self, recent: &RecentSnapshot) -> Result<(), RevocationStoreError> {
        self.room()?;
        *self.last.lock().unwrap() = LastShutdown::Clean(recent.clone());
        Ok(())
    }
}

/// A token, and what happened to it.
#[derive(Debug, Clone)]
struct Token {
    principal: Principal,
    id: String,
    signed_in: Timestamp,
    issued_at: Timestamp,
    was_used: bool,
}

impl Token {
    fn marks(&self) -> TokenMarks<'_> {
        TokenMarks { principal: &self.principal, issued_at: self.issued_at, id: &self.id }
    }
}

#[derive(Debug, Clone, Copy)]
enum Move {
    /// A sign-in whose token is dated back by so many seconds.
    SignIn {
        user: u128,
        backdating: u64,
    },
    Use {
        which: usize,
    },
    Revoke {
        scope: u8,
        user: u128,
    },
    Pass {
        millis: u64,
    },
    /// The process ends, and so much later the next one starts.
    Restart {
        end: End,
        millis: u64,
    },
}

/// How a process ends.
#[derive(Debug, Clone, Copy)]
enum End {
    InOrder,
    Crash,
}

fn moves() -> impl Strategy<Value = Move> {
    prop_oneof![
        3 => (0..4_u128, backdatings()).prop_map(|(user, backdating)| Move::SignIn { user, backdating }),
        3 => any::<usize>().prop_map(|which| Move::Use { which }),
        1 => (0..4_u8, 0..4_u128).prop_map(|(scope, user)| Move::Revoke { scope, user }),
        3 => spans().prop_map(|millis| Move::Pass { millis }),
        1 => (prop_oneof![Just(End::InOrder), Just(End::Crash)], spans())
            .prop_map(|(end, millis)| Move::Restart { end, millis }),
    ]
}

/// Seconds: mostly as Entra does.
fn backdatings() -> impl Strategy<Value = u64> {
    prop_oneof![3 => Just(300_u64), 1 => 0..=300_u64]
}

/// Milliseconds: a moment, or minutes.
fn spans() -> impl Strategy<Value = u64> {
    prop_oneof![0..2_000_u64, 0..400_000_u64]
}

/// Two users of each of two tenants.
fn someone(number: u128) -> Principal {
    principal(1 + number / 2, number % 2)
}

struct History {
    clock: Arc<SetClock>,
    store: Arc<FakeStore>,
    revocations: Revocations,
    tokens: Vec<Token>,
    /// Tokens that a revocation has ended for good, by their place.
    ended: Vec<usize>,
    /// Tokens that a single-token revocation named.
    named: Vec<usize>,
    /// When the last process started that followed a crash.
    started_after_crash: Option<Timestamp>,
}

impl History {
    fn begin() -> Self {
        let clock = SetClock::at(EPOCH);
        let store = Arc::new(FakeStore::default());
        let revocations = Revocations::open(Arc::clone(&store) as _, Arc::clone(&clock) as _).unwrap();
        let (tokens, ended, named) = (Vec::new(), Vec::new(), Vec::new());
        Self { clock, store, revocations, tokens, ended, named, started_after_crash: None }
    }

    fn play(&mut self, next: Move) {
        match next {
            Move::Pass { millis } => self.clock.advance(Duration::from_millis(millis)),
            Move::SignIn { user, backdating } => {
                let signed_in = self.clock.now();
                let issued_at = Timestamp::from_unix_seconds(signed_in.unix_seconds() - backdating);
                let id = format!("uti-{}", self.tokens.len());
                let principal = someone(user);
                self.tokens.push(Token { principal, id, signed_in, issued_at, was_used: false });
            }
            Move::Use { which } if !self.tokens.is_empty() => {
                let which = which % self.tokens.len();
                self.revocations.note(self.tokens[which].marks());
                self.tokens[which].was_used = true;
            }
            Move::Use { .. } => {}
            Move::Revoke { scope, user } => self.revoke(scope, user),
            Move::Restart { end, millis } => self.restart(end, Duration::from_millis(millis)),
        }
    }

    fn restart(&mut self, end: End, span: Duration) {
        if let End::InOrder = end {
            self.revocations.shut_down().unwrap();
        }
        self.clock.advance(span);
        self.revocations =
            Revocations::open(Arc::clone(&self.store) as _, Arc::clone(&self.clock) as _).unwrap();
        if let End::Crash = end {
            self.started_after_crash = Some(self.clock.now());
        }
    }

    /// Whether the last token is dated no later than the start after a crash: then nothing tells it from those that were used
    /// before, and revocations reach it.
    fn is_last_dated_before_a_crash(&self) -> bool {
        let issued_at = self.tokens.last().map(|token| token.issued_at.unix_seconds());
        let start = self.started_after_crash.map(Timestamp::unix_seconds);
        issued_at.zip(start).is_some_and(|(issued_at, start)| issued_at <= start)
    }

    fn revoke(&mut self, scope: u8, user: u128) {
        let principal = someone(user);
        let subject = match scope {
            0 => Subject::Tenant(principal.tenant),
            1 => Subject::User(principal.tenant, principal.user),
            2 => Subject::Client(principal),
            _ => {
                let Some(last) = self.tokens.len().checked_sub(1) else { return };
                self.named.push(last);
                Subject::Token(self.tokens[last].id.parse().unwrap())
            }
        };
        let now = self.clock.now();
        for (place, token) in self.tokens.iter().enumerate() {
            let full_backdating =
                token.issued_at.unix_seconds() + BACKDATING.as_secs() == token.signed_in.unix_seconds();
            let is_earlier = token.signed_in.unix_seconds() < now.unix_seconds();
            let must_end = token.was_used || (full_backdating && is_earlier);
            if subject.covers(&token.principal) && must_end {
                self.ended.push(place);
            }
        }
        self.revocations.revoke(subject).unwrap();
    }

    fn refused(&self) -> Vec<bool> {
        self.tokens.iter().map(|token| self.revocations.refuses(token.marks())).collect()
    }
}

proptest! {
    /// If this failed, a revoked user's client would go on with the token that it holds.
    #[test]
    fn no_token_that_was_revoked_is_ever_taken_again(moves in vec(moves(), 1..80)) {
        let mut history = History::begin();
        for next in moves {
            history.play(next);
            let refused = history.refused();
            for place in history.ended.iter().chain(&history.named) {
                prop_assert!(refused[*place], "{:?}", history.tokens[*place]);
            }
        }
        let after_restart = Revocations::open(Arc::clone(&history.store) as _, Arc::clone(&history.clock) as _).unwrap();
        for (token, refused) in history.tokens.iter().zip(history.refused()) {
            prop_assert_eq!(after_restart.refuses(token.marks()), refused, "the restart changed it: {:?}", token);
        }
    }

    /// If this failed, a user who signs in again at once would be sent back to the sign-in, again and again; after a crash
    /// for longer than five minutes.
    #[test]
    fn a_sign_in_after_the_revocation_is_taken(moves in vec(moves(), 1..60), scope in 0..3_u8, backdating in backdatings()) {
        let mut history = History::begin();
        for next in moves {
            history.play(next);
        }
        history.play(Move::Revoke { scope, user: 0 });
        history.play(Move::SignIn { user: 0, backdating });
        history.play(Move::Use { which: history.tokens.len() - 1 });
        prop_assert!(history.refused().pop() == Some(false) || history.is_last_dated_before_a_crash());
    }

    /// If this failed, revoking one user's tokens would sign out somebody else.
    #[test]
    fn nobody_else_is_refused(moves in vec(moves(), 1..60)) {
        let mut history = History::begin();
        for next in moves {
            let spares_the_second_tenant =
                !matches!(next, Move::Revoke { scope, user } if scope == 3 || user >= 2);
            if spares_the_second_tenant {
                history.play(next);
            }
        }
        for (token, refused) in history.tokens.iter().zip(history.refused()) {
            prop_assert!(token.principal.tenant == tenant(1) || !refused, "{token:?}");
        }
    }
}

/// If this failed, a full disk would keep an operator from cutting somebody off, or hide that it will not last.
#[test]
fn what_cannot_be_stored_is_in_force_and_said_to_be_short_lived() {
    let store = Arc::new(FakeStore::default());
    let revocations = Revocations::open(Arc::clone(&store) as _, SetClock::at(EPOCH)).unwrap();
    store.fill();
    let somebody = someone(0);
    let error = revocations.revoke(Subject::Client(somebody)).unwrap_err();
    assert!(error.to_string().contains("a restart would undo it"), "{error}");
    let issued_at = Timestamp::from_unix_seconds(EPOCH.unix_seconds() - 301);
    assert!(revocations.refuses(TokenMarks { principal: &somebody, issued_at, id: "x" }));
}

/// If this failed, a crash of a process that could not write would be taken for a stop in order, and what it had seen used
/// pass a revocation.
#[test]
fn a_full_disk_prevents_a_start_and_makes_a_stop_count_as_a_crash() {
    let store = Arc::new(FakeStore::default());
    let revocations = Revocations::open(Arc::clone(&store) as _, SetClock::at(EPOCH)).unwrap();
    store.fill();
    assert!(revocations.shut_down().is_err());
    assert!(Revocations::open(Arc::clone(&store) as _, SetClock::at(EPOCH)).is_err());
    store.is_full.store(false, Ordering::SeqCst);
    assert_eq!(store.mark_in_use().unwrap(), LastShutdown::Unclean);
}

/// If this failed, every revocation ever made would be kept, and looked through.
#[test]
fn a_revocation_is_forgotten_when_no_token_of_its_time_can_live() {
    let store = Arc::new(FakeStore::default());
    let clock = SetClock::at(EPOCH);
    let revocations = Revocations::open(Arc::clone(&store) as _, Arc::clone(&clock) as _).unwrap();
    revocations.revoke(Subject::Tenant(tenant(1))).unwrap();
    clock.advance(KEPT + Duration::from_secs(1));
    assert_eq!(revocations.list(10).1, 0);
    let second = revocations.revoke(Subject::Tenant(tenant(2))).unwrap();
    assert_eq!(revocations.list(10), (vec![second.clone()], 1));
    assert_eq!(store.load().unwrap(), vec![second]);
}

/// If this failed, an earlier revocation that is read later would let in what a later one refuses.
#[test]
fn the_latest_revocation_of_a_subject_counts() {
    let at = |seconds| Revocation {
        subject: Subject::Tenant(tenant(1)),
        at: EPOCH,
        issued_before: EPOCH + Duration::from_secs(seconds),
        tokens: Vec::new(),
    };
    let somebody = someone(0);
    let token = TokenMarks { principal: &somebody, issued_at: EPOCH + Duration::from_secs(5), id: "x" };
    assert!(RevocationTable::of(&[at(9), at(1)]).refuses(token));
}
