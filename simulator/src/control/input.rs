//! Reads the JSON object of a control request field by field, so that an error names the field.

use std::error::Error;
use std::fmt;

use serde_json::{Map, Value};

use super::json::Document;
use crate::body::BodyError;
use crate::message::Fields;

const NO_EFFECT: &str = "a fault needs at least one of `status`, `aadsts`, `access_ended`, `delay_ms`, `latency`, `reset`, `body`, \
                         `distort`, `headers`, `retry_after`, `clock_skew_s`, `lost_scopes`";

/// What is wrong with a control request.
#[derive(Debug)]
pub(crate) enum InputError {
    Body(BodyError),
    /// With what the parser says, and where.
    NotJson(String),
    NotAnObject,
    Missing(&'static str),
    Wrong {
        field: &'static str,
        expected: &'static str,
    },
    Unknown {
        field: &'static str,
    },
    NoTenant,
    Unexpected(String),
    /// The member, or the parameter, with the objects around it.
    Twice(Vec<String>),
    NoEffect,
    BodyOfDelete,
    /// In the object that a field holds.
    Within {
        field: &'static str,
        error: Box<InputError>,
    },
}

impl fmt::Display for InputError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.path().join(".");
        match self.innermost() {
            Self::Body(error) => error.fmt(out),
            Self::NotJson(reason) => write!(out, "the body is not JSON: {reason}"),
            Self::NotAnObject => out.write_str("the body is not a JSON object"),
            Self::Missing(_) => write!(out, "`{field}` is missing"),
            Self::Wrong { expected, .. } => write!(out, "`{field}` must be {expected}"),
            Self::Unknown { .. } => write!(out, "`{field}` names nothing in the directory"),
            Self::NoTenant => out.write_str("there is no such tenant"),
            Self::NoEffect => out.write_str(NO_EFFECT),
            Self::BodyOfDelete => out.write_str("DELETE takes no body: it clears everything that is there"),
            Self::Twice(_) => write!(out, "`{field}` is there more than once"),
            Self::Unexpected(_) | Self::Within { .. } => {
                write!(out, "`{field}` is not a field of this request")
            }
        }
    }
}

impl Error for InputError {}

impl From<BodyError> for InputError {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

impl InputError {
    /// The same in the object that `field` holds.
    pub(crate) fn within(self, field: &'static str) -> Self {
        Self::Within { field, error: Box::new(self) }
    }

    fn innermost(&self) -> &Self {
        match self {
            Self::Within { error, .. } => error.innermost(),
            error => error,
        }
    }

    /// The field that is wrong or missing, from the outermost object on; empty where it is none of them.
    pub(crate) fn path(&self) -> Vec<&str> {
        match self {
            Self::Missing(field) | Self::Wrong { field, .. } | Self::Unknown { field } => vec![field],
            Self::Unexpected(field) => vec![field],
            Self::Twice(path) => path.iter().map(String::as_str).collect(),
            Self::Within { field, error } => [vec![*field], error.path()].concat(),
            Self::Body(_)
            | Self::NotJson(_)
            | Self::NotAnObject
            | Self::NoEffect
            | Self::NoTenant
            | Self::BodyOfDelete => Vec::new(),
        }
    }

    /// The HTTP status of an answer that says so.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Body(error) => error.status(),
            Self::NoTenant => 404,
            _ => 400,
        }
    }
}

/// The fields that have not been taken yet.
pub(crate) struct Input(Map<String, Value>);

impl Input {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, InputError> {
        let document: Document =
            serde_json::from_slice(body).map_err(|error| InputError::NotJson(error.to_string()))?;
        match document.into_value().map_err(InputError::Twice)? {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err(InputError::NotAnObject),
        }
    }

    /// Reads the parameters of a query, of which only those may be there.
    pub(crate) fn query(query: &str, known: &[&'static str]) -> Result<Fields, InputError> {
        let fields = Fields::parse(query.as_bytes());
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in fields.iter() {
            let Some(field) = known.iter().find(|known| **known == name) else {
                return Err(InputError::Unexpected(name.to_owned()));
            };
            if seen.contains(&name) {
                return Err(InputError::Twice(vec![name.to_owned()]));
            }
            if value.is_empty() {
                return Err(InputError::Missing(field));
            }
            seen.push(name);
        }
        Ok(fields)
    }

    /// The fields of an object that was parsed elsewhere.
    pub(crate) fn of(object: Map<String, Value>) -> Self {
        Self(object)
    }

    /// Takes a field that holds an object, reads that to its end, and says of an error where it stands.
    pub(crate) fn nested<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&mut Self) -> Result<T, InputError>,
    ) -> Result<Option<T>, InputError> {
        let Some(object) = self.object_field(field)? else { return Ok(None) };
        let mut inner = Self(object);
        let value = read(&mut inner).and_then(|value| inner.end().map(|()| value));
        value.map(Some).map_err(|error| error.within(field))
    }

    /// Everything that was sent.
    pub(crate) fn object(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Takes a field; `null` counts as absent.
    pub(crate) fn take(&mut self, field: &'static str) -> Option<Value> {
        self.0.remove(field).filter(|value| !value.is_null())
    }

    /// Takes a field that must be there, read by one of the methods below.
    pub(crate) fn required<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&mut Self, &'static str) -> Result<Option<T>, InputError>,
    ) -> Result<T, InputError> {
        read(self, field)?.ok_or(InputError::Missing(field))
    }

    pub(crate) fn text(&mut self, field: &'static str) -> Result<Option<String>, InputError> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(InputError::Wrong { field, expected: "a string" }),
        }
    }

    /// A list of strings, each of which `is_right`.
    pub(crate) fn texts(
        &mut self,
        field: &'static str,
        expected: &'static str,
        is_right: impl Fn(&str) -> bool,
    ) -> Result<Vec<String>, InputError> {
        let wrong = || InputError::Wrong { field, expected };
        let read = |text: Value| match text {
            Value::String(text) if is_right(&text) => Ok(text),
            _ => Err(wrong()),
        };
        match self.take(field) {
            None => Ok(Vec::new()),
            Some(Value::Array(texts)) => texts.into_iter().map(read).collect(),
            Some(_) => Err(wrong()),
        }
    }

    /// A text that must be there and hold something.
    pub(crate) fn filled(&mut self, field: &'static str) -> Result<String, InputError> {
        let text = self.required(field, Self::text)?;
        if text.is_empty() {
            return Err(InputError::Wrong { field, expected: "a text that is not empty" });
        }
        Ok(text)
    }

    pub(crate) fn flag(&mut self, field: &'static str) -> Result<Option<bool>, InputError> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(InputError::Wrong { field, expected: "true or false" }),
        }
    }

    pub(crate) fn integer(&mut self, field: &'static str) -> Result<Option<i64>, InputError> {
        let Some(value) = self.take(field) else { return Ok(None) };
        value.as_i64().map(Some).ok_or(InputError::Wrong { field, expected: "a whole number" })
    }

    pub(crate) fn count(&mut self, field: &'static str) -> Result<Option<u64>, InputError> {
        let Some(value) = self.take(field) else { return Ok(None) };
        if value.is_i64() || value.is_u64() {
            return value.as_u64().map(Some).ok_or(InputError::Wrong { field, expected: "0 or more" });
        }
        Err(InputError::Wrong { field, expected: "a whole number" })
    }

    pub(crate) fn number(&mut self, field: &'static str) -> Result<Option<f64>, InputError> {
        let Some(value) = self.take(field) else { return Ok(None) };
        value.as_f64().map(Some).ok_or(InputError::Wrong { field, expected: "a number" })
    }

    pub(crate) fn object_field(
        &mut self,
        field: &'static str,
    ) -> Result<Option<Map<String, Value>>, InputError> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(_) => Err(InputError::Wrong { field, expected: "an object" }),
        }
    }

    /// Refuses what nobody took: a misspelt field must not be ignored, whatever it holds.
    pub(crate) fn end(self) -> Result<(), InputError> {
        match self.0.into_iter().next() {
            Some((field, _)) => Err(InputError::Unexpected(field)),
            None => Ok(()),
        }
    }
}
