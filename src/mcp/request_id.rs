//! The id of a request.

use serde::Serialize;
use serde_json::value::RawValue;

use super::raw;

/// The id of a request, byte for byte as the client wrote it: a string, or a number of any size and form.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(transparent)]
pub(super) struct RequestId<'a>(&'a RawValue);

impl<'a> RequestId<'a> {
    pub(super) fn read(value: &'a RawValue) -> Option<Self> {
        raw::is_string_or_number(value).then_some(Self(value))
    }

    /// Of a value that was an id before.
    pub(super) fn known(value: &'a RawValue) -> Self {
        Self(value)
    }

    pub(super) fn raw(self) -> &'a RawValue {
        self.0
    }

    /// The id as it was sent.
    pub(super) fn as_bytes(self) -> &'a [u8] {
        self.0.get().as_bytes()
    }
}
