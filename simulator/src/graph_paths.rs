//! What the paths of Microsoft Graph begin with, and the one that holds requests.

use crate::message::{Carriage, Request};

/// The only version that is served.
pub(crate) const VERSION: &str = "/v1.0";

/// Whether a request is a batch. A batch within a batch is none.
pub(crate) fn is_batch(request: &Request<'_>) -> bool {
    request.carriage == Carriage::Alone
        && request.path.strip_prefix(VERSION).is_some_and(|rest| rest == "/$batch" || rest == "/%24batch")
}
