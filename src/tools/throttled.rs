//! What a service says that is asked too much, and how long to wait.

use std::time::Duration;

use super::error::{ErrorCode, MODEL, ToolError};

/// How long to wait where nobody has said so.
pub(super) const DEFAULT_WAIT: Duration = Duration::from_secs(30);

/// That `service` limits requests, and when to come back.
pub(super) fn throttled(service: &str, retry_after: Duration) -> ToolError {
    let seconds = retry_after.as_millis().div_ceil(1000).max(1);
    let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
    ToolError::new(
        ErrorCode::Throttled,
        format!("{service} is limiting requests for this user."),
        "Too much was asked in a short time.",
        MODEL,
        format!("Wait {seconds} s, then make the same call again; ask for less at once."),
    )
    .retry_after(seconds)
}
