//! What the answers of Graph teach: how long to stay away from whom.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::signal::{GateKey, ThrottleSignal};

/// No answer keeps a user away for longer: a broken header must not lock anybody out.
const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 60);
/// What a signal without a time means at the very least.
const SHORTEST_BACKOFF: Duration = Duration::from_millis(250);
/// 1, 2, 4, 8, 8, … seconds.
const FIRST_BACKOFF: Duration = Duration::from_secs(1);
const LAST_DOUBLING: u32 = 3;
/// After so long without a signal, the next one counts as the first.
const QUIET: Duration = Duration::from_secs(60);

impl ThrottleSignal {
    /// The shortest pause that the signal can mean, whatever came before it.
    pub(super) fn least_pause(self) -> Duration {
        match self {
            Self::RetryAfter(pause) => pause.min(LONGEST_PAUSE),
            Self::Unspecified => SHORTEST_BACKOFF,
        }
    }
}

/// The back-offs under way, for signals that name no time themselves.
#[derive(Debug, Default)]
pub(super) struct Learned {
    backoffs: HashMap<GateKey, Backoff>,
}

#[derive(Debug, Clone, Copy)]
struct Backoff {
    doublings: u32,
    signalled_at: Instant,
}

impl Learned {
    /// How long to stay away from `key` after this signal. `fraction` in `0.0..1.0` spreads the returns (full
    /// jitter).
    pub(super) fn pause(
        &mut self,
        key: GateKey,
        signal: ThrottleSignal,
        now: Instant,
        fraction: f64,
    ) -> Duration {
        let least = signal.least_pause();
        if matches!(signal, ThrottleSignal::RetryAfter(_)) {
            return least;
        }

        let doublings = match self.backoffs.get(&key) {
            Some(last) if now.saturating_duration_since(last.signalled_at) < QUIET => {
                (last.doublings + 1).min(LAST_DOUBLING)
            }
            _ => 0,
        };
        self.backoffs.insert(key, Backoff { doublings, signalled_at: now });
        let longest = FIRST_BACKOFF.saturating_mul(1 << doublings);
        longest.mul_f64(fraction.clamp(0.0, 1.0)).max(least)
    }

    /// Forgets the back-offs that have no effect any more.
    pub(super) fn forget_quiet(&mut self, now: Instant) {
        self.backoffs.retain(|_, backoff| now.saturating_duration_since(backoff.signalled_at) < QUIET);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.backoffs.len()
    }
}
