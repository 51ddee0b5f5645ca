//! `range` of a text: lines, counted from 1.

use std::ops::Range;

use schemars::JsonSchema;
use serde::Serialize;

use crate::tools::error::ToolError;

/// The first line and the last; without one, the text's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tools) struct Lines {
    first: usize,
    last: Option<usize>,
}

/// Which lines are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct LinesShown {
    first: usize,
    last: usize,
    total: usize,
}

impl Lines {
    /// `10-50`, `10-`, `10`, each with or without `lines` before it.
    pub(super) fn parse(text: &str) -> Result<Self, ToolError> {
        let refused = || {
            ToolError::invalid_argument(
                "range",
                "not understood.",
                "Of a text give the first and the last of its rows, counted from 1, as in \"10-50\".",
            )
        };
        let numbers = text.trim().trim_start_matches("lines").trim_start_matches("line").trim();
        let number =
            |text: &str| text.trim().parse::<usize>().ok().filter(|number| *number > 0).ok_or_else(refused);
        let (first, last) = match numbers.split_once('-') {
            None => (number(numbers)?, Some(number(numbers)?)),
            Some((first, last)) if last.trim().is_empty() => (number(first)?, None),
            Some((first, last)) => (number(first)?, Some(number(last)?)),
        };
        if last.is_some_and(|last| last < first) {
            return Err(refused());
        }
        Ok(Self { first, last })
    }

    /// Where these lines stand in `text`. A range that begins behind the last line is an error that says how many there are.
    pub(super) fn within(self, text: &str) -> Result<(Range<usize>, Option<LinesShown>), ToolError> {
        let ends: Vec<usize> = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1).collect();
        let total = ends.len() + usize::from(ends.last() != Some(&text.len()));
        if self.first > total {
            return Err(ToolError::invalid_argument(
                "range",
                format!("it begins behind the end; the text has {total} rows."),
                "Ask for an earlier range, or for the whole without one.",
            ));
        }
        let last = self.last.unwrap_or(total).min(total);
        let end_of =
            |row: usize| row.checked_sub(1).map_or(0, |place| ends.get(place).copied().unwrap_or(text.len()));
        let window = end_of(self.first - 1)..end_of(last);
        Ok((window, Some(LinesShown { first: self.first, last, total })))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const TEXT: &str = "one\ntwo\nthree\n";

    /// If this failed, other lines would be given than were asked for.
    #[rstest]
    #[case::some("2-3", TEXT, "two\nthree\n", 3)]
    #[case::one("2", TEXT, "two\n", 3)]
    #[case::to_the_end("lines 2-", TEXT, "two\nthree\n", 3)]
    #[case::more_than_there_are("3-900", TEXT, "three\n", 3)]
    #[case::all("1-3", TEXT, TEXT, 3)]
    #[case::no_end_of_line("2-2", "a\nb", "b", 2)]
    fn lines_are_counted_from_one(
        #[case] range: &str,
        #[case] text: &str,
        #[case] expected: &str,
        #[case] total: usize,
    ) {
        let (window, shown) = Lines::parse(range).unwrap().within(text).unwrap();
        assert_eq!(&text[window], expected);
        assert_eq!(shown.unwrap().total, total);
    }

    /// If this failed, a range that means nothing would give something.
    #[rstest]
    #[case::no_number("a-b")]
    #[case::backwards("3-2")]
    #[case::zero("0-2")]
    #[case::sheet("Sheet1!A1:F50")]
    #[case::nothing("-")]
    fn what_is_no_range_is_an_error(#[case] range: &str) {
        assert!(Lines::parse(range).is_err(), "{range}");
    }

    /// If this failed, the end of a text would look like an empty one.
    #[test]
    fn behind_the_end_there_is_nothing() {
        let Err(ToolError::Actionable(error)) = Lines::parse("4").unwrap().within(TEXT) else {
            panic!("found")
        };
        assert!(error.why().contains("3 rows"), "{}", error.why());
    }
}
