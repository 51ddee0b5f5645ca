//! From tokens to a query. Terms side by side are joined by AND; AND binds closer than OR.

use super::dates::Period;
use super::lexer::{Relation, Token, tokens};
use super::text::Needle;
use super::vocabulary::{Property, Vocabulary};
use super::{Attribute, Kql, Moment, Place, Refusal};

/// Parentheses and NOT within each other: more is refused before the stack could feel it.
const MAX_DEPTH: usize = 64;

pub(super) fn parse(query: &str, vocabulary: Vocabulary) -> Result<Kql, Refusal> {
    let tokens = tokens(query, vocabulary)?;
    let mut parser = Parser { source: query, vocabulary, tokens: &tokens, place: 0, depth: 0 };
    let kql = parser.either(Context::Anywhere)?;
    if parser.place < tokens.len() {
        return Err(parser.syntax());
    }
    Ok(kql)
}

/// Adds a part to those that must all hold, or as an alternative to an earlier one of the same property.
fn add(parts: &mut Vec<(Option<Property>, Kql)>, named: Option<Property>, part: Kql) {
    let known = parts.iter_mut().find(|(known, _)| named.is_some() && *known == named);
    match known {
        Some((_, Kql::Either(alternatives))) => alternatives.push(part),
        Some((_, known)) => {
            let first = std::mem::replace(known, Kql::Either(Vec::new()));
            *known = Kql::Either(vec![first, part]);
        }
        None => parts.push((named, part)),
    }
}

struct Parser<'a> {
    source: &'a str,
    vocabulary: Vocabulary,
    tokens: &'a [Token],
    place: usize,
    depth: usize,
}

/// What a bare value belongs to: everything, or the property before the parenthesis (`subject:(a OR b)`).
#[derive(Debug, Clone, Copy)]
enum Context {
    Anywhere,
    Of(Property, Relation),
}

impl Parser<'_> {
    fn either(&mut self, context: Context) -> Result<Kql, Refusal> {
        let mut parts = vec![self.every(context)?];
        while self.take(&Token::Or) {
            parts.push(self.every(context)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Kql::Either(parts) })
    }

    fn every(&mut self, context: Context) -> Result<Kql, Refusal> {
        let mut parts = Vec::new();
        let mut joined = false;
        loop {
            let named = if joined { None } else { self.named() };
            let part = self.unary(context)?;
            add(&mut parts, named, part);
            joined = self.take(&Token::And);
            let ends = matches!(self.tokens.get(self.place), None | Some(Token::Or | Token::Close));
            if ends && !joined {
                break;
            }
        }
        let mut parts: Vec<Kql> = parts.into_iter().map(|(_, part)| part).collect();
        Ok(if parts.len() == 1 { parts.remove(0) } else { Kql::Every(parts) })
    }

    /// The property that the next term restricts, where another restriction of it would be an alternative.
    fn named(&self) -> Option<Property> {
        match self.tokens.get(self.place) {
            Some(Token::Property(property, Relation::Is)) if self.vocabulary.joins_alternatives() => {
                Some(*property)
            }
            _ => None,
        }
    }

    fn unary(&mut self, context: Context) -> Result<Kql, Refusal> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Refusal::SearchSyntax(format!(
                "the query is nested deeper than {MAX_DEPTH} levels."
            )));
        }
        let kql = if self.take(&Token::Not) {
            Kql::Not(Box::new(self.unary(context)?))
        } else if self.take(&Token::Open) {
            let inner = self.either(context)?;
            if !self.take(&Token::Close) {
                return Err(self.syntax());
            }
            inner
        } else {
            self.term(context)?
        };
        self.depth -= 1;
        Ok(kql)
    }

    fn term(&mut self, context: Context) -> Result<Kql, Refusal> {
        let tokens = self.tokens;
        let token = tokens.get(self.place).ok_or_else(|| self.syntax())?;
        self.place += 1;
        match (token, context) {
            (Token::Property(property, relation), Context::Anywhere) => {
                self.unary(Context::Of(*property, *relation))
            }
            (Token::Word(word), Context::Anywhere) => Ok(Kql::Text(Place::Anywhere, Needle::prefix(word))),
            (Token::Phrase(phrase), Context::Anywhere) => {
                Ok(Kql::Text(Place::Anywhere, Needle::phrase(phrase)))
            }
            (Token::Word(value), Context::Of(property, relation)) => {
                self.restriction(property, relation, value, Needle::prefix(value))
            }
            (Token::Phrase(value), Context::Of(property, relation)) => {
                self.restriction(property, relation, value, Needle::phrase(value))
            }
            _ => Err(self.syntax()),
        }
    }

    fn restriction(
        &self,
        property: Property,
        relation: Relation,
        value: &str,
        needle: Needle,
    ) -> Result<Kql, Refusal> {
        let kql = match property {
            Property::Time(which) => return self.time(which, relation, value),
            Property::Size => return self.size(relation, value),
            Property::Flag(flag) => Kql::Flag(flag, self.flag(value)?),
            Property::Importance => Kql::Importance(value.to_ascii_lowercase()),
            Property::Kind => Kql::Kind(value.to_ascii_lowercase()),
            Property::Attribute(Attribute::Mention) => {
                Kql::Attribute(Attribute::Mention, value.replace('-', "").to_lowercase())
            }
            Property::Attribute(attribute) => Kql::Attribute(attribute, value.to_lowercase()),
            Property::Text(place) => Kql::Text(place, needle),
        };
        match relation {
            Relation::Is => Ok(kql),
            Relation::IsNot => Ok(Kql::Not(Box::new(kql))),
            _ => Err(self.syntax()),
        }
    }

    fn time(&self, which: Moment, relation: Relation, value: &str) -> Result<Kql, Refusal> {
        let period = |text: &str| Period::parse(text).ok_or_else(|| self.syntax());
        if let Some((first, last)) = value.split_once("..") {
            let (from, until) = (Some(period(first)?.begin), Some(period(last)?.end));
            return Ok(Kql::Time { which, from, until });
        }
        let Period { begin, end } = period(value)?;
        let (from, until) = match relation {
            Relation::Is | Relation::IsNot => (Some(begin), Some(end)),
            Relation::GreaterOrEqual => (Some(begin), None),
            Relation::Greater => (Some(end), None),
            Relation::Less => (None, Some(begin)),
            Relation::LessOrEqual => (None, Some(end)),
        };
        let time = Kql::Time { which, from, until };
        Ok(if relation == Relation::IsNot { Kql::Not(Box::new(time)) } else { time })
    }

    fn size(&self, relation: Relation, value: &str) -> Result<Kql, Refusal> {
        let number = |text: &str| text.parse::<u32>().map(u64::from).map_err(|_| self.syntax());
        if let Some((first, last)) = value.split_once("..") {
            return Ok(Kql::Size { from: number(first)?, until: number(last)? + 1 });
        }
        let size = number(value)?;
        let (from, until) = match relation {
            Relation::Is => (size, size + 1),
            Relation::IsNot => {
                return Ok(Kql::Not(Box::new(Kql::Size { from: size, until: size + 1 })));
            }
            Relation::Greater => (size + 1, u64::MAX),
            Relation::GreaterOrEqual => (size, u64::MAX),
            Relation::Less => (0, size),
            Relation::LessOrEqual => (0, size + 1),
        };
        Ok(Kql::Size { from, until })
    }

    fn flag(&self, value: &str) -> Result<bool, Refusal> {
        match value.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(true),
            "false" | "no" | "0" => Ok(false),
            _ => Err(self.syntax()),
        }
    }

    fn take(&mut self, token: &Token) -> bool {
        let found = self.tokens.get(self.place) == Some(token);
        self.place += usize::from(found);
        found
    }

    fn syntax(&self) -> Refusal {
        Refusal::SearchSyntax(format!("term {} of '{}' is not valid.", self.place.max(1), self.source))
    }
}
