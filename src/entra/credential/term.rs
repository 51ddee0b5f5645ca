//! When the service's own credential ends, and from when on that is somebody's business.

use std::time::Duration;

use connector_actors::clock::Timestamp;

/// Long enough before the end for a renewal that goes through other hands.
const PERSONS_NOTICE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Of the life of a token that is written anew by itself, what is left when that has not happened: Kubernetes does it at
/// 80 % (<https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/>).
const LATE: u32 = 10;

const A_DAY_S: u64 = 24 * 60 * 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CredentialTerm {
    pub(super) end: Timestamp,
    /// From here on the operators are told.
    pub(super) told_from: Timestamp,
    /// From here on the days that are left are shown.
    shown_from: Option<Timestamp>,
}

impl CredentialTerm {
    /// A person has to renew it, and wants to see at all times how long there is.
    pub(super) fn seen_to_by_a_person(end: Timestamp) -> Self {
        Self { end, told_from: end.before(PERSONS_NOTICE), shown_from: None }
    }

    /// It is written anew by itself, and is only of interest when that is late.
    pub(super) fn seen_to_by_itself(end: Timestamp, life: Duration) -> Self {
        let late = end.before(life / LATE);
        Self { end, told_from: late, shown_from: Some(late) }
    }

    /// Whole days that are left, where they are shown; negative when it is over.
    pub(super) fn days_shown(&self, now: Timestamp) -> Option<i64> {
        self.shown_from.is_none_or(|from| from <= now).then(|| days_until(now, self.end))
    }
}

/// Whole days that are left; negative when it is over.
pub(super) fn days_until(now: Timestamp, end: Timestamp) -> i64 {
    let days = |span: Duration| i64::try_from(span.as_secs() / A_DAY_S).unwrap_or(i64::MAX);
    if now < end { days(now.until(end)) } else { -1 - days(end.until(now)) }
}
