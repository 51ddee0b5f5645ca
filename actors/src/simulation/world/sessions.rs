//! Sessions, and their exchanges with Entra.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::super::sabotage::{Sabotage, Scene};
use super::happenings::Happening;
use super::{Call, Flight, Kept, Life, Session, World};
use crate::clock::{Clock, Timestamp};
use crate::exchange::{Purpose, Refused, Ticket, Told, Verdict};
use crate::identity::Principal;
use crate::ports::{ExchangeError, ThrottledBy};
use crate::session::{
    Effect, Event, Generation, Rejection, Rules, SessionHandle, SessionMachine, SessionTerms, Witness,
};
use crate::tenant::Grant;
use crate::testing::EPOCH;

impl World {
    /// A session is made, and found from now on.
    pub(super) fn play_session(&mut self, who: Principal, grant: Grant) -> usize {
        let Grant { capacity, exchanges } = grant;
        let machine =
            SessionMachine::new(who, Rules::from(&self.settings), Arc::clone(&exchanges), self.clock.now());
        let tenant = self.tenant(who.tenant);
        let (cancel, retries) = (tenant.cancel.child_token(), Arc::clone(&tenant.retries));
        let handle = SessionHandle::played(SessionTerms { capacity, cancel, retries, exchanges });
        self.directory.remember(who, Arc::clone(&handle));
        let (witness, tickets) = (Witness::new(who), Vec::new());
        self.sessions.push(Session { principal: who, machine, witness, handle, tickets, life: Life::Open });
        self.sessions.len() - 1
    }

    pub(super) fn want_lease(&mut self, call: usize, rejected: Option<Rejection>) -> Kept {
        let Call { session: Some(session), assertion, .. } = &self.calls[call] else { return Ok(()) };
        let (session, assertion) = (*session, assertion.clone());
        let Session { life, handle, .. } = &self.sessions[session];
        if *life == Life::Crashed {
            self.calls[call].rejected = rejected;
            self.look_for_successor(call);
            return Ok(());
        }
        if handle.cancellation().is_cancelled() {
            self.end(call);
            return Ok(());
        }
        let now = if self.suffers(Sabotage::ReadsWithoutAClock) { EPOCH } else { self.clock.now() };
        if rejected.is_none()
            && let Some(lease) = handle.published().lease(assertion.hash(), now)
        {
            return self.has_lease(call, lease);
        }
        let correlation_id = Uuid::nil();
        self.books.asks(session, call);
        self.step(session, Event::Wanted { assertion, rejected, correlation_id, waiter: call })
    }

    pub(super) fn step(&mut self, which: usize, event: Event<usize>) -> Kept {
        let now = self.clock.now();
        let serves_on = self.suffers(Sabotage::ServesAfterItsEnd);
        let session = &mut self.sessions[which];
        if session.life != Life::Open && !(serves_on && session.life == Life::Revoked) {
            return Ok(());
        }
        let scene = scene(&event, session, now);
        let is_caused = self.flights.iter().any(|flight| {
            let is_its = |of: Generation| flight.session == which && flight.generation == of;
            flight.is_caused && completed(&event, &session.machine).is_some_and(is_its)
        });
        session.witness.before(&event, &session.machine, now);
        let mut effects = session.machine.step(event, now);
        let was_for_nothing = is_caused && effects.iter().any(is_spared);
        if let Some(sabotage) = self.sabotage {
            sabotage.falsify(&scene, &mut effects);
        }
        session.witness.after(&effects, &session.machine, now)?;
        if was_for_nothing {
            self.books.exchange_was_for_nothing(&session.principal);
        }
        for effect in effects {
            self.perform(which, effect)?;
        }
        if self.sessions[which].life == Life::Open {
            let due = now.until(self.sessions[which].machine.next_wake());
            self.put_after(due, Happening::Wake(which));
        }
        Ok(())
    }

    fn perform(&mut self, which: usize, effect: Effect<usize>) -> Kept {
        match effect {
            Effect::Publish(snapshot) => self.sessions[which].handle.published().publish(snapshot),
            Effect::Exchange { generation, purpose, .. } => self.ask_turn(which, generation, purpose)?,
            Effect::Hasten(generation) => {
                let Session { principal, tickets, .. } = &self.sessions[which];
                if let Some((_, ticket)) = tickets.iter().find(|(known, _)| *known == generation) {
                    self.pace.hasten(principal.tenant, *ticket);
                }
            }
            Effect::Answer { waiter, answer } => {
                self.books.is_answered(which, waiter)?;
                match answer {
                    Ok(lease) => self.has_lease(waiter, lease)?,
                    Err(_) => self.end(waiter),
                }
            }
            Effect::AskToEnd => self.asks_to_end(which)?,
        }
        Ok(())
    }

    pub(super) fn wake(&mut self, which: usize) -> Kept {
        let session = &self.sessions[which];
        if session.life != Life::Open || session.machine.next_wake() > self.clock.now() {
            return Ok(());
        }
        let visits = session.handle.visits();
        self.step(which, Event::Woken { visits })
    }

    fn ask_turn(&mut self, which: usize, generation: Generation, purpose: Purpose) -> Kept {
        let flight = self.flights.len();
        let is_caused = purpose == Purpose::Call;
        self.flights.push(Flight { session: which, generation, is_caused, outcome: None });
        let ticket = Ticket(flight as u64);
        let session = &mut self.sessions[which];
        session.tickets.push((generation, ticket));
        let principal = session.principal;
        if is_caused {
            self.books.exchange_is_caused(&principal, self.clock.instant())?;
        }
        let tenant = principal.tenant;
        let told = if self.suffers(Sabotage::PaceLetsAllGo) {
            vec![Told { waiter: flight, verdict: Verdict::Go }]
        } else {
            self.pace.ask(tenant, ticket, purpose, flight, self.instant())
        };
        self.tell(told)
    }

    pub(super) fn tell(&mut self, mut told: Vec<Told<usize>>) -> Kept {
        while !told.is_empty() {
            for Told { waiter: flight, verdict } in told {
                let session = &self.sessions[self.flights[flight].session];
                let principal = session.principal;
                match verdict {
                    Verdict::Go if session.life != Life::Open => self.pace.take_back(),
                    Verdict::Go => {
                        self.books.exchange_begins(principal.tenant, self.instant())?;
                        self.played.exchanges += 1;
                        let outcome = self.weather.exchange(&principal, &mut self.chance);
                        self.flights[flight].outcome = Some(outcome);
                        let takes = self.chance.millis(20, 3_000);
                        self.put_after(takes, Happening::ExchangeEnds(flight));
                    }
                    Verdict::Refused(Refused { by, retry_after }) => {
                        let error = ExchangeError::Throttled { by, retry_after: Some(retry_after) };
                        self.flights[flight].outcome = Some(Err(error));
                        self.put_after(Duration::ZERO, Happening::ExchangeEnds(flight));
                    }
                }
            }
            told = self.pace.release(self.instant());
        }
        if let Some(due) = self.pace.next_release() {
            self.put_at(due, Happening::PaceOpens);
        }
        Ok(())
    }

    pub(super) fn exchange_ends(&mut self, flight: usize) -> Kept {
        let Flight { session, generation, .. } = self.flights[flight];
        let Some(outcome) = self.flights[flight].outcome.take() else { return Ok(()) };
        let tenant = self.sessions[session].principal.tenant;
        if let Err(ExchangeError::Throttled { by: ThrottledBy::Entra, retry_after }) = &outcome {
            let fraction = self.chance.fraction();
            if let Some(retry_after) = retry_after {
                self.books.entra_wants_quiet(tenant, self.instant() + *retry_after);
            }
            if !self.suffers(Sabotage::PaceIgnoresThrottling) {
                let told = self.pace.heed(tenant, *retry_after, fraction, self.instant());
                self.tell(told)?;
            }
        }
        self.sessions[session].tickets.retain(|(known, _)| *known != generation);
        let fraction = self.chance.fraction();
        self.step(session, Event::ExchangeEnded { generation, outcome, fraction })?;
        if self.chance.happens(10) {
            // A completion that nobody awaits any more changes nothing.
            let outcome = self.weather.exchange(&self.sessions[session].principal, &mut self.chance);
            self.step(session, Event::ExchangeEnded { generation, outcome, fraction })?;
        }
        Ok(())
    }
}

/// The exchange that the event ends, unless nobody awaits it any more.
fn completed(event: &Event<usize>, machine: &SessionMachine<usize>) -> Option<Generation> {
    let Event::ExchangeEnded { generation, .. } = event else { return None };
    Some(*generation).filter(|generation| machine.awaits(*generation))
}

/// Entra has not taken the exchange that a caller waited for: it does not count.
fn is_spared(effect: &Effect<usize>) -> bool {
    let Effect::Answer { answer: Err(error), .. } = effect else { return false };
    match error {
        ExchangeError::Throttled { by, .. } => matches!(by, ThrottledBy::Entra | ThrottledBy::Queue),
        ExchangeError::Unavailable(_) => true,
        _ => false,
    }
}

/// What a falsified decision has to know of the event.
fn scene(event: &Event<usize>, session: &Session, now: Timestamp) -> Scene {
    let wanted = match event {
        Event::Wanted { assertion, .. } => Some(assertion.clone()),
        _ => None,
    };
    let is_refused = wanted
        .as_ref()
        .is_some_and(|wanted| session.machine.refused(now).any(|known| known == wanted.hash()));
    let is_stale = match event {
        Event::ExchangeEnded { generation, .. } => !session.machine.awaits(*generation),
        _ => false,
    };
    Scene { wanted, is_refused, is_stale, is_woken: matches!(event, Event::Woken { .. }), now }
}
