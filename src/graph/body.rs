//! A body that Graph sent.

use std::fmt;

use bytes::Bytes;
use serde::Deserialize;

use super::error::GraphError;

/// The body of a successful answer, within the client's size limit. What is parsed from it borrows from it.
#[derive(Clone)]
pub struct GraphBody(Bytes);

impl GraphBody {
    pub(super) fn new(bytes: Bytes) -> Self {
        Self(bytes)
    }

    /// Its length, in bytes.
    pub fn size(&self) -> usize {
        self.0.len()
    }

    /// Reads it as JSON. A body that does not fit `T` is [`GraphError::Unintelligible`].
    pub fn parse<'a, T: Deserialize<'a>>(&'a self) -> Result<T, GraphError> {
        // Checked as a whole, the text costs a fraction of what checking each string in it would.
        let text = std::str::from_utf8(&self.0).map_err(|_| GraphError::Unintelligible)?;
        serde_json::from_str(text).map_err(|_| GraphError::Unintelligible)
    }
}

/// Only the length, for it is content.
impl fmt::Debug for GraphBody {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "GraphBody({} bytes)", self.0.len())
    }
}
