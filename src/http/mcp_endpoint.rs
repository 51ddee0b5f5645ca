//! `POST` to the MCP endpoint: one request in, one answer out, from first byte to last on one thread.
//!
//! The order is the wall: permit, host and origin, bearer and tenant, media types, body, protocol. What is cheap
//! to refuse is refused before anything is computed, and nobody unknown gets a body parsed.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderValue};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use connector_actors::call::Call;
use connector_observability::event::{CallRefused, InternalFault};
use connector_observability::{CallOutcome, TraceParent, emit};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::auth::{self, Admitted};
use super::call_guard::{CallGuard, Ending};
use super::calls_in_progress::CountedCall;
use super::front::{Front, Worker};
use super::refusal::Refusal;
use super::rescue::{rescue, status};
use super::{body, media_types};
use crate::audit::AuditSlot;
use crate::graph::UserGraph;
use crate::mcp::{self, Answer, Caller, Message, TransportHeaders};
use crate::tools::Challenge;

/// Handles one `POST`.
pub(super) async fn post(
    request: HttpRequest,
    payload: Payload,
    front: Data<Front>,
    worker: Data<Worker>,
) -> HttpResponse {
    let deadline = front.clock.instant() + front.limits.deadline;
    let entry = match enter(&front, &request, deadline).await {
        Ok(entry) => entry,
        Err(refusal) => {
            emit(CallRefused { reason: refusal.code(), status: status(&refusal).as_u16() });
            return rescue(&refusal, &front.metadata);
        }
    };
    let guard = CallGuard::open(&front, &entry.admitted.identity, entry.audit);
    let headers = request.headers();
    let answer = async {
        let body = body::read(payload, headers, front.limits.body_limit, deadline).await?;
        answer(&front, &worker, &entry.admitted, &guard, headers, &body, deadline).await
    };
    let answer = tokio::select! {
        biased;
        () = worker.calls.cancelled() => Err(Refusal::Ended),
        answer = answer => answer,
    };
    let (response, ending) = respond(answer, &front, &guard);
    guard.close(ending);
    response
}

/// What a call holds from its admission to its end.
struct Entry<'r> {
    admitted: Admitted<'r>,
    audit: AuditSlot,
    _counted: CountedCall,
    _permit: OwnedSemaphorePermit,
}

async fn enter<'r>(front: &Front, request: &'r HttpRequest, deadline: Instant) -> Result<Entry<'r>, Refusal> {
    if !front.readiness.is_ready() {
        return Err(Refusal::Draining);
    }
    let permit = front.take_permit()?;
    front.hosts.check(request)?;
    let headers = request.headers();
    let admitted = auth::admit(front, headers, deadline).await?;
    media_types::check(headers)?;
    let audit = front.journal.reserve().map_err(|_| Refusal::Overloaded)?;
    Ok(Entry { admitted, audit, _counted: front.in_progress.count(), _permit: permit })
}

/// Reads the message and answers it. `None`: a notification, which has no answer.
async fn answer(
    front: &Front,
    worker: &Worker,
    admitted: &Admitted<'_>,
    guard: &CallGuard<'_>,
    headers: &HeaderMap,
    body: &[u8],
    deadline: Instant,
) -> Result<Option<Answer>, Refusal> {
    let headers_of_the_message =
        TransportHeaders::read(|name| headers.get_all(name).map(HeaderValue::as_bytes));
    let request = match mcp::parse(body, &headers_of_the_message) {
        Ok(Message::Request(request)) => request,
        Ok(Message::Notification) => {
            guard.describe(Some("notification"), None);
            return Ok(None);
        }
        Err(answer) => {
            guard.describe(answer.method.map(mcp::Method::as_str), None);
            return Ok(Some(answer));
        }
    };
    guard.describe(Some(request.method().as_str()), front.mcp.tool_of(&request));
    guard.record().protocol_version(request.era().version());
    if let Some(parent) = request.traceparent().and_then(|parent| TraceParent::parse(parent).ok()) {
        guard.record().called_from(parent);
    }
    let call = Call {
        principal: admitted.identity.principal,
        token: admitted.token,
        deadline,
        correlation_id: guard.correlation_id(),
        cancel: worker.calls.clone(),
    };
    let graph = UserGraph::new(&worker.graph, &front.actors, &call, guard.record(), &*front.clock);
    let caller = Caller {
        graph: &graph,
        policy: &admitted.policy,
        principal: &call.principal,
        clock: &*front.clock,
        cursors: &front.cursors,
        correlation_id: call.correlation_id,
    };
    Ok(Some(front.mcp.answer(&request, &caller).await))
}

fn respond(
    answer: Result<Option<Answer>, Refusal>,
    front: &Front,
    guard: &CallGuard<'_>,
) -> (HttpResponse, Ending) {
    match answer {
        Ok(Some(answer)) => {
            if let Some(fault) = answer.fault {
                emit(InternalFault { correlation_id: guard.correlation_id(), reason: &fault.to_string() });
            }
            if let Some(refusal) = answer.challenge.and_then(|challenge| sign_in_again(challenge, guard)) {
                let status = status(&refusal).as_u16();
                let ending = Ending { outcome: answer.outcome, status, answer_bytes: 0 };
                return (rescue(&refusal, &front.metadata), ending);
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
            let outcome = match refusal {
                Refusal::Ended => CallOutcome::Cancelled,
                _ => CallOutcome::Refused(refusal.code()),
            };
            let ending = Ending { outcome, status: status(&refusal).as_u16(), answer_bytes: 0 };
            (rescue(&refusal, &front.metadata), ending)
        }
    }
}

/// A challenge becomes 401 where a new sign-in by this client can meet it; otherwise the tool error stands.
fn sign_in_again(challenge: Challenge, guard: &CallGuard<'_>) -> Option<Refusal> {
    match challenge {
        Challenge::SignIn => Some(Refusal::SignInExpired),
        Challenge::Claims(claims) if guard.identity().handles_claims_challenges => {
            Some(Refusal::ClaimsRequired(claims))
        }
        Challenge::Claims(_) => None,
    }
}

fn json(ending: &Ending, body: Vec<u8>) -> HttpResponse {
    let status = StatusCode::from_u16(ending.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    HttpResponse::build(status).content_type("application/json").body(body)
}
