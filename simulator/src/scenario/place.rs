//! Where in the text of a scenario something stands.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One step into a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step<'a> {
    Key(&'a str),
    /// Into a list of tables.
    Entry(usize),
}

/// The line, counted from 1, of what lies at the end of these steps; of the last one on the way to it that is there.
pub(super) fn line_of(text: &str, steps: &[Step<'_>]) -> usize {
    let at = DeTable::parse(text).map_or(0, |root| offset(root.get_ref(), steps));
    text.get(..at).unwrap_or_default().matches('\n').count() + 1
}

fn offset(root: &DeTable<'_>, steps: &[Step<'_>]) -> usize {
    let Some((Step::Key(first), rest)) = steps.split_first() else { return 0 };
    let Some((key, mut value)) = entry(root, first) else { return 0 };
    let mut at = key.span().start;
    for step in rest {
        let found = match (step, value.get_ref()) {
            (Step::Key(name), DeValue::Table(table)) => {
                entry(table, name).map(|(key, value)| (key.span().start, value))
            }
            (Step::Entry(place), DeValue::Array(entries)) => {
                entries.get(*place).map(|value| (value.span().start, value))
            }
            _ => None,
        };
        let Some((start, inner)) = found else { break };
        (at, value) = (start, inner);
    }
    at
}

type Entry<'a, 'i> = (&'a Spanned<std::borrow::Cow<'i, str>>, &'a Spanned<DeValue<'i>>);

fn entry<'a, 'i>(table: &'a DeTable<'i>, name: &str) -> Option<Entry<'a, 'i>> {
    table.iter().find(|(key, _)| key.get_ref() == name)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Step::{Entry, Key};
    use super::*;

    const TEXT: &str = "\
# seed = 2
note = \"\"\"
seed = 3
\"\"\"
\"seed\" = 1

[throttling]
scale = 1

[throttling.foreign]
share = 2

[[fault]]
status = 503
[[fault]]
body = \"\"\"
status = 1
\"\"\"
latency = { kind = \"fixed\",
  ms = -1 }
retry_after.form = \"x\"
";

    /// Fails when somebody is sent to a line that only looks like the one meant: a comment, a text, another table.
    #[rstest]
    #[case(&[Key("seed")], 5)]
    #[case(&[Key("throttling"), Key("foreign"), Key("share")], 11)]
    #[case(&[Key("fault"), Entry(0), Key("status")], 14)]
    #[case(&[Key("fault"), Entry(1), Key("latency"), Key("ms")], 20)]
    #[case(&[Key("fault"), Entry(1), Key("retry_after"), Key("form")], 21)]
    #[case::what_is_missing_is_said_of_its_table(&[Key("fault"), Entry(1), Key("service")], 15)]
    #[case::what_is_nowhere(&[Key("tenants"), Entry(7)], 1)]
    fn a_line_is_that_of_the_field(#[case] steps: &[Step<'_>], #[case] line: usize) {
        assert_eq!(line_of(TEXT, steps), line);
    }
}
