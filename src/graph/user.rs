//! Graph as one user, inside one call.

use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use connector_actors::clock::Clock;
use connector_actors::jitter::{Jitter, RandomJitter};
use connector_actors::lease::Lease;
use connector_actors::session::{SessionError, TimeZoneMemory};
use connector_actors::throttle::{
    GateKey, GatePermit, GateReason, GateRefusal, GateRequest, GateSubject, ThrottleSignal,
};
use connector_actors::{Actors, Call, ClaimsChallenge, Visit};
use connector_observability::event::graph::{GateRefused, GraphErrorCode, GraphRefused};
use connector_observability::{CallRecord, GraphAttempt, HeldBack, emit};
use http::StatusCode;
use http::header::{HeaderMap, WWW_AUTHENTICATE};
use tokio::time::Instant;

use super::answer::{Answer, SendFault};
use super::attempt::{Attempt, Underway, Unsent, may_retry};
use super::base::GraphBase;
use super::body::GraphBody;
use super::call_session::CallSession;
use super::client::{Connection, Expected, GraphClient, Sending};
use super::codes::GraphCodes;
use super::error::{GraphError, GraphFault};
use super::granted::grants_any;
use super::refused::Refused;
use super::request::GraphRequest;
use super::retry::{Failure, Progress, Step, next_step};
use super::route::Route;
use super::{challenge, load};

/// Reads Graph with the lease of the call's own user.
pub struct UserGraph<'w> {
    pub(super) client: &'w GraphClient,
    actors: &'w Actors,
    pub(super) call: &'w Call<'w>,
    record: &'w CallRecord,
    pub(super) clock: &'w dyn Clock,
    pub(super) session: CallSession<'w>,
}

impl fmt::Debug for UserGraph<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("UserGraph").field("principal", &self.call.principal).finish_non_exhaustive()
    }
}

impl<'w> UserGraph<'w> {
    pub fn new(
        client: &'w GraphClient,
        actors: &'w Actors,
        call: &'w Call<'w>,
        record: &'w CallRecord,
        clock: &'w dyn Clock,
    ) -> Self {
        let session = CallSession::new(actors, call, record, clock);
        Self { client, actors, call, record, clock, session }
    }

    /// The user's lease, for the permissions that it holds. Makes the exchange when there is none yet.
    pub async fn lease(&self) -> Result<Arc<Lease>, GraphError> {
        Ok(self.session.lease(self.session.visit().await?).await?)
    }

    /// Whether the user's permissions open what any of these opens. Nobody else is asked: it stands in the lease.
    pub async fn may_ask(&self, opened_by: &[&str]) -> Result<bool, GraphError> {
        Ok(grants_any(self.lease().await?.scopes(), opened_by))
    }

    /// Reads one thing, with as many attempts as [`next_step`] allows.
    pub async fn get(&self, request: &GraphRequest) -> Result<GraphBody, GraphError> {
        let answered = async |attempt: Attempt<'_>| {
            let answer = self.attempt(attempt, request, Expected::Json).await?;
            Ok(answer
                .and_then(|answer| self.judge(request, answer, attempt.lease))
                .map(|answer| GraphBody::new(answer.body)))
        };
        self.repeat(answered, |failure| self.learn(request, failure)).await
    }

    /// Makes attempts until one succeeds or [`next_step`] gives up: the one place where something is asked again. The
    /// outer error of an attempt ends the call.
    pub(super) async fn repeat<T>(
        &self,
        attempt: impl AsyncFn(Attempt<'_>) -> Result<Result<T, Failure>, GraphError>,
        learn: impl Fn(&Failure),
    ) -> Result<T, GraphError> {
        let visit = self.session.visit().await?;
        let (mut attempts, mut replaced) = (0, 0);
        let (mut connection, mut held_since) = (Connection::Pooled, None);
        visit.retries().note_request();
        loop {
            let lease = self.session.lease(visit).await?;
            let (lease, resend_count) = (&lease, attempts);
            let made = attempt(Attempt { visit, lease, connection, held_since, resend_count }).await?;
            let failure = match made {
                Ok(found) => return Ok(found),
                Err(failure) => failure,
            };
            attempts += 1;
            learn(&failure);
            if failure.spoils_connection() {
                connection = Connection::Fresh;
            }
            let budget = || may_retry(visit, self.call.principal.tenant, self.clock.now());
            match next_step(self.progress(attempts, replaced), failure, budget) {
                Step::GiveUp(error) => return Err(error),
                Step::Retry { after } => {
                    held_since = Some(self.stay_away(visit, after).await?);
                }
                Step::ReplaceLease { claims } => {
                    held_since = None;
                    self.session.replace(visit, lease, claims).await?;
                    replaced += 1;
                }
            }
        }
    }

    pub(super) fn progress(&self, attempts: u8, replaced: u8) -> Progress {
        Progress { attempts, replaced, remaining: self.remaining(), jitter: RandomJitter.fraction() }
    }

    /// How long the call may still take.
    pub fn remaining(&self) -> Duration {
        self.call.deadline.saturating_duration_since(self.clock.instant())
    }

    /// Where the session remembers the user's own time zone.
    pub async fn time_zone_memory(&self) -> Result<&TimeZoneMemory, GraphError> {
        Ok(self.session.visit().await?.time_zone())
    }

    /// How many of these, from the first one on, go well as one batch.
    pub(super) fn together(&self, requests: &[GateRequest]) -> usize {
        self.actors.gate().together(requests, self.clock.instant())
    }

    pub(super) fn base(&self) -> &GraphBase {
        self.client.base()
    }

    /// One attempt: gate, request, answer, record. The outer error ends the call.
    pub(super) async fn attempt(
        &self,
        attempt: Attempt<'_>,
        request: &GraphRequest,
        wanted: Expected,
    ) -> Result<Result<Answer, Failure>, GraphError> {
        let url = request.url(self.client.base())?;
        let unsent = self.unsent(attempt.held_since);
        let (mut permit, sent) = self.pass_gate(attempt.visit, request, &unsent).await?;
        let sending = self.sending(attempt, wanted);
        let method = if request.question().is_some() { "POST" } else { "GET" };
        let underway = self.underway(attempt, method, request.workload().as_str(), (sent, unsent.sent(sent)));
        let outcome = self.bounded(attempt.visit, self.client.send(request, url, sending)).await;
        self.hear(&mut permit, request, &outcome, sent);
        underway.end(&outcome);
        Ok(outcome?.map_err(|fault| unanswered(fault, wanted)))
    }

    /// A permit for `request`, and when it was there.
    pub(super) async fn pass_gate(
        &self,
        visit: &Visit,
        request: &GraphRequest,
        unsent: &Unsent<'_>,
    ) -> Result<(GatePermit, Instant), GraphError> {
        self.pass_gate_together(visit, request, &[], unsent).await
    }

    /// The same for a batch, whose first item is `request`.
    pub(super) async fn pass_gate_together(
        &self,
        visit: &Visit,
        request: &GraphRequest,
        others: &[GateRequest],
        unsent: &Unsent<'_>,
    ) -> Result<(GatePermit, Instant), GraphError> {
        let counted = self.counted(request);
        let mut gate = pin!(self.actors.gate().pass_batch(&counted, others, self.call.deadline));
        let (passed, sent) = match first_poll(gate.as_mut()).await {
            Poll::Ready(passed) => (passed, unsent.asked()),
            Poll::Pending => (self.bounded(visit, gate).await?, self.clock.instant()),
        };
        match passed {
            Ok(permit) => {
                unsent.held_by(permit.held_by());
                Ok((permit, sent))
            }
            Err(refusal) => {
                unsent.held_by(Some(refusal.limit));
                Err(self.refused(request, refusal))
            }
        }
    }

    /// A request that asks the gate now; `held_since` its attempt before, where that has kept it away.
    pub(super) fn unsent(&self, held_since: Option<Instant>) -> Unsent<'_> {
        Unsent::new(held_since, self.clock.instant(), self.record, self.clock)
    }

    /// Leaves Graph alone for so long after a failure, and says when that began.
    pub(super) async fn stay_away(&self, visit: &Visit, after: Duration) -> Result<Instant, GraphError> {
        let unsent = self.unsent(Some(self.clock.instant()));
        self.bounded(visit, tokio::time::sleep(after)).await?;
        Ok(unsent.goes_on())
    }

    pub(super) fn sending<'l>(&self, attempt: Attempt<'l>, wanted: Expected) -> Sending<'l> {
        let Attempt { lease, connection, .. } = attempt;
        Sending { lease, correlation_id: self.call.correlation_id, connection, wanted }
    }

    /// The answer, where it is one.
    pub(super) fn judge(
        &self,
        request: &GraphRequest,
        answer: Answer,
        lease: &Lease,
    ) -> Result<Answer, Failure> {
        if answer.status.is_success() { Ok(answer) } else { Err(self.classify(request, &answer, lease)) }
    }

    /// What an answer other than 2xx means.
    pub(super) fn classify(&self, request: &GraphRequest, answer: &Answer, lease: &Lease) -> Failure {
        let codes = GraphCodes::read(&answer.body);
        let wait = load::wait(&answer.headers, self.clock.now());
        let scope = load::scope(request.workload(), &answer.headers, &codes);
        self.tell(request, answer, &codes, wait);
        let refused = Refused {
            status: answer.status.as_u16(),
            codes,
            retry_after: wait,
            scope,
            claims: claims(&answer.headers),
            request,
            granted: lease.scopes(),
        };
        refused.failure()
    }

    pub(super) fn learn(&self, request: &GraphRequest, failure: &Failure) {
        if let Failure::Throttled { retry_after, scope, .. } = failure {
            let signal = retry_after.map_or(ThrottleSignal::Unspecified, ThrottleSignal::RetryAfter);
            self.actors.learn(&self.counted(request), signal, *scope);
        }
    }

    /// Tells the operators, but of what is simply not there.
    fn tell(&self, request: &GraphRequest, answer: &Answer, codes: &GraphCodes, wait: Option<Duration>) {
        if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            return;
        }
        emit(GraphRefused {
            tenant: *self.call.principal.tenant.as_uuid(),
            trace_id: self.record.trace_id(),
            correlation_id: self.call.correlation_id,
            workload: request.workload().as_str(),
            status: answer.status.as_u16(),
            code: codes.first().map(GraphErrorCode::new),
            retry_after: wait,
        });
    }

    /// What is put down of an attempt when it ends, or when the call is dropped before: when it was sent, and how it had
    /// been held back until then.
    pub(super) fn underway(
        &self,
        attempt: Attempt<'_>,
        method: &'static str,
        workload: &'static str,
        sent: (Instant, HeldBack),
    ) -> Underway<'_> {
        let at = (Arc::clone(self.client.server()), self.client.port());
        self.underway_to(at, attempt, method, workload, sent)
    }

    /// The same, to another host and port than Graph's.
    pub(super) fn underway_to(
        &self,
        (server, port): (Arc<str>, u16),
        attempt: Attempt<'_>,
        method: &'static str,
        workload: &'static str,
        (sent, held_back): (Instant, HeldBack),
    ) -> Underway<'_> {
        Underway::new(
            GraphAttempt {
                method,
                server,
                port,
                workload,
                started: self.record.at(sent),
                duration: Duration::ZERO,
                held_back,
                resend_count: attempt.resend_count,
                answer: Err("cancelled"),
                request_id: None,
            },
            sent,
            self.record,
            self.clock,
        )
    }

    /// Runs `work` until it ends, the call is cancelled, the session ends, or the deadline comes.
    pub(super) async fn bounded<T>(
        &self,
        visit: &Visit,
        work: impl Future<Output = T>,
    ) -> Result<T, GraphError> {
        tokio::select! {
            biased;
            () = self.call.cancel.cancelled() => Err(GraphError::Cancelled),
            () = visit.cancellation().cancelled() => Err(SessionError::Ended.into()),
            result = work => Ok(result),
            () = tokio::time::sleep_until(self.call.deadline) => Err(GraphError::DeadlineExceeded),
        }
    }

    /// Tells the gate what the end of a request, or of a batch whose first item it is, says of its service.
    pub(super) fn hear(
        &self,
        permit: &mut GatePermit,
        request: &GraphRequest,
        ended: &Result<Result<Answer, SendFault>, GraphError>,
        sent: Instant,
    ) {
        let took = self.clock.instant().saturating_duration_since(sent);
        if let Some(outcome) = load::outcome(ended, took) {
            permit.ended(outcome);
        }
        if let Ok(Ok(answer)) = ended
            && let Some(report) = load::report(&answer.headers)
        {
            permit.hear(request.workload(), report);
        }
    }

    /// How the limits of Graph see `request`.
    pub(super) fn counted(&self, request: &GraphRequest) -> GateRequest {
        let Route { class, resource, units } = request.route(self.client.base());
        let (key, user) = (self.key(request), self.call.principal.user);
        GateRequest { key, user, class, resource, units }
    }

    fn key(&self, request: &GraphRequest) -> GateKey {
        let principal = &self.call.principal;
        let subject = request.shared_mailbox().unwrap_or(GateSubject::User(principal.user));
        GateKey { tenant: principal.tenant, subject, workload: request.workload() }
    }

    /// The gate does not let the request pass in time.
    fn refused(&self, request: &GraphRequest, refusal: GateRefusal) -> GraphError {
        let GateRefusal { retry_after, reason, limit } = refusal;
        let tenant = *self.call.principal.tenant.as_uuid();
        emit(GateRefused { tenant, workload: request.workload().as_str(), limit });
        match reason {
            GateReason::Breaker => GraphError::Unavailable(GraphFault::LeftAlone { retry_after }),
            GateReason::RetryAfter | GateReason::Concurrency | GateReason::Rate => {
                GraphError::Throttled { retry_after }
            }
        }
    }
}

/// Why there is no answer.
pub(super) fn unanswered(fault: SendFault, wanted: Expected) -> Failure {
    match fault {
        SendFault::TooLarge => Failure::Final(GraphError::TooLarge { limit: wanted.limit() }),
        SendFault::Graph(fault) => Failure::Fault(fault),
        SendFault::Unwritable => Failure::Final(GraphError::Unintelligible),
    }
}

/// What `work` says when it is asked once: most of the time there is nothing to wait for, and then no clock needs to
/// be read and nobody to watch over it.
async fn first_poll<F: Future>(mut work: Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await
}

/// The claims of the first challenge that has some.
fn claims(headers: &HeaderMap) -> Option<ClaimsChallenge> {
    headers.get_all(WWW_AUTHENTICATE).iter().find_map(|value| challenge::claims(value.to_str().ok()?))
}
