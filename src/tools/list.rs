//! The one shape of every list.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use super::completeness::Completeness;
use super::error::ToolError;
use super::review::{Answerable, Review, Reviewed};
use super::schema::NamesOf;
use super::text::{Counts, Fence, Sanitized};

/// Items, whether they are all, and how to go on. `U` is how the arguments were understood.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct List<T, U = NotEchoed> {
    /// Stands before what others wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    fence: Option<String>,
    pub(super) items: Vec<Reviewed<T>>,
    /// Stands behind what others wrote. With the names of the two, members that are sorted keep the items between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    items_end: Option<String>,
    pub(super) completeness: Completeness,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<NamesOf<U>>")]
    pub(super) understood: Option<U>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) notes: Vec<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Counts>")]
    pub(super) sanitized: Option<Sanitized>,
}

impl<T: Serialize, U: Serialize> Answerable for List<T, U> {}

/// Of lists whose arguments leave nothing to understand.
pub(super) type NotEchoed = ();

/// Where a list ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// There is nothing behind it.
    Complete,
    /// Why there may be more.
    Partial(Cow<'static, str>),
}

impl<T, U> List<T, U> {
    /// `next_cursor` leads on from here; `review` is the one that the items come from. Its fence stands round them.
    pub(super) fn new(
        items: Vec<Reviewed<T>>,
        ended: Ended,
        next_cursor: Option<String>,
        review: &Review<'_>,
    ) -> Result<Self, ToolError> {
        let completeness = match ended {
            Ended::Complete => Completeness::complete(items.len()),
            Ended::Partial(reason) => Completeness::partial(items.len(), reason),
        };
        let notes = review.note().into_iter().collect();
        let fence = if items.is_empty() { None } else { Some(review.fence()?) };
        Ok(Self {
            fence: fence.map(Fence::opening),
            items,
            items_end: fence.map(Fence::closing),
            completeness,
            next_cursor,
            understood: None,
            notes,
            sanitized: review.sanitized(),
        })
    }

    #[must_use]
    pub(super) fn understood(mut self, understood: U) -> Self {
        self.understood = Some(understood);
        self
    }

    #[must_use]
    pub(super) fn total(mut self, total: Option<usize>) -> Self {
        self.completeness.total = total;
        self
    }

    /// The same, where something that was asked for has not been looked through.
    #[must_use]
    pub(super) fn lacking(mut self, missing: Option<&'static str>) -> Self {
        if let Some(missing) = missing {
            self.completeness = self.completeness.lacking(missing);
        }
        self
    }

    #[must_use]
    pub(super) fn notes(mut self, notes: impl IntoIterator<Item = Cow<'static, str>>) -> Self {
        self.notes.extend(notes);
        self
    }
}
