//! Recursive descent over the tokens of a `$filter`.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::Schema;
use super::condition::{Condition, Literal, Matching, Operand, Operator, Part};
use super::lexer::{Token, tokens};
use super::value::Kind;
use crate::graph::refusal::Refusal;

/// Parentheses and `not` within each other: more is refused before the stack could feel it.
const MAX_DEPTH: usize = 64;

/// A filter's tree, and what was met on the way.
pub(super) struct Parsed<F> {
    pub(super) root: Condition<F>,
    /// The properties named, in the order of their first mention.
    pub(super) fields: Vec<F>,
    pub(super) uses_contains: bool,
}

pub(super) fn parse<S: Schema>(filter: &str) -> Result<Parsed<S::Field>, Refusal> {
    let tokens = tokens(filter)?;
    let mut parser = Parser::<S> {
        source: filter,
        tokens: &tokens,
        place: 0,
        depth: 0,
        range: None,
        fields: Vec::new(),
        uses_contains: false,
    };
    let root = parser.either()?;
    if parser.place < tokens.len() {
        return Err(parser.syntax());
    }
    Ok(Parsed { root, fields: parser.fields, uses_contains: parser.uses_contains })
}

struct Parser<'a, S: Schema> {
    source: &'a str,
    tokens: &'a [Token<'a>],
    place: usize,
    depth: usize,
    /// Name of the lambda's variable, and what its collection holds.
    range: Option<(&'a str, Kind)>,
    fields: Vec<S::Field>,
    uses_contains: bool,
}

type Clause<S> = Result<Condition<<S as Schema>::Field>, Refusal>;

impl<'a, S: Schema> Parser<'a, S> {
    fn either(&mut self) -> Clause<S> {
        let mut parts = vec![self.every()?];
        while self.keyword("or") {
            parts.push(self.every()?);
        }
        Ok(single_or(parts, Condition::Either))
    }

    fn every(&mut self) -> Clause<S> {
        let mut parts = vec![self.unary()?];
        while self.keyword("and") {
            parts.push(self.unary()?);
        }
        Ok(single_or(parts, Condition::Every))
    }

    fn unary(&mut self) -> Clause<S> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Refusal::FilterSyntax(format!(
                "the clause is nested deeper than {MAX_DEPTH} levels."
            )));
        }
        let condition = if self.keyword("not") {
            Condition::Not(Box::new(self.unary()?))
        } else if self.take(&Token::Open) {
            let inner = self.either()?;
            self.expect(&Token::Close)?;
            inner
        } else {
            self.primary()?
        };
        self.depth -= 1;
        Ok(condition)
    }

    fn primary(&mut self) -> Clause<S> {
        let tokens = self.tokens;
        match (tokens.get(self.place), tokens.get(self.place + 1)) {
            (Some(Token::Word(name)), Some(Token::Open)) => {
                self.place += 2;
                let call = self.call(name)?;
                self.judged(call)
            }
            (Some(Token::Word(word)), _) if !is_literal_word(word) => self.property_first(word),
            (Some(Token::Word(_) | Token::Text(_) | Token::Literal(_)), _) => self.literal_first(),
            _ => Err(self.syntax()),
        }
    }

    fn property_first(&mut self, path: &'a str) -> Clause<S> {
        self.place += 1;
        let (operand, kind) = self.operand(path)?;
        let Some(operator) = self.operator() else {
            if kind == Kind::Flag {
                return Ok(Condition::Compare(operand, Operator::Equal, Literal::Flag(true)));
            }
            return Err(self.syntax());
        };
        let literal = self.literal(kind, operator)?;
        Ok(Condition::Compare(operand, operator, literal))
    }

    /// `'high' eq importance`: the same as the other way round.
    fn literal_first(&mut self) -> Clause<S> {
        let start = self.place;
        self.place += 1;
        let operator = self.operator().ok_or_else(|| self.syntax())?;
        let Some(Token::Word(path)) = self.tokens.get(self.place) else { return Err(self.syntax()) };
        let (operand, kind) = self.operand(path)?;
        let end = self.place + 1;
        self.place = start;
        let literal = self.literal(kind, operator)?;
        self.place = end;
        Ok(Condition::Compare(operand, flipped(operator), literal))
    }

    fn call(&mut self, name: &'a str) -> Clause<S> {
        if let Some((path, lambda)) = name.rsplit_once('/') {
            return self.lambda(path, lambda);
        }
        let matching = match name.to_ascii_lowercase().as_str() {
            "startswith" => Matching::StartsWith,
            "endswith" => Matching::EndsWith,
            "contains" => Matching::Contains,
            _ => {
                let reason = format!("An unknown function with name '{name}' was found.");
                return Err(Refusal::FilterSyntax(reason));
            }
        };
        self.uses_contains |= matching == Matching::Contains;
        let Some(Token::Word(path)) = self.tokens.get(self.place) else { return Err(self.syntax()) };
        self.place += 1;
        let (operand, kind) = self.operand(path)?;
        self.expect(&Token::Comma)?;
        let Some(Token::Text(needle)) = self.tokens.get(self.place) else { return Err(self.syntax()) };
        self.place += 1;
        self.expect(&Token::Close)?;
        if kind != Kind::Text {
            let reason = format!("No function signature for '{name}' matches '{}'.", kind.edm_name());
            return Err(Refusal::FilterSyntax(reason));
        }
        Ok(Condition::Match(matching, operand, needle.to_lowercase()))
    }

    /// `startswith(…) eq false`: a call may be compared with what it gives.
    fn judged(&mut self, call: Condition<S::Field>) -> Clause<S> {
        let Some(operator) = self.operator() else { return Ok(call) };
        let wanted = self.literal(Kind::Flag, operator)? == Literal::Flag(true);
        match operator {
            Operator::Equal if wanted => Ok(call),
            Operator::NotEqual if !wanted => Ok(call),
            Operator::Equal | Operator::NotEqual => Ok(Condition::Not(Box::new(call))),
            _ => Err(self.syntax()),
        }
    }

    fn lambda(&mut self, path: &'a str, lambda: &str) -> Clause<S> {
        let (field, kind) = self.field(path)?;
        if !matches!(kind, Kind::Texts | Kind::Recipients | Kind::Members) || self.range.is_some() {
            return Err(self.syntax());
        }
        let every = match lambda.to_ascii_lowercase().as_str() {
            "any" => false,
            "all" => true,
            _ => return Err(self.syntax()),
        };
        if !every && self.take(&Token::Close) {
            return Ok(Condition::Any(field, None));
        }
        let Some(Token::Word(variable)) = self.tokens.get(self.place) else { return Err(self.syntax()) };
        self.place += 1;
        self.expect(&Token::Colon)?;
        self.range = Some((variable, kind));
        let inner = Box::new(self.either()?);
        self.range = None;
        self.expect(&Token::Close)?;
        Ok(if every { Condition::All(field, inner) } else { Condition::Any(field, Some(inner)) })
    }

    fn operand(&mut self, path: &'a str) -> Result<(Operand<S::Field>, Kind), Refusal> {
        if let Some((variable, kind)) = self.range {
            let (head, tail) = path.split_once('/').unwrap_or((path, ""));
            if head == variable {
                let part = element_part(kind, tail).ok_or_else(|| unknown::<S>(path))?;
                return Ok((Operand::Element(part), Kind::Text));
            }
        }
        let (field, kind) = self.field(path)?;
        if matches!(kind, Kind::Texts | Kind::Recipients | Kind::Members) {
            return Err(self.syntax());
        }
        Ok((Operand::Field(field), kind))
    }

    fn field(&mut self, path: &str) -> Result<(S::Field, Kind), Refusal> {
        let (field, kind) = S::field(path).ok_or_else(|| unknown::<S>(path))?;
        if !self.fields.contains(&field) {
            self.fields.push(field);
        }
        Ok((field, kind))
    }

    fn operator(&mut self) -> Option<Operator> {
        let Some(Token::Word(word)) = self.tokens.get(self.place) else { return None };
        let operator = match word.to_ascii_lowercase().as_str() {
            "eq" => Operator::Equal,
            "ne" => Operator::NotEqual,
            "gt" => Operator::Greater,
            "ge" => Operator::GreaterOrEqual,
            "lt" => Operator::Less,
            "le" => Operator::LessOrEqual,
            _ => return None,
        };
        self.place += 1;
        Some(operator)
    }

    fn literal(&mut self, kind: Kind, operator: Operator) -> Result<Literal, Refusal> {
        let token = self.tokens.get(self.place).ok_or_else(|| self.syntax())?;
        self.place += 1;
        let (literal, found) = match token {
            Token::Word(word) => match word.to_ascii_lowercase().as_str() {
                "null" => return Ok(Literal::Null),
                "true" => (Literal::Flag(true), Kind::Flag),
                "false" => (Literal::Flag(false), Kind::Flag),
                _ => return Err(self.syntax()),
            },
            Token::Text(text) => match kind {
                Kind::Member(members) => {
                    return member(text, members).ok_or_else(|| {
                        Refusal::FilterSyntax(format!(
                            "The string '{text}' is not a valid enumeration value."
                        ))
                    });
                }
                Kind::QuotedTime => match time(text) {
                    Some(time) => (Literal::Time(time), kind),
                    None => return Err(self.syntax()),
                },
                _ => (Literal::Text(text.clone()), Kind::Text),
            },
            Token::Literal(text) => number_or_time(text).ok_or_else(|| self.syntax())?,
            _ => return Err(self.syntax()),
        };
        if found != kind {
            return Err(Refusal::FilterSyntax(format!(
                "A binary operator with incompatible types was detected. Found operand types '{}' and '{}' for \
                 operator kind '{operator:?}'.",
                kind.edm_name(),
                found.edm_name()
            )));
        }
        Ok(literal)
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let found = matches!(self.tokens.get(self.place), Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword));
        self.place += usize::from(found);
        found
    }

    fn take(&mut self, token: &Token<'_>) -> bool {
        let found = self.tokens.get(self.place) == Some(token);
        self.place += usize::from(found);
        found
    }

    fn expect(&mut self, token: &Token<'_>) -> Result<(), Refusal> {
        if self.take(token) { Ok(()) } else { Err(self.syntax()) }
    }

    fn syntax(&self) -> Refusal {
        Refusal::FilterSyntax(format!("Syntax error at token {} in '{}'.", self.place + 1, self.source))
    }
}

fn single_or<F>(mut parts: Vec<Condition<F>>, join: fn(Vec<Condition<F>>) -> Condition<F>) -> Condition<F> {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => join(parts),
    }
}

fn unknown<S: Schema>(path: &str) -> Refusal {
    Refusal::UnknownProperty { property: path.to_owned(), resource: S::TYPE_NAME }
}

fn is_literal_word(word: &str) -> bool {
    ["true", "false", "null"].iter().any(|literal| literal.eq_ignore_ascii_case(word))
}

fn element_part(kind: Kind, tail: &str) -> Option<Part> {
    match (kind, tail.to_ascii_lowercase().as_str()) {
        (Kind::Texts, "") => Some(Part::Itself),
        (Kind::Recipients, "emailaddress/address") | (Kind::Members, "email") => Some(Part::Address),
        (Kind::Recipients, "emailaddress/name") | (Kind::Members, "displayname") => Some(Part::Name),
        _ => None,
    }
}

fn member(text: &str, members: &'static [&'static str]) -> Option<Literal> {
    members
        .iter()
        .find(|member| member.eq_ignore_ascii_case(text))
        .map(|member| Literal::Text((*member).to_owned()))
}

const fn flipped(operator: Operator) -> Operator {
    match operator {
        Operator::Greater => Operator::Less,
        Operator::GreaterOrEqual => Operator::LessOrEqual,
        Operator::Less => Operator::Greater,
        Operator::LessOrEqual => Operator::GreaterOrEqual,
        same => same,
    }
}

fn number_or_time(text: &str) -> Option<(Literal, Kind)> {
    if let Ok(number) = text.parse() {
        return Some((Literal::Number(number), Kind::Number));
    }
    time(text).map(|time| (Literal::Time(time), Kind::Time))
}

/// An instant; a date alone, or a time without zone, is UTC.
fn time(text: &str) -> Option<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    let civil = match text.parse::<Date>() {
        Ok(date) if text.len() == 10 => date.to_datetime(jiff::civil::Time::midnight()),
        _ => text.parse::<DateTime>().ok()?,
    };
    TimeZone::UTC.to_timestamp(civil).ok()
}
