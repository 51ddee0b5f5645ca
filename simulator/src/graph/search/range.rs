//! A range of numbers or times: a bucket of an aggregation, and what a filter takes of one.

use jiff::Timestamp;
use serde_json::Value;

use super::property::invalid;
use super::refusal::SearchRefusal;

/// From a bound on, and up to another one which is not in it. At least one of them is there.
#[derive(Debug, PartialEq)]
pub(super) struct Range {
    from: Option<Bound>,
    to: Option<Bound>,
}

#[derive(Debug, Clone, PartialEq)]
struct Bound {
    /// As it was sent.
    text: String,
    at: Point,
}

#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
enum Point {
    Number(f64),
    Time(Timestamp),
}

impl Range {
    /// An entry of `ranges`.
    pub(super) fn parse(sent: &Value) -> Result<Self, SearchRefusal> {
        let wrong =
            || invalid("aggregations/bucketDefinition/ranges", "'from' and 'to', each a number or a time");
        let bound = |name: &str| match sent.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Bound::parse(text).map(Some).ok_or_else(wrong),
            Some(_) => Err(wrong()),
        };
        let (from, to) = (bound("from")?, bound("to")?);
        if from.is_none() && to.is_none() { Err(wrong()) } else { Ok(Self { from, to }) }
    }

    /// What stands in the brackets of `range(…)`.
    pub(super) fn of_token(inner: &str) -> Option<Self> {
        let mut parts = inner.split(',').map(str::trim);
        let (from, to) = (parts.next()?, parts.next()?);
        let from = if from == "min" { None } else { Some(Bound::parse(from)?) };
        let to = if to == "max" { None } else { Some(Bound::parse(to)?) };
        (from.is_some() || to.is_some()).then_some(Self { from, to })
    }

    pub(super) fn holds(&self, value: &Value) -> bool {
        let Some(point) = Point::of(value) else { return false };
        self.from.as_ref().is_none_or(|from| point >= from.at)
            && self.to.as_ref().is_none_or(|to| point < to.at)
    }

    /// What a bucket of this range is called.
    pub(super) fn key(&self) -> String {
        match (&self.from, &self.to) {
            (None, None) => String::new(),
            (None, Some(to)) if to.is_time() => format!("Before {}", to.text),
            (None, Some(to)) => format!("Less than {}", to.text),
            (Some(from), Some(to)) if from.is_time() => format!("From {} up to {}", from.text, to.text),
            (Some(from), Some(to)) => format!("{} up to {}", from.text, to.text),
            (Some(from), None) if from.is_time() => format!("{} or later", from.text),
            (Some(from), None) => format!("{} and up", from.text),
        }
    }

    pub(super) fn token(&self) -> String {
        let from = self.from.as_ref().map_or("min", |from| from.text.as_str());
        match &self.to {
            Some(to) => format!("range({from}, {})", to.text),
            None => format!("range({from}, max, to=\"le\")"),
        }
    }
}

impl Bound {
    fn parse(text: &str) -> Option<Self> {
        let at = Point::of(&Value::from(text)).or_else(|| text.parse().ok().map(Point::Number))?;
        Some(Self { text: text.to_owned(), at })
    }

    fn is_time(&self) -> bool {
        matches!(self.at, Point::Time(_))
    }
}

impl Point {
    /// Where a field's value lies; nothing for what is neither number nor time.
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => number.as_f64().map(Self::Number),
            Value::String(text) => text.parse().ok().map(Self::Time),
            _ => None,
        }
    }
}
