//! The id by which a caller finds an answer in its log.

use uuid::Uuid;

use crate::message::Request;

/// The caller's `client-request-id`, wherever it was put, or a fresh one.
pub(crate) fn correlation(request: &Request<'_>) -> Uuid {
    let fields = request.form_and_query();
    let sent = request.header("client-request-id").or_else(|| fields.get("client-request-id"));
    sent.and_then(|id| Uuid::try_parse(id).ok()).unwrap_or_else(Uuid::new_v4)
}
