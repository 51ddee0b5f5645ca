//! How much a page holds.

/// Entries of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PageSize {
    /// Where `$top` is not given.
    pub(super) default: usize,
    /// The most that `$top` may ask for.
    pub(super) most: usize,
}

/// Of chats and messages.
pub(super) const TALK: PageSize = PageSize { default: 20, most: 50 };
/// Of the members of a team or a channel, as their reference says.
pub(super) const MEMBERS: PageSize = PageSize { default: 100, most: 999 };
/// Of the members of a chat, whose reference names no size: all of them.
pub(super) const ROSTER: PageSize = PageSize { default: 999, most: 999 };
