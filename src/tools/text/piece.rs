//! Pieces of a long text.

/// The last boundary between characters at or before byte `index`.
pub(in crate::tools) fn character_boundary(text: &str, index: usize) -> usize {
    (0..=index.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// A piece of `text` that begins at byte `from` and has at most `length` bytes, and where the next one begins. `None`
/// when `from` is not within the text, or not between two characters.
pub(in crate::tools) fn page(text: &str, from: usize, length: usize) -> Option<(&str, Option<usize>)> {
    let rest = text.get(from..)?;
    if rest.len() <= length {
        return Some((rest, None));
    }
    let end = character_boundary(rest, length);
    // A page ends with a line where one ends in its second half.
    let end = rest[..end].rfind('\n').map(|line| line + 1).filter(|line| *line > end / 2).unwrap_or(end);
    Some((&rest[..end], Some(from + end)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// If this failed, the pages of a long body would lose or repeat text.
        #[test]
        fn pages_put_together_are_the_text(text in "(\\PC|\n){0,200}", length in 4_usize..40) {
            let mut whole = String::new();
            let mut next = Some(0);
            while let Some(from) = next {
                let (piece, after) = page(&text, from, length).expect("a page begins where the last one ended");
                prop_assert!(piece.len() <= length);
                whole.push_str(piece);
                next = after;
            }
            prop_assert_eq!(whole, text);
        }
    }
}
