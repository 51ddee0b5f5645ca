//! The table at the end.

use std::io::{self, Write};

use crate::outcome::Outcome;

/// Says how a client fared, as soon as it is known.
pub(crate) fn announce(outcome: &Outcome) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let mark = if outcome.is_as_expected() { "ok    " } else { "BROKEN" };
    writeln!(
        out,
        "{mark} {:<32} {:>4} checks, {:>2} broken {:>8.1} s",
        outcome.name,
        outcome.held + outcome.broken.len(),
        outcome.broken.len(),
        outcome.took.as_secs_f64()
    )?;
    for broken in &outcome.broken {
        writeln!(out, "         {broken}")?;
    }
    out.flush()
}

/// The closing lines: what was tried, and whether all of it was as expected.
pub(crate) fn close(outcomes: &[Outcome]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let held: usize = outcomes.iter().map(|outcome| outcome.held).sum();
    let broken: usize = outcomes.iter().map(|outcome| outcome.broken.len()).sum();
    let unexpected: Vec<&str> = outcomes
        .iter()
        .filter(|outcome| !outcome.is_as_expected())
        .map(|outcome| outcome.name.as_str())
        .collect();
    if !unexpected.is_empty() {
        writeln!(out, "\nnot as expected: {}", unexpected.join(", "))?;
    }
    writeln!(out, "\n{held} passed, {broken} failed")?;
    out.flush()
}
