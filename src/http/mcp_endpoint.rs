//! `POST` to the MCP endpoint: one request in, one answer out, from first byte to last on one thread.
//!
//! The order is the wall: permit, host and origin, bearer and tenant, media types, body, protocol. What is cheap
//! to refuse is refused before anything is computed, and nobody unknown gets a body parsed.

use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{StatusCode, Version};
use actix_web::web::{self, Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use connector_actors::call::Call;
use connector_observability::event::{CallRefused, InternalFault};
use connector_observability::{CallOutcome, TraceParent, emit};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::address::Address;
use super::auth::{self, Admitted};
use super::call_guard::{CallGuard, Ending};
use super::event_stream::{self, Reports, Served};
use super::front::{Front, Worker};
use super::refusal::Refusal;
use super::rescue::{rescue, status};
use super::{body, media_types};
use crate::audit::AuditSlot;
use crate::graph::UserGraph;
use crate::mcp::{
    self, Answer, Caller, HeaderField, Message, Offered, ProgressNotifier, SentId, TransportHeaders,
};
use crate::tools::{Challenge, ProgressSink, Unreported, UserContext, WarmBuffer};

/// Handles one `POST` to `address`. The answer is one JSON object, unless the call reports progress before it is there: then an
/// event stream carries the reports and the answer behind them.
pub(super) async fn post(
    request: HttpRequest,
    payload: Payload,
    front: Data<Front>,
    worker: Data<Worker>,
    address: Address,
) -> HttpResponse {
    let reports = Rc::new(Reports::default());
    let deadline = front.clock.instant() + front.limits.deadline;
    let call = Box::pin(serve(request, payload, front, worker, address, deadline, Rc::clone(&reports)));
    event_stream::answer(call, reports, deadline).await
}

async fn serve(
    request: HttpRequest,
    payload: Payload,
    front: Data<Front>,
    worker: Data<Worker>,
    address: Address,
    deadline: Instant,
    reports: Rc<Reports>,
) -> Served {
    let mut watch = worker.interrupt.watch();
    let entry = match enter(&front, &request, address, deadline).await {
        Ok(entry) => entry,
        Err(refusal) => {
            emit(CallRefused {
                reason: refusal.code(),
                token: refusal.token_reason(),
                status: status(&refusal).as_u16(),
            });
            return Served::Response(rescue(&refusal, &front.metadata, address));
        }
    };
    let guard = CallGuard::open(&front, &entry.admitted.identity, entry.audit);
    guard.record().came_over_http(http_version(request.version()));
    if let Some(carrier) = carrying_span(request.headers()) {
        guard.record().carried_by(carrier);
    }
    let call = OpenCall {
        front: &front,
        worker: &worker,
        admitted: &entry.admitted,
        guard: &guard,
        deadline,
        peer: request.peer_addr().map(|peer| peer.ip()),
    };
    let answer = async {
        let headers = request.headers();
        let body = body::read(
            payload,
            headers,
            front.limits.body_limit,
            deadline.min(front.clock.instant() + BODY_TIME),
            || front.waiting_bodies.begin(entry.admitted.identity.principal.tenant),
        )
        .await?;
        call.answer(headers, body, &reports).await
    };
    let verdict = || front.may_go_on(&entry.admitted.identity);
    let answer = tokio::select! {
        biased;
        refusal = watch.interrupted(verdict) => Err(refusal),
        answer = answer => watch.may_answer(verdict).and(answer),
    };
    let (served, ending) = if reports.is_streaming() {
        finish_stream(answer, reports.take_request(), &guard)
    } else {
        respond(answer, &front, address, &guard)
    };
    guard.close(ending);
    served
}

/// What a call holds from its admission to its end.
struct Entry<'r> {
    admitted: Admitted<'r>,
    audit: AuditSlot,
    _permit: OwnedSemaphorePermit,
}

async fn enter<'r>(
    front: &Front,
    request: &'r HttpRequest,
    address: Address,
    deadline: Instant,
) -> Result<Entry<'r>, Refusal> {
    if !front.readiness.takes_calls() {
        return Err(Refusal::Draining);
    }
    let permit = front.take_permit()?;
    front.hosts.check(request)?;
    let headers = request.headers();
    let admitted = auth::admit(front, headers, deadline).await?;
    address.check(admitted.identity.principal.tenant)?;
    media_types::check(headers)?;
    body::check_framing(headers)?;
    let audit = front.journal.reserve().map_err(|_| Refusal::Overloaded)?;
    Ok(Entry { admitted, audit, _permit: permit })
}

/// A call between its admission and its answer.
struct OpenCall<'a> {
    front: &'a Front,
    worker: &'a Worker,
    admitted: &'a Admitted<'a>,
    guard: &'a CallGuard<'a>,
    deadline: Instant,
    /// Who holds the other end of the connection.
    peer: Option<IpAddr>,
}

impl OpenCall<'_> {
    /// Reads the message and answers it. `None`: a notification, which has no answer.
    async fn answer(
        &self,
        headers: &HeaderMap,
        body: Bytes,
        reports: &Reports,
    ) -> Result<Option<Answer>, Refusal> {
        let offered = self.front.mcp.offered();
        let message = if body.len() > PARSED_ON_THE_WORKER {
            parse_elsewhere(headers.clone(), body.clone(), offered).await?
        } else {
            mcp::parse(&body, &transport_headers(headers), offered)
        };
        match message {
            Ok(Message::Request(request)) => Ok(Some(self.carry_out(&request, headers, reports).await)),
            Ok(Message::Notification) => {
                self.guard.describe(Some("notification"), None);
                Ok(None)
            }
            Err(answer) => {
                self.guard.describe(answer.method.map(mcp::Method::as_str), None);
                Ok(Some(answer))
            }
        }
    }

    async fn carry_out(&self, request: &mcp::Request<'_>, headers: &HeaderMap, reports: &Reports) -> Answer {
        let Self { front, worker, admitted, guard, deadline, .. } = *self;
        guard.describe(Some(request.method().as_str()), front.mcp.target_of(request));
        guard.record().understood(front.clock.instant());
        guard.record().protocol_version(request.era().version());
        if let Some(parent) = request.traceparent().and_then(|parent| TraceParent::parse(parent).ok()) {
            self.place_in_trace(parent);
        }
        let call = Call {
            principal: admitted.identity.principal,
            token: admitted.token,
            deadline,
            correlation_id: guard.correlation_id(),
            cancel: worker.calls.clone(),
        };
        let graph = UserGraph::new(&worker.graph, &front.actors, &call, guard.record(), &*front.clock);
        let notifier = request
            .progress_token()
            .map(|token| ProgressNotifier::new(token, |notification| reports.push(notification)));
        if notifier.is_some() {
            reports.answer_to(request.to_id());
        }
        let progress: &dyn ProgressSink = match &notifier {
            Some(notifier) => notifier,
            None => &Unreported,
        };
        let user = UserContext {
            graph: &graph,
            policy: &admitted.policy,
            decisions: guard.record().policy(),
            principal: &call.principal,
            clock: &*front.clock,
            cursors: &front.cursors,
            progress,
        };
        let header = |name: &str| HeaderField::read(headers.get_all(name).map(HeaderValue::as_bytes));
        let caller =
            Caller { user, correlation_id: call.correlation_id, help: &front.help, headers: &header };
        front.mcp.answer(request, &caller).await
    }
}

impl OpenCall<'_> {
    /// A trusted caller's span is the parent of this call, anybody else's is linked.
    fn place_in_trace(&self, caller: TraceParent) {
        let client = self.admitted.identity.principal.client;
        if self.front.trace_parents.include(client, self.peer) {
            self.guard.record().belongs_to(caller);
        } else {
            self.guard.record().called_from(caller);
        }
    }
}

/// The header of W3C Trace Context.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The span of the HTTP request itself, as the last who handled it on its way names it. Of several none is taken.
fn carrying_span(headers: &HeaderMap) -> Option<TraceParent> {
    let mut values = headers.get_all(&TRACEPARENT);
    let value = values.next()?;
    if values.next().is_some() {
        return None;
    }
    TraceParent::parse(value.to_str().ok()?).ok()
}

/// A body that has not come whole after this is not waited for: the call holds permits meanwhile.
const BODY_TIME: Duration = Duration::from_secs(5);

/// Bodies up to this many bytes are parsed where the call runs: that takes at most some 2 ms.
const PARSED_ON_THE_WORKER: usize = 256 * 1024;

/// Parses a large body on a thread that serves nobody else meanwhile.
async fn parse_elsewhere(
    headers: HeaderMap,
    body: Bytes,
    offered: Offered,
) -> Result<Result<Message<'static>, Answer>, Refusal> {
    let parsed =
        web::block(move || mcp::parse(&body, &transport_headers(&headers), offered).map(Message::into_owned));
    parsed.await.map_err(|_| Refusal::Ended)
}

fn transport_headers(headers: &HeaderMap) -> TransportHeaders<'_> {
    TransportHeaders::read(|name| headers.get_all(name).map(HeaderValue::as_bytes))
}

/// What is left to send when a stream has begun: its status is out, so a refusal comes as an error in the last event.
fn finish_stream(
    answer: Result<Option<Answer>, Refusal>,
    request: Option<SentId>,
    guard: &CallGuard<'_>,
) -> (Served, Ending) {
    let status = StatusCode::OK.as_u16();
    match answer {
        Ok(Some(answer)) => {
            log_fault(&answer, guard);
            let ending = Ending { outcome: answer.outcome, status, answer_bytes: answer.body.len() };
            (Served::LastEvent(Some(answer.body.into_vec())), ending)
        }
        Ok(None) => {
            (Served::LastEvent(None), Ending { outcome: CallOutcome::Completed, status, answer_bytes: 0 })
        }
        Err(refusal) => {
            let last = request.map(|id| id.refused(refusal.code(), &refusal.to_string()));
            let answer_bytes = last.as_ref().map_or(0, Vec::len);
            (Served::LastEvent(last), Ending { outcome: outcome_of(&refusal), status, answer_bytes })
        }
    }
}

/// As the conventions for networks write it.
fn http_version(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2",
        _ => "1.1",
    }
}

/// The caller has learnt the correlation id alone.
fn log_fault(answer: &Answer, guard: &CallGuard<'_>) {
    if let Some(fault) = answer.fault {
        emit(InternalFault {
            trace_id: guard.record().trace_id(),
            correlation_id: guard.correlation_id(),
            reason: &fault.to_string(),
        });
    }
}

fn outcome_of(refusal: &Refusal) -> CallOutcome {
    match refusal {
        Refusal::Ended | Refusal::Revoked => CallOutcome::Cancelled,
        _ => CallOutcome::Refused(refusal.code()),
    }
}

fn respond(
    answer: Result<Option<Answer>, Refusal>,
    front: &Front,
    address: Address,
    guard: &CallGuard<'_>,
) -> (Served, Ending) {
    let (response, ending) = response_to(answer, front, address, guard);
    (Served::Response(response), ending)
}

fn response_to(
    answer: Result<Option<Answer>, Refusal>,
    front: &Front,
    address: Address,
    guard: &CallGuard<'_>,
) -> (HttpResponse, Ending) {
    match answer {
        Ok(Some(answer)) => {
            log_fault(&answer, guard);
            if let Some(refusal) =
                answer.challenge.and_then(|challenge| sign_in_again(challenge, front, guard))
            {
                let status = status(&refusal).as_u16();
                let ending = Ending { outcome: answer.outcome, status, answer_bytes: 0 };
                return (rescue(&refusal, &front.metadata, address), ending);
            }
            let ending = Ending {
                outcome: answer.outcome,
                status: answer.status.as_u16(),
                answer_bytes: answer.body.len(),
            };
            (json(&ending, answer.body), ending)
        }
        Ok(None) => {
            let status = StatusCode::ACCEPTED;
            let ending = Ending { outcome: CallOutcome::Completed, status: status.as_u16(), answer_bytes: 0 };
            (HttpResponse::new(status), ending)
        }
        Err(refusal) => {
            let ending =
                Ending { outcome: outcome_of(&refusal), status: status(&refusal).as_u16(), answer_bytes: 0 };
            (rescue(&refusal, &front.metadata, address), ending)
        }
    }
}

/// A challenge becomes 401 where a new sign-in by this client can meet it; otherwise the tool error stands.
fn sign_in_again(challenge: Challenge, front: &Front, guard: &CallGuard<'_>) -> Option<Refusal> {
    let support_id = guard.correlation_id();
    match challenge {
        Challenge::SignIn { sentence } => {
            let sentence = format!("{sentence} Support ID: {support_id}");
            Some(Refusal::SignInExpired { sentence })
        }
        Challenge::Claims { claims, sentence, link } if guard.identity().handles_claims_challenges => {
            let tenant = guard.identity().principal.tenant;
            let link = front.help.url(link, tenant);
            let link = link.map(|link| format!(" See {link} for help.")).unwrap_or_default();
            let sentence = format!("{sentence}{link} Support ID: {support_id}");
            Some(Refusal::ClaimsRequired { tenant, claims, sentence })
        }
        Challenge::Claims { .. } => None,
    }
}

fn json(ending: &Ending, body: WarmBuffer) -> HttpResponse {
    let status = StatusCode::from_u16(ending.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    HttpResponse::build(status).content_type("application/json").body(Bytes::from_owner(body))
}
