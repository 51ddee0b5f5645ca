//! What is written down about a call: who, what, when, how it ended. Never content, never a token, never the
//! words somebody searched for.

use connector_actors::clock::Timestamp;
use connector_actors::identity::{ClientId, ObjectId, TenantId};
use connector_observability::{CallOutcome, TraceId};
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// One finished call, one JSON line.
#[derive(Debug, Serialize)]
pub struct AuditRecord {
    #[serde(rename = "time_unix_ms", serialize_with = "unix_millis")]
    pub at: Timestamp,
    pub correlation_id: Uuid,
    #[serde(serialize_with = "trace_id")]
    pub trace_id: TraceId,
    pub tenant: TenantId,
    pub user: ObjectId,
    pub client: ClientId,
    /// `uti` of the user's token: joins this line with Entra's sign-in log.
    pub token_id: Box<str>,
    /// `sid` of the user's token: joins this line with Microsoft 365's audit logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool: Option<&'static str>,
    #[serde(serialize_with = "outcome_name")]
    pub outcome: CallOutcome,
    /// The stable code of a refusal or of a failed tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    pub duration_ms: u64,
    pub graph_requests: u32,
    /// Graph's own `request-id`s, for the Graph activity log.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub graph_request_ids: Vec<Uuid>,
    pub answer_bytes: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn unix_millis<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(at.unix_millis())
}

fn outcome_name<S: Serializer>(outcome: &CallOutcome, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(outcome.as_str())
}

fn trace_id<S: Serializer>(id: &TraceId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}
