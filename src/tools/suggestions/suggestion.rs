//! Values that could be meant.

use crate::graph::Page;

/// A value that could be meant.
#[derive(Debug)]
pub(super) struct Suggestion {
    pub(super) value: String,
    /// What people call it, where that is something else.
    pub(super) name: Option<String>,
}

/// Whether values are all that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    All,
    /// There are more, or there may be.
    Some,
}

impl Extent {
    /// Of the values of one page.
    pub(super) fn of<T>(page: &Page<'_, T>) -> Self {
        if page.next_link.is_none() { Self::All } else { Self::Some }
    }
}

/// What was found.
#[derive(Debug)]
pub(super) struct Suggestions {
    pub(super) values: Vec<Suggestion>,
    pub(super) extent: Extent,
}

impl Suggestions {
    /// Where nothing is looked for.
    pub(super) fn none(extent: Extent) -> Self {
        Self { values: Vec::new(), extent }
    }
}

impl Suggestion {
    /// A value that is a name itself.
    pub(super) fn plain(value: impl Into<String>) -> Self {
        Self { value: value.into(), name: None }
    }

    /// An id, looked for by the name of what has it.
    pub(super) fn named(value: impl Into<String>, name: impl Into<String>) -> Self {
        Self { value: value.into(), name: Some(name.into()) }
    }
}
