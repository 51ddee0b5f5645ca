//! A call in its user's session: how it comes in, and how it gets its lease.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use connector_actors::clock::Clock;
use connector_actors::lease::Lease;
use connector_actors::session::SessionError;
use connector_actors::{Actors, Call, ClaimsChallenge, LeaseWait, Visit};
use connector_observability::{CallRecord, LeaseReason, LeaseSource, SessionEntry, SessionWait, SpanContext};
use tokio::sync::OnceCell;
use tokio::time::Instant;

/// Visited on first use, so that a call that asks Graph for nothing costs no exchange. What finds everything ready reads
/// no clock and asks nobody; each wait is put down in the call's record.
pub(super) struct CallSession<'w> {
    actors: &'w Actors,
    call: &'w Call<'w>,
    record: &'w CallRecord,
    clock: &'w dyn Clock,
    visit: OnceCell<Visit>,
    /// The wait to come in, until it is put down with the lease that followed.
    entry: Cell<Option<EntryWait>>,
    /// The lease that the call goes on with: its margin is longer than any call.
    held: RefCell<Option<Arc<Lease>>>,
}

#[derive(Clone, Copy)]
struct EntryWait {
    since: Instant,
    took: Duration,
}

impl<'w> CallSession<'w> {
    pub(super) fn new(
        actors: &'w Actors,
        call: &'w Call<'w>,
        record: &'w CallRecord,
        clock: &'w dyn Clock,
    ) -> Self {
        let (visit, entry, held) = (OnceCell::new(), Cell::new(None), RefCell::new(None));
        Self { actors, call, record, clock, visit, entry, held }
    }

    pub(super) async fn visit(&self) -> Result<&Visit, SessionError> {
        self.visit.get_or_try_init(|| self.enter()).await
    }

    /// The lease that the call has, or else the session's, from its `visit` there.
    pub(super) async fn lease(&self, visit: &Visit) -> Result<Arc<Lease>, SessionError> {
        if let Some(lease) = &*self.held.borrow() {
            return Ok(Arc::clone(lease));
        }
        let lease = if let Some(lease) = visit.published_lease(self.call) {
            self.found_published(visit.entry());
            lease
        } else {
            let waiting = self.begin_wait(Some(visit.entry()), LeaseReason::First);
            let answer = visit.lease(self.call, &waiting.wait).await;
            waiting.answered(answer)?
        };
        self.held.replace(Some(Arc::clone(&lease)));
        Ok(lease)
    }

    /// Graph has refused `rejected`: from now on the call has another lease, won with `claims` where Graph asked for more.
    pub(super) async fn replace(
        &self,
        visit: &Visit,
        rejected: &Arc<Lease>,
        claims: Option<ClaimsChallenge>,
    ) -> Result<(), SessionError> {
        let waiting = self.begin_wait(Some(visit.entry()), LeaseReason::Replacement);
        let answer = visit.replace(self.call, rejected, claims, &waiting.wait).await;
        self.held.replace(Some(waiting.answered(answer)?));
        Ok(())
    }

    async fn enter(&self) -> Result<Visit, SessionError> {
        if let Some(visit) = self.actors.enter(self.call) {
            return Ok(visit);
        }
        let waiting = self.begin_wait(None, LeaseReason::First);
        match self.actors.visit(self.call).await {
            Ok(visit) => {
                self.entry.set(Some(waiting.entered()));
                Ok(visit)
            }
            Err(error) => waiting.answered(Err(error)),
        }
    }

    fn found_published(&self, entry: SessionEntry) {
        match self.entry.get() {
            None => self.record.found_lease(),
            Some(_) => self.begin_wait(Some(entry), LeaseReason::First).found(LeaseSource::Published),
        }
    }

    fn begin_wait(&self, entry: Option<SessionEntry>, reason: LeaseReason) -> Waiting<'_> {
        let begun_now = || EntryWait { since: self.clock.instant(), took: Duration::ZERO };
        Waiting {
            wait: LeaseWait::of(SpanContext::within(self.record.trace_id())),
            entry_wait: self.entry.take().unwrap_or_else(begun_now),
            entry,
            reason,
            ending: Some(Ending::Abandoned),
            record: self.record,
            clock: self.clock,
        }
    }
}

impl fmt::Debug for CallSession<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("CallSession").field("principal", &self.call.principal).finish_non_exhaustive()
    }
}

/// A wait that is under way. It is put down when this is dropped, so that one whose call nobody waits for any more is
/// put down too.
struct Waiting<'a> {
    wait: LeaseWait,
    entry_wait: EntryWait,
    entry: Option<SessionEntry>,
    reason: LeaseReason,
    /// As what the wait is put down; `None` when it is not, for it goes on as another.
    ending: Option<Ending>,
    record: &'a CallRecord,
    clock: &'a dyn Clock,
}

enum Ending {
    Abandoned,
    /// A lease was there; the source is that of one that nobody waited for an exchange for.
    Found(LeaseSource),
    Refused {
        word: &'static str,
        aadsts: u32,
    },
}

impl Waiting<'_> {
    fn elapsed(&self) -> Duration {
        self.clock.instant().saturating_duration_since(self.entry_wait.since)
    }

    /// The call is in its session, and waits on for a lease.
    fn entered(mut self) -> EntryWait {
        self.ending = None;
        EntryWait { took: self.elapsed(), ..self.entry_wait }
    }

    fn found(mut self, source: LeaseSource) {
        self.ending = Some(Ending::Found(source));
    }

    fn answered<T>(mut self, answer: Result<T, SessionError>) -> Result<T, SessionError> {
        self.ending = Some(match &answer {
            Ok(_) => Ending::Found(LeaseSource::Held),
            Err(error) => Ending::Refused { word: word(error), aadsts: aadsts(error) },
        });
        answer
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let (at_once, refusal, aadsts) = match self.ending.take() {
            None => return,
            Some(Ending::Abandoned) => (None, Some("cancelled"), 0),
            Some(Ending::Found(source)) => (Some(source), None, 0),
            Some(Ending::Refused { word, aadsts }) => (None, Some(word), aadsts),
        };
        self.record.session_wait(SessionWait {
            span_id: self.wait.span().span_id,
            started: self.record.at(self.entry_wait.since),
            duration: self.elapsed(),
            entry: self.entry,
            entry_wait: self.entry_wait.took,
            reason: self.reason,
            source: self.wait.exchange().map(LeaseSource::Exchange).or(at_once),
            refusal,
            aadsts,
        });
    }
}

/// For the record.
fn word(error: &SessionError) -> &'static str {
    match error {
        SessionError::Exchange(error) => error.as_str(),
        SessionError::DeadlineExceeded => "deadline_exceeded",
        SessionError::Ended => "ended",
        SessionError::Restoring { .. } => "restoring",
        SessionError::UnknownTenant => "unknown_tenant",
    }
}

/// The number of Entra's code; 0 when there was none.
fn aadsts(error: &SessionError) -> u32 {
    match error {
        SessionError::Exchange(error) => error.aadsts().0,
        SessionError::DeadlineExceeded
        | SessionError::Ended
        | SessionError::Restoring { .. }
        | SessionError::UnknownTenant => 0,
    }
}
