//! `$expand`: what is asked for along with an object.

use percent_encoding::utf8_percent_encode;

use super::query::{Query, VALUE};
use crate::graph::refusal::Refusal;

/// What nothing is known by, or what can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) struct NotExpandable(pub(in crate::graph) String);

/// A name, and the options in parentheses after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) struct Expansion {
    pub(in crate::graph) name: String,
    options: Vec<(String, String)>,
}

impl Expansion {
    /// The value of an option, named without `$`.
    pub(in crate::graph) fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Its options as those of a request for what is expanded: what comes along is the answer to it.
    pub(in crate::graph) fn query(&self) -> Result<Query, Refusal> {
        let pairs = self
            .options
            .iter()
            .map(|(name, value)| format!("%24{name}={}", utf8_percent_encode(value, VALUE)));
        Query::parse(&pairs.collect::<Vec<_>>().join("&"))
    }
}

/// Reads `$expand`; every name must be one of `known`.
pub(in crate::graph) fn parse(expand: Option<&str>, known: &[&str]) -> Result<Vec<Expansion>, NotExpandable> {
    let Some(expand) = expand else { return Ok(Vec::new()) };
    split(expand, ',').into_iter().map(|text| expansion(text.trim(), known)).collect()
}

fn expansion(text: &str, known: &[&str]) -> Result<Expansion, NotExpandable> {
    let refused = || NotExpandable(text.to_owned());
    let (name, options) = match text.split_once('(') {
        Some((name, rest)) => (name, rest.strip_suffix(')').ok_or_else(refused)?),
        None => (text, ""),
    };
    let name = known.iter().find(|known| known.eq_ignore_ascii_case(name)).ok_or_else(refused)?;
    let options = split(options, ';')
        .into_iter()
        .filter(|option| !option.is_empty())
        .map(|option| {
            let (name, value) = option.split_once('=').ok_or_else(refused)?;
            Ok((name.trim().trim_start_matches('$').to_ascii_lowercase(), value.trim().to_owned()))
        })
        .collect::<Result<_, NotExpandable>>()?;
    Ok(Expansion { name: (*name).to_owned(), options })
}

/// Splits where no parenthesis is open.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut depth = 0_usize;
    text.split(|letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == separator && depth == 0
    })
    .collect()
}
