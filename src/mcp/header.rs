//! The headers that mirror a message, and what can be wrong with one.

use std::fmt;

use thiserror::Error;

/// A header that mirrors the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    ProtocolVersion,
    Method,
    Name,
}

impl Header {
    /// The name, in lower case.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::ProtocolVersion => "mcp-protocol-version",
            Self::Method => "mcp-method",
            Self::Name => "mcp-name",
        }
    }
}

impl fmt::Display for Header {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::ProtocolVersion => "MCP-Protocol-Version",
            Self::Method => "Mcp-Method",
            Self::Name => "Mcp-Name",
        })
    }
}

/// What is wrong with a header (-32020).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum HeaderFault {
    #[error("is missing")]
    Missing,
    #[error("must be there once, in visible ASCII, and decode where it says it is encoded")]
    Unreadable,
    #[error("does not match the body")]
    Mismatch,
}
