//! What a `$filter` says, as a tree.

use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition<F> {
    Every(Vec<Self>),
    Either(Vec<Self>),
    Not(Box<Self>),
    Compare(Operand<F>, Operator, Literal),
    Match(Matching, Operand<F>, String),
    /// `any` over a collection: without a condition, whether there is an element at all.
    Any(F, Option<Box<Self>>),
    All(F, Box<Self>),
}

/// What stands on the property's side of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operand<F> {
    Field(F),
    /// The range variable of the lambda, or a part of it.
    Element(Part),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Itself,
    Name,
    Address,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Matching {
    StartsWith,
    EndsWith,
    Contains,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Literal {
    Text(String),
    Flag(bool),
    Time(Timestamp),
    Number(i64),
    Null,
}
