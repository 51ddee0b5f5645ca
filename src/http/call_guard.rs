//! Whatever becomes of a call, its record is written: by this guard, when it is dropped at the latest.

use std::cell::Cell;
use std::sync::Arc;

use connector_actors::clock::Timestamp;
use connector_observability::event::{CallCompleted, InternalFault};
use connector_observability::{CallOutcome, CallRecord, CallTarget, UnixNanos, emit};
use uuid::Uuid;

use super::front::Front;
use crate::audit::{AuditRecord, AuditSlot};
use crate::entra::Identity;

/// The HTTP status that a call is put down with when nobody is there to take an answer (nginx's number).
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// JSON-RPC 2.0 section 5.1.
const INTERNAL_ERROR: i32 = -32_603;

/// A call in progress. Dropped before [`CallGuard::close`], it puts the call down as cancelled.
pub(super) struct CallGuard<'front> {
    front: &'front Front,
    identity: Arc<Identity>,
    correlation_id: Uuid,
    record: CallRecord,
    at: Timestamp,
    method: Cell<Option<&'static str>>,
    target: Cell<Option<CallTarget>>,
    audit: Cell<Option<AuditSlot>>,
}

/// How a call ended, as the client sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending {
    pub(super) outcome: CallOutcome,
    pub(super) status: u16,
    pub(super) answer_bytes: usize,
}

impl<'front> CallGuard<'front> {
    pub(super) fn open(front: &'front Front, identity: &Arc<Identity>, audit: AuditSlot) -> Self {
        let at = front.clock.now();
        Self {
            front,
            identity: Arc::clone(identity),
            correlation_id: Uuid::new_v4(),
            record: CallRecord::begin(None, unix_nanos(at), front.clock.instant()),
            at,
            method: Cell::new(None),
            target: Cell::new(None),
            audit: Cell::new(Some(audit)),
        }
    }

    pub(super) fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(super) fn correlation_id(&self) -> Uuid {
        self.correlation_id
    }

    pub(super) fn record(&self) -> &CallRecord {
        &self.record
    }

    /// What the call turned out to be. Known names only.
    pub(super) fn describe(&self, method: Option<&'static str>, target: Option<CallTarget>) {
        self.method.set(method);
        self.target.set(target);
        if let Some(method) = method {
            self.record.describe(method, target);
        }
    }

    /// Puts the call down as ended like this.
    pub(super) fn close(self, ending: Ending) {
        self.conclude(ending);
    }

    fn conclude(&self, ending: Ending) {
        let Some(slot) = self.audit.take() else { return };
        let ended = self.front.clock.instant();
        let duration = self.record.elapsed(ended);
        self.record.finish(ending.outcome, self.record.started() + duration);
        let method = self.method.get();
        emit(CallCompleted {
            trace_id: self.record.trace_id(),
            correlation_id: self.correlation_id,
            tenant: Some(*self.identity.principal.tenant.as_uuid()),
            method: method.unwrap_or("_OTHER"),
            target: self.target.get(),
            outcome: ending.outcome,
            status: ending.status,
            duration,
            graph_requests: self.record.graph_requests(),
            phases: self.record.phases(),
        });
        let record = AuditRecord {
            at: self.at,
            correlation_id: self.correlation_id,
            trace_id: self.record.trace_id(),
            tenant: self.identity.principal.tenant,
            user: self.identity.principal.user,
            client: self.identity.principal.client,
            token_id: self.identity.token_id.clone(),
            session_id: self.identity.session_id.clone(),
            method,
            tool: self.target.get().and_then(CallTarget::tool),
            outcome: ending.outcome,
            code: ending.outcome.code(),
            duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
            graph_requests: self.record.graph_requests(),
            graph_request_ids: self.record.graph_request_ids(),
            answer_bytes: ending.answer_bytes,
        };
        slot.write(record, ended);
        self.front.telemetry.tracer().export(&self.record);
    }
}

impl Drop for CallGuard<'_> {
    fn drop(&mut self) {
        if self.audit.get_mut().is_none() {
            return;
        }
        if std::thread::panicking() {
            emit(InternalFault {
                trace_id: self.record.trace_id(),
                correlation_id: self.correlation_id,
                reason: "the call panicked",
            });
            self.conclude(Ending {
                outcome: CallOutcome::ProtocolError(INTERNAL_ERROR),
                status: 500,
                answer_bytes: 0,
            });
        } else {
            let outcome = CallOutcome::Cancelled;
            self.conclude(Ending { outcome, status: CLIENT_CLOSED_REQUEST, answer_bytes: 0 });
        }
    }
}

fn unix_nanos(at: Timestamp) -> UnixNanos {
    UnixNanos::from_millis(at.unix_millis())
}
