//! Right answers made wrong: pages that do not end, links that lead astray, bodies that are no JSON.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value};
use url::Url;

use crate::message::{Answer, Request};

/// The size of a huge body in bytes: 20 MiB.
const HUGE: usize = 20 << 20;

/// What is wrong with the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The page's next link leads to the page itself.
    NextLinkLoop,
    /// The page's next link leads to another host.
    NextLinkForeign,
    /// Every address in the answer but Graph's own leads to another host.
    LinksForeign,
    /// A redirect to another host, in place of the answer or of where the answer redirects to.
    RedirectForeign,
    /// No entries, and a next link to the same page.
    EmptyPage,
    /// Every page after the first begins with the last entry of the one before.
    Duplicates,
    /// The first half of the body, as if that were all.
    Truncated,
    /// The whole body, but for its first colon: no JSON.
    Malformed,
    /// The same JSON with a property of 20 MiB more.
    Huge,
}

/// What addresses begin with.
const SCHEMES: [&str; 2] = ["https://", "http://"];

const NAMES: &[(&str, Kind)] = &[
    ("next_link_loop", Kind::NextLinkLoop),
    ("next_link_foreign", Kind::NextLinkForeign),
    ("links_foreign", Kind::LinksForeign),
    ("redirect_foreign", Kind::RedirectForeign),
    ("empty_page", Kind::EmptyPage),
    ("duplicates", Kind::Duplicates),
    ("truncated", Kind::Truncated),
    ("malformed", Kind::Malformed),
    ("huge", Kind::Huge),
];

impl Kind {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    /// Whether it changes pages and their links, and nothing else.
    pub(crate) const fn is_of_pages(self) -> bool {
        matches!(self, Self::NextLinkLoop | Self::NextLinkForeign | Self::EmptyPage | Self::Duplicates)
    }

    /// Whether it leads to another host.
    pub(crate) const fn leads_away(self) -> bool {
        matches!(self, Self::NextLinkForeign | Self::LinksForeign | Self::RedirectForeign)
    }
}

/// A distortion in force.
#[derive(Debug)]
pub(crate) struct Distortion {
    kind: Kind,
    /// Where foreign links lead: an origin without a slash at the end.
    foreign_origin: String,
    /// Whose page was given out last, and its last entry.
    last: Mutex<Option<(u64, Value)>>,
}

impl Distortion {
    pub(crate) fn new(kind: Kind, foreign_origin: String) -> Self {
        Self { kind, foreign_origin, last: Mutex::new(None) }
    }

    /// Makes an answer wrong. Answers that the kind has nothing to do with stay as they are.
    pub(crate) fn apply(&self, answer: &mut Answer, request: &Request<'_>) {
        match self.kind {
            Kind::Truncated => answer.body.truncate(answer.body.len() / 2),
            Kind::Malformed => {
                if let Some(at) = answer.body.iter().position(|byte| *byte == b':') {
                    answer.body = [&answer.body[..at], &answer.body[at + 1..]].concat().into();
                }
            }
            Kind::LinksForeign => self.lead_astray(answer, request),
            Kind::RedirectForeign => self.redirect(answer, request),
            Kind::Huge => {
                with_object(answer, |object| {
                    object.insert("simulatedPadding".to_owned(), "x".repeat(HUGE).into());
                });
            }
            Kind::NextLinkLoop | Kind::NextLinkForeign | Kind::EmptyPage | Kind::Duplicates => {
                with_object(answer, |object| self.page(object, request));
            }
        }
    }

    fn page(&self, object: &mut Map<String, Value>, request: &Request<'_>) {
        const NEXT: &str = "@odata.nextLink";
        let Some(Value::Array(entries)) = object.get_mut("value") else { return };
        let own = own_address(request);
        match self.kind {
            Kind::EmptyPage => {
                entries.clear();
                object.insert(NEXT.to_owned(), own.into());
            }
            Kind::NextLinkForeign => {
                let next = object.get(NEXT).and_then(Value::as_str).unwrap_or(&own);
                let foreign = self.abroad(next);
                object.insert(NEXT.to_owned(), foreign.into());
            }
            Kind::Duplicates => self.repeat(entries, request),
            _ => {
                object.insert(NEXT.to_owned(), own.into());
            }
        }
    }

    /// Puts the last entry of the reader's page before this one in front of this one.
    fn repeat(&self, entries: &mut Vec<Value>, request: &Request<'_>) {
        let reader = reader(request);
        let newest = entries.last().cloned();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, entry)) = last.take()
            && of == reader
            && request.query.to_ascii_lowercase().contains("skip")
        {
            entries.insert(0, entry);
        }
        *last = newest.map(|entry| (reader, entry));
    }

    /// Changes the origins of addresses wherever they stand in a text: in members of their own and in the midst of HTML.
    fn lead_astray(&self, answer: &mut Answer, request: &Request<'_>) {
        let Ok(text) = std::str::from_utf8(&answer.body) else { return };
        let mut changed = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = next_address(rest) {
            let (before, address) = rest.split_at(at);
            changed.push_str(before);
            if let Some(behind) = address.strip_prefix(&request.origin.graph) {
                changed.push_str(&request.origin.graph);
                rest = behind;
            } else {
                changed.push_str(&self.foreign_origin);
                rest = &address[length_of_origin(address)..];
            }
        }
        changed.push_str(rest);
        answer.body = changed.into();
    }

    fn redirect(&self, answer: &mut Answer, request: &Request<'_>) {
        let own = own_address(request);
        let known = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("location"));
        let location = self.abroad(known.map_or(own.as_str(), |(_, value)| value));
        answer.status = 302;
        answer.body.clear();
        answer.replace_header("Location", &location);
    }

    /// The same path and query at the foreign origin.
    fn abroad(&self, address: &str) -> String {
        let rest = Url::parse(address).map_or_else(
            |_| address.to_owned(),
            |url| {
                let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
                format!("{}{query}", url.path())
            },
        );
        format!("{}{rest}", self.foreign_origin)
    }
}

/// Where the next address begins.
fn next_address(text: &str) -> Option<usize> {
    SCHEMES.iter().filter_map(|scheme| text.find(scheme)).min()
}

/// Of an address that stands in a text: scheme and authority, in bytes.
fn length_of_origin(address: &str) -> usize {
    let authority = address.find("://").map_or(0, |at| at + "://".len());
    let is_behind =
        |letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | ':' | '@'));
    address[authority..].find(is_behind).map_or(address.len(), |length| authority + length)
}

fn own_address(request: &Request<'_>) -> String {
    let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
    format!("{}{}{query}", request.origin.base, request.path)
}

/// Tells apart who reads which list.
fn reader(request: &Request<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (request.path, request.bearer()).hash(&mut hasher);
    hasher.finish()
}

/// Changes a body that is a JSON object.
fn with_object(answer: &mut Answer, change: impl FnOnce(&mut Map<String, Value>)) {
    if let Ok(Value::Object(mut object)) = serde_json::from_slice::<Value>(&answer.body) {
        change(&mut object);
        answer.body = Value::Object(object).to_string().into();
    }
}
