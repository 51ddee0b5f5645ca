//! What a service says that is asked too much, and how long to wait.

use std::time::Duration;

use super::error::{About, ErrorCode, ToolError};

/// How long to wait where nobody has said so.
pub(super) const DEFAULT_WAIT: Duration = Duration::from_secs(30);

/// That `service` limits requests, `who` can do something about it, and when to come back. Whose requests were too many,
/// nobody knows here: limits are of users, of organisations and of applications.
pub(super) fn throttled(service: &str, who: &'static str, retry_after: Duration) -> ToolError {
    let seconds = retry_after.as_millis().div_ceil(1000).max(1);
    let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
    ToolError::new(
        ErrorCode::Throttled,
        About::NoArgument,
        format!("{service} is limiting requests."),
        "More was asked of it in a short time than it takes, by this user, the organisation or others.",
        who,
        format!("Wait {seconds} s, then make the same call again; asking for less at once helps."),
    )
    .retry_after(seconds)
}
