//! The actor round a session's state machine: it carries out what the machine decides, and decides nothing.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use actix::{
    Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, Message, SpawnHandle, WeakRecipient,
    WrapFuture,
};
use connector_observability::event::exchange::ExchangeCompleted;
use connector_observability::event::session::SessionEnded;
use connector_observability::{ExchangeEnd, ExchangeSpan, emit};
use futures_util::FutureExt;
use uuid::Uuid;

use super::directory::SessionDirectory;
use super::handle::{Ending, SessionHandle, SessionTerms};
use super::machine::{Effect, Event, Generation, Rules, SessionMachine};
use super::obtain::{Obtain, Waiter};
#[cfg(debug_assertions)]
use super::witness::Witness;
use crate::alive::Alive;
use crate::clock::Timestamp;
use crate::environment::Environment;
use crate::exchange::{Purpose, Refused, Ticket, Verdict};
use crate::identity::Principal;
use crate::ports::{ExchangeError, ExchangeFault, ExchangeRequest, ExchangedToken, SecondTurn, ThrottledBy};

const BROKEN_OFF: ExchangeError = ExchangeError::Unavailable(ExchangeFault::BrokenOff);

/// An exchange under way.
struct InFlight {
    generation: Generation,
    /// Its place in the line for Entra.
    ticket: Ticket,
    span: Arc<ExchangeSpan>,
}

/// How an exchange came back.
enum Ended {
    /// It was not made.
    Spared(Refused),
    Asked(Result<ExchangedToken, ExchangeError>),
}

/// What a session tells its owner.
pub(crate) enum SessionReport {
    /// It has been idle long enough to end.
    Idle(Principal, Arc<SessionHandle>),
    /// It has crashed. It has taken itself out of the directory.
    Crashed(Principal),
}

impl Message for SessionReport {
    type Result = ();
}

/// The session of one principal.
pub(crate) struct Session {
    principal: Principal,
    machine: SessionMachine<Waiter>,
    handle: Arc<SessionHandle>,
    owner: WeakRecipient<SessionReport>,
    sessions: Arc<SessionDirectory>,
    environment: Arc<Environment>,
    alarm: Option<(Timestamp, SpawnHandle)>,
    in_flight: Vec<InFlight>,
    #[cfg(debug_assertions)]
    witness: Witness,
    _alive: Alive,
}

impl Session {
    /// Starts a session on the caller's thread.
    pub(crate) fn start(
        principal: Principal,
        terms: SessionTerms,
        owner: WeakRecipient<SessionReport>,
        sessions: Arc<SessionDirectory>,
        environment: Arc<Environment>,
    ) -> Arc<SessionHandle> {
        let context = Context::<Self>::new();
        let (rules, now) = (Rules::from(environment.settings()), environment.clock().now());
        let machine = SessionMachine::new(principal, rules, Arc::clone(&terms.exchanges), now);
        let handle = Arc::new(SessionHandle::new(context.address().recipient(), terms));
        let alive = environment.alive();
        context.run(Self {
            principal,
            machine,
            handle: Arc::clone(&handle),
            owner,
            sessions,
            environment,
            alarm: None,
            in_flight: Vec::new(),
            #[cfg(debug_assertions)]
            witness: Witness::new(principal),
            _alive: alive,
        });
        handle
    }

    fn step(&mut self, event: Event<Waiter>, context: &mut Context<Self>) {
        if self.handle.cancellation().is_cancelled() {
            // Nobody may have anything of a session that has been ended, whether its actor has heard of it or not.
            return;
        }
        let now = self.environment.clock().now();
        #[cfg(debug_assertions)]
        self.witness.before(&event, &self.machine, now);
        let effects = self.machine.step(event, now);
        #[cfg(debug_assertions)]
        debug_assert_eq!(self.witness.after(&effects, &self.machine, now), Ok(()));
        for effect in effects {
            self.perform(effect, context);
        }
        self.tell_waiters();
        self.set_alarm(now, context);
    }

    /// Those who have come last know the least: each is told once for what it waits.
    fn tell_waiters(&self) {
        for InFlight { generation, span, .. } in &self.in_flight {
            let waiters = self.machine.waiting_for(*generation).iter().rev();
            waiters
                .take_while(|waiter| !waiter.wait.is_for(span))
                .for_each(|waiter| waiter.wait.waits_for(span));
        }
    }

    fn perform(&mut self, effect: Effect<Waiter>, context: &mut Context<Self>) {
        match effect {
            Effect::Publish(snapshot) => self.handle.published().publish(snapshot),
            Effect::Exchange { generation, assertion, claims, purpose, correlation_id } => {
                let correlation_id = correlation_id.unwrap_or_else(Uuid::new_v4);
                let principal = self.principal;
                let span = self.begin_span(generation);
                let trace_id = span.trace_id();
                let request = ExchangeRequest { principal, assertion, claims, correlation_id, trace_id };
                self.exchange(generation, purpose, request, span, context);
            }
            Effect::Hasten(generation) => self.hasten(generation),
            // A caller who has left at its deadline has no use for the answer.
            Effect::Answer { waiter, answer } => drop(waiter.reply.send(answer)),
            Effect::AskToEnd => self.ask_to_end(),
        }
    }

    /// The span of an exchange that waits for its turn from now on, on behalf of whoever waits for it first.
    fn begin_span(&self, generation: Generation) -> Arc<ExchangeSpan> {
        let cause = self.machine.waiting_for(generation).first().map(|waiter| waiter.wait.span());
        Arc::new(ExchangeSpan::begin(cause, self.environment.clock().instant()))
    }

    /// Runs the exchange beside the mailbox, when its turn has come. It belongs to the session: no caller who leaves can
    /// end it.
    fn exchange(
        &mut self,
        generation: Generation,
        purpose: Purpose,
        request: ExchangeRequest,
        span: Arc<ExchangeSpan>,
        context: &mut Context<Self>,
    ) {
        let environment = Arc::clone(&self.environment);
        let correlation_id = request.correlation_id;
        let tenant = self.principal.tenant;
        let (ticket, turn) = environment.pace().ask(tenant, purpose);
        let second = self.second_turn(purpose);
        self.in_flight.push(InFlight { generation, ticket, span: Arc::clone(&span) });
        let attempt = AssertUnwindSafe(async move {
            let verdict = match turn.await {
                // The pace has crashed: there is a new one.
                Err(_gone) => environment.pace().ask(tenant, purpose).1.await,
                verdict => verdict,
            };
            span.turn_came(environment.clock().instant());
            match verdict {
                Ok(Verdict::Refused(refused)) => Ended::Spared(refused),
                Ok(Verdict::Go) => Ended::Asked(environment.exchange().exchange(request, second).await),
                // The process ends, and those in line must not all go out to Entra then.
                Err(_gone) => Ended::Asked(Err(BROKEN_OFF)),
            }
        });
        let completion = attempt.catch_unwind().into_actor(self).map(move |ended, session, context| {
            let ended = ended.unwrap_or(Ended::Asked(Err(BROKEN_OFF)));
            let outcome = match ended {
                Ended::Spared(Refused { by, retry_after }) => {
                    Err(ExchangeError::Throttled { by, retry_after: Some(retry_after) })
                }
                Ended::Asked(outcome) => {
                    session.heed(&outcome);
                    outcome
                }
            };
            session.conclude(generation, correlation_id, &outcome);
            let fraction = session.environment.jitter().fraction();
            session.step(Event::ExchangeEnded { generation, outcome, fraction }, context);
        });
        context.spawn(completion);
    }

    /// An outage must not double what Entra is asked: a second attempt is taken out of what the tenant may repeat, and
    /// waits in the line like the first.
    fn second_turn(&self, purpose: Purpose) -> SecondTurn {
        let (environment, handle) = (Arc::clone(&self.environment), Arc::clone(&self.handle));
        let tenant = self.principal.tenant;
        let ask = async move {
            if !handle.retries().try_retry(environment.clock().now()) {
                return false;
            }
            let (_ticket, turn) = environment.pace().ask(tenant, purpose);
            match turn.await {
                Ok(verdict) => verdict == Verdict::Go,
                Err(_gone) => !environment.is_ending(),
            }
        };
        SecondTurn::new(move || ask.boxed())
    }

    /// Entra's wish to be left alone is for all sessions of the tenant.
    fn heed(&self, outcome: &Result<ExchangedToken, ExchangeError>) {
        if let Err(ExchangeError::Throttled { by: ThrottledBy::Entra, retry_after }) = outcome {
            self.environment.pace().heed(self.principal.tenant, *retry_after);
        }
    }

    fn hasten(&self, generation: Generation) {
        let waiting = self.in_flight.iter().find(|exchange| exchange.generation == generation);
        if let Some(InFlight { ticket, .. }) = waiting {
            self.environment.pace().hasten(self.principal.tenant, *ticket);
        }
    }

    /// Ends the exchange's span, before anybody is answered, and tells the operators.
    fn conclude(
        &mut self,
        generation: Generation,
        correlation_id: Uuid,
        outcome: &Result<ExchangedToken, ExchangeError>,
    ) {
        let place = self.in_flight.iter().position(|exchange| exchange.generation == generation);
        let Some(InFlight { span, .. }) = place.map(|place| self.in_flight.swap_remove(place)) else {
            return;
        };
        let at = self.environment.clock().instant();
        let refusal = outcome.as_ref().err().map(ExchangeError::as_str);
        let aadsts = outcome.as_ref().map_or_else(|error| error.aadsts().0, |_| 0);
        span.end(ExchangeEnd { at, refusal, aadsts });
        emit(ExchangeCompleted {
            trace_id: span.trace_id(),
            correlation_id,
            tenant: *self.principal.tenant.as_uuid(),
            outcome: refusal.unwrap_or("granted"),
            aadsts,
            duration: span.elapsed(at),
        });
    }

    fn ask_to_end(&self) {
        if let Some(owner) = self.owner.upgrade() {
            owner.do_send(SessionReport::Idle(self.principal, Arc::clone(&self.handle)));
        }
    }

    fn set_alarm(&mut self, now: Timestamp, context: &mut Context<Self>) {
        let due = self.machine.next_wake();
        if let Some((set_for, alarm)) = self.alarm.take() {
            if set_for == due {
                self.alarm = Some((set_for, alarm));
                return;
            }
            context.cancel_future(alarm);
        }
        let alarm = context.run_later(now.until(due), |session, context| {
            session.alarm = None;
            let visits = session.handle.visits();
            session.step(Event::Woken { visits }, context);
        });
        self.alarm = Some((due, alarm));
    }

    fn reason(&self) -> &'static str {
        if std::thread::panicking() {
            return "crashed";
        }
        match self.handle.ending() {
            Some(Ending::Idle) => "idle",
            Some(Ending::Revoked) => "revoked",
            None if self.environment.is_ending() => "drained",
            None => "tenant_ended",
        }
    }
}

impl Actor for Session {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        let ended = self.handle.cancellation().clone().cancelled_owned();
        context.spawn(ended.into_actor(self).map(|(), _session, context| context.stop()));
        self.set_alarm(self.environment.clock().now(), context);
    }

    /// Runs after a panic too, so it trusts nothing of the machine.
    fn stopped(&mut self, _context: &mut Self::Context) {
        #[cfg(debug_assertions)]
        self.witness.session_ended();
        self.sessions.forget(self.principal, &self.handle);
        self.handle.close();
        if std::thread::panicking()
            && let Some(owner) = self.owner.upgrade()
        {
            owner.do_send(SessionReport::Crashed(self.principal));
        }
        emit(SessionEnded { tenant: *self.principal.tenant.as_uuid(), reason: self.reason() });
    }
}

impl Handler<Obtain> for Session {
    type Result = ();

    fn handle(&mut self, message: Obtain, context: &mut Self::Context) {
        let Obtain { assertion, rejected, correlation_id, waiter } = message;
        self.step(Event::Wanted { assertion, rejected, correlation_id, waiter }, context);
    }
}
