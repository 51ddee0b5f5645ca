//! Which crashed sessions may be made anew, and when.

use std::collections::HashMap;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::identity::Principal;

/// A session that crashed is made anew at once so many times in a row.
const AT_ONCE: u32 = 2;

/// The first back-off after that; it doubles with each further crash.
const BACK_OFF: Duration = Duration::from_secs(1);

const LONGEST_BACK_OFF: Duration = Duration::from_secs(60);

/// A principal whose sessions have not crashed for so long begins anew.
const FORGIVEN_AFTER: Duration = Duration::from_secs(5 * 60);

/// Principals remembered at most. Of more, the one that crashed longest ago is forgotten.
const MAX_REMEMBERED: usize = 1_024;

/// The crashes of one tenant's sessions: of each principal for itself, so that one user's crashes delay no other.
#[derive(Debug, Default)]
pub(super) struct Restarts(HashMap<Principal, Crashes>);

#[derive(Debug, Clone, Copy)]
struct Crashes {
    in_a_row: u32,
    last: Timestamp,
}

impl Restarts {
    pub(super) fn crashed(&mut self, principal: Principal, now: Timestamp) {
        self.0.retain(|_, crashes| now < crashes.last + FORGIVEN_AFTER);
        if self.0.len() >= MAX_REMEMBERED && !self.0.contains_key(&principal) {
            let oldest = self.0.iter().min_by_key(|(_, crashes)| crashes.last).map(|(oldest, _)| *oldest);
            oldest.and_then(|oldest| self.0.remove(&oldest));
        }
        let crashes = self.0.entry(principal).or_insert(Crashes { in_a_row: 0, last: now });
        *crashes = Crashes { in_a_row: crashes.in_a_row.saturating_add(1), last: now };
    }

    /// Whether a session may be made; otherwise, how long that takes.
    pub(super) fn may_start(&self, principal: &Principal, now: Timestamp) -> Result<(), Duration> {
        let Some(crashes) = self.0.get(principal) else { return Ok(()) };
        let Some(doublings) = crashes.in_a_row.checked_sub(AT_ONCE + 1) else { return Ok(()) };
        let back_off = BACK_OFF.saturating_mul(1 << doublings.min(10)).min(LONGEST_BACK_OFF);
        match now.until(crashes.last + back_off) {
            Duration::ZERO => Ok(()),
            wait => Err(wait),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{EPOCH, principal};

    /// If this failed, a session that crashes at once would crash as fast as its client asks, or never come back.
    #[test]
    fn a_session_that_crashes_again_and_again_waits_longer_each_time() {
        let (mut restarts, somebody) = (Restarts::default(), principal(1, 1));
        let waits: Vec<u64> = (0..12)
            .map(|_| {
                restarts.crashed(somebody, EPOCH);
                restarts.may_start(&somebody, EPOCH).err().map_or(0, |wait| wait.as_secs())
            })
            .collect();
        assert_eq!(waits, [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
        assert!(restarts.may_start(&somebody, EPOCH + LONGEST_BACK_OFF).is_ok());
        assert!(restarts.may_start(&principal(1, 2), EPOCH).is_ok(), "a neighbour has to wait, too");
    }

    /// If this failed, a crash of last week would count, or the memory of crashes grow without bound.
    #[test]
    fn crashes_are_forgiven_and_forgotten() {
        let (mut restarts, somebody) = (Restarts::default(), principal(1, 1));
        (0..9).for_each(|_| restarts.crashed(somebody, EPOCH));
        let later = EPOCH + FORGIVEN_AFTER;
        restarts.crashed(somebody, later);
        assert!(restarts.may_start(&somebody, later).is_ok());

        (0..5_000).for_each(|user| restarts.crashed(principal(1, user), later));
        assert_eq!(restarts.0.len(), MAX_REMEMBERED);
    }
}
