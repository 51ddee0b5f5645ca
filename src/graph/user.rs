//! Graph as one user, inside one call.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use connector_actors::clock::Clock;
use connector_actors::lease::Lease;
use connector_actors::session::SessionError;
use connector_actors::throttle::{GateKey, GateSubject, ThrottleSignal};
use connector_actors::{Actors, Call, Visit};
use connector_observability::event::graph::{GraphErrorCode, GraphRefused};
use connector_observability::{CallRecord, ExchangeWait, GraphAttempt, UnixNanos, emit};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER, WWW_AUTHENTICATE};
use tokio::sync::OnceCell;
use tokio::time::Instant;
use url::Url;
use uuid::Uuid;

use super::body::GraphBody;
use super::client::{Answer, Connection, GraphClient, SendFault, Sending};
use super::codes::GraphCodes;
use super::error::{GraphError, GraphFault};
use super::request::GraphRequest;
use super::retry::{Failure, LeaseState, Progress, Step, next_step};
use super::{challenge, retry_after};

/// A lease that came sooner was there already: no exchange takes less.
const SHORTEST_EXCHANGE: Duration = Duration::from_millis(1);

/// Reads Graph with the lease of the call's own user. The session is visited on first use, so that a call that
/// asks Graph for nothing costs no exchange.
pub struct UserGraph<'w> {
    client: &'w GraphClient,
    actors: &'w Actors,
    call: &'w Call,
    record: &'w CallRecord,
    clock: &'w dyn Clock,
    began: Instant,
    visit: OnceCell<Visit>,
}

impl fmt::Debug for UserGraph<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("UserGraph").field("principal", &self.call.principal).finish_non_exhaustive()
    }
}

impl<'w> UserGraph<'w> {
    /// To be made when the call begins: times in the record count from here.
    pub fn new(
        client: &'w GraphClient,
        actors: &'w Actors,
        call: &'w Call,
        record: &'w CallRecord,
        clock: &'w dyn Clock,
    ) -> Self {
        Self { client, actors, call, record, clock, began: clock.instant(), visit: OnceCell::new() }
    }

    /// The user's lease, for the permissions that it holds. Makes the exchange when there is none yet.
    pub async fn scopes(&self) -> Result<Arc<Lease>, GraphError> {
        self.lease(self.visit().await?).await
    }

    /// Reads one thing, with as many attempts as [`next_step`] allows.
    pub async fn get(&self, request: &GraphRequest) -> Result<GraphBody, GraphError> {
        let url = request.url(self.client.base())?;
        let visit = self.visit().await?;
        let mut attempts = 0;
        let mut lease_state = LeaseState::AsFound;
        let mut connection = Connection::Pooled;
        loop {
            let lease = self.lease(visit).await?;
            let failure = match self.attempt(visit, request, url.clone(), &lease, connection).await? {
                Ok(body) => return Ok(body),
                Err(failure) => failure,
            };
            attempts += 1;
            self.learn(request, &failure);
            if matches!(failure, Failure::Fault(_)) {
                connection = Connection::Fresh;
            }
            let remaining = self.call.deadline.saturating_duration_since(self.clock.instant());
            let progress = Progress { attempts, lease: lease_state, remaining, jitter: jitter() };
            match next_step(progress, failure) {
                Step::GiveUp(error) => return Err(error),
                Step::Retry { after } => self.bounded(visit, tokio::time::sleep(after)).await?,
                Step::ReplaceLease { claims } => {
                    self.timed(visit.replace(self.call, &lease, claims)).await?;
                    lease_state = LeaseState::Replaced;
                }
            }
        }
    }

    /// Reads the next page of `first`, as Graph named it. A link that leads elsewhere is refused.
    pub async fn follow(&self, first: &GraphRequest, link: &str) -> Result<GraphBody, GraphError> {
        self.get(&first.next_link(self.client.base(), link)?).await
    }

    async fn visit(&self) -> Result<&Visit, GraphError> {
        self.visit.get_or_try_init(|| async { Ok(self.timed(self.actors.visit(self.call)).await?) }).await
    }

    async fn lease(&self, visit: &Visit) -> Result<Arc<Lease>, GraphError> {
        Ok(self.timed(visit.lease(self.call)).await?)
    }

    /// Records the wait when `work` took long enough to have been an exchange, or failed.
    async fn timed<T>(&self, work: impl Future<Output = Result<T, SessionError>>) -> Result<T, SessionError> {
        let started = self.clock.instant();
        let result = work.await;
        let duration = self.clock.instant().saturating_duration_since(started);
        if result.is_err() || duration >= SHORTEST_EXCHANGE {
            let (refusal, aadsts) = result.as_ref().err().map_or((None, 0), refusal);
            self.record.exchange(ExchangeWait { started: self.at(started), duration, refusal, aadsts });
        }
        result
    }

    /// One attempt: gate, request, answer, record. The outer error ends the call.
    async fn attempt(
        &self,
        visit: &Visit,
        request: &GraphRequest,
        url: Url,
        lease: &Arc<Lease>,
        connection: Connection,
    ) -> Result<Result<GraphBody, Failure>, GraphError> {
        let asked = self.clock.instant();
        let gate = self.actors.gate().pass(self.key(request), self.call.deadline);
        let _permit = self
            .bounded(visit, gate)
            .await?
            .map_err(|refusal| GraphError::Throttled { retry_after: refusal.retry_after })?;
        let sent = self.clock.instant();
        let sending =
            Sending { token: lease.expose_token(), correlation_id: self.call.correlation_id, connection };
        let outcome = self.bounded(visit, self.client.send(request, url, sending)).await;
        self.record_attempt(request, sent, sent.saturating_duration_since(asked), &outcome);
        Ok(match outcome? {
            Ok(answer) if answer.status.is_success() => Ok(GraphBody::new(answer.body)),
            Ok(answer) => Err(self.classify(request, &answer, lease)),
            Err(SendFault::TooLarge) => {
                Err(Failure::Final(GraphError::TooLarge { limit: GraphClient::BODY_LIMIT }))
            }
            Err(SendFault::Graph(fault)) => Err(Failure::Fault(fault)),
        })
    }

    /// What an answer other than 2xx means.
    fn classify(&self, request: &GraphRequest, answer: &Answer, lease: &Lease) -> Failure {
        let codes = GraphCodes::read(&answer.body);
        let wait = header(&answer.headers, RETRY_AFTER.as_str())
            .and_then(|value| retry_after::parse(value, self.clock.now()));
        self.tell(request, answer, &codes, wait);
        let status = answer.status.as_u16();
        match status {
            401 => Failure::LeaseRefused { codes, claims: claims(&answer.headers) },
            403 => match claims(&answer.headers) {
                Some(claims) => Failure::LeaseRefused { codes, claims: Some(claims) },
                None => Failure::Final(GraphError::AccessDenied { codes, missing: missing(request, lease) }),
            },
            404 | 410 => Failure::Final(GraphError::NotFound { codes }),
            429 => Failure::Throttled { retry_after: wait },
            503 if wait.is_some() => Failure::Throttled { retry_after: wait },
            502..=504 => Failure::Fault(GraphFault::Status(status)),
            400..=499 => Failure::Final(GraphError::Rejected { status, codes }),
            500..=599 => Failure::Final(GraphError::Unavailable(GraphFault::Status(status))),
            // A redirect is never followed with a bearer, and nothing else is an answer.
            _ => Failure::Final(GraphError::Unintelligible),
        }
    }

    fn learn(&self, request: &GraphRequest, failure: &Failure) {
        if let Failure::Throttled { retry_after } = failure {
            let signal = retry_after.map_or(ThrottleSignal::Unspecified, ThrottleSignal::RetryAfter);
            self.actors.learn(self.key(request), signal);
        }
    }

    /// Tells the operators, but of what is simply not there.
    fn tell(&self, request: &GraphRequest, answer: &Answer, codes: &GraphCodes, wait: Option<Duration>) {
        if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            return;
        }
        emit(GraphRefused {
            trace_id: self.record.trace_id(),
            workload: request.workload().as_str(),
            status: answer.status.as_u16(),
            code: codes.first().map(GraphErrorCode::new),
            retry_after: wait,
        });
    }

    fn record_attempt(
        &self,
        request: &GraphRequest,
        sent: Instant,
        throttle_wait: Duration,
        outcome: &Result<Result<Answer, SendFault>, GraphError>,
    ) {
        let answer = outcome.as_ref().ok().and_then(|sent| sent.as_ref().ok());
        self.record.graph_request(GraphAttempt {
            method: "GET",
            server: Arc::clone(self.client.server()),
            port: self.client.port(),
            workload: request.workload().as_str(),
            started: self.at(sent),
            duration: self.clock.instant().saturating_duration_since(sent),
            throttle_wait,
            answer: match outcome {
                Ok(Ok(answer)) => Ok(answer.status.as_u16()),
                Ok(Err(SendFault::TooLarge)) => Err("too_large"),
                Ok(Err(SendFault::Graph(_))) => Err("connection"),
                Err(GraphError::DeadlineExceeded) => Err("timeout"),
                Err(_) => Err("cancelled"),
            },
            request_id: answer
                .and_then(|answer| header(&answer.headers, "request-id"))
                .and_then(|id| Uuid::try_parse(id).ok()),
        });
    }

    /// Runs `work` until it ends, the call is cancelled, the session ends, or the deadline comes.
    async fn bounded<T>(&self, visit: &Visit, work: impl Future<Output = T>) -> Result<T, GraphError> {
        if self.call.cancel.is_cancelled() {
            return Err(GraphError::Cancelled);
        }
        tokio::select! {
            biased;
            result = work => Ok(result),
            () = self.call.cancel.cancelled() => Err(GraphError::Cancelled),
            () = visit.cancellation().cancelled() => Err(SessionError::Ended.into()),
            () = tokio::time::sleep_until(self.call.deadline) => Err(GraphError::DeadlineExceeded),
        }
    }

    fn key(&self, request: &GraphRequest) -> GateKey {
        let principal = &self.call.principal;
        let subject = request.shared_mailbox().unwrap_or(GateSubject::User(principal.user));
        GateKey { tenant: principal.tenant, subject, workload: request.workload() }
    }

    fn at(&self, instant: Instant) -> UnixNanos {
        self.record.started() + instant.saturating_duration_since(self.began)
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The claims of the first challenge that has some.
fn claims(headers: &HeaderMap) -> Option<Arc<str>> {
    headers.get_all(WWW_AUTHENTICATE).iter().find_map(|value| challenge::claims(value.to_str().ok()?))
}

/// The permissions that open the request, when the lease holds none of them.
fn missing(request: &GraphRequest, lease: &Lease) -> Option<&'static [&'static str]> {
    let opened_by = request.opened_by();
    let lacks_all = !opened_by.iter().any(|scope| lease.scopes().contains(scope));
    (lacks_all && !opened_by.is_empty()).then_some(opened_by)
}

/// The word and the AADSTS number for the record.
fn refusal(error: &SessionError) -> (Option<&'static str>, u32) {
    use connector_actors::ports::ExchangeError as E;
    match error {
        SessionError::Exchange(exchange) => match exchange {
            E::AssertionRejected(code) => (Some("assertion_rejected"), code.0),
            E::InteractionRequired { code, .. } => (Some("interaction_required"), code.0),
            E::ConsentRequired(code) => (Some("consent_required"), code.0),
            E::Blocked(code) => (Some("blocked"), code.0),
            E::Misconfigured(code) => (Some("misconfigured"), code.0),
            E::Throttled { .. } => (Some("throttled"), 0),
            E::Unavailable(_) => (Some("unavailable"), 0),
        },
        SessionError::DeadlineExceeded => (Some("deadline_exceeded"), 0),
        SessionError::Ended => (Some("ended"), 0),
        SessionError::UnknownTenant => (Some("unknown_tenant"), 0),
    }
}

/// A random number from 0 to 1; without randomness 1, the longest wait.
fn jitter() -> f64 {
    let mut bytes = [0; 4];
    match aws_lc_rs::rand::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 1.0,
    }
}
