//! How much a page holds.

/// The most that a page of chats or messages may hold.
pub(super) const MAX_TOP: usize = 50;
/// Where `$top` is not given.
pub(super) const DEFAULT_TOP: usize = 20;
