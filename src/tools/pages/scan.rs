//! Lists whose items borrow from their pages.

use serde::Deserialize;

use super::basket::{Basket, Verdict};
use super::length::Shaped;
use super::onward::{Onward, Sentences};
use super::reading::{Opening, Reading};
use super::shelf::Shelf;
use crate::graph::GraphRequest;
use crate::tools::error::ToolError;
use crate::tools::user_context::UserContext;

/// Of lists whose entries are looked at one by one.
pub(super) const FOUND: Sentences = Sentences {
    full: "There may be more; go on with nextCursor.",
    bound: "As much was looked through as one answer may, and Microsoft 365 names a further page; go on with nextCursor, \
            or narrow the search.",
};

/// How much one answer has room for.
#[derive(Debug, Clone, Copy)]
pub(in crate::tools) struct Room {
    pub(in crate::tools) items: usize,
    pub(in crate::tools) pages: u32,
}

impl Room {
    pub(in crate::tools) fn of(items: u32, pages: u32) -> Self {
        Self { items: usize::try_from(items).unwrap_or(usize::MAX), pages }
    }
}

/// One answer's worth of items.
#[derive(Debug)]
pub(in crate::tools) struct Scanned<T> {
    pub(in crate::tools) items: Vec<T>,
    pub(in crate::tools) onward: Onward,
}

/// The first items from `from` on that are given, in Graph's order, as many as there is room for.
pub(in crate::tools) async fn scan<'b, T: Deserialize<'b>>(
    user: &UserContext<'_>,
    request: &GraphRequest,
    from: impl Into<Opening>,
    shelf: &'b Shelf,
    room: Room,
    judge: impl Fn(&T) -> Verdict,
) -> Result<Scanned<T>, ToolError> {
    let mut basket = Basket::of(room.items);
    let reading = Reading { user, request, most_pages: room.pages, refused: ToolError::from };
    let look =
        |body, skip| basket.fill(shelf.keep(body).parse()?, skip, &judge, |item| Ok(Shaped::Shown(item)));
    let read = reading.read(from, look).await?;
    Ok(Scanned { items: basket.items, onward: Onward::told(read, &FOUND) })
}
