//! Pieces of a long text.

use std::borrow::Cow;

use crate::tools::character_boundary::character_boundary;
use crate::tools::mirror::written_length;

/// The one way to cut a text short: where it takes more than `most` bytes as JSON writes it, what fits into them, and `…`
/// behind it.
pub(in crate::tools) fn beginning(text: Cow<'_, str>, most: usize) -> Cow<'_, str> {
    if written_length(&text) <= most {
        return text;
    }
    let mut end = character_boundary(&text, most);
    // Each byte less takes away one or two.
    while let excess @ 1.. = written_length(&text[..end]).saturating_sub(most) {
        end = character_boundary(&text, end - excess.div_ceil(2));
    }
    Cow::Owned(format!("{}…", &text[..end]))
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
    use rstest::rstest;

    use super::*;

    /// If this failed, a text would be cut without saying so, in the middle of a letter, or where it need not be.
    #[rstest]
    #[case::short("Grüße", 7, "Grüße")]
    #[case::long("Grüße aus Köln", 4, "Grü…")]
    #[case::within_a_letter("Grüße aus Köln", 3, "Gr…")]
    #[case::quotes(r#"""""""#, 4, r#"""…"#)]
    #[case::backslash(r"a\b", 2, "a…")]
    #[case::escaped_as_much_as_fits("\n\n", 4, "\n\n")]
    fn a_text_that_is_cut_says_so(#[case] text: &str, #[case] most: usize, #[case] expected: &str) {
        assert_eq!(beginning(Cow::Borrowed(text), most), expected);
    }

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
