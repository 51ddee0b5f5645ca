//! Whose things a path asks for.

/// Whose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    Me,
    /// By object id or user principal name.
    Named(String),
}
