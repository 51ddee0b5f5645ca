//! The Keyword Query Language: `$search` on messages, and the queries of Microsoft Search, each with its own properties.

mod dates;
mod evaluate;
mod lexer;
mod parser;
mod text;
mod vocabulary;

pub(super) use evaluate::{Role, Searchable, matches};
pub(super) use text::{Needle, normalised};
pub(super) use vocabulary::Vocabulary;

use jiff::Timestamp;

use super::refusal::Refusal;

/// A parsed query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kql {
    Every(Vec<Self>),
    Either(Vec<Self>),
    Not(Box<Self>),
    Text(Place, Needle),
    Flag(Flag, bool),
    Attribute(Attribute, String),
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
    /// Names of files.
    FileName,
    Author,
    Editor,
    Location,
    SiteTitle,
}

/// What is compared as a whole, without regard to case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attribute {
    FileType,
    ContentClass,
    /// The beginning of an address.
    Path,
    /// Object id of somebody who is mentioned, without dashes.
    Mention,
}

/// What is so or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flag {
    HasAttachment,
    IsDocument,
    IsRead,
    /// Whether the searching user is mentioned.
    IsMentioned,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    Sent,
    Received,
    Created,
    Modified,
    Start,
    End,
}

impl Kql {
    /// Reads the value of `$search`: the query stands in double quotes, quotes within it behind a backslash.
    pub(super) fn parse(search: &str) -> Result<Self, Refusal> {
        parser::parse(&unwrapped(search.trim())?, Vocabulary::Mail)
    }

    /// Reads a query as Microsoft Search takes it, without quotes around it.
    pub(super) fn parse_query(query: &str, vocabulary: Vocabulary) -> Result<Self, Refusal> {
        parser::parse(query, vocabulary)
    }

    /// The texts that must or may be there, for marking them where they are found.
    pub(super) fn needles(&self) -> Vec<&Needle> {
        match self {
            Self::Every(parts) | Self::Either(parts) => parts.iter().flat_map(Self::needles).collect(),
            Self::Text(Place::Anywhere | Place::Subject | Place::Body | Place::FileName, needle) => {
                vec![needle]
            }
            _ => Vec::new(),
        }
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
