//! One segment of a path, out of an id or a name that came from elsewhere.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use thiserror::Error;

use crate::many_bytes;

/// All but RFC 3986's unreserved characters, and `=`, which ids are full of and which means nothing in a path.
const ENCODED_IN_PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'=');

/// What [`ENCODED_IN_PATH`] leaves as it is. Written without branches, as [`many_bytes`] wants it.
#[expect(clippy::needless_bitwise_bool, reason = "a way out in the middle would keep bytes apart")]
const fn is_unreserved(byte: u8) -> bool {
    ((byte | 0x20).wrapping_sub(b'a') < 26)
        | (byte.wrapping_sub(b'0') < 10)
        | (byte == b'-')
        | (byte == b'_')
        | (byte == b'.')
        | (byte == b'~')
        | (byte == b'=')
}

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

    /// Percent-encoded.
    pub fn encoded(self) -> Cow<'a, str> {
        // Nearly every id is nothing else.
        if many_bytes::every(self.0.as_bytes(), is_unreserved) {
            return Cow::Borrowed(self.0);
        }
        utf8_percent_encode(self.0, ENCODED_IN_PATH).into()
    }
}

/// A segment out of a uri, decoded: of a text of its own where something in it was encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedSegment<'a>(Cow<'a, str>);

impl<'a> DecodedSegment<'a> {
    /// Refuses what [`PathSegment::new`] refuses.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Result<Self, UnusableSegment> {
        let text = text.into();
        PathSegment::new(&text)?;
        Ok(Self(text))
    }

    pub fn segment(&self) -> PathSegment<'_> {
        PathSegment(&self.0)
    }
}

/// Percent-encoded.
impl fmt::Display for PathSegment<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.encoded())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, an id with a character that means something in a path would be written as it is.
    #[test]
    fn every_character_is_encoded_or_unreserved() {
        for byte in 0..=0x7f_u8 {
            let text = char::from(byte).to_string();
            let encoded = utf8_percent_encode(&text, ENCODED_IN_PATH).to_string();
            assert_eq!(is_unreserved(byte), encoded == text, "{text:?}");
            assert_eq!(format!("{}", PathSegment(&text)), encoded);
        }
        assert_eq!(format!("{}", PathSegment("aü")), "a%C3%BC");
    }
}
