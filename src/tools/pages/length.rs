//! How long the text of one answer may be, whatever others wrote.

use serde::Serialize;

use crate::tools::error::ToolError;
use crate::tools::mirror::text_length;
use crate::tools::review::Review;

/// In bytes: what the items of a list take in the text of an answer. With what stands round them, a cursor above all, that
/// stays below 28 KiB.
pub(in crate::tools) const LONGEST_LIST: usize = 24 * 1024;

/// What became of an entry for which there is a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tools) enum Shaped<S> {
    Shown(S),
    NotShown,
    /// The next answer begins with it.
    TooLong,
}

/// What was shaped, if it is shown at all, where any length will do.
impl<S> From<Option<S>> for Shaped<S> {
    fn from(shaped: Option<S>) -> Self {
        shaped.map_or(Self::NotShown, Self::Shown)
    }
}

/// How much the items of an answer may still take.
#[derive(Debug)]
pub(in crate::tools) struct Length {
    /// In bytes.
    left: usize,
    is_untouched: bool,
}

impl Length {
    /// Of a whole list.
    pub(in crate::tools) fn of_a_list() -> Self {
        Self::of(LONGEST_LIST)
    }

    pub(in crate::tools) fn of(bytes: usize) -> Self {
        Self { left: bytes, is_untouched: true }
    }

    /// What `shape` gives, where there is room for it; the first is taken however long it is, so that no answer leads
    /// nowhere. What finds no room is as if nobody had looked at it: nothing that was taken out of it is counted.
    pub(in crate::tools) fn keep<S: Serialize>(
        &mut self,
        review: &Review<'_>,
        shape: impl FnOnce() -> Result<Option<S>, ToolError>,
    ) -> Result<Shaped<S>, ToolError> {
        let before = review.tally();
        let Some(shaped) = shape()? else { return Ok(Shaped::NotShown) };
        let length = text_length(&shaped)?;
        if length > self.left && !self.is_untouched {
            review.back_to(before);
            return Ok(Shaped::TooLong);
        }
        self.left = self.left.saturating_sub(length);
        self.is_untouched = false;
        Ok(Shaped::Shown(shaped))
    }
}
