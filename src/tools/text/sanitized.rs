//! What was taken out of the texts of an answer.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// What was taken out, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::tools) struct Sanitized {
    /// Zero-width and other invisible characters.
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) invisible: u32,
    /// Characters that turn the direction of writing round.
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) bidirectional: u32,
    /// Characters of the tag block, which can hide a whole text.
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) tags: u32,
    /// Control characters other than tab and line ends.
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) controls: u32,
    /// Marks that look like a fence's own.
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) fence_marks: u32,
    /// Addresses that can't be followed any more, or are gone.
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) links: u32,
    /// Elements of HTML that a reader would not have seen.
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) hidden_elements: u32,
    /// Scripts, style sheets, forms and whatever else is no text.
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) active_elements: u32,
    /// Images that would be fetched from elsewhere, tracking pixels among them.
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) remote_images: u32,
}

/// How schemas show [`Sanitized`]: kinds may join.
pub(in crate::tools) type Counts = BTreeMap<String, Value>;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}
