//! Splits a query into tokens.

use super::Refusal;
use super::vocabulary::{Property, Vocabulary};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    Word(String),
    Phrase(String),
    /// A known property with its operator; the value follows as tokens of its own.
    Property(Property, Relation),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Is,
    IsNot,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// Longest first, so that `<=` is not read as `<`.
const RELATIONS: &[(&str, Relation)] = &[
    ("<>", Relation::IsNot),
    (">=", Relation::GreaterOrEqual),
    ("<=", Relation::LessOrEqual),
    (":", Relation::Is),
    ("=", Relation::Is),
    (">", Relation::Greater),
    ("<", Relation::Less),
];

pub(super) fn tokens(query: &str, vocabulary: Vocabulary) -> Result<Vec<Token>, Refusal> {
    let mut found = Vec::new();
    let mut rest = query.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '"' => phrase(query, rest)?,
            '-' if begins_a_term(&rest[1..]) => (Token::Not, 1),
            '+' if begins_a_term(&rest[1..]) => (Token::And, 1),
            _ => property(rest, vocabulary).unwrap_or_else(|| word(rest)),
        };
        // A leading `+` only says what is the rule anyway.
        if token != Token::And
            || !matches!(found.last(), None | Some(Token::And | Token::Or | Token::Not | Token::Open))
        {
            found.push(token);
        }
        rest = rest[length..].trim_start();
    }
    Ok(found)
}

fn begins_a_term(rest: &str) -> bool {
    rest.starts_with(|letter: char| letter.is_alphanumeric() || matches!(letter, '"' | '('))
}

fn phrase(query: &str, rest: &str) -> Result<(Token, usize), Refusal> {
    let end = rest[1..].find('"').ok_or_else(|| {
        Refusal::SearchSyntax(format!("the phrase at position {} is not closed.", query.len() - rest.len()))
    })?;
    Ok((Token::Phrase(rest[1..=end].to_owned()), end + 2))
}

fn word(rest: &str) -> (Token, usize) {
    let length = rest
        .find(|letter: char| letter.is_whitespace() || matches!(letter, '(' | ')' | '"'))
        .unwrap_or(rest.len());
    let token = match &rest[..length] {
        "AND" | "&&" => Token::And,
        "OR" | "||" => Token::Or,
        "NOT" => Token::Not,
        word => Token::Word(word.to_owned()),
    };
    (token, length)
}

fn property(rest: &str, vocabulary: Vocabulary) -> Option<(Token, usize)> {
    let length = rest.find(|letter: char| !letter.is_ascii_alphabetic())?;
    let property = vocabulary.property(&rest[..length])?;
    let (sign, relation) = RELATIONS.iter().find(|(sign, _)| rest[length..].starts_with(sign))?;
    Some((Token::Property(property, *relation), length + sign.len()))
}
