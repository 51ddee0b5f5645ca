//! What a search asks for, and how it is checked here where Graph can't.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::graph::Message;
use crate::tools::person::PersonQuery;
use crate::tools::words::holds_all;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::tools) enum Importance {
    Low,
    Normal,
    High,
}

impl Importance {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::tools) enum Order {
    #[default]
    Newest,
    Oldest,
}

/// All of them hold at once.
#[derive(Debug, Clone, Default)]
pub(in crate::tools) struct Conditions<'a> {
    pub(super) query: Option<&'a str>,
    pub(super) sender: Option<PersonQuery<'a>>,
    pub(super) recipient: Option<PersonQuery<'a>>,
    pub(super) subject: Option<&'a str>,
    /// Received then or later.
    pub(super) after: Option<Timestamp>,
    /// Received earlier.
    pub(super) before: Option<Timestamp>,
    pub(super) has_attachments: Option<bool>,
    pub(super) is_unread: Option<bool>,
    pub(super) importance: Option<Importance>,
    pub(super) order: Order,
}

impl Conditions<'_> {
    /// Whether the message meets what can be seen in it: all but the query, which only Graph's index can answer.
    pub(super) fn admit(&self, message: &Message<'_>) -> bool {
        self.admit_facts(message) && self.admit_time(message)
    }

    /// The words as well, for where there is no index to ask.
    pub(super) fn admit_words(&self, message: &Message<'_>) -> bool {
        let sender = self
            .sender
            .as_ref()
            .is_none_or(|sender| message.from.as_ref().is_some_and(|from| sender.matches(from)));
        let recipient = self.recipient.as_ref().is_none_or(|recipient| {
            let lists = [&message.to_recipients, &message.cc_recipients, &message.bcc_recipients];
            lists.into_iter().flatten().flatten().any(|person| recipient.matches(person))
        });
        sender
            && recipient
            && self
                .subject
                .is_none_or(|words| holds_all(message.subject.as_deref().unwrap_or_default(), words))
    }

    fn admit_facts(&self, message: &Message<'_>) -> bool {
        self.is_unread.is_none_or(|unread| message.is_read == Some(!unread))
            && self.has_attachments.is_none_or(|wanted| message.has_attachments == Some(wanted))
            && self.importance.is_none_or(|wanted| {
                message.importance.as_deref().is_some_and(|is| is.eq_ignore_ascii_case(wanted.as_str()))
            })
    }

    fn admit_time(&self, message: &Message<'_>) -> bool {
        if self.after.is_none() && self.before.is_none() {
            return true;
        }
        let received = message.received_date_time.as_deref().and_then(|text| text.parse::<Timestamp>().ok());
        received.is_some_and(|received| {
            self.after.is_none_or(|after| received >= after)
                && self.before.is_none_or(|before| received < before)
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const MESSAGE: &str = r#"{"id":"A","subject":"Budget for Q3","isRead":false,"hasAttachments":true,"importance":"high",
        "receivedDateTime":"2026-11-23T10:00:00Z",
        "from":{"emailAddress":{"name":"Adele Vance","address":"adele@contoso.example"}},
        "toRecipients":[{"emailAddress":{"name":"Alex","address":"alex@contoso.example"}}],
        "ccRecipients":[{"emailAddress":{"name":"Megan","address":"megan@contoso.example"}}],
        "bccRecipients":[{"emailAddress":{"name":"Lidia","address":"lidia@contoso.example"}}]}"#;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// If this failed, a search would answer with messages that were not asked for.
    #[rstest]
    #[case::unread(Conditions { is_unread: Some(true), ..Conditions::default() }, true)]
    #[case::read(Conditions { is_unread: Some(false), ..Conditions::default() }, false)]
    #[case::attachments(Conditions { has_attachments: Some(false), ..Conditions::default() }, false)]
    #[case::importance(Conditions { importance: Some(Importance::Low), ..Conditions::default() }, false)]
    #[case::at_the_start(Conditions { after: Some(at("2026-11-23T10:00:00Z")), ..Conditions::default() }, true)]
    #[case::at_the_end(Conditions { before: Some(at("2026-11-23T10:00:00Z")), ..Conditions::default() }, false)]
    #[case::within(Conditions { after: Some(at("2026-11-23T09:59:59Z")), before: Some(at("2026-11-23T10:00:01Z")), ..Conditions::default() }, true)]
    #[case::nothing_asked(Conditions::default(), true)]
    fn facts_are_checked_exactly(#[case] conditions: Conditions<'_>, #[case] admitted: bool) {
        assert_eq!(conditions.admit(&serde_json::from_str(MESSAGE).unwrap()), admitted);
    }

    /// If this failed, users with Mail.ReadBasic alone would get the wrong messages.
    #[rstest]
    #[case::subject(Conditions { subject: Some("q3 budget"), ..Conditions::default() }, true)]
    #[case::other_subject(Conditions { subject: Some("q4 budget"), ..Conditions::default() }, false)]
    #[case::sender(Conditions { sender: Some(PersonQuery::Words("vance")), ..Conditions::default() }, true)]
    #[case::copy(Conditions { recipient: Some(PersonQuery::Words("megan")), ..Conditions::default() }, true)]
    #[case::hidden_copy(Conditions { recipient: Some(PersonQuery::Address("lidia@contoso.example")), ..Conditions::default() }, true)]
    #[case::not_a_recipient(Conditions { recipient: Some(PersonQuery::Words("adele")), ..Conditions::default() }, false)]
    fn words_are_looked_for_where_they_belong(#[case] conditions: Conditions<'_>, #[case] admitted: bool) {
        assert_eq!(conditions.admit_words(&serde_json::from_str(MESSAGE).unwrap()), admitted);
    }
}
