//! How a search is answered: by `$filter` where that is exact, by `$search` where words are asked for.

use super::conditions::{Conditions, Importance, Order};
use super::kql::search_value;
use crate::graph::{GraphRequest, Message, PathSegment, Preference, QueryOption, string_literal};
use crate::tools::error::ToolError;
use crate::tools::mailbox::{MailAccess, Mailbox};

/// Messages of a page where some will be sorted out here.
const EXAMINED_PAGE: u32 = 50;

/// A time before any mail: `$orderby` works only on what `$filter` names first.
const BEFORE_ALL_MAIL: &str = "1970-01-01T00:00:00Z";

const SELECT: &str =
    "id,subject,from,toRecipients,receivedDateTime,bodyPreview,isRead,hasAttachments,importance,webLink";
const SELECT_BASIC: &str = "id,subject,from,toRecipients,ccRecipients,bccRecipients,receivedDateTime,isRead,hasAttachments,\
                            importance,webLink";

/// What is asked of Graph.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    /// All there is, in order.
    Everything,
    Filter(String),
    Search(String),
}

/// What is left to do here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paging {
    /// Nothing: a page of Graph's is a page of ours.
    Straight,
    /// Sort out what does not fit, page by page.
    Scan,
    /// Read up to the bound, then put in order: `$search` knows newest first alone.
    Gather,
}

/// Which conditions are checked here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Checked {
    /// Graph's `$filter` is exact.
    Nothing,
    /// What KQL can't say or says roughly.
    Facts,
    /// Words, for want of an index to ask.
    Words,
}

#[derive(Debug)]
pub(super) struct Plan<'a> {
    conditions: &'a Conditions<'a>,
    asked: Asked,
    checked: Checked,
    pub(super) paging: Paging,
    pub(super) limit: usize,
}

impl<'a> Plan<'a> {
    pub(super) fn new(
        conditions: &'a Conditions<'a>,
        access: MailAccess,
        limit: u32,
    ) -> Result<Self, ToolError> {
        let by_words = conditions.query.is_some()
            || conditions.subject.is_some()
            || conditions.recipient.is_some()
            || matches!(conditions.sender, Some(crate::tools::person::PersonQuery::Words(_)));
        let (asked, checked, paging) = match (by_words, access) {
            (false, _) => (filter(conditions), Checked::Nothing, Paging::Straight),
            (true, MailAccess::Basic) if conditions.query.is_some() => return Err(no_query()),
            (true, MailAccess::Basic) => (filter(conditions), Checked::Words, Paging::Scan),
            (true, MailAccess::Full) => {
                let paging = match conditions.order {
                    Order::Oldest => Paging::Gather,
                    Order::Newest if needs_scan(conditions) => Paging::Scan,
                    Order::Newest => Paging::Straight,
                };
                (Asked::Search(search_value(conditions)), Checked::Facts, paging)
            }
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(Self { conditions, asked, checked, paging, limit })
    }

    /// The request for the first page.
    pub(super) fn request(
        &self,
        mailbox: Mailbox<'_>,
        folder: Option<PathSegment<'_>>,
        access: MailAccess,
    ) -> GraphRequest {
        let request = mailbox.request();
        let request = match folder {
            Some(folder) => request.part("/mailFolders").segment(folder).part("/messages"),
            None => request.part("/messages"),
        };
        let select = if access == MailAccess::Full { SELECT } else { SELECT_BASIC };
        let request =
            request.query(QueryOption::Select, select).top(self.page_size()).prefer(Preference::ImmutableIds);
        let order = match self.conditions.order {
            Order::Newest => "receivedDateTime desc",
            Order::Oldest => "receivedDateTime asc",
        };
        match &self.asked {
            Asked::Everything => request.query(QueryOption::OrderBy, order),
            Asked::Filter(filter) => {
                request.query(QueryOption::Filter, filter).query(QueryOption::OrderBy, order)
            }
            Asked::Search(search) => request.query(QueryOption::Search, search),
        }
    }

    fn page_size(&self) -> u32 {
        match self.paging {
            Paging::Straight => u32::try_from(self.limit).unwrap_or(EXAMINED_PAGE),
            Paging::Scan | Paging::Gather => EXAMINED_PAGE,
        }
    }

    pub(super) fn admits(&self, message: &Message<'_>) -> bool {
        match self.checked {
            Checked::Nothing => true,
            Checked::Facts => self.conditions.admit(message),
            Checked::Words => self.conditions.admit_words(message),
        }
    }

    /// Whether Graph's own bound on search results applies.
    pub(super) fn is_search(&self) -> bool {
        matches!(self.asked, Asked::Search(_))
    }
}

/// Whether some of what `$search` finds will not fit.
fn needs_scan(conditions: &Conditions<'_>) -> bool {
    conditions.is_unread.is_some()
        || conditions.after.is_some()
        || conditions.before.is_some()
        || conditions.importance == Some(Importance::Normal)
}

/// The exact conditions as `$filter`, the time first.
fn filter(conditions: &Conditions<'_>) -> Asked {
    let mut clauses: Vec<String> = Vec::new();
    if let Some(after) = conditions.after {
        clauses.push(format!("receivedDateTime ge {after}"));
    }
    if let Some(before) = conditions.before {
        clauses.push(format!("receivedDateTime lt {before}"));
    }
    let times = clauses.len();
    if let Some(crate::tools::person::PersonQuery::Address(address)) = conditions.sender {
        clauses.push(format!("from/emailAddress/address eq {}", string_literal(address)));
    }
    if let Some(unread) = conditions.is_unread {
        clauses.push(format!("isRead eq {}", !unread));
    }
    if let Some(has_attachments) = conditions.has_attachments {
        clauses.push(format!("hasAttachments eq {has_attachments}"));
    }
    if let Some(importance) = conditions.importance {
        clauses.push(format!("importance eq {}", string_literal(importance.as_str())));
    }
    if clauses.is_empty() {
        return Asked::Everything;
    }
    if times == 0 {
        clauses.insert(0, format!("receivedDateTime ge {BEFORE_ALL_MAIL}"));
    }
    Asked::Filter(clauses.join(" and "))
}

fn no_query() -> ToolError {
    ToolError::missing_scope(
        "The text of mail can't be searched; sender, recipient, subject, dates and the other filters work.",
        &["Mail.Read"],
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, hits that don't fit would be shown, or a page of hits would cost more requests than one.
    #[rstest]
    #[case::said_in_kql(Conditions { importance: Some(Importance::High), ..Conditions::default() }, Paging::Straight)]
    #[case::no_word_of_kql(Conditions { importance: Some(Importance::Normal), ..Conditions::default() }, Paging::Scan)]
    #[case::not_in_kql(Conditions { is_unread: Some(true), ..Conditions::default() }, Paging::Scan)]
    #[case::order(Conditions { order: Order::Oldest, ..Conditions::default() }, Paging::Gather)]
    fn what_kql_cannot_say_is_done_here(#[case] conditions: Conditions<'_>, #[case] expected: Paging) {
        let conditions = Conditions { query: Some("budget"), ..conditions };
        assert_eq!(Plan::new(&conditions, MailAccess::Full, 10).unwrap().paging, expected);
    }
}
