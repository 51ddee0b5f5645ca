//! Text that somebody else wrote: cleaned of what can't be seen, fenced, and given piece by piece.

mod fence;
mod fence_marks;
mod piece;
mod room;
mod sanitized;
mod sanitizer;
mod unseen;

pub(super) use fence::Fence;
pub(super) use piece::{beginning, page};
pub(super) use room::TextRoom;
pub(super) use sanitized::{Counts, Sanitized};
pub(super) use sanitizer::{CleanText, Sanitizer, is_harmless};
