//! The few words of a text that a hit shows: `<c0>` and `</c0>` stand round what was looked for, `<ddd/>` where
//! something is left out.

use std::ops::Range;

use crate::graph::kql::{Needle, normalised};

/// Words before the first place found.
const BEFORE: usize = 12;
/// Words of a summary.
const LENGTH: usize = 40;

pub(super) fn summary(text: &str, needles: &[&Needle]) -> String {
    let (ranges, words): (Vec<Range<usize>>, Vec<String>) = words(text).unzip();
    let length_at = |place: usize| {
        needles.iter().map(|needle| needle.stands_before(&words[place..])).max().unwrap_or_default()
    };
    let first = (0..words.len()).find(|place| length_at(*place) > 0).unwrap_or_default();
    let from = first.saturating_sub(BEFORE);
    let until = words.len().min(from + LENGTH);
    let mut shown = String::new();
    if from > 0 {
        shown.push_str("<ddd/> ");
    }
    let mut place = from;
    let mut written = ranges.get(from).map_or(0, |range| range.start);
    while place < until {
        let length = length_at(place).min(until - place);
        let last = place + length.max(1) - 1;
        shown.push_str(&text[written..ranges[place].start]);
        let word = &text[ranges[place].start..ranges[last].end];
        if length > 0 {
            shown.extend(["<c0>", word, "</c0>"]);
        } else {
            shown.push_str(word);
        }
        written = ranges[last].end;
        place = last + 1;
    }
    if until < words.len() {
        shown.push_str(" <ddd/>");
    }
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of a text: where they stand, and as the index sees them.
fn words(text: &str) -> impl Iterator<Item = (Range<usize>, String)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + text[rest..].find(char::is_alphanumeric)?;
        let length = text[start..].find(|letter: char| !letter.is_alphanumeric());
        let end = length.map_or(text.len(), |length| start + length);
        rest = end;
        Some((start..end, normalised(&text[start..end]).trim().to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::graph::kql::{Kql, Vocabulary};

    /// A client that strips the marks must find them where the real ones are: round whole words, not within them.
    #[rstest]
    #[case("budg", "The Budget, again", "The <c0>Budget</c0>, again")]
    #[case("\"the budget\"", "See the  budget\nnow", "See <c0>the budget</c0> now")]
    #[case("udget", "The Budget", "The Budget")]
    #[case("*", "All of it", "All of it")]
    #[case("x", "", "")]
    fn what_was_looked_for_is_marked(#[case] query: &str, #[case] text: &str, #[case] expected: &str) {
        let kql = Kql::parse_query(query, Vocabulary::SharePoint).unwrap();
        assert_eq!(summary(text, &kql.needles()), expected);
    }

    /// A summary that is the whole text would tell a client nothing about how to deal with a part.
    #[test]
    fn a_long_text_is_cut_round_what_was_found() {
        let text = format!("{}budget{}", "word ".repeat(100), " word".repeat(100));
        let kql = Kql::parse_query("budget", Vocabulary::SharePoint).unwrap();
        let shown = summary(&text, &kql.needles());
        assert!(shown.starts_with("<ddd/> word") && shown.ends_with("word <ddd/>"), "{shown}");
        assert!(shown.contains("<c0>budget</c0>") && shown.split(' ').count() == LENGTH + 2, "{shown}");
    }
}
