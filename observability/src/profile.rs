//! Where the processor's time goes: stacks that are sampled for a while, when an operator asks.
//!
//! A profile holds the names of functions and threads, and counts. Neither arguments nor memory are looked at, and
//! nothing is sampled unless somebody has asked.

mod message;
mod table;

use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::UNIX_EPOCH;

use flate2::Compression;
use flate2::write::GzEncoder;
use pprof::{Frames, ProfilerGuard, ProfilerGuardBuilder, Symbol};
use prost::Message;
use thiserror::Error;

use self::table::Table;

/// Samples in a second of processor time. Odd, so that it does not beat in time with what is measured.
const FREQUENCY: i32 = 99;

/// No stack is walked that begins in one of these: the unwinder itself, the loader, and the page of the kernel's whose
/// unwind tables are wrong on some of its versions.
const NOT_SAMPLED: [&str; 3] = ["libgcc", "ld-linux", "vdso"];

/// The timer and the signal that it sends are the process's, and so is the turn.
static RECORDING: AtomicBool = AtomicBool::new(false);

/// Why there is no profile.
#[derive(Debug, Error)]
pub enum ProfileError {
    #[error("a profile is being recorded already: there is one at a time")]
    Busy,
    #[error("the processor's work cannot be sampled: {0}")]
    Sampler(#[from] pprof::Error),
    #[error("the connector is stopping")]
    Stopping,
    #[error("the profile cannot be written: {0}")]
    Writing(#[from] io::Error),
}

/// A profile that is being recorded. Recording ends when this is dropped.
pub struct CpuRecording {
    // Dropped in this order: the next one may begin when this one's timer has stopped.
    guard: ProfilerGuard<'static>,
    turn: Turn,
}

impl CpuRecording {
    /// Begins to sample all threads of the process. Blocks while the sampler is set up, which takes up to a second the
    /// first time.
    pub fn begin() -> Result<Self, ProfileError> {
        let turn = Turn::take().ok_or(ProfileError::Busy)?;
        let guard = ProfilerGuardBuilder::default().frequency(FREQUENCY).blocklist(&NOT_SAMPLED).build()?;
        Ok(Self { guard, turn })
    }

    /// Ends the recording; gives the profile in the format of pprof, compressed with gzip. Looks up the names of
    /// functions in the program's file, and blocks for as long as that takes.
    pub fn finish(self) -> Result<Vec<u8>, ProfileError> {
        let Self { guard, turn } = self;
        let report = guard.report().build_unresolved()?;
        drop(guard);
        let mut table = Table::new(FREQUENCY);
        for (stack, count) in report.data {
            let frames = Frames::from(stack);
            let functions = without_the_sampler(frames.frames.iter().flatten().map(Symbol::name).collect());
            table.add(&frames.thread_name_or_id(), functions, i64::try_from(count).unwrap_or(i64::MAX));
        }
        // What was read of the program's file is larger than what it tells, and would be kept for good.
        backtrace::clear_symbol_cache();
        let begun = report.timing.start_time.duration_since(UNIX_EPOCH).unwrap_or_default();
        let profile = table.finish(begun, report.timing.duration);
        drop(turn);
        let mut compressed = GzEncoder::new(Vec::new(), Compression::default());
        compressed.write_all(&profile.encode_to_vec())?;
        Ok(compressed.finish()?)
    }
}

/// Without the functions that took the sample, which stand before those that were interrupted. Some are cut off already;
/// where the compiler has not put them all into one, others are left.
fn without_the_sampler(functions: Vec<String>) -> impl Iterator<Item = String> {
    let own = functions.iter().rposition(|name| name.contains("pprof::")).map_or(0, |last| last + 1);
    functions.into_iter().skip(own)
}

impl fmt::Debug for CpuRecording {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("CpuRecording").field("turn", &self.turn).finish_non_exhaustive()
    }
}

/// The right to record, given back when it is dropped.
#[derive(Debug)]
struct Turn(());

impl Turn {
    fn take() -> Option<Self> {
        (!RECORDING.swap(true, Ordering::Acquire)).then(|| Self(()))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        RECORDING.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// Every profile would say that all the time goes to taking it.
    #[rstest]
    #[case::some_left(&["trace", "<pprof::Trace>::trace", "encode", "main"], &["encode", "main"])]
    #[case::none_left(&["encode", "main"], &["encode", "main"])]
    fn the_sampler_is_not_in_the_profile(#[case] sampled: &[&str], #[case] expected: &[&str]) {
        let functions = sampled.iter().map(ToString::to_string).collect();
        assert_eq!(without_the_sampler(functions).collect::<Vec<_>>(), expected);
    }
}
