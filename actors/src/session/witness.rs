//! Holds a session against the promises of every session: the property tests, a simulation and, in builds with debug
//! assertions, every running session do.

use std::sync::Arc;

use super::machine::{Effect, Event, Generation, SessionMachine};
use super::published::Snapshot;
use super::violation::Violation;
use crate::assertion::AssertionHash;
use crate::clock::Timestamp;
use crate::identity::Principal;
use crate::lease::Lease;

/// Watches one session from outside, with books of its own. Told of each event before the step and of its effects
/// after it.
pub(crate) struct Witness {
    principal: Principal,
    in_flight: Vec<(Generation, AssertionHash)>,
    latest: Generation,
    published: Snapshot,
    refused: Vec<AssertionHash>,
    heard: Heard,
    has_ended: bool,
}

/// What the step under way is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    Wanted(AssertionHash),
    Completed(AssertionHash),
    StaleCompletion,
    Woken,
}

impl Heard {
    fn assertion(self) -> Option<AssertionHash> {
        match self {
            Self::Wanted(assertion) | Self::Completed(assertion) => Some(assertion),
            Self::StaleCompletion | Self::Woken => None,
        }
    }
}

impl Witness {
    pub(crate) fn new(principal: Principal) -> Self {
        Self {
            principal,
            in_flight: Vec::new(),
            latest: Generation::default(),
            published: Snapshot::default(),
            refused: Vec::new(),
            heard: Heard::Woken,
            has_ended: false,
        }
    }

    /// The session was revoked, or its tenant or process ends: from here on nobody may have a lease of it.
    pub(crate) fn session_ended(&mut self) {
        self.has_ended = true;
    }

    pub(crate) fn before<W>(&mut self, event: &Event<W>, machine: &SessionMachine<W>, now: Timestamp) {
        self.refused = machine.refused(now).collect();
        self.heard = match event {
            Event::Wanted { assertion, .. } => Heard::Wanted(assertion.hash()),
            Event::Woken { .. } => Heard::Woken,
            Event::ExchangeEnded { generation, .. } => {
                let flight = self.in_flight.iter().position(|(begun, _)| begun == generation);
                flight.map_or(Heard::StaleCompletion, |place| {
                    let (_, assertion) = self.in_flight.swap_remove(place);
                    // What its end says is news: what was remembered before does not bind it.
                    self.refused.retain(|refused| *refused != assertion);
                    Heard::Completed(assertion)
                })
            }
        };
    }

    pub(crate) fn after<W>(
        &mut self,
        effects: &[Effect<W>],
        machine: &SessionMachine<W>,
        now: Timestamp,
    ) -> Result<(), Violation> {
        for effect in effects {
            match effect {
                Effect::Publish(snapshot) => self.publishes(snapshot, now)?,
                Effect::Exchange { generation, assertion, .. } => {
                    self.begins(*generation, assertion.hash())?;
                }
                Effect::Answer { answer: Ok(lease), .. } => self.hands_out(lease, now)?,
                Effect::Answer { .. } | Effect::Hasten(_) | Effect::AskToEnd => {}
            }
            if self.heard == Heard::StaleCompletion && !matches!(effect, Effect::Publish(_)) {
                return Err(Violation::StaleCompletion);
            }
        }
        machine.violation(now).map_or(Ok(()), Err)
    }

    fn publishes(&mut self, snapshot: &Snapshot, now: Timestamp) -> Result<(), Violation> {
        for slot in snapshot.iter().flatten() {
            if !slot.lease().is_usable(now) {
                return Err(Violation::UnusableLease);
            }
            let owner = slot.lease().owner();
            if owner.principal != self.principal || owner.assertion != slot.assertion() {
                return Err(Violation::ForeignLease);
            }
            let was_there = self.published.iter().flatten().any(|before| Arc::ptr_eq(before, slot));
            if self.heard == Heard::StaleCompletion && !was_there {
                return Err(Violation::StaleCompletion);
            }
        }
        self.published.clone_from(snapshot);
        Ok(())
    }

    fn begins(&mut self, generation: Generation, assertion: AssertionHash) -> Result<(), Violation> {
        if generation <= self.latest {
            return Err(Violation::GenerationReused);
        }
        if self.in_flight.iter().any(|(_, other)| *other == assertion) {
            return Err(Violation::SecondFlight);
        }
        if self.refused.contains(&assertion) {
            return Err(Violation::RefusalAskedEntra);
        }
        self.latest = generation;
        self.in_flight.push((generation, assertion));
        Ok(())
    }

    fn hands_out(&self, lease: &Lease, now: Timestamp) -> Result<(), Violation> {
        if self.has_ended {
            return Err(Violation::RevokedLease);
        }
        if !lease.is_usable(now) {
            return Err(Violation::UnusableLease);
        }
        let owner = lease.owner();
        if owner.principal != self.principal || Some(owner.assertion) != self.heard.assertion() {
            return Err(Violation::ForeignLease);
        }
        Ok(())
    }
}
