//! Splits a `$filter` into tokens.

use crate::graph::refusal::Refusal;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Open,
    Close,
    Comma,
    Colon,
    /// A quoted string, its doubled quotes made single.
    Text(String),
    /// A keyword, a property path, `true`, `null`.
    Word(&'a str),
    /// A number, date or time: begins with a digit or a sign.
    Literal(&'a str),
}

pub(super) fn tokens(filter: &str) -> Result<Vec<Token<'_>>, Refusal> {
    let mut found = Vec::new();
    let mut rest = filter.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            ':' => (Token::Colon, 1),
            '\'' => text(rest).ok_or_else(|| syntax(filter, rest, "unterminated string literal"))?,
            '0'..='9' | '-' => literal(rest),
            'a'..='z' | 'A'..='Z' | '_' => word(rest),
            _ => return Err(syntax(filter, rest, "unexpected character")),
        };
        found.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(found)
}

fn text(rest: &str) -> Option<(Token<'_>, usize)> {
    let mut value = String::new();
    let mut letters = rest.char_indices().skip(1).peekable();
    while let Some((place, letter)) = letters.next() {
        if letter != '\'' {
            value.push(letter);
            continue;
        }
        if letters.next_if(|(_, next)| *next == '\'').is_none() {
            return Some((Token::Text(value), place + 1));
        }
        value.push('\'');
    }
    None
}

fn literal(rest: &str) -> (Token<'_>, usize) {
    let length =
        span(rest, |letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '+' | ':' | '.'));
    (Token::Literal(&rest[..length]), length)
}

fn word(rest: &str) -> (Token<'_>, usize) {
    let length = span(rest, |letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '/' | '.'));
    (Token::Word(&rest[..length]), length)
}

fn span(rest: &str, belongs: impl Fn(char) -> bool) -> usize {
    rest.find(|letter| !belongs(letter)).unwrap_or(rest.len())
}

fn syntax(filter: &str, rest: &str, what: &str) -> Refusal {
    let position = filter.len() - rest.len();
    Refusal::FilterSyntax(format!("Syntax error at position {position} in '{filter}': {what}."))
}
