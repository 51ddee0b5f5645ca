//! Where a text may be cut.

/// The last boundary between characters at or before byte `index`.
pub(super) fn character_boundary(text: &str, index: usize) -> usize {
    (0..=index.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}
