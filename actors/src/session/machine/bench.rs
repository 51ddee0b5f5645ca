//! What tests of the machine hold it with.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::{Effect, Event, Generation, Rejection, Rules, SessionMachine};
use crate::claims::ClaimsChallenge;
use crate::clock::Timestamp;
use crate::lease::Lease;
use crate::ports::{ExchangeError, ExchangedToken};
use crate::session::published::Snapshot;
use crate::session::witness::Witness;
use crate::settings::ActorSettings;
use crate::testing::{EPOCH, assertion, exchanged_token, principal};

/// A machine with a clock in hand; waiters are numbers.
pub(super) struct Bench {
    pub(super) machine: SessionMachine<u32>,
    witness: Witness,
    pub(super) now: Timestamp,
    pub(super) published: Snapshot,
    pub(super) exchanges: Vec<(Generation, Option<Arc<str>>)>,
    pub(super) answers: Vec<(u32, Result<Arc<Lease>, ExchangeError>)>,
    pub(super) hastened: Vec<Generation>,
    pub(super) asked_to_end: usize,
    /// What chance says next.
    pub(super) fraction: f64,
}

impl Bench {
    pub(super) fn new() -> Self {
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
            exchanges: Vec::new(),
            answers: Vec::new(),
            hastened: Vec::new(),
            asked_to_end: 0,
            fraction: 0.0,
        }
    }

    pub(super) fn step(&mut self, event: Event<u32>) {
        self.witness.before(&event, &self.machine, self.now);
        let effects = self.machine.step(event, self.now);
        assert_eq!(self.witness.after(&effects, &self.machine, self.now), Ok(()));
        for effect in effects {
            match effect {
                Effect::Publish(snapshot) => self.published = snapshot,
                Effect::Exchange { generation, claims, .. } => self.exchanges.push((generation, claims)),
                Effect::Answer { waiter, answer } => self.answers.push((waiter, answer)),
                Effect::Hasten(generation) => self.hastened.push(generation),
                Effect::AskToEnd => self.asked_to_end += 1,
            }
        }
    }

    pub(super) fn want(&mut self, name: &str, waiter: u32) {
        self.ask(name, waiter, None);
    }

    pub(super) fn reject(&mut self, name: &str, waiter: u32, lease: &Arc<Lease>, claims: Option<&str>) {
        self.challenge(name, waiter, lease, claims.map(ClaimsChallenge::new));
    }

    pub(super) fn challenge(
        &mut self,
        name: &str,
        waiter: u32,
        lease: &Arc<Lease>,
        claims: Option<ClaimsChallenge>,
    ) {
        self.ask(name, waiter, Some(Rejection { lease: Arc::clone(lease), claims }));
    }

    pub(super) fn ask(&mut self, name: &str, waiter: u32, rejected: Option<Rejection>) {
        let assertion = assertion(name, EPOCH + Duration::from_secs(3_600));
        self.step(Event::Wanted { assertion, rejected, correlation_id: Uuid::nil(), waiter });
    }

    /// Ends the exchange that began last.
    pub(super) fn end(&mut self, outcome: Result<ExchangedToken, ExchangeError>) {
        let (generation, _) = self.exchanges.last().unwrap();
        self.end_that(*generation, outcome);
    }

    pub(super) fn end_that(
        &mut self,
        generation: Generation,
        outcome: Result<ExchangedToken, ExchangeError>,
    ) {
        self.step(Event::ExchangeEnded { generation, outcome, fraction: self.fraction });
    }

    pub(super) fn win(&mut self, name: &str, waiter: u32) -> Arc<Lease> {
        self.want(name, waiter);
        self.end(Ok(exchanged_token(name)));
        self.last_lease()
    }

    /// The lease that was handed out last.
    pub(super) fn last_lease(&self) -> Arc<Lease> {
        let (_, answer) = self.answers.last().unwrap();
        Arc::clone(answer.as_ref().unwrap())
    }

    /// Lets time pass, waking the machine whenever it wants to be woken.
    pub(super) fn pass(&mut self, time: Duration, visits: usize) {
        let end = self.now + time;
        while self.machine.next_wake() <= end {
            self.now = self.machine.next_wake().max(self.now);
            self.step(Event::Woken { visits });
            assert!(self.machine.next_wake() > self.now, "the machine wants to be woken for ever");
        }
        self.now = end;
    }

    /// A warm call reads every published lease.
    pub(super) fn read(&self) {
        for slot in self.published.iter().flatten() {
            slot.lend(self.now);
        }
    }

    pub(super) fn in_flight(&self) -> usize {
        self.machine.holdings.iter().filter(|holding| holding.is_in_flight()).count()
    }

    pub(super) fn leases(&self) -> usize {
        self.published.iter().flatten().count()
    }
}

pub(super) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
