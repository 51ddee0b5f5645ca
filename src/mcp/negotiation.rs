//! Which revision of the protocol a request speaks.

use super::error::RpcError;
use super::header::Header;
use super::headers::{self, HeaderField};
use super::version::{Era, LEGACY_NEWER, LEGACY_OLDER, LegacyVersion, MODERN};

/// How many characters of a version that is not supported are sent back.
const LONGEST_ECHO: usize = 64;

impl Era {
    /// The era of any request but `initialize`, by its version header and the version that its `_meta` declares. A
    /// modern header over a body that declares nothing gives the modern era, where the missing field is an error.
    pub(super) fn select(header: HeaderField<'_>, declared: Option<&str>) -> Result<Self, RpcError> {
        let header = header.optional(Header::ProtocolVersion)?;
        let version = match (header, declared) {
            (None, None) => return Ok(Self::Legacy(LegacyVersion::V2025_06_18)),
            (Some(header), Some(declared)) if header != declared => return Err(headers::version_mismatch()),
            (None, Some(declared)) if !Named::of(declared).is_legacy() => {
                return Err(headers::version_missing());
            }
            (Some(version), _) | (None, Some(version)) => version,
        };
        match Named::of(version) {
            Named::Modern => Ok(Self::Modern),
            Named::Legacy(version) => Ok(Self::Legacy(version)),
            Named::Older | Named::Newer | Named::Nonsense => Err(unsupported(version)),
        }
    }

    /// Whether an `initialize` may be answered. Its version is in its params; a header or `_meta` that names the modern
    /// era, where there is no such method, makes it an unknown one.
    pub(super) fn admit_initialize(header: HeaderField<'_>, declared: Option<&str>) -> Result<(), RpcError> {
        let header = header.optional(Header::ProtocolVersion)?;
        for mark in [header, declared].into_iter().flatten() {
            match Named::of(mark) {
                Named::Modern | Named::Newer => return Err(RpcError::MethodNotFound(Self::Modern)),
                Named::Nonsense => return Err(unsupported(mark)),
                Named::Legacy(_) | Named::Older => {}
            }
        }
        Ok(())
    }
}

/// What a version text names.
#[derive(Debug, Clone, Copy)]
enum Named {
    Modern,
    Legacy(LegacyVersion),
    /// A date before the modern era that is not served.
    Older,
    Newer,
    Nonsense,
}

impl Named {
    fn of(text: &str) -> Self {
        match text {
            MODERN => Self::Modern,
            LEGACY_NEWER => Self::Legacy(LegacyVersion::V2025_11_25),
            LEGACY_OLDER => Self::Legacy(LegacyVersion::V2025_06_18),
            _ if !is_date(text) => Self::Nonsense,
            _ if text > MODERN => Self::Newer,
            _ => Self::Older,
        }
    }

    fn is_legacy(self) -> bool {
        matches!(self, Self::Legacy(_) | Self::Older)
    }
}

/// Versions are dates, `YYYY-MM-DD`, and so in order as texts.
fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

fn unsupported(version: &str) -> RpcError {
    RpcError::UnsupportedVersion { requested: version.chars().take(LONGEST_ECHO).collect() }
}
