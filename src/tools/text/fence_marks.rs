//! The characters that the marks of a fence are known by.

/// What a mark of a fence begins with; no clean text holds it.
pub(super) const OPENING: char = '⟦';
/// What a mark of a fence ends with; no clean text holds it.
pub(super) const CLOSING: char = '⟧';
