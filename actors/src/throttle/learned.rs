//! What the answers of Graph teach: how long to stay away from whom.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::gate::Gate;
use super::request::GateRequest;
use super::signal::{GateKey, ThrottleScope, ThrottleSignal, Workload};
use crate::identity::TenantId;

/// No answer keeps a user away for longer: a broken header must not lock anybody out.
const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 60);
/// No tenant's answer keeps all the others away for longer: the longest time for which Graph counts what an application
/// does in all tenants.
const LONGEST_PAUSE_OF_ALL_TENANTS: Duration = Duration::from_secs(5 * 60);
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

impl ThrottleScope {
    /// The longest pause that is kept to.
    pub(super) const fn longest_pause(self) -> Duration {
        match self {
            Self::Request | Self::Concurrency | Self::Tenant => LONGEST_PAUSE,
            Self::Application => LONGEST_PAUSE_OF_ALL_TENANTS,
        }
    }
}

/// Graph said something about its load.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Learn {
    pub(crate) request: GateRequest,
    pub(crate) signal: ThrottleSignal,
    pub(crate) scope: ThrottleScope,
}

/// Who stays away: refusals of the same one follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Refused {
    Subject(GateKey),
    Tenant(TenantId, Workload),
    Application(Workload),
}

impl Refused {
    pub(super) const fn of(key: GateKey, scope: ThrottleScope) -> Self {
        match scope {
            ThrottleScope::Request | ThrottleScope::Concurrency => Self::Subject(key),
            ThrottleScope::Tenant => Self::Tenant(key.tenant, key.workload),
            ThrottleScope::Application => Self::Application(key.workload),
        }
    }
}

/// The back-offs under way, for signals that name no time themselves.
#[derive(Debug, Default)]
pub(crate) struct Learned {
    backoffs: HashMap<Refused, Backoff>,
}

#[derive(Debug, Clone, Copy)]
struct Backoff {
    doublings: u32,
    signalled_at: Instant,
}

impl Learned {
    /// Closes the gate for whom the refusal is about; says for how long.
    pub(crate) fn learn(&mut self, learn: &Learn, gate: &Gate, now: Instant, fraction: f64) -> Duration {
        let Learn { request, signal, scope } = *learn;
        let pause = self.pause(Refused::of(request.key, scope), signal, now, fraction);
        gate.close_for(&request, scope, pause);
        pause
    }

    /// How long `refused` is to stay away after this signal. `fraction` in `0.0..1.0` spreads the returns (full
    /// jitter).
    pub(super) fn pause(
        &mut self,
        refused: Refused,
        signal: ThrottleSignal,
        now: Instant,
        fraction: f64,
    ) -> Duration {
        let least = signal.least_pause();
        if matches!(signal, ThrottleSignal::RetryAfter(_)) {
            return least;
        }

        let doublings = match self.backoffs.get(&refused) {
            Some(last) if now.saturating_duration_since(last.signalled_at) < QUIET => {
                (last.doublings + 1).min(LAST_DOUBLING)
            }
            _ => 0,
        };
        self.backoffs.insert(refused, Backoff { doublings, signalled_at: now });
        let longest = FIRST_BACKOFF.saturating_mul(1 << doublings);
        longest.mul_f64(fraction.clamp(0.0, 1.0)).max(least)
    }

    /// Forgets the back-offs that have no effect any more.
    pub(crate) fn forget_quiet(&mut self, now: Instant) {
        self.backoffs.retain(|_, backoff| now.saturating_duration_since(backoff.signalled_at) < QUIET);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.backoffs.len()
    }
}
