//! `$search` on messages: the part of the Keyword Query Language that Exchange understands.

mod dates;
mod evaluate;
mod lexer;
mod parser;
mod text;

pub(super) use evaluate::{Role, Searchable, matches};
pub(super) use text::normalised;

use jiff::Timestamp;

use super::refusal::Refusal;
use text::Needle;

/// A parsed query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kql {
    Every(Vec<Self>),
    Either(Vec<Self>),
    Not(Box<Self>),
    Text(Place, Needle),
    HasAttachment(bool),
    Importance(String),
    /// Half open: `from` belongs to it, `until` does not.
    Time {
        which: Moment,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    },
    Size {
        from: u64,
        until: u64,
    },
    Kind(String),
}

/// Where a text is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Sender, subject and body.
    Anywhere,
    From,
    To,
    Cc,
    Bcc,
    /// To, cc and bcc.
    Recipients,
    /// The recipients and the sender.
    Participants,
    Subject,
    Body,
    /// Names of attachments.
    Attachment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    Sent,
    Received,
}

impl Kql {
    /// Reads the value of `$search`: the query stands in double quotes, quotes within it behind a backslash.
    pub(super) fn parse(search: &str) -> Result<Self, Refusal> {
        parser::parse(&unwrapped(search.trim())?)
    }
}

fn unwrapped(search: &str) -> Result<String, Refusal> {
    let refused =
        || Refusal::SearchSyntax(format!("the value of $search must stand in double quotes in '{search}'."));
    let inner = search
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .filter(|inner| !inner.trim().is_empty())
        .ok_or_else(refused)?;
    let mut query = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return Err(refused()),
            // The last backslash escaped the closing quote: the value was not closed at all.
            '\\' => query.push(letters.next().ok_or_else(refused)?),
            other => query.push(other),
        }
    }
    Ok(query)
}
