//! What the users met.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::figures::{milliseconds, percentile};

/// Durations by what was done and how it ended.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<BTreeMap<(&'static str, String), Vec<Duration>>>);

impl Tally {
    pub(super) fn note(&self, what: &'static str, outcome: &str, took: Duration) {
        let mut met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        met.entry((what, outcome.to_owned())).or_default().push(took);
    }

    /// How often a call ended as `outcome`; sign-ins and calls without a token are none.
    pub(crate) fn calls(&self, outcome: &str) -> usize {
        self.times(|what| !matches!(what, "sign-in" | "no token"), outcome)
    }

    /// The same of calls with a token that is none.
    pub(crate) fn calls_without_token(&self, outcome: &str) -> usize {
        self.times(|what| what == "no token", outcome)
    }

    /// What calls were told by a tool that failed, and how often.
    pub(crate) fn failures(&self) -> BTreeMap<String, usize> {
        let met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut failures = BTreeMap::new();
        for ((what, ended), took) in met.iter() {
            let is_code =
                ended.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') && ended != "ok";
            if is_code && !matches!(*what, "sign-in" | "no token") {
                *failures.entry(ended.clone()).or_default() += took.len();
            }
        }
        failures
    }

    fn times(&self, is_wanted: impl Fn(&str) -> bool, outcome: &str) -> usize {
        let met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        met.iter()
            .filter(|((what, ended), _)| is_wanted(what) && ended == outcome)
            .map(|(_, took)| took.len())
            .sum()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(out, "{:<22} {:<22} {:>6} {:>10} {:>10}", "what", "ended as", "times", "p50 ms", "p99 ms")?;
        for ((what, outcome), took) in met.iter() {
            let mut sorted = took.clone();
            sorted.sort_unstable();
            let at = |percent| milliseconds(percentile(&sorted, percent));
            writeln!(out, "{what:<22} {outcome:<22} {:>6} {:>10.1} {:>10.1}", sorted.len(), at(50), at(99))?;
        }
        Ok(())
    }
}
