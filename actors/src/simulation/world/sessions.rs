//! Sessions, and their exchanges with Entra.

use std::time::Duration;

use uuid::Uuid;

use super::super::sabotage::{Sabotage, Scene};
use super::{Call, Flight, Happening, Kept, Life, Session, World};
use crate::clock::{Clock, Timestamp};
use crate::exchange::{Purpose, Refused, Ticket, Told, Verdict};
use crate::identity::Principal;
use crate::ports::{ExchangeError, ThrottledBy};
use crate::revocation::Subject;
use crate::session::{Effect, Event, Generation, Published, Rejection, Rules, SessionMachine, Witness};
use crate::testing::EPOCH;

impl World {
    pub(super) fn session_of(&mut self, who: Principal) -> usize {
        if let Some(session) = self.current.get(&who) {
            return *session;
        }
        let session = self.sessions.len();
        self.sessions.push(Session {
            principal: who,
            machine: SessionMachine::new(who, Rules::from(&self.settings), self.clock.now()),
            witness: Witness::new(who),
            published: Published::default(),
            tickets: Vec::new(),
            life: Life::Open,
        });
        self.current.insert(who, session);
        session
    }

    pub(super) fn want_lease(&mut self, call: usize, rejected: Option<Rejection>) -> Kept {
        let Call { session, assertion, .. } = &self.calls[call];
        let (session, assertion) = (*session, assertion.clone());
        let now = if self.suffers(Sabotage::ReadsWithoutAClock) { EPOCH } else { self.clock.now() };
        if rejected.is_none()
            && let Some(lease) = self.sessions[session].published.lease(assertion.hash(), now)
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
        session.witness.before(&event, &session.machine, now);
        let mut effects = session.machine.step(event, now);
        if let Some(sabotage) = self.sabotage {
            sabotage.falsify(&scene, &mut effects);
        }
        session.witness.after(&effects, &session.machine, now)?;
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
            Effect::Publish(snapshot) => self.sessions[which].published.publish(snapshot),
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
            Effect::AskToEnd => {
                let has_calls = self.calls.iter().any(|call| call.session == which && !call.is_over);
                if !has_calls {
                    self.books.session_rests(which)?;
                    self.close(which, Life::Idle);
                }
            }
        }
        Ok(())
    }

    pub(super) fn wake(&mut self, which: usize) -> Kept {
        let session = &self.sessions[which];
        if session.life != Life::Open || session.machine.next_wake() > self.clock.now() {
            return Ok(());
        }
        let visits = self.calls.iter().filter(|call| call.session == which && !call.is_over).count();
        self.step(which, Event::Woken { visits })
    }

    fn ask_turn(&mut self, which: usize, generation: Generation, purpose: Purpose) -> Kept {
        let flight = self.flights.len();
        self.flights.push(Flight { session: which, generation, outcome: None });
        let ticket = Ticket(flight as u64);
        let session = &mut self.sessions[which];
        session.tickets.push((generation, ticket));
        let tenant = session.principal.tenant;
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

    /// The session is gone, with all that it holds. Its callers ask once for its successor.
    pub(super) fn crash(&mut self, who: Principal) -> Kept {
        let Some(session) = self.current.get(&who).copied() else { return Ok(()) };
        self.played.crashes += 1;
        self.close(session, Life::Crashed);
        let is_left = |call: &Call| call.session == session && !call.is_over && call.lease.is_none();
        let left: Vec<usize> = (0..self.calls.len()).filter(|call| is_left(&self.calls[*call])).collect();
        for call in left {
            if std::mem::replace(&mut self.calls[call].has_successor, true) {
                self.end(call);
                continue;
            }
            self.calls[call].session = self.session_of(who);
            self.want_lease(call, None)?;
        }
        Ok(())
    }

    /// Ends sessions, their leases, and the calls in them.
    pub(super) fn revoke(&mut self, subject: &Subject) -> Kept {
        self.played.revocations += 1;
        for which in 0..self.sessions.len() {
            let session = &self.sessions[which];
            if session.life != Life::Open || !subject.covers(&session.principal) {
                continue;
            }
            self.close(which, Life::Revoked);
            if self.suffers(Sabotage::RevocationSparesCalls) {
                continue;
            }
            let in_it = |call: &Call| call.session == which && !call.is_over;
            let ended: Vec<usize> = (0..self.calls.len()).filter(|call| in_it(&self.calls[*call])).collect();
            for call in ended {
                self.end(call);
            }
        }
        self.tokens.revoke(subject, self.clock.now(), self.sabotage)
    }

    fn close(&mut self, which: usize, life: Life) {
        let session = &mut self.sessions[which];
        session.life = life;
        session.published.clear();
        session.witness.session_ended();
        self.current.remove(&session.principal);
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
