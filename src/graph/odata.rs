//! Text inside OData and KQL: it stays text, whatever it holds.

/// An OData string literal with its quotes; a quote inside is doubled (OData 4.01, ABNF rule `string`).
pub fn string_literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('\'');
    for character in text.chars() {
        if character == '\'' {
            literal.push('\'');
        }
        literal.push(character);
    }
    literal.push('\'');
    literal
}

/// A KQL phrase with its quotes. KQL has no escape for a quote inside a phrase, so those, backslashes and control
/// characters become spaces.
pub fn kql_value(text: &str) -> String {
    let mut phrase = String::with_capacity(text.len() + 2);
    phrase.push('"');
    phrase.extend(text.chars().map(|character| match character {
        '"' | '\\' | '\u{201c}' | '\u{201d}' => ' ',
        control if control.is_control() => ' ',
        other => other,
    }));
    phrase.push('"');
    phrase
}

/// The value of `$search` for messages: the whole expression in double quotes, those inside escaped with a
/// backslash (<https://learn.microsoft.com/graph/search-query-parameter>).
pub fn kql_search(expression: &str) -> String {
    let mut value = String::with_capacity(expression.len() + 8);
    value.push('"');
    for character in expression.chars() {
        if matches!(character, '"' | '\\') {
            value.push('\\');
        }
        value.push(character);
    }
    value.push('"');
    value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads an OData literal the way a parser does: its content and what stands behind it.
    fn read_literal(text: &str) -> Option<(String, &str)> {
        let mut content = String::new();
        let mut rest = text.strip_prefix('\'')?;
        loop {
            let quote = rest.find('\'')?;
            content.push_str(&rest[..quote]);
            rest = &rest[quote + 1..];
            match rest.strip_prefix('\'') {
                Some(after) => {
                    content.push('\'');
                    rest = after;
                }
                None => return Some((content, rest)),
            }
        }
    }

    proptest! {
        /// If this failed, a name with a quote could add conditions to a filter.
        #[test]
        fn no_text_ends_its_odata_literal(text in any::<String>()) {
            let literal = string_literal(&text);
            prop_assert_eq!(read_literal(&literal), Some((text, "")));
        }

        /// If this failed, a name with a quote could add conditions to a search.
        #[test]
        fn no_text_ends_its_kql_phrase(text in any::<String>()) {
            let phrase = kql_value(&text);
            let inside = &phrase[1..phrase.len() - 1];
            prop_assert!(phrase.starts_with('"') && phrase.ends_with('"') && phrase.len() >= 2);
            prop_assert!(!inside.contains(['"', '\\']));
        }

        /// If this failed, a query could end the `$search` value early.
        #[test]
        fn no_expression_ends_its_search_value(expression in any::<String>()) {
            let value = kql_search(&expression);
            let mut inside = value[1..value.len() - 1].chars();
            let mut read = String::new();
            while let Some(character) = inside.next() {
                prop_assert_ne!(character, '"');
                read.push(if character == '\\' { inside.next().expect("an escape escapes something") } else { character });
            }
            prop_assert_eq!(read, expression);
        }
    }
}
