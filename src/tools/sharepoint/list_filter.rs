//! Conditions on the columns of a list, as `$filter`.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Number;

use super::kept_day;
use super::named_column::column_of;
use crate::graph::{Column, ColumnKind, string_literal};
use crate::tools::dates::{Named, Reading, named};
use crate::tools::error::ToolError;
use crate::tools::zone::Zone;

/// All of them hold at once.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Condition {
    /// Name of a column.
    column: String,
    op: Operator,
    value: Scalar,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Operator {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    StartsWith,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Scalar {
    Text(String),
    Number(#[schemars(with = "f64")] Number),
    Flag(bool),
}

/// A filter, and what it means.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    /// The value of `$filter`; empty where there are no conditions.
    pub(super) expression: String,
    /// The conditions as they were understood.
    pub(super) understood: Vec<String>,
    /// Columns that are compared with another day than a given one, which what has no date is not.
    pub(super) only_dated: Vec<String>,
    /// Columns in it that have no index.
    pub(super) without_index: Vec<String>,
}

impl Operator {
    const fn word(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Lt => "lt",
            Self::Le => "le",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::StartsWith => "startsWith",
        }
    }
}

impl Operator {
    /// What comes before a time that comes twice, comes before the second of both.
    const fn reading(self) -> Reading {
        match self {
            Self::Lt | Self::Le => Reading::Second,
            Self::Eq | Self::Ne | Self::Gt | Self::Ge | Self::StartsWith => Reading::First,
        }
    }
}

impl Filter {
    /// `now` and `zone` are for dates such as "today".
    pub(super) fn of(
        conditions: &[Condition],
        columns: &[Column<'_>],
        now: Timestamp,
        zone: &Zone,
    ) -> Result<Self, ToolError> {
        let mut filter = Self::default();
        let mut clauses = Vec::with_capacity(conditions.len());
        for condition in conditions {
            let column = column_of("filter", &condition.column, columns)?;
            let clause = condition.clause(column, now, zone)?;
            clauses.push(clause.expression);
            filter.understood.push(clause.understood);
            let name = column.name.to_string();
            if clause.is_dated && !filter.only_dated.contains(&name) {
                filter.only_dated.push(name.clone());
            }
            if column.indexed != Some(true) && !filter.without_index.contains(&name) {
                filter.without_index.push(name);
            }
        }
        filter.expression = clauses.join(" and ");
        Ok(filter)
    }
}

/// One condition, as Graph is asked it and as a caller is told it.
struct Clause {
    expression: String,
    understood: String,
    /// Whether it is about days before and after one, so that what has no date is left out.
    is_dated: bool,
}

impl Clause {
    /// What the column of that name is compared with.
    fn comparing(name: &str, op: Operator, literal: &str) -> Self {
        let expression = match op {
            Operator::StartsWith => format!("startswith(fields/{name},{literal})"),
            op => format!("fields/{name} {} {literal}", op.word()),
        };
        Self { expression, understood: format!("{name} {} {literal}", op.word()), is_dated: false }
    }

    /// SharePoint knows moments alone: days are compared with where they begin and end. `tell` is how a caller is told these.
    fn of_time(name: &str, op: Operator, time: Named, tell: impl Fn(Timestamp) -> String) -> Self {
        let is_dated = matches!((op, &time), (Operator::Ne, Named::Days { .. }));
        let (parts, joint) = match (op, time) {
            (Operator::Eq, Named::Days { start, end }) => {
                (vec![(Operator::Ge, start), (Operator::Lt, end)], " and ")
            }
            (Operator::Ne, Named::Days { start, end }) => {
                (vec![(Operator::Lt, start), (Operator::Ge, end)], " or ")
            }
            (Operator::Le, Named::Days { end, .. }) => (vec![(Operator::Lt, end)], ""),
            (Operator::Gt, Named::Days { end, .. }) => (vec![(Operator::Ge, end)], ""),
            (op, Named::Days { start: at, .. } | Named::Moment(at)) => (vec![(op, at)], ""),
        };
        let joined = |told: &dyn Fn(Operator, Timestamp) -> String| {
            parts.iter().map(|(op, at)| told(*op, *at)).collect::<Vec<_>>().join(joint)
        };
        let expression = joined(&|op, at| format!("fields/{name} {} {at}", op.word()));
        Self {
            expression: if parts.len() > 1 { format!("({expression})") } else { expression },
            understood: format!("{name} {}", joined(&|op, at| format!("{} {}", op.word(), tell(at)))),
            is_dated,
        }
    }
}

impl Condition {
    fn clause(&self, column: &Column<'_>, now: Timestamp, zone: &Zone) -> Result<Clause, ToolError> {
        match (column.kind(), &self.value) {
            (ColumnKind::DateTime, Scalar::Text(text)) if self.op != Operator::StartsWith => {
                let time = named("filter", text, now, zone, self.op.reading())?;
                if column.is_date_only() {
                    let days = kept_days(&column.name, time, zone)?;
                    return Ok(Clause::of_time(&column.name, self.op, days, |at| {
                        kept_day::day_of(at).to_string()
                    }));
                }
                Ok(Clause::of_time(&column.name, self.op, time, |at| zone.tell(at)))
            }
            (kind, _) => {
                let literal = self.literal(kind, &column.name)?;
                Ok(Clause::comparing(&column.name, self.op, &literal))
            }
        }
    }

    /// The value of a column that holds no dates.
    fn literal(&self, kind: ColumnKind, name: &str) -> Result<String, ToolError> {
        let wrong = |expected: &str| {
            Err(ToolError::invalid_argument(
                "filter",
                format!("the column {name} holds {expected}."),
                "Give a value of that kind, and an op that fits it.",
            ))
        };
        match (kind, &self.value) {
            (kind, _)
                if self.op == Operator::StartsWith
                    && !matches!(kind, ColumnKind::Text | ColumnKind::Choice) =>
            {
                wrong("no text that could begin with something")
            }
            (ColumnKind::DateTime, _) => wrong("dates"),
            (ColumnKind::Number, Scalar::Number(number)) => Ok(number.to_string()),
            (ColumnKind::Number, Scalar::Text(text)) => match text.trim().parse::<Number>() {
                Ok(number) => Ok(number.to_string()),
                Err(_) => wrong("numbers"),
            },
            (ColumnKind::Number, Scalar::Flag(_)) => wrong("numbers"),
            // SharePoint keeps yes and no as 1 and 0.
            (ColumnKind::Boolean, Scalar::Flag(flag)) => Ok(u8::from(*flag).to_string()),
            (ColumnKind::Boolean, _) => wrong("yes or no: true or false"),
            (_, Scalar::Text(text)) => Ok(string_literal(text)),
            (_, Scalar::Number(number)) => Ok(string_literal(&number.to_string())),
            (_, Scalar::Flag(_)) => wrong("texts"),
        }
    }
}

/// The same days as a column keeps them that holds days: it is no user's midnight that they are compared with.
fn kept_days(column: &str, time: Named, zone: &Zone) -> Result<Named, ToolError> {
    let kept = |at: Timestamp| kept_day::first_instant_of(zone.time_zone().to_datetime(at).date());
    match time {
        Named::Days { start, end } => Ok(Named::Days { start: kept(start), end: kept(end) }),
        Named::Moment(_) => Err(ToolError::invalid_argument(
            "filter",
            format!("the column {column} holds days without a time."),
            "Give a day: 2026-11-01, today, 3 days ago.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const COLUMNS: &str = r#"[{"name":"Title","displayName":"Name of it","text":{}},
        {"name":"Status","indexed":true,"choice":{}},{"name":"Amount","number":{}},
        {"name":"DueDate","indexed":true,"dateTime":{}},{"name":"Done","boolean":{}},
        {"name":"Review","indexed":true,"dateTime":{"format":"dateOnly"}},
        {"name":"ReplyBy","calculated":{"outputType":"dateTime","format":"dateOnly"}},
        {"name":"x' or 1 eq 1","displayName":"Odd","text":{}}]"#;

    fn filter(conditions: &str) -> Result<Filter, String> {
        filter_in(conditions, &Zone::utc())
    }

    fn filter_in(conditions: &str, zone: &Zone) -> Result<Filter, String> {
        let columns: Vec<Column<'_>> = serde_json::from_str(COLUMNS).unwrap();
        let conditions: Vec<Condition> = serde_json::from_str(conditions).unwrap();
        let now = "2026-11-23T10:00:00Z".parse().unwrap();
        Filter::of(&conditions, &columns, now, zone).map_err(|error| match error {
            ToolError::Actionable(error) => format!("{} {}", error.why(), error.how),
            ToolError::Internal(error) => panic!("{error}"),
        })
    }

    /// If this failed, a list would be filtered by something else than was asked for.
    #[rstest]
    #[case::text(r#"[{"column":"title","op":"eq","value":"It's"}]"#, "fields/Title eq 'It''s'")]
    #[case::shown_name(
        r#"[{"column":"name of it","op":"startsWith","value":"A"}]"#,
        "startswith(fields/Title,'A')"
    )]
    #[case::number(r#"[{"column":"Amount","op":"ge","value":"12.5"}]"#, "fields/Amount ge 12.5")]
    #[case::date(
        r#"[{"column":"DueDate","op":"lt","value":"today"}]"#,
        "fields/DueDate lt 2026-11-23T00:00:00Z"
    )]
    #[case::day(
        r#"[{"column":"DueDate","op":"eq","value":"2026-11-23"},{"column":"Done","op":"eq","value":true}]"#,
        "(fields/DueDate ge 2026-11-23T00:00:00Z and fields/DueDate lt 2026-11-24T00:00:00Z) and fields/Done eq 1"
    )]
    #[case::not_on_a_day(
        r#"[{"column":"DueDate","op":"ne","value":"2026-11-23"},{"column":"Done","op":"eq","value":true}]"#,
        "(fields/DueDate lt 2026-11-23T00:00:00Z or fields/DueDate ge 2026-11-24T00:00:00Z) and fields/Done eq 1"
    )]
    #[case::until_a_day(
        r#"[{"column":"DueDate","op":"le","value":"this month"}]"#,
        "fields/DueDate lt 2026-12-01T00:00:00Z"
    )]
    #[case::after_a_day(
        r#"[{"column":"DueDate","op":"gt","value":"today"}]"#,
        "fields/DueDate ge 2026-11-24T00:00:00Z"
    )]
    #[case::from_a_day(
        r#"[{"column":"DueDate","op":"ge","value":"today"}]"#,
        "fields/DueDate ge 2026-11-23T00:00:00Z"
    )]
    #[case::moment(
        r#"[{"column":"DueDate","op":"eq","value":"2026-11-23T09:30"}]"#,
        "fields/DueDate eq 2026-11-23T09:30:00Z"
    )]
    #[case::calculated_day(
        r#"[{"column":"ReplyBy","op":"lt","value":"2026-11-23"}]"#,
        "fields/ReplyBy lt 2026-11-22T10:15:00Z"
    )]
    #[case::flag(r#"[{"column":"Done","op":"eq","value":true}]"#, "fields/Done eq 1")]
    #[case::two(
        r#"[{"column":"Status","op":"ne","value":"Open"},{"column":"Amount","op":"lt","value":5}]"#,
        "fields/Status ne 'Open' and fields/Amount lt 5"
    )]
    fn conditions_become_a_filter(#[case] conditions: &str, #[case] expected: &str) {
        assert_eq!(filter(conditions).unwrap().expression, expected);
    }

    /// If this failed, nobody could see which time a day was taken for.
    #[rstest]
    #[case::day("eq", "DueDate ge 2026-11-23T00:00:00Z and lt 2026-11-24T00:00:00Z")]
    #[case::other_days("ne", "DueDate lt 2026-11-23T00:00:00Z or ge 2026-11-24T00:00:00Z")]
    fn a_day_is_told_by_its_bounds(#[case] op: &str, #[case] expected: &str) {
        let conditions = format!(r#"[{{"column":"DueDate","op":"{op}","value":"today"}}]"#);
        assert_eq!(filter(&conditions).unwrap().understood, [expected]);
    }

    /// If this failed, whoever lives elsewhere than the site would be given the day before, or the one after.
    #[rstest]
    #[case::in_utc("UTC", "2026-11-23", "2026-11-22T10:15:00Z", "2026-11-23T10:15:00Z")]
    #[case::east_of_it("Pacific/Auckland", "2026-11-23", "2026-11-22T10:15:00Z", "2026-11-23T10:15:00Z")]
    #[case::west_of_it("America/Los_Angeles", "2026-11-23", "2026-11-22T10:15:00Z", "2026-11-23T10:15:00Z")]
    #[case::where_it_is_tomorrow(
        "Pacific/Kiritimati",
        "today",
        "2026-11-23T10:15:00Z",
        "2026-11-24T10:15:00Z"
    )]
    #[case::where_it_is_yesterday("Pacific/Midway", "today", "2026-11-21T10:15:00Z", "2026-11-22T10:15:00Z")]
    #[case::a_month("Europe/Berlin", "this month", "2026-10-31T10:15:00Z", "2026-11-30T10:15:00Z")]
    fn a_column_of_days_is_compared_with_days(
        #[case] zone: &str,
        #[case] value: &str,
        #[case] start: &str,
        #[case] end: &str,
    ) {
        let conditions = format!(r#"[{{"column":"Review","op":"eq","value":"{value}"}}]"#);
        let found = filter_in(&conditions, &Zone::of_argument(Some(zone)).unwrap()).unwrap();
        assert_eq!(found.expression, format!("(fields/Review ge {start} and fields/Review lt {end})"));
    }

    /// If this failed, nobody could see which day was looked for, or would be told of a moment that no zone of theirs has.
    #[rstest]
    #[case::day("eq", "Review ge 2026-11-23 and lt 2026-11-24")]
    #[case::until_it("le", "Review lt 2026-11-24")]
    #[case::other_days("ne", "Review lt 2026-11-23 or ge 2026-11-24")]
    fn a_day_of_a_column_of_days_is_told_as_a_day(#[case] op: &str, #[case] expected: &str) {
        let conditions = format!(r#"[{{"column":"Review","op":"{op}","value":"today"}}]"#);
        assert_eq!(filter(&conditions).unwrap().understood, [expected]);
    }

    /// If this failed, nobody would know that what has no date is not among what is on other days.
    #[rstest]
    #[case::another_day("ne", "2026-11-23", &["DueDate"])]
    #[case::another_moment("ne", "2026-11-23T09:30", &[])]
    #[case::that_day("eq", "2026-11-23", &[])]
    fn what_leaves_out_items_without_a_date_is_told(
        #[case] op: &str,
        #[case] value: &str,
        #[case] expected: &[&str],
    ) {
        let conditions = format!(r#"[{{"column":"DueDate","op":"{op}","value":"{value}"}}]"#);
        assert_eq!(filter(&conditions).unwrap().only_dated, expected);
    }

    /// If this failed, a name or a value could add conditions of its own, or be compared as what it is not.
    #[rstest]
    #[case::unknown(
        r#"[{"column":"Colour","op":"eq","value":"a"}]"#,
        "Its columns: Title, Status, Amount, DueDate, Done, Review, ReplyBy."
    )]
    #[case::injection(
        r#"[{"column":"Title eq 'a' or Title","op":"eq","value":"a"}]"#,
        "no column of that name"
    )]
    #[case::odd(r#"[{"column":"Odd","op":"eq","value":"a"}]"#, "no column of that name")]
    #[case::no_number(r#"[{"column":"Amount","op":"eq","value":"1 or 1 eq 1"}]"#, "holds numbers")]
    #[case::no_date(r#"[{"column":"DueDate","op":"eq","value":5}]"#, "holds dates")]
    #[case::no_moment(r#"[{"column":"Review","op":"lt","value":"now"}]"#, "holds days without a time")]
    #[case::no_moment_in_utc(
        r#"[{"column":"Review","op":"eq","value":"2026-11-23T00:00:00Z"}]"#,
        "holds days without a time"
    )]
    #[case::no_text(r#"[{"column":"Amount","op":"startsWith","value":"1"}]"#, "no text")]
    fn what_does_not_fit_is_an_error(#[case] conditions: &str, #[case] expected: &str) {
        let error = filter(conditions).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }

    /// If this failed, nobody would be warned of a filter that a long list refuses.
    #[test]
    fn columns_without_an_index_are_named() {
        let found = filter(
            r#"[{"column":"Status","op":"eq","value":"a"},{"column":"Amount","op":"gt","value":1},
            {"column":"Amount","op":"lt","value":9}]"#,
        );
        assert_eq!(found.unwrap().without_index, ["Amount"]);
    }
}
