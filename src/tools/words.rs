//! Words that are looked for here, where there is no index to ask.

use super::error::ToolError;

/// Whether there is anything in `text` that can be looked for: signs alone would find nothing, or everything.
pub(super) fn has_word(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

/// What is to be looked for, when there is a word in it. `name` is the argument's, for the error.
pub(super) fn given<'a>(name: &'static str, text: Option<&'a str>) -> Result<Option<&'a str>, ToolError> {
    match text {
        Some(signs) if !has_word(signs) => Err(ToolError::invalid_argument(
            name,
            "there is no word in it.",
            "Give at least one word, or leave the argument out.",
        )),
        text => Ok(text),
    }
}

/// Whether every word stands in the text, in any order and case.
pub(super) fn holds_all(text: &str, words: &str) -> bool {
    let text = text.to_lowercase();
    words.split_whitespace().all(|word| text.contains(&word.to_lowercase()))
}
