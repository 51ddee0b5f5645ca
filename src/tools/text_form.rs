//! Which form marked-up text is given in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is made of marked-up text. What others wrote as plain text, or as Markdown, is given as they wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum TextForm {
    #[default]
    Markdown,
    // Cells stand between tabs, and a link's address in parentheses behind its words.
    Text,
}
