use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

use super::{Effect, Event, Generation, Rejection, Rules, SessionMachine};
use crate::assertion::AssertionHash;
use crate::claims::ClaimsChallenge;
use crate::clock::Timestamp;
use crate::lease::{GrantedScopes, Lease};
use crate::ports::{AadstsCode, Block, ExchangeError, ExchangeFault, ThrottledBy};
use crate::session::published::{MAX_ASSERTIONS, Snapshot};
use crate::session::witness::Witness;
use crate::settings::ActorSettings;
use crate::testing::{EPOCH, assertion, exchanged_token, principal};

/// More assertions than a session holds, so that eviction happens.
const DEVICES: usize = 11;

#[derive(Debug, Clone, Copy)]
enum Move {
    Want { device: usize },
    Reject { device: usize, with_claims: Option<u8> },
    End { which: usize, outcome: Outcome },
    EndStale,
    Read,
    Pass { seconds: u64, visits: usize },
}

#[derive(Debug, Clone, Copy)]
enum Outcome {
    Grant { expires_in: u64 },
    Block,
    Throttle { seconds: u64 },
    Fail,
}

/// Mostly few, so that they meet each other's exchanges and refusals.
fn device() -> impl Strategy<Value = usize> {
    prop_oneof![16 => 0..3_usize, 1 => 0..DEVICES]
}

fn moves() -> impl Strategy<Value = Move> {
    let outcome = prop_oneof![
        4 => (200_u64..5_000).prop_map(|expires_in| Outcome::Grant { expires_in }),
        1 => Just(Outcome::Block),
        1 => (1_u64..200).prop_map(|seconds| Outcome::Throttle { seconds }),
        1 => Just(Outcome::Fail),
    ];
    prop_oneof![
        4 => device().prop_map(|device| Move::Want { device }),
        2 => (device(), proptest::option::of(0_u8..2))
            .prop_map(|(device, with_claims)| Move::Reject { device, with_claims }),
        4 => (any::<usize>(), outcome).prop_map(|(which, outcome)| Move::End { which, outcome }),
        1 => Just(Move::EndStale),
        2 => Just(Move::Read),
        2 => (0_u64..400, 0_usize..2).prop_map(|(seconds, visits)| Move::Pass { seconds, visits }),
    ]
}

/// The world round a machine: it keeps its own books and compares.
struct Model {
    machine: SessionMachine<usize>,
    witness: Witness,
    now: Timestamp,
    published: Snapshot,
    in_flight: Vec<Exchange>,
    ended: Vec<Generation>,
    refused_until: HashMap<AssertionHash, Timestamp>,
    handed_out: HashMap<AssertionHash, Arc<Lease>>,
    waiters: Vec<Waiter>,
}

struct Exchange {
    generation: Generation,
    assertion: AssertionHash,
    claims: Option<Arc<str>>,
}

struct Waiter {
    assertion: AssertionHash,
    claims: Option<Arc<str>>,
    answers: usize,
}

impl Model {
    fn new() -> Self {
        Self {
            machine: SessionMachine::new(
                principal(1, 1),
                Rules::from(&ActorSettings::default()),
                Arc::default(),
                EPOCH,
            ),
            witness: Witness::new(principal(1, 1)),
            now: EPOCH,
            published: Snapshot::default(),
            in_flight: Vec::new(),
            ended: Vec::new(),
            refused_until: HashMap::new(),
            handed_out: HashMap::new(),
            waiters: Vec::new(),
        }
    }

    fn play(&mut self, step: Move) {
        match step {
            Move::Want { device } => self.ask(device, None),
            Move::Reject { device, with_claims } => {
                let Some(lease) = self.handed_out.get(&hash_of(device)) else { return };
                let claims = with_claims.map(|claims| ClaimsChallenge::new(format!("{{\"n\":{claims}}}")));
                self.ask(device, Some(Rejection { lease: Arc::clone(lease), claims }));
            }
            Move::End { which, outcome } => self.end(which, outcome),
            Move::EndStale => {
                if let Some(generation) = self.ended.last().copied() {
                    let outcome = Ok(exchanged_token("stale"));
                    self.step(Event::ExchangeEnded { generation, outcome, fraction: 0.5 });
                }
            }
            Move::Read => self.read(),
            Move::Pass { seconds, visits } => self.pass(Duration::from_secs(seconds), visits),
        }
    }

    fn ask(&mut self, device: usize, rejected: Option<Rejection>) {
        let waiter = self.waiters.len();
        let claims = rejected.as_ref().and_then(|rejection| rejection.claims.as_ref());
        let claims = claims.map(|claims| Arc::clone(claims.json()));
        self.waiters.push(Waiter { assertion: hash_of(device), claims, answers: 0 });
        let assertion = assertion(&device.to_string(), expiry_of(device));
        self.step(Event::Wanted { assertion, rejected, correlation_id: Uuid::nil(), waiter });
    }

    fn end(&mut self, which: usize, outcome: Outcome) {
        if self.in_flight.is_empty() {
            return;
        }
        let Exchange { generation, assertion, claims } =
            self.in_flight.swap_remove(which % self.in_flight.len());
        self.ended.push(generation);
        let outcome = match outcome {
            Outcome::Grant { expires_in } => {
                let mut token = exchanged_token(&token_for(assertion));
                token.expires_in = Duration::from_secs(expires_in);
                // A token says in its scopes which claims it was won with.
                token.scopes = GrantedScopes::parse(claims.as_deref().unwrap_or_default());
                Ok(token)
            }
            Outcome::Block => {
                self.refused_until.insert(assertion, self.now + Duration::from_secs(120));
                Err(ExchangeError::Blocked(Block::Policy, AadstsCode(1)))
            }
            Outcome::Throttle { seconds } => {
                let retry_after = Duration::from_secs(seconds);
                self.refused_until.insert(assertion, self.now + retry_after);
                Err(ExchangeError::Throttled { by: ThrottledBy::Entra, retry_after: Some(retry_after) })
            }
            Outcome::Fail => Err(ExchangeError::Unavailable(ExchangeFault::TimedOut)),
        };
        self.step(Event::ExchangeEnded { generation, outcome, fraction: 0.5 });
    }

    fn read(&self) {
        for slot in self.published.iter().flatten().filter(|slot| slot.lease().is_usable(self.now)) {
            slot.lend(self.now);
        }
    }

    fn pass(&mut self, time: Duration, visits: usize) {
        let end = self.now + time;
        while self.machine.next_wake() <= end {
            self.now = self.machine.next_wake().max(self.now);
            self.step(Event::Woken { visits });
            assert!(self.machine.next_wake() > self.now, "the machine wants to be woken for ever");
        }
        self.now = end;
    }

    fn step(&mut self, event: Event<usize>) {
        self.witness.before(&event, &self.machine, self.now);
        let effects = self.machine.step(event, self.now);
        assert_eq!(self.witness.after(&effects, &self.machine, self.now), Ok(()));
        for effect in effects {
            match effect {
                Effect::Publish(snapshot) => self.publish(snapshot),
                Effect::Exchange { generation, assertion, claims, .. } => {
                    self.begin(Exchange { generation, assertion: assertion.hash(), claims });
                }
                Effect::Answer { waiter, answer } => self.answer(waiter, answer),
                Effect::Hasten(generation) => {
                    let is_known = self.in_flight.iter().any(|exchange| exchange.generation == generation);
                    assert!(is_known, "an exchange is hastened that is not in flight");
                }
                Effect::AskToEnd => {
                    assert!(self.in_flight.is_empty(), "a session idles with callers waiting");
                }
            }
        }
    }

    fn publish(&mut self, snapshot: Snapshot) {
        for slot in snapshot.iter().flatten() {
            assert!(slot.lease().is_usable(self.now), "an unusable lease is published");
            assert_eq!(slot.lease().expose_token(), token_for(slot.assertion()));
        }
        self.published = snapshot;
    }

    fn begin(&mut self, exchange: Exchange) {
        let Exchange { generation, assertion, .. } = exchange;
        assert!(
            self.in_flight.iter().all(|other| other.assertion != assertion),
            "two exchanges of one assertion"
        );
        assert!(self.in_flight.len() < MAX_ASSERTIONS, "more exchanges than assertions held");
        assert!(!self.ended.contains(&generation), "a generation is used twice");
        let is_refused = self.refused_until.get(&assertion).is_some_and(|until| self.now < *until);
        assert!(!(is_refused && self.nothing_was_evicted()), "a remembered refusal asked Entra");
        self.in_flight.push(exchange);
    }

    /// An evicted assertion takes its refusal with it, for the session's memory is bounded.
    fn nothing_was_evicted(&self) -> bool {
        let seen: HashSet<AssertionHash> = self.waiters.iter().map(|waiter| waiter.assertion).collect();
        seen.len() <= MAX_ASSERTIONS
    }

    fn answer(&mut self, waiter: usize, answer: Result<Arc<Lease>, ExchangeError>) {
        let Waiter { assertion, claims, answers } = &mut self.waiters[waiter];
        *answers += 1;
        assert_eq!(*answers, 1, "a caller is answered twice");
        if let Ok(lease) = answer {
            assert!(lease.is_usable(self.now), "an unusable lease is handed out");
            assert_eq!(lease.expose_token(), token_for(*assertion), "another assertion's lease");
            let is_met = claims.as_deref().is_none_or(|claims| lease.scopes().contains(claims));
            assert!(is_met, "a lease that was won without the caller's claims");
            self.handed_out.insert(*assertion, lease);
        }
    }
}

fn hash_of(device: usize) -> AssertionHash {
    AssertionHash::of(&device.to_string())
}

/// What is granted for an assertion, and names it.
fn token_for(assertion: AssertionHash) -> String {
    format!("{assertion:?}").replace('…', "")
}

/// Some assertions end while their leases are served.
fn expiry_of(device: usize) -> Timestamp {
    EPOCH + Duration::from_secs(600 + 300 * device as u64)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A broken promise of the machine in any interleaving: a dead lease handed out, two exchanges at once, a
    /// caller answered twice or never, another device's token, a challenge answered with a token that was won
    /// without it, Entra asked in spite of a refusal.
    #[test]
    fn a_session_keeps_its_promises_in_every_interleaving(steps in vec(moves(), 1..120)) {
        let mut model = Model::new();
        for step in steps {
            model.play(step);
        }
        while !model.in_flight.is_empty() {
            model.end(0, Outcome::Fail);
        }

        let unanswered = model.waiters.iter().filter(|waiter| waiter.answers == 0).count();
        prop_assert_eq!(unanswered, 0);
    }

    /// A completion that comes too late would change what is published.
    #[test]
    fn a_stale_completion_changes_nothing_in_any_state(steps in vec(moves(), 1..60)) {
        let mut model = Model::new();
        for step in steps {
            model.play(step);
        }
        let wake = model.machine.next_wake();
        let Some(generation) = model.ended.last().copied() else { return Ok(()) };
        let outcome = Ok(exchanged_token("stale"));
        let effects = model.machine.step(Event::ExchangeEnded { generation, outcome, fraction: 0.5 }, model.now);

        let is_quiet = effects.iter().all(|effect| matches!(effect, Effect::Publish(_)));
        prop_assert!(is_quiet);
        for effect in effects {
            if let Effect::Publish(snapshot) = effect {
                let is_stale = snapshot.iter().flatten().any(|slot| slot.lease().expose_token() == "stale");
                prop_assert!(!is_stale);
            }
        }
        prop_assert!(model.machine.next_wake() >= wake);
    }
}
