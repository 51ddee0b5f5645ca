//! A parsed `$filter`, and whether an object passes it.

use std::cmp::Ordering;

use super::condition::{Condition, Literal, Matching, Operand, Operator, Part};
use super::parser::{self, Parsed};
use super::value::{Element, Value};
use super::{Row, Schema};
use crate::graph::refusal::Refusal;

/// A filter with what the rules about `$orderby` need to know of it.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::graph) struct Filter<F> {
    root: Condition<F>,
    /// The properties named, in the order of their first mention.
    pub(in crate::graph) fields: Vec<F>,
    pub(in crate::graph) uses_contains: bool,
}

/// What of a filter is not open to every service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Construct {
    Negation,
    NotEqual,
    /// Greater, less, and their like.
    Ordering,
    EndsWith,
    Contains,
}

impl<F: Copy + Eq + std::fmt::Debug> Filter<F> {
    pub(in crate::graph) fn parse<S: Schema<Field = F>>(filter: &str) -> Result<Self, Refusal> {
        let Parsed { root, fields, uses_contains } = parser::parse::<S>(filter)?;
        Ok(Self { root, fields, uses_contains })
    }

    /// The constructs used, each with the property that it looks at, where it looks at one.
    pub(in crate::graph) fn constructs(&self) -> Vec<(Construct, Option<F>)> {
        let mut found = Vec::new();
        collect(&self.root, &mut found);
        found
    }

    pub(in crate::graph) fn passes(&self, row: &impl Row<F>) -> bool {
        holds(&self.root, row, None)
    }
}

fn collect<F: Copy>(condition: &Condition<F>, found: &mut Vec<(Construct, Option<F>)>) {
    let field = |operand: &Operand<F>| match operand {
        Operand::Field(field) => Some(*field),
        Operand::Element(_) => None,
    };
    let construct = match condition {
        Condition::Every(parts) | Condition::Either(parts) => {
            for part in parts {
                collect(part, found);
            }
            return;
        }
        Condition::Any(_, Some(inner)) | Condition::All(_, inner) => return collect(inner, found),
        Condition::Not(inner) => {
            collect(inner, found);
            (Construct::Negation, None)
        }
        Condition::Compare(_, Operator::Equal, _)
        | Condition::Match(Matching::StartsWith, ..)
        | Condition::Any(_, None) => return,
        Condition::Compare(operand, Operator::NotEqual, _) => (Construct::NotEqual, field(operand)),
        Condition::Compare(operand, ..) => (Construct::Ordering, field(operand)),
        Condition::Match(Matching::EndsWith, operand, _) => (Construct::EndsWith, field(operand)),
        Condition::Match(Matching::Contains, operand, _) => (Construct::Contains, field(operand)),
    };
    found.push(construct);
}

fn holds<F: Copy>(condition: &Condition<F>, row: &impl Row<F>, element: Option<Element<'_>>) -> bool {
    match condition {
        Condition::Every(parts) => parts.iter().all(|part| holds(part, row, element)),
        Condition::Either(parts) => parts.iter().any(|part| holds(part, row, element)),
        Condition::Not(inner) => !holds(inner, row, element),
        Condition::Compare(operand, operator, literal) => {
            compare(read(*operand, row, element), *operator, literal)
        }
        Condition::Match(matching, operand, needle) => {
            matches(read(*operand, row, element), *matching, needle)
        }
        Condition::Any(collection, None) => !row.elements(*collection).is_empty(),
        Condition::Any(collection, Some(inner)) => {
            row.elements(*collection).into_iter().any(|element| holds(inner, row, Some(element)))
        }
        Condition::All(collection, inner) => {
            row.elements(*collection).into_iter().all(|element| holds(inner, row, Some(element)))
        }
    }
}

fn read<'a, F>(operand: Operand<F>, row: &'a impl Row<F>, element: Option<Element<'a>>) -> Value<'a> {
    match (operand, element) {
        (Operand::Field(field), _) => row.value(field),
        (Operand::Element(Part::Itself), Some(Element::Text(text))) => Value::Text(text),
        (Operand::Element(Part::Name), Some(Element::Recipient { name, .. })) => Value::Text(name),
        (Operand::Element(Part::Address), Some(Element::Recipient { address, .. })) => Value::Text(address),
        (Operand::Element(_), _) => Value::Null,
    }
}

fn compare(value: Value<'_>, operator: Operator, literal: &Literal) -> bool {
    let literal = match literal {
        Literal::Text(text) => Value::Text(text),
        Literal::Flag(flag) => Value::Flag(*flag),
        Literal::Time(time) => Value::Time(*time),
        Literal::Number(number) => Value::Number(*number),
        Literal::Null => Value::Null,
    };
    let order = value.order(&literal);
    match operator {
        Operator::Equal => order == Ordering::Equal,
        Operator::NotEqual => order != Ordering::Equal,
        // Nothing is greater or less than null.
        _ if value == Value::Null || literal == Value::Null => false,
        Operator::Greater => order == Ordering::Greater,
        Operator::GreaterOrEqual => order != Ordering::Less,
        Operator::Less => order == Ordering::Less,
        Operator::LessOrEqual => order != Ordering::Greater,
    }
}

fn matches(value: Value<'_>, matching: Matching, needle: &str) -> bool {
    let Value::Text(text) = value else { return false };
    let text = text.to_lowercase();
    match matching {
        Matching::StartsWith => text.starts_with(needle),
        Matching::EndsWith => text.ends_with(needle),
        Matching::Contains => text.contains(needle),
    }
}
