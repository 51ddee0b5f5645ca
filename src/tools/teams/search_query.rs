//! What is looked for in messages, as KQL, and what is checked here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::graph::FoundChatMessage;
use crate::tools::kql::{self, balanced, day};
use crate::tools::person::PersonQuery;
use crate::tools::window::Window;

/// Which conversations are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Where {
    Chats,
    Channels,
    #[default]
    All,
}

/// All of them hold at once.
#[derive(Debug, Default)]
pub(super) struct Conditions<'a> {
    /// The user's own words, which may be KQL.
    pub(super) query: &'a str,
    pub(super) sender: Option<PersonQuery<'a>>,
    pub(super) mentions_me: Option<bool>,
    pub(super) window: Window,
    pub(super) within: Where,
}

impl Conditions<'_> {
    /// The service reads dates by the day and in a zone that it does not tell, so they are widened by a day; what is
    /// found is checked for the exact time.
    /// Source: <https://learn.microsoft.com/graph/search-concept-chat-messages>.
    pub(super) fn query_string(&self) -> String {
        let mut clauses: Vec<String> = Vec::new();
        clauses.extend(self.sender.iter().flat_map(|sender| kql::person("from", sender)));
        if let Some(mentions_me) = self.mentions_me {
            clauses.push(format!("IsMentioned:{mentions_me}"));
        }
        if let Some(after) = self.window.after {
            clauses.push(format!("sent>={}", day(after, -1)));
        }
        if let Some(before) = self.window.before {
            clauses.push(format!("sent<={}", day(before, 1)));
        }
        let query = balanced(self.query);
        if clauses.is_empty() {
            return query;
        }
        format!("({query}) AND {}", clauses.join(" AND "))
    }

    /// Whether hits have to be sorted out here.
    pub(super) fn are_checked_here(&self) -> bool {
        self.window != Window::default() || self.within != Where::All
    }

    pub(super) fn admit(&self, found: &FoundChatMessage<'_>) -> bool {
        let is_of_chat = found.chat_id.is_some();
        let within = match self.within {
            Where::Chats => is_of_chat,
            Where::Channels => !is_of_chat,
            Where::All => true,
        };
        within && self.window.holds(found.created_date_time.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, Microsoft Search would look for something else than was asked for.
    #[rstest]
    #[case::query(Conditions { query: "budget OR plan", ..Conditions::default() }, "budget OR plan")]
    #[case::address(
        Conditions { query: "a", sender: Some(PersonQuery::Address("b@c.example")), ..Conditions::default() },
        r#"(a) AND from:"b@c.example""#
    )]
    #[case::name(
        Conditions { query: "a", sender: Some(PersonQuery::Words("Adele \"V")), ..Conditions::default() },
        r#"(a) AND from:"Adele*" AND from:"V*""#
    )]
    #[case::mentions(Conditions { query: "a", mentions_me: Some(true), ..Conditions::default() }, "(a) AND IsMentioned:true")]
    #[case::unbalanced(
        Conditions { query: "a) OR (b", mentions_me: Some(true), ..Conditions::default() },
        "(a  OR  b) AND IsMentioned:true"
    )]
    #[case::dates(
        Conditions {
            query: "a",
            window: Window { after: "2026-03-01T00:00:00Z".parse().ok(), before: "2026-12-31T12:00:00Z".parse().ok() },
            ..Conditions::default()
        },
        "(a) AND sent>=2026-02-28 AND sent<=2027-01-01"
    )]
    fn conditions_become_clauses(#[case] conditions: Conditions<'_>, #[case] expected: &str) {
        assert_eq!(conditions.query_string(), expected);
    }

    /// If this failed, hits would be given that were not asked for.
    #[rstest]
    #[case::chats(Where::Chats, r#"{"id":"1","chatId":"c","channelIdentity":{}}"#, true)]
    #[case::no_chats(Where::Channels, r#"{"id":"1","chatId":"c","channelIdentity":{}}"#, false)]
    #[case::channels(Where::Channels, r#"{"id":"1","channelIdentity":{"teamId":"t","channelId":"c"}}"#, true)]
    #[case::no_channels(
        Where::Chats,
        r#"{"id":"1","channelIdentity":{"teamId":"t","channelId":"c"}}"#,
        false
    )]
    fn places_are_checked_here(#[case] within: Where, #[case] hit: &str, #[case] admitted: bool) {
        let conditions = Conditions { query: "a", within, ..Conditions::default() };
        assert_eq!(conditions.admit(&serde_json::from_str(hit).unwrap()), admitted);
    }
}
