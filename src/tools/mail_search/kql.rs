//! Conditions as a KQL expression for `$search`.

use super::conditions::{Conditions, Importance};
use crate::graph::kql_search;
use crate::tools::kql::{self, balanced, day};

/// The value of `$search`, quotes included. Exchange reads dates by the day and in a zone that it does not tell, so
/// they are widened by a day; whoever asks checks the exact time.
pub(super) fn search_value(conditions: &Conditions<'_>) -> String {
    let mut clauses: Vec<String> = Vec::new();
    if let Some(subject) = conditions.subject {
        clauses.extend(kql::words("subject", subject, ""));
    }
    for (property, person) in [("from", &conditions.sender), ("recipients", &conditions.recipient)] {
        clauses.extend(person.iter().flat_map(|person| kql::person(property, person)));
    }
    if let Some(after) = conditions.after {
        clauses.push(format!("received>={}", day(after, -1)));
    }
    if let Some(before) = conditions.before {
        clauses.push(format!("received<={}", day(before, 1)));
    }
    if let Some(has_attachments) = conditions.has_attachments {
        clauses.push(format!("hasAttachments:{has_attachments}"));
    }
    // The words that are documented are low, medium and high: what is neither low nor high is checked here.
    if let Some(importance @ (Importance::Low | Importance::High)) = conditions.importance {
        clauses.push(format!("importance:{}", importance.as_str()));
    }
    let mut expression = String::new();
    match conditions.query.map(balanced) {
        Some(query) if clauses.is_empty() => expression.push_str(&query),
        Some(query) => clauses.insert(0, format!("({query})")),
        None => {}
    }
    expression.push_str(&clauses.join(" AND "));
    kql_search(&expression)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::tools::person::PersonQuery;

    /// If this failed, Graph would look for something else than was asked for.
    #[rstest]
    #[case::query(Conditions { query: Some("budget"), ..Conditions::default() }, r#""budget""#)]
    #[case::own_syntax(Conditions { query: Some(r#"subject:"q3 plan" OR body:draft"#), ..Conditions::default() }, r#""subject:\"q3 plan\" OR body:draft""#)]
    #[case::query_and_more(
        Conditions { query: Some("a OR b"), importance: Some(Importance::High), has_attachments: Some(true), ..Conditions::default() },
        r#""(a OR b) AND hasAttachments:true AND importance:high""#
    )]
    #[case::sender_by_name(
        Conditions { sender: Some(PersonQuery::Words("Adele V")), ..Conditions::default() },
        r#""from:\"Adele*\" AND from:\"V*\"""#
    )]
    #[case::people(
        Conditions { sender: Some(PersonQuery::Address("a@b.example")), recipient: Some(PersonQuery::Words("megan")), ..Conditions::default() },
        r#""from:\"a@b.example\" AND recipients:\"megan*\"""#
    )]
    #[case::subject(Conditions { subject: Some("Q3 \"plan\""), ..Conditions::default() }, r#""subject:\"Q3\" AND subject:\"plan\"""#)]
    #[case::signs_between_words(
        Conditions { subject: Some("Q3 - plan ("), sender: Some(PersonQuery::Words("Adele *")), ..Conditions::default() },
        r#""subject:\"Q3\" AND subject:\"plan\" AND from:\"Adele*\"""#
    )]
    #[case::importance_without_a_word(
        Conditions { query: Some("a"), importance: Some(Importance::Normal), ..Conditions::default() },
        r#""a""#
    )]
    #[case::unbalanced(
        Conditions { query: Some("a) OR (b"), subject: Some("c"), ..Conditions::default() },
        r#""(a  OR  b) AND subject:\"c\"""#
    )]
    fn conditions_become_clauses(#[case] conditions: Conditions<'_>, #[case] expected: &str) {
        assert_eq!(search_value(&conditions), expected);
    }

    /// If this failed, messages at the edge of the range would be missed.
    #[test]
    fn days_are_widened() {
        let conditions = Conditions {
            after: Some("2026-03-01T00:00:00Z".parse().unwrap()),
            before: Some("2026-12-31T12:00:00Z".parse().unwrap()),
            ..Conditions::default()
        };
        assert_eq!(search_value(&conditions), r#""received>=2026-02-28 AND received<=2027-01-01""#);
    }
}
