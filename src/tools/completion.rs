//! Completion: values that an argument of a prompt, or a variable of a resource template, could take.

use futures_util::future::LocalBoxFuture;

use super::error::ToolError;
use super::prompt::PromptArguments;
use super::user_context::UserContext;

/// Finds values for what is being typed.
pub type Complete = for<'a> fn(
    CompletionQuery<'a>,
    &'a UserContext<'a>,
) -> LocalBoxFuture<'a, Result<Completions, ToolError>>;

/// What is being typed, and where.
#[derive(Debug, Clone, Copy)]
pub struct CompletionQuery<'a> {
    pub of: CompletionTarget<'a>,
    /// The name of the argument or variable.
    pub argument: &'a str,
    /// As far as it is typed.
    pub value: &'a str,
    /// The other arguments or variables that have their values already (MCP 2025-06-18, "Completion": `context`).
    pub resolved: &'a PromptArguments,
}

/// What the argument belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompletionTarget<'a> {
    /// A prompt, by name.
    Prompt(&'a str),
    /// A resource template, by its pattern.
    Template(&'a str),
}

/// Values, best first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completions {
    /// More than [`Completions::MOST_VALUES`] are not sent.
    pub values: Vec<String>,
    /// How many there are, where that is known.
    pub total: Option<usize>,
    /// Whether there may be more than [`Completions::values`] has.
    pub has_more: bool,
}

impl Completions {
    /// In one answer, as MCP 2026-07-28 has it ("Completion").
    pub const MOST_VALUES: usize = 100;
    /// The most that one answer asks Graph for, as for a tool. A test counts.
    pub const MOST_REQUESTS: u32 = 2;
}
