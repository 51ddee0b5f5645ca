//! Reads the JSON object of a control request field by field, so that an error names the field.

use serde_json::{Map, Value};
use thiserror::Error;

use crate::body::BodyError;

/// What is wrong with a control request.
#[derive(Debug, Error)]
pub(crate) enum InputError {
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error("the body is not a JSON object")]
    NotAnObject,
    #[error("`{0}` is missing")]
    Missing(&'static str),
    #[error("`{field}` must be {expected}")]
    Wrong { field: &'static str, expected: &'static str },
    #[error("`{field}` names nothing in the directory")]
    Unknown { field: &'static str },
    #[error("there is no such tenant")]
    NoTenant,
    #[error("`{0}` is not a field of this request")]
    Unexpected(String),
    #[error(
        "a fault needs at least one of `status`, `aadsts`, `delay_ms`, `latency`, `reset`, `body`, `distort`, \
         `headers`, `retry_after`, `clock_skew_s`, `lost_scopes`"
    )]
    NoEffect,
}

impl InputError {
    /// The field that is wrong or missing.
    pub(crate) fn field(&self) -> Option<&str> {
        match self {
            Self::Missing(field) | Self::Wrong { field, .. } | Self::Unknown { field } => Some(field),
            Self::Unexpected(field) => Some(field),
            Self::Body(_) | Self::NotAnObject | Self::NoEffect | Self::NoTenant => None,
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
        serde_json::from_slice(body).map(Self).map_err(|_| InputError::NotAnObject)
    }

    /// The fields of an object that stands within a request.
    pub(crate) fn of(object: Map<String, Value>) -> Self {
        Self(object)
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

    /// Refuses what nobody took: a misspelt field must not be ignored.
    pub(crate) fn end(self) -> Result<(), InputError> {
        match self.0.into_iter().find(|(_, value)| !value.is_null()) {
            Some((field, _)) => Err(InputError::Unexpected(field)),
            None => Ok(()),
        }
    }
}
