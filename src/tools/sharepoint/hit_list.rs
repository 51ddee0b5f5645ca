//! Hits as a list, page after page.

use serde::{Deserialize, Serialize};

use super::found::{FoundPage, Hit};
use crate::tools::cursor::Binding;
use crate::tools::error::ToolError;
use crate::tools::list::{Ended, List};
use crate::tools::review::Review;
use crate::tools::tool::ToolCall;
use crate::tools::zone::moment;

const MORE: &str = "There is more; go on with nextCursor.";

/// Where the next answer begins; "today" stays the same day on every page.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Start {
    /// In milliseconds since the Unix epoch.
    pub(super) as_of: i64,
    /// Hits to pass over.
    pub(super) from: u32,
}

impl Start {
    pub(super) fn of(
        call: &ToolCall<'_>,
        cursor: Option<&str>,
        binding: &Binding<'_>,
    ) -> Result<Self, ToolError> {
        let now = call.clock.now();
        match cursor {
            Some(cursor) => call.cursors.open(cursor, binding, now),
            None => Ok(Self { as_of: moment(now).as_millisecond(), from: 0 }),
        }
    }

    /// Behind a page of `size` hits.
    pub(super) const fn behind(self, size: u32) -> Self {
        Self { from: self.from.saturating_add(size), ..self }
    }
}

/// A page of hits as a list, with a cursor to `next` where there is more.
pub(super) fn listed<U>(
    call: &ToolCall<'_>,
    page: FoundPage,
    next: Start,
    binding: &Binding<'_>,
    review: &Review<'_>,
) -> Result<List<Hit, U>, ToolError> {
    let (ended, next_cursor) = if page.has_more {
        (Ended::Partial(MORE.into()), call.cursors.seal(&next, binding, call.clock.now())?)
    } else {
        (Ended::Complete, None)
    };
    Ok(List::new(page.hits, ended, next_cursor, review)?.total(page.total))
}
