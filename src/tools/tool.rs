//! What a tool is.

use std::ops::Deref;

use connector_actors::lease::GrantedScopes;
use futures_util::future::LocalBoxFuture;
use serde_json::value::RawValue;

use super::content::Content;
use super::error::ToolError;
use super::mirror::{JsonText, write_mirrored};
use super::review::Answerable;
use super::user_context::UserContext;
use super::warm_buffer::WarmBuffer;

/// In bytes: room that an answer is given before it is written. Larger ones are rare, and grow.
const MOST_ROOM: usize = 64 * 1024;

/// Runs one call of a tool.
pub type ToolRun = for<'a> fn(&'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>>;

/// One tool, as it stands in the catalogue. All tools only read.
#[derive(Debug, Clone, Copy)]
pub struct Tool {
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// For models: when to use it, and one example.
    pub description: &'static str,
    /// JSON Schema 2020-12 of the arguments.
    pub input_schema: fn() -> serde_json::Value,
    /// JSON Schema 2020-12 of what [`ToolAnswer::Structured`] holds; a tool without one answers in
    /// [`ToolAnswer::Blocks`].
    pub output_schema: Option<fn() -> serde_json::Value>,
    pub scopes: ScopeRule,
    /// Capabilities that the client must declare, by name, for the tool to work with it.
    pub client_capabilities: &'static [&'static str],
    /// What the example of the description asks Graph for in a warm session. A test counts.
    pub warm_requests: u32,
    /// The most that one call asks Graph for in a warm session, whatever its arguments are. A batch counts once; what is
    /// asked again after a fault is not counted. A test plays the arguments against each other.
    pub most_requests: u32,
    pub run: ToolRun,
}

/// Which delegated Graph permissions open a tool: any one of the lists, all of its names. No list: always open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScopeRule(pub &'static [&'static [&'static str]]);

impl ScopeRule {
    pub fn is_met_by(self, granted: &GrantedScopes) -> bool {
        self.0.is_empty() || self.0.iter().any(|list| list.iter().all(|scope| granted.contains(scope)))
    }
}

/// What a tool is called with.
#[derive(Debug, Clone, Copy)]
pub struct ToolCall<'a> {
    /// A JSON object; `{}` where the client sent none.
    pub arguments: &'a RawValue,
    pub user: UserContext<'a>,
}

/// A call is its user's: `call.graph` reads what it says.
impl<'a> Deref for ToolCall<'a> {
    type Target = UserContext<'a>;

    fn deref(&self) -> &Self::Target {
        &self.user
    }
}

/// What a tool answers.
#[derive(Debug)]
pub enum ToolAnswer {
    Structured {
        /// Compact JSON. Fits the tool's output schema.
        json: WarmBuffer,
        /// The same for the model, less what is for people only.
        text: JsonText,
        /// What is no JSON and belongs to it, such as an image. Model and person see it behind the text.
        beside: Vec<Content>,
    },
    /// For what is no JSON, such as an image. The blocks are what model and person see.
    Blocks(Vec<Content>),
}

impl ToolAnswer {
    /// `expected` is about how long the JSON will be, in bytes: with that much room it is not moved while it is
    /// written.
    pub(super) fn new(content: &impl Answerable, expected: usize) -> Result<Self, ToolError> {
        let (json, text) = write_mirrored(content, expected.min(MOST_ROOM))?;
        Ok(Self::Structured { json, text, beside: Vec::new() })
    }

    /// The same with something beside it. A structured answer stays one as a whole.
    #[must_use]
    pub(super) fn beside(mut self, content: Content) -> Self {
        match &mut self {
            Self::Structured { beside: blocks, .. } | Self::Blocks(blocks) => blocks.push(content),
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, users would see tools that can't work for them, or miss ones that can.
    #[rstest]
    #[case::no_rule(ScopeRule(&[]), "", true)]
    #[case::one_of_two(ScopeRule(&[&["Mail.Read"], &["Mail.ReadBasic"]]), "Mail.ReadBasic", true)]
    #[case::half_a_list(ScopeRule(&[&["Mail.Read", "User.Read"]]), "Mail.Read", false)]
    #[case::other_scope(ScopeRule(&[&["Mail.Read"]]), "Mail.ReadBasic", false)]
    fn a_scope_rule_asks_for_any_whole_list(
        #[case] rule: ScopeRule,
        #[case] granted: &str,
        #[case] open: bool,
    ) {
        assert_eq!(rule.is_met_by(&GrantedScopes::parse(granted)), open);
    }
}
