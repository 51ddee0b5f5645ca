//! Search syntax: what is the users' own stays inside, and conditions become clauses of it.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::person::PersonQuery;
use super::words::has_word;
use crate::graph::kql_value;

/// The query with its quotes and parentheses in pairs, so that it can't swallow the clauses behind it. Where they
/// are not, the user meant words.
pub(super) fn balanced(query: &str) -> String {
    let mut depth = 0_i32;
    let mut quoted = false;
    let mut in_pairs = true;
    for character in query.chars() {
        match character {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        in_pairs &= depth >= 0;
    }
    if in_pairs && depth == 0 && !quoted {
        return query.to_owned();
    }
    query.replace(['"', '(', ')'], " ").trim().to_owned()
}

/// Whoever is meant, in this property: an address as a whole, of a name each word by how it begins.
pub(super) fn person(property: &str, person: &PersonQuery<'_>) -> Vec<String> {
    match person {
        PersonQuery::Address(address) => vec![format!("{property}:{}", kql_value(address))],
        PersonQuery::Words(words) => self::words(property, words, "*"),
    }
}

/// One clause a word, so that words may stand in any order; `ending` is `*` where part of a word is enough.
pub(super) fn words(property: &str, words: &str, ending: &str) -> Vec<String> {
    let unquoted = words.replace(['"', '\\', '*'], " ");
    let known = unquoted.split_whitespace().filter(|word| has_word(word));
    known.map(|word| format!("{property}:{}", kql_value(&format!("{word}{ending}")))).collect()
}

/// The UTC day of `moment`, `days` later.
pub(super) fn day(moment: Timestamp, days: i64) -> String {
    let date = moment.to_zoned_datetime(TimeZone::UTC).date().saturating_add(days.days());
    let mut text = String::with_capacity(10);
    if write!(text, "{date}").is_err() {
        debug_assert!(false, "a String refused to be written to");
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// If this failed, a query could switch off the conditions next to it.
        #[test]
        fn a_query_stays_inside_its_parentheses(query in "[a-z\"() ]{0,30}") {
            let safe = balanced(&query);
            prop_assert_eq!(safe.matches('"').count() % 2, 0);
            let mut depth = 0;
            let mut quoted = false;
            for character in safe.chars() {
                match character {
                    '"' => quoted = !quoted,
                    '(' if !quoted => depth += 1,
                    ')' if !quoted => depth -= 1,
                    _ => {}
                }
                prop_assert!(depth >= 0);
            }
            prop_assert_eq!(depth, 0);
        }
    }
}
