//! How much a page of Exchange holds: of mail, folders, and what lies in calendars.

use super::odata::query::Query;
use super::refusal::Refusal;

/// Entries of a page where `$top` is not given.
const DEFAULT: usize = 10;
/// The most that `$top` may ask for.
const MOST: usize = 1_000;

/// Entries asked for in one page.
pub(super) fn page_size(query: &Query) -> Result<usize, Refusal> {
    match query.top() {
        Some(asked) if asked > MOST => Err(Refusal::TopTooLarge { limit: MOST, asked }),
        top => Ok(top.unwrap_or(DEFAULT)),
    }
}
