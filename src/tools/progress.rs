//! How far a call that takes long has come.

use std::fmt;

/// One report. `progress` grows from report to report; `total`, where it is known, is in the same unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress<'a> {
    pub progress: u32,
    pub total: Option<u32>,
    /// One of our own sentences: it holds nothing of anybody's content.
    pub message: &'a str,
}

/// Where reports go. A client that asked for none has [`Unreported`] at the other end.
pub trait ProgressSink: fmt::Debug {
    fn report(&self, progress: Progress<'_>);

    /// One step further than the last report, whoever made it: how many there will be nobody knows.
    fn step(&self, message: &'static str);
}

/// Nobody asked.
#[derive(Debug, Clone, Copy)]
pub struct Unreported;

impl ProgressSink for Unreported {
    fn report(&self, _: Progress<'_>) {}

    fn step(&self, _: &'static str) {}
}
