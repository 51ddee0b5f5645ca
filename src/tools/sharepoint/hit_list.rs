//! Hits as a list, page after page.

use super::found::{FoundPage, Hit};
use crate::tools::cursor::Binding;
use crate::tools::error::ToolError;
use crate::tools::list::{Ended, List};
use crate::tools::pages::{Onward, Start};
use crate::tools::review::Review;
use crate::tools::tool::ToolCall;
use crate::tools::zone::Zone;

const MORE: &str = "There is more; go on with nextCursor.";

/// Hits of the service's that were looked at: where the next answer begins.
pub(super) type LookedAt = u32;

/// A page of so many hits as a list that is read in a zone, with a cursor to the next one where there is more.
pub(super) fn listed<U>(
    call: &ToolCall<'_>,
    page: FoundPage,
    (start, size, zone): (&Start<LookedAt>, u32, &Zone),
    binding: &Binding<'_>,
    review: &Review<'_>,
) -> Result<List<Hit, U>, ToolError> {
    let onward = if page.has_more {
        Onward { ended: Ended::Partial(MORE.into()), next: Some(start.at.saturating_add(size)) }
    } else {
        Onward::COMPLETE
    };
    let onward = onward.map(|at| start.further(at, zone));
    let list: List<Hit, U> = onward.into_list(page.hits, call, binding, review)?;
    Ok(list.total(page.total).lacking(page.lacking))
}
