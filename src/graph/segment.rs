//! One segment of a path, out of an id or a name that came from elsewhere.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use thiserror::Error;

/// All but RFC 3986's unreserved characters, and `=`, which ids are full of and which means nothing in a path.
const ENCODED_IN_PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'=');

/// A text that can't be a segment of a path.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("an id must have 1 to {} bytes and not be a dot segment", PathSegment::LONGEST)]
pub struct UnusableSegment;

/// An id, address or name as a path segment: whatever it holds, it stays one segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathSegment<'a>(&'a str);

impl<'a> PathSegment<'a> {
    /// In bytes. Graph's own ids stay well below.
    pub const LONGEST: usize = 1024;

    /// Refuses dot segments too: URL parsers take them for a step up, percent-encoded or not.
    pub fn new(text: &'a str) -> Result<Self, UnusableSegment> {
        if text.is_empty() || text.len() > Self::LONGEST || matches!(text, "." | "..") {
            return Err(UnusableSegment);
        }
        Ok(Self(text))
    }

    pub fn as_str(&self) -> &'a str {
        self.0
    }
}

/// Percent-encoded.
impl fmt::Display for PathSegment<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        utf8_percent_encode(self.0, ENCODED_IN_PATH).fmt(out)
    }
}
