//! What a prompt is: a text that a person picks in the client, with blanks to fill in.

use std::collections::BTreeMap;

use serde::Serialize;

use super::content::Content;
use super::error::ToolError;

/// The arguments of a prompt by name, as the person filled them in.
pub type PromptArguments = BTreeMap<String, String>;

/// One prompt, as it stands in the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Prompt {
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    pub description: &'static str,
    pub arguments: &'static [PromptArgument],
    /// Pure: a prompt reads nothing. All required arguments are there.
    pub render: fn(&PromptArguments) -> Result<Vec<PromptMessage>, ToolError>,
}

/// A blank of a prompt.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct PromptArgument {
    pub name: &'static str,
    pub description: &'static str,
    pub required: bool,
}

/// One message of what a prompt becomes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PromptMessage {
    pub role: Role,
    pub content: Content,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    User,
    Assistant,
}
