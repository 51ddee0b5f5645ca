//! Lists whose items are shaped page by page and kept short.

use serde::{Deserialize, Serialize};

use super::basket::{Basket, Verdict};
use super::length::Length;
use super::onward::Onward;
use super::reading::{Opening, Reading, Turn};
use super::scan::FOUND;
use crate::graph::{GraphBody, GraphRequest, Page};
use crate::tools::error::ToolError;
use crate::tools::review::Review;
use crate::tools::user_context::UserContext;

/// One answer's worth of items, shaped.
#[derive(Debug)]
pub(in crate::tools) struct Short<'r, S> {
    review: &'r Review<'r>,
    basket: Basket<S>,
    length: Length,
    /// Of all pages that were read, in bytes.
    pub(in crate::tools) size: usize,
}

impl<'r, S: Serialize> Short<'r, S> {
    /// Of `limit` items at most.
    pub(in crate::tools) fn of(limit: u32, review: &'r Review<'r>) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { review, basket: Basket::of(limit), length: Length::of_a_list(), size: 0 }
    }

    /// Takes what is given from a page's entries behind the first `skip`. `shape` gives nothing for an entry that is not
    /// shown.
    pub(in crate::tools) fn take<'b, T: Deserialize<'b>>(
        &mut self,
        body: &'b GraphBody,
        skip: usize,
        judge: impl Fn(&T) -> Verdict,
        mut shape: impl FnMut(T) -> Result<Option<S>, ToolError>,
    ) -> Result<Turn, ToolError> {
        self.size += body.size();
        let (length, review) = (&mut self.length, self.review);
        let page: Page<'b, T> = body.parse()?;
        self.basket.fill(page, skip, judge, |entry| length.keep(review, || shape(entry)))
    }

    pub(in crate::tools) fn items(self) -> Vec<S> {
        self.basket.items
    }
}

/// Shows `look` one page after the other, up to `pages` of them, and says how that ended.
pub(in crate::tools) async fn turn_pages(
    user: &UserContext<'_>,
    request: &GraphRequest,
    from: impl Into<Opening>,
    pages: u32,
    look: impl FnMut(GraphBody, usize) -> Result<Turn, ToolError>,
) -> Result<Onward, ToolError> {
    let reading = Reading { user, request, most_pages: pages, refused: ToolError::from };
    Ok(Onward::told(reading.read(from, look).await?, &FOUND))
}
