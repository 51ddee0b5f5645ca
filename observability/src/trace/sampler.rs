//! Which calls are kept.

use std::time::Duration;

use super::id::TraceId;
use super::parent::TraceParent;
use crate::outcome::CallOutcome;

/// Decides when a call has ended, so that failures and slow calls are always there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sampler {
    ratio: f64,
    slow_call: Duration,
}

/// Why a call is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    Sampled,
    Failed,
    Slow,
}

impl Kept {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Sampled => "sampled",
            Self::Failed => "failed",
            Self::Slow => "slow",
        }
    }
}

impl Sampler {
    /// `None` when the ratio is not within 0 and 1.
    pub(crate) fn new(ratio: f64, slow_call: Duration) -> Option<Self> {
        (0.0..=1.0).contains(&ratio).then_some(Self { ratio, slow_call })
    }

    /// The sampled ones are the same whatever became of them: counted alone, they stand for all calls.
    pub(super) fn decide(&self, trace: TraceId, outcome: CallOutcome, duration: Duration) -> Option<Kept> {
        self.keep(self.samples(trace), outcome, duration)
    }

    /// The same for a call in the trace of a trusted caller, who has decided in place of the ratio.
    pub(super) fn follow(
        &self,
        parent: TraceParent,
        outcome: CallOutcome,
        duration: Duration,
    ) -> Option<Kept> {
        self.keep(parent.sampled, outcome, duration)
    }

    fn keep(&self, is_sampled: bool, outcome: CallOutcome, duration: Duration) -> Option<Kept> {
        if is_sampled {
            Some(Kept::Sampled)
        } else if !outcome.is_completed() {
            Some(Kept::Failed)
        } else if duration >= self.slow_call {
            Some(Kept::Slow)
        } else {
            None
        }
    }

    fn samples(&self, trace: TraceId) -> bool {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the last 32 bits of the id are the random number"
        )]
        let number = trace.as_u128() as u32;
        f64::from(number) < self.ratio * 2_f64.powi(32)
    }
}
