//! What came of one client: sentences that held, and sentences that did not, with the reason.

use std::fmt::Display;
use std::time::{Duration, Instant};

/// The checks of one client, as they are made.
#[derive(Debug)]
pub(crate) struct Checks {
    name: String,
    held: usize,
    broken: Vec<String>,
    started: Instant,
}

impl Checks {
    #[expect(
        clippy::disallowed_methods,
        reason = "the table shows how long a client took; nothing decides by it"
    )]
    pub(crate) fn of(name: impl Into<String>) -> Self {
        Self { name: name.into(), held: 0, broken: Vec::new(), started: Instant::now() }
    }

    /// Notes whether `sentence` held, and hands on what it brought.
    pub(crate) fn note<T, E: Display>(&mut self, sentence: &str, result: Result<T, E>) -> Option<T> {
        match result {
            Ok(value) => {
                self.held += 1;
                Some(value)
            }
            Err(reason) => {
                self.broken.push(format!("{sentence}: {reason}"));
                None
            }
        }
    }

    /// Counts what a suite has found to hold.
    pub(crate) fn note_held(&mut self, held: usize) {
        self.held += held;
    }

    /// Takes over what a program reported: lines that begin with `ok` and `not ok`.
    pub(crate) fn note_lines(&mut self, lines: &str) {
        for line in lines.lines() {
            if line.starts_with("ok ") {
                self.held += 1;
            } else if let Some(broken) = line.strip_prefix("not ok ") {
                self.broken.push(broken.to_owned());
            }
        }
    }

    pub(crate) fn all_held(&self) -> bool {
        self.broken.is_empty()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the table shows how long a client took; nothing decides by it"
    )]
    pub(crate) fn end(self) -> Outcome {
        let took = Instant::now().duration_since(self.started);
        Outcome { name: self.name, held: self.held, broken: self.broken, took }
    }
}

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) name: String,
    pub(crate) held: usize,
    pub(crate) broken: Vec<String>,
    pub(crate) took: Duration,
}

impl Outcome {
    pub(crate) fn is_as_expected(&self) -> bool {
        self.broken.is_empty() && self.held > 0
    }
}

/// `condition`, or `reason` why not.
pub(crate) fn ensure<E>(condition: bool, reason: impl FnOnce() -> E) -> Result<(), E> {
    if condition { Ok(()) } else { Err(reason()) }
}
