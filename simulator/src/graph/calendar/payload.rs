//! The JSON that a reading POST carries, read as leniently as Graph does: names have no case, and numbers and flags may
//! stand between quotes.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde_json::{Map, Value};

use super::zone::Zone;
use crate::graph::refusal::calendar::CalendarRefusal;

/// The parameters of one operation.
#[derive(Debug)]
pub(in crate::graph) struct Payload {
    operation: &'static str,
    parameters: Map<String, Value>,
}

impl Payload {
    pub(in crate::graph) fn parse(
        sent: crate::graph::request::Payload<'_>,
        operation: &'static str,
    ) -> Result<Self, CalendarRefusal> {
        if sent.bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(CalendarRefusal::EmptyPayload);
        }
        let media = sent.content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
        if !media.trim().eq_ignore_ascii_case("application/json") {
            return Err(CalendarRefusal::UnreadablePayload);
        }
        match serde_json::from_slice(sent.bytes) {
            Ok(Value::Object(parameters)) => Ok(Self { operation, parameters }),
            _ => Err(CalendarRefusal::UnreadablePayload),
        }
    }

    /// Refuses what the operation does not take.
    pub(in crate::graph) fn takes_only(&self, known: &[&str]) -> Result<(), CalendarRefusal> {
        let is_known = |name: &&String| known.iter().any(|known| known.eq_ignore_ascii_case(name));
        match self.parameters.keys().find(|name| !is_known(name)) {
            Some(unknown) => Err(CalendarRefusal::UnknownParameter {
                parameter: unknown.clone(),
                operation: self.operation,
            }),
            None => Ok(()),
        }
    }

    /// A parameter; null counts as absent.
    pub(in crate::graph) fn get(&self, name: &str) -> Option<&Value> {
        member(&self.parameters, name)
    }

    pub(super) fn number(
        &self,
        name: &'static str,
        expected: &'static str,
    ) -> Result<Option<f64>, CalendarRefusal> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let number = match value {
            Value::String(text) => text.parse().ok(),
            value => value.as_f64(),
        };
        number.filter(|number: &f64| number.is_finite()).map(Some).ok_or_else(|| wrong(name, expected))
    }

    pub(super) fn flag(&self, name: &'static str) -> Result<bool, CalendarRefusal> {
        match self.get(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(true),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(false),
            Some(_) => Err(wrong(name, "Edm.Boolean")),
        }
    }

    pub(in crate::graph) fn list(&self, name: &'static str) -> Result<&[Value], CalendarRefusal> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Value::Array(values)) => Ok(values),
            Some(_) => Err(wrong(name, "Collection")),
        }
    }
}

/// The member of an object, by its name without regard to case; null counts as absent.
pub(super) fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let found = object.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value).filter(|value| !value.is_null())
}

/// A member of a value that should be an object.
pub(super) fn part<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    member(value.as_object()?, name)
}

pub(in crate::graph) fn wrong(parameter: &str, expected: &'static str) -> CalendarRefusal {
    CalendarRefusal::WrongType { parameter: parameter.to_owned(), expected }
}

/// A `dateTimeTimeZone`. Where the time says its own offset, that counts; a zone that is not given is UTC.
pub(super) fn moment(name: &'static str, value: &Value) -> Result<Timestamp, CalendarRefusal> {
    let text = part(value, "dateTime").and_then(Value::as_str);
    let text = text.ok_or_else(|| wrong(name, "microsoft.graph.dateTimeTimeZone"))?;
    let zone = match part(value, "timeZone") {
        Some(Value::String(zone)) => Zone::named(zone)?,
        Some(_) => return Err(wrong(name, "microsoft.graph.dateTimeTimeZone")),
        None => Zone::utc(),
    };
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let wall = match text.parse::<Date>() {
        Ok(date) if text.len() == 10 => Ok(date.into()),
        _ => text.parse::<DateTime>(),
    };
    Ok(zone.instant(wall.map_err(|_| wrong(name, "microsoft.graph.dateTimeTimeZone"))?))
}
