//! What becomes of a request: the reply, and what those who keep records need to know of it.

use std::fmt;

use connector_observability::CallOutcome;

use super::error::{self, RpcError};
use super::method::Method;
use super::reply_status::ReplyStatus;
use super::request_id::RequestId;
use crate::tools::{Challenge, InternalError, WarmBuffer};

/// The reply to one request: a JSON body, complete, with its status.
pub struct Answer {
    pub status: ReplyStatus,
    /// `application/json`.
    pub body: WarmBuffer,
    /// `None` when the message was unintelligible or the method is none of ours.
    pub method: Option<Method>,
    /// The tool that was called, when there is one of that name.
    pub tool: Option<&'static str>,
    pub outcome: CallOutcome,
    /// What a new sign-in would help with: a transport may answer with it instead of the body.
    pub challenge: Option<Challenge>,
    /// What broke on our side, for the log: the body tells only the correlation id.
    pub fault: Option<InternalError>,
}

impl Answer {
    pub(super) fn result(method: Method, body: WarmBuffer, outcome: CallOutcome) -> Self {
        let (status, method) = (ReplyStatus::Ok, Some(method));
        Self { status, body, method, tool: None, outcome, challenge: None, fault: None }
    }

    pub(super) fn error(id: Option<RequestId<'_>>, method: Option<Method>, error: &RpcError) -> Self {
        Self {
            status: error.status(),
            body: error::encode(id, error).into(),
            method,
            tool: None,
            outcome: CallOutcome::ProtocolError(error.code()),
            challenge: None,
            fault: None,
        }
    }
}

/// Without body and challenge: they are content.
impl fmt::Debug for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Answer")
            .field("status", &self.status)
            .field("method", &self.method)
            .field("tool", &self.tool)
            .field("outcome", &self.outcome)
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}
