//! From rounds to figures.

use std::fmt;
use std::time::Duration;

use crate::load::Round;

/// What all rounds of one server came to.
#[derive(Debug)]
pub(crate) struct Figures {
    /// Requests per second: the median of the rounds.
    pub(crate) rate: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    /// Processor time of the server per request.
    pub(crate) cpu_per_call: Duration,
}

impl Figures {
    pub(crate) fn of(rounds: &[Round], cpu: Duration) -> Self {
        let mut rates: Vec<f64> = rounds.iter().map(Round::rate).collect();
        rates.sort_by(f64::total_cmp);
        let mut latencies: Vec<Duration> =
            rounds.iter().flat_map(|round| round.latencies.iter().copied()).collect();
        latencies.sort_unstable();
        let calls = u32::try_from(latencies.len()).unwrap_or(u32::MAX).max(1);
        Self {
            rate: rates.get(rates.len() / 2).copied().unwrap_or_default(),
            p50: percentile(&latencies, 50),
            p99: percentile(&latencies, 99),
            cpu_per_call: cpu / calls,
        }
    }
}

impl Round {
    #[expect(clippy::cast_precision_loss, reason = "counts of a few seconds fit a double exactly")]
    fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{:>9.0} requests/s   p50 {:>7.2} ms   p99 {:>7.2} ms   CPU {:>6.1} µs/call",
            self.rate,
            milliseconds(self.p50),
            milliseconds(self.p99),
            self.cpu_per_call.as_secs_f64() * 1e6
        )
    }
}

pub(crate) fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).copied().unwrap_or_default()
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
