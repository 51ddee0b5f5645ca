//! The headers that mirror a message of the modern era, held against its body.
//!
//! Rules: "Request Metadata" and "Server Validation" of the Streamable HTTP transport, MCP 2026-07-28. What a proxy
//! in front may have routed by must be what is carried out here. The versions before do not know these headers, and what
//! comes in them is passed over: a proxy that decides by them has to hold the version to the modern era first.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::error::RpcError;
use super::header::{Header, HeaderFault};

/// The values that came under one header name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HeaderField<'a> {
    #[default]
    Absent,
    Value(&'a str),
    /// More than one value, or one with other characters than visible ASCII, space and tab (RFC 9110 section 5.5).
    Unreadable,
}

impl<'a> HeaderField<'a> {
    /// Takes all values of the header, however many there are; white space around the one is no part of it.
    pub fn read(values: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut values = values.into_iter();
        let Some(value) = values.next() else {
            return Self::Absent;
        };
        if values.next().is_some() || !value.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~')) {
            return Self::Unreadable;
        }
        std::str::from_utf8(value)
            .map_or(Self::Unreadable, |text| Self::Value(text.trim_matches([' ', '\t'])))
    }

    /// The one value, or the fault of having another number of them.
    pub(super) fn required(self, header: Header) -> Result<&'a str, RpcError> {
        self.optional(header)?.ok_or_else(|| HeaderFault::Missing.of(header))
    }

    pub(super) fn optional(self, header: Header) -> Result<Option<&'a str>, RpcError> {
        match self {
            Self::Absent => Ok(None),
            Self::Value(text) => Ok(Some(text)),
            Self::Unreadable => Err(HeaderFault::Unreadable.of(header)),
        }
    }
}

/// The headers of a request that the protocol reads.
#[derive(Debug, Clone, Copy, Default)]
pub struct TransportHeaders<'a> {
    pub protocol_version: HeaderField<'a>,
    pub method: HeaderField<'a>,
    pub name: HeaderField<'a>,
}

impl<'a> TransportHeaders<'a> {
    /// Looks each header up by its lower-case name.
    pub fn read<V: IntoIterator<Item = &'a [u8]>>(values_of: impl Fn(&'static str) -> V) -> Self {
        let field = |header: Header| HeaderField::read(values_of(header.as_str()));
        Self {
            protocol_version: field(Header::ProtocolVersion),
            method: field(Header::Method),
            name: field(Header::Name),
        }
    }

    /// Holds `Mcp-Method` and `Mcp-Name` against the body of a message. `name` is what `Mcp-Name` mirrors.
    pub(super) fn match_body(&self, method: &str, name: &MirroredName<'_>) -> Result<(), RpcError> {
        if self.method.required(Header::Method)? != method {
            return Err(HeaderFault::Mismatch.of(Header::Method));
        }
        let name = match name {
            MirroredName::NotNamed => return Ok(()),
            MirroredName::Lacking if self.name.optional(Header::Name)?.is_none() => return Ok(()),
            MirroredName::Lacking => return Err(HeaderFault::Mismatch.of(Header::Name)),
            MirroredName::Named(name) => name,
        };
        let mirrored = decode(self.name.required(Header::Name)?);
        match mirrored {
            None => Err(HeaderFault::Unreadable.of(Header::Name)),
            Some(mirrored) if mirrored != *name => Err(HeaderFault::Mismatch.of(Header::Name)),
            Some(_) => Ok(()),
        }
    }
}

/// What `Mcp-Name` mirrors of a body.
#[derive(Debug)]
pub(super) enum MirroredName<'a> {
    /// The method names nothing: what comes in the header is passed over.
    NotNamed,
    /// The method names something, and the body does not, or not with a string. The method itself refuses that.
    Lacking,
    Named(Cow<'a, str>),
}

pub(super) fn version_missing() -> RpcError {
    HeaderFault::Missing.of(Header::ProtocolVersion)
}

pub(super) fn version_mismatch() -> RpcError {
    HeaderFault::Mismatch.of(Header::ProtocolVersion)
}

/// Undoes the encoding of values that are not plain ASCII: `=?base64?…?=`, the markers in exactly this spelling.
pub(super) fn decode(value: &str) -> Option<Cow<'_, str>> {
    let Some(encoded) = value.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) else {
        return Some(Cow::Borrowed(value));
    };
    String::from_utf8(STANDARD.decode(encoded).ok()?).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, a value that two parties may read differently would be taken at its word.
    #[rstest]
    #[case::absent(&[], HeaderField::Absent)]
    #[case::plain(&[b"tools/call".as_slice()], HeaderField::Value("tools/call"))]
    #[case::white_space_around(&[b" \ttools/call ".as_slice()], HeaderField::Value("tools/call"))]
    #[case::empty(&[b"".as_slice()], HeaderField::Value(""))]
    #[case::twice_the_same(&[b"a".as_slice(), b"a".as_slice()], HeaderField::Unreadable)]
    #[case::latin_1(&[b"caf\xe9".as_slice()], HeaderField::Unreadable)]
    #[case::utf_8(&["café".as_bytes()], HeaderField::Unreadable)]
    #[case::control(&[b"a\x01b".as_slice()], HeaderField::Unreadable)]
    #[case::delete(&[b"a\x7f".as_slice()], HeaderField::Unreadable)]
    fn a_header_is_read_once_and_in_visible_ascii(
        #[case] values: &[&[u8]],
        #[case] expected: HeaderField<'_>,
    ) {
        assert_eq!(HeaderField::read(values.iter().copied()), expected);
    }

    /// If this failed, a rule would be held against the wrong header, or a client be told the wrong one to mend.
    #[test]
    fn each_header_is_looked_up_and_spoken_of_by_its_own_name() {
        let read = TransportHeaders::read(|name| [name.as_bytes()]);
        let fields = [
            (Header::ProtocolVersion, read.protocol_version, "MCP-Protocol-Version"),
            (Header::Method, read.method, "Mcp-Method"),
            (Header::Name, read.name, "Mcp-Name"),
        ];
        for (header, field, name) in fields {
            assert_eq!(header.to_string(), name);
            assert_eq!(field, HeaderField::Value(&name.to_ascii_lowercase()));
        }
    }

    /// If this failed, names beyond ASCII could not be called, or a literal could pass for its decoded twin.
    #[rstest]
    #[case::plain("get_me", Some("get_me"))]
    #[case::beyond_ascii("=?base64?SGVsbG8sIOS4lueVjA==?=", Some("Hello, 世界"))]
    #[case::padded_with_spaces("=?base64?IHBhZGRlZCA=?=", Some(" padded "))]
    #[case::a_literal_sentinel("=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=", Some("=?base64?literal?="))]
    #[case::empty("=?base64??=", Some(""))]
    #[case::no_end("=?base64?SGVsbG8=", Some("=?base64?SGVsbG8="))]
    #[case::overlapping_markers("=?base64?=", Some("=?base64?="))]
    #[case::other_case("=?BASE64?SGVsbG8=?=", Some("=?BASE64?SGVsbG8=?="))]
    #[case::not_base64("=?base64?!!?=", None)]
    #[case::without_padding("=?base64?SGVsbG8?=", None)]
    #[case::not_utf_8("=?base64?/w==?=", None)]
    fn an_encoded_value_is_decoded_before_it_is_compared(
        #[case] value: &str,
        #[case] expected: Option<&str>,
    ) {
        assert_eq!(decode(value).as_deref(), expected);
    }
}
