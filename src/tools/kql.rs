//! Search syntax of users: what is theirs stays inside.

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
