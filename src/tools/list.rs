//! The one shape of every list.

use std::borrow::Cow;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::completeness::Completeness;
use super::progress::Progress;
use super::review::{Answerable, Review, Reviewed};
use super::text::{Counts, Sanitized};
use super::tool::UserContext;
use crate::graph::GraphError;

/// Items, whether they are all, and how to go on. `U` is how the arguments were understood.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct List<T, U = NotEchoed> {
    pub(super) items: Vec<Reviewed<T>>,
    pub(super) completeness: Completeness,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) understood: Option<U>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) notes: Vec<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Counts>")]
    pub(super) sanitized: Option<Sanitized>,
}

impl<T: Serialize, U: Serialize> Answerable for List<T, U> {}

/// Of lists whose arguments leave nothing to understand.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct NotEchoed {}

/// Where a list ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// There is nothing behind it.
    Complete,
    /// Why there may be more.
    Partial(Cow<'static, str>),
}

impl<T, U> List<T, U> {
    /// `next_cursor` leads on from here; `review` is the one that the items come from.
    pub(super) fn new(
        items: Vec<Reviewed<T>>,
        ended: Ended,
        next_cursor: Option<String>,
        review: &Review<'_>,
    ) -> Self {
        let completeness = match ended {
            Ended::Complete => Completeness::complete(items.len()),
            Ended::Partial(reason) => Completeness::partial(items.len(), reason),
        };
        let notes = review.note().into_iter().collect();
        Self { items, completeness, next_cursor, understood: None, notes, sanitized: review.sanitized() }
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

    #[must_use]
    pub(super) fn notes(mut self, notes: impl IntoIterator<Item = Cow<'static, str>>) -> Self {
        self.notes.extend(notes);
        self
    }
}

/// How many pages one answer may take, and until when.
#[derive(Debug)]
pub(super) struct Gathering<'a> {
    user: &'a UserContext<'a>,
    pages: u32,
    most_pages: u32,
    /// Kept back from the call's time for shaping and sending what has come.
    to_finish: Duration,
}

/// The most that is kept back; of short calls it is a tenth.
const TO_FINISH: Duration = Duration::from_millis(1_500);

/// Why the pages end although there are more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// As many requests as one answer may take.
    Requests,
    /// The call's time is nearly over.
    Time,
}

impl Stop {
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Requests => "One answer has looked through as many pages as it may; go on with nextCursor.",
            Self::Time => "The time for one answer was over before the list was; go on with nextCursor.",
        }
    }
}

/// Where Microsoft 365 gave no answer for a later page.
pub(super) const INTERRUPTED: &str =
    "Microsoft 365 gave no answer for the rest just now; go on with nextCursor.";

impl<'a> Gathering<'a> {
    pub(super) fn new(user: &'a UserContext<'a>, most_pages: u32) -> Self {
        let to_finish = TO_FINISH.min(user.graph.remaining() / 10);
        Self { user, pages: 0, most_pages, to_finish }
    }

    /// Asked before each page: whether it may still be fetched. The first one always may. Where the client wants to
    /// know, the further ones are reported.
    pub(super) fn next_page(&mut self) -> Result<(), Stop> {
        if self.pages > 0 {
            if self.pages >= self.most_pages {
                return Err(Stop::Requests);
            }
            if self.user.graph.remaining() <= self.to_finish {
                return Err(Stop::Time);
            }
            let message = "Looking at further pages.";
            self.user.progress.report(Progress { progress: self.pages, total: None, message });
        }
        self.pages += 1;
        Ok(())
    }

    /// A page, for no longer than leaves time to finish with what has come before it. The first one may take all.
    pub(super) async fn in_time<T>(
        &self,
        page: impl Future<Output = Result<T, GraphError>>,
    ) -> Result<T, GraphError> {
        if self.pages <= 1 {
            return page.await;
        }
        let time = self.user.graph.remaining().saturating_sub(self.to_finish);
        tokio::time::timeout(time, page).await.unwrap_or(Err(GraphError::DeadlineExceeded))
    }

    /// Whether what has come so far is worth giving although this page failed.
    pub(super) fn survives(&self, error: &GraphError) -> bool {
        self.pages > 1 && error.is_passing()
    }
}
