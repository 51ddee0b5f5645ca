//! Which query options an address takes: `data/options.txt`, read once.

use std::sync::LazyLock;

use thiserror::Error;

use super::address::{canonical, fits};
use super::odata::query::Query;

const DATA: &str = include_str!("../../data/options.txt");

static OPTIONS: LazyLock<Options> = LazyLock::new(|| Options::parse(DATA).unwrap_or_default());

/// A query option that changes what an answer holds, or how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QueryOption {
    Count,
    Expand,
    Filter,
    OrderBy,
    Search,
    Select,
    Skip,
    SkipToken,
    Top,
}

/// The whole table. An empty one takes whatever it is sent.
#[derive(Debug, Default)]
struct Options {
    rows: Vec<Row>,
    /// The first takes what the second takes, and what lies below it what it takes below the second.
    aliases: Vec<(Vec<&'static str>, Vec<&'static str>)>,
}

#[derive(Debug)]
struct Row {
    segments: Vec<&'static str>,
    /// What is not refused here.
    passed: Vec<QueryOption>,
}

/// A line that is none of those that the file's own head describes.
#[derive(Debug, Error)]
#[error("line {0} is not valid")]
struct Malformed(usize);

impl QueryOption {
    const ALL: [Self; 9] = [
        Self::Select,
        Self::Filter,
        Self::OrderBy,
        Self::Expand,
        Self::Search,
        Self::Count,
        Self::Skip,
        Self::SkipToken,
        Self::Top,
    ];

    /// As it stands in an address.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Count => "$count",
            Self::Expand => "$expand",
            Self::Filter => "$filter",
            Self::OrderBy => "$orderby",
            Self::Search => "$search",
            Self::Select => "$select",
            Self::Skip => "$skip",
            Self::SkipToken => "$skiptoken",
            Self::Top => "$top",
        }
    }

    /// As the services call it in sentences that do not quote the address.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Expand => "Expand",
            Self::Filter => "Filter",
            Self::OrderBy => "OrderBy",
            Self::Search => "Search",
            Self::Select => "Select",
            Self::Skip => "Skip",
            Self::SkipToken => "SkipToken",
            Self::Top => "Top",
        }
    }

    const fn is_in(self, query: &Query) -> bool {
        match self {
            Self::Count => query.count,
            Self::Expand => query.expand.is_some(),
            Self::Filter => query.filter.is_some(),
            Self::OrderBy => query.order_by.is_some(),
            Self::Search => query.search.is_some(),
            Self::Select => query.select.is_some(),
            Self::Skip => query.skip.is_some(),
            Self::SkipToken => query.skip_token.is_some(),
            Self::Top => query.top().is_some(),
        }
    }
}

/// The first option of `query` that the address `path` (as sent, without the version) does not take. An address that leads
/// nowhere takes whatever it is sent, and is refused for that.
pub(super) fn not_taken(path: &str, query: &Query) -> Option<QueryOption> {
    let mut sent = QueryOption::ALL.into_iter().filter(|option| option.is_in(query)).peekable();
    sent.peek()?;
    let row = OPTIONS.row(path)?;
    sent.find(|option| !row.passed.contains(option))
}

impl Options {
    fn parse(text: &'static str) -> Result<Self, Malformed> {
        let mut options = Self::default();
        for (place, line) in text.lines().enumerate() {
            options.read(line).ok_or(Malformed(place + 1))?;
        }
        Ok(options)
    }

    fn read(&mut self, line: &'static str) -> Option<()> {
        let mut words = line.split_whitespace();
        let Some(first) = words.next().filter(|word| !word.starts_with('#')) else { return Some(()) };
        if line.starts_with(char::is_whitespace) {
            let row = self.rows.last_mut().filter(|_| ["takes", "ignores", "refuses"].contains(&first))?;
            for word in words {
                row.passed.push(QueryOption::ALL.into_iter().find(|option| option.name() == word)?);
            }
            return Some(());
        }
        let segments = |path: &'static str| path.split('/').filter(|segment| !segment.is_empty()).collect();
        match (words.next(), words.next()) {
            (None, _) => self.rows.push(Row { segments: segments(first), passed: Vec::new() }),
            (Some("is"), Some(other)) => self.aliases.push((segments(first), segments(other))),
            _ => return None,
        }
        Some(())
    }

    /// What is said of an address: under its own name, or under that by which an alias calls it.
    fn row(&self, path: &str) -> Option<&Row> {
        let segments = canonical(path);
        let find = |segments: &[&str]| self.rows.iter().find(|row| fits(&row.segments, segments));
        find(&segments).or_else(|| find(&self.resolved(segments)))
    }

    /// An address by the name that its aliases give it. Each alias is used once, so that it ends.
    fn resolved<'a>(&self, mut segments: Vec<&'a str>) -> Vec<&'a str> {
        for (alias, other) in &self.aliases {
            let begins = segments.len() >= alias.len() && fits(alias, &segments[..alias.len()]);
            if begins {
                segments.splice(..alias.len(), other.iter().copied());
            }
        }
        segments
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// A table that can't be read would take everything everywhere.
    #[test]
    fn the_table_is_read_whole() {
        assert!(Options::parse(DATA).unwrap().rows.len() > 50);
        for wrong in ["    takes $top\n", "/a\n    takes $tip\n", "/a\n    likes $top\n", "/a as /b\n"] {
            assert!(Options::parse(wrong).is_err(), "{wrong}");
        }
    }

    /// An address that is looked up under another name takes what it does not know.
    #[rstest]
    #[case("/users/u", "me")]
    #[case("/users/$count", "users/$count")]
    #[case("/users/u/calendar", "me/calendars/{calendar}")]
    #[case("/users/u/calendar/events/e", "me/events/{event}")]
    #[case("/users/u/calendar/events/e/attachments", "me/events/{event}/attachments")]
    #[case("/drives/d", "me/drive")]
    #[case("/shares/u!x/root", "me/drive/items/{item}")]
    #[case("/shares/u!x/root/children", "me/drive/items/{item}/children")]
    #[case("/sites/s/drive/root:/a/b:/children", "me/drive/items/{item}/children")]
    #[case("/me/chats/c/messages", "chats/{chat}/messages")]
    #[case("/teams/t/channels/c/messages/delta()", "teams/{team}/channels/{channel}/messages/delta")]
    #[case("/sites/s/pages/microsoft.graph.sitePage", "sites/{site}/pages/microsoft.graph.sitePage")]
    fn an_address_stands_under_one_name(#[case] path: &str, #[case] expected: &str) {
        assert_eq!(OPTIONS.row(path).unwrap().segments.join("/"), expected);
    }
}
