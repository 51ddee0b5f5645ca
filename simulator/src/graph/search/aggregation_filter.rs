//! `aggregationFilters`: only what falls into buckets of an earlier answer.

use serde_json::Value;

use super::aggregation::{token, written};
use super::fields::{is_field, value};
use super::range::Range;
use super::refusal::SearchRefusal;
use crate::graph::findable::Document;

/// A field, and what its value may be: `fileType:"ǂǂ646f6378"`, `fileType:or("…","…")`, `size:range(min, 100)`.
#[derive(Debug, PartialEq)]
pub(super) struct AggregationFilter {
    field: String,
    allowed: Allowed,
}

#[derive(Debug, PartialEq)]
enum Allowed {
    /// Values by their tokens.
    Tokens(Vec<String>),
    Range(Range),
}

impl AggregationFilter {
    pub(super) fn parse(text: &str) -> Result<Self, SearchRefusal> {
        let wrong = || SearchRefusal::Filter(text.to_owned());
        let (field, allowed) = text.split_once(':').ok_or_else(wrong)?;
        if !is_field(field) {
            return Err(SearchRefusal::Field(field.to_owned()));
        }
        Ok(Self { field: field.to_owned(), allowed: Allowed::parse(allowed).ok_or_else(wrong)? })
    }

    pub(super) fn admits(&self, document: &dyn Document) -> bool {
        value(document, &self.field).is_some_and(|value| self.allowed.holds(&value))
    }
}

impl Allowed {
    fn parse(text: &str) -> Option<Self> {
        if let Some(range) = inner(text, "range") {
            return Range::of_token(range).map(Self::Range);
        }
        let tokens = inner(text, "or").unwrap_or(text).split(',').map(str::trim);
        let is_token = |token: &str| token.len() > 1 && token.starts_with('"') && token.ends_with('"');
        tokens.map(|token| is_token(token).then(|| token.to_owned())).collect::<Option<_>>().map(Self::Tokens)
    }

    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Tokens(tokens) => tokens.contains(&token(&written(value))),
            Self::Range(range) => range.holds(value),
        }
    }
}

/// What stands in the brackets behind `name`.
fn inner<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.strip_prefix(name)?.trim().strip_prefix('(')?.strip_suffix(')')
}
