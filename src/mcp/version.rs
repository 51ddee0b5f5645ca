//! The revisions of the protocol that are served.
//!
//! Two eras share the endpoint ("Versioning", MCP 2026-07-28): the modern one, where every request says its version
//! in `_meta` and in a header, and the legacy one, which is negotiated by `initialize` and kept here without sessions.

pub(super) const MODERN: &str = "2026-07-28";
pub(super) const LEGACY_NEWER: &str = "2025-11-25";
pub(super) const LEGACY_OLDER: &str = "2025-06-18";

/// Every version served, newest first.
pub(super) const SUPPORTED_VERSIONS: [&str; 3] = [MODERN, LEGACY_NEWER, LEGACY_OLDER];

/// The rules that a request is answered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Era {
    /// 2026-07-28
    Modern,
    Legacy(LegacyVersion),
}

/// A version that is negotiated by `initialize`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegacyVersion {
    V2025_06_18,
    V2025_11_25,
}

impl LegacyVersion {
    /// The answer to what an `initialize` proposes: the proposal where it is served, the older of ours for an older
    /// one, the newer for any other. An `initialize` is never refused for its proposal.
    pub(super) fn negotiate(proposal: &str) -> Self {
        if proposal >= LEGACY_NEWER { Self::V2025_11_25 } else { Self::V2025_06_18 }
    }
}

impl Era {
    /// The version as it stands on the wire.
    pub const fn version(self) -> &'static str {
        match self {
            Self::Modern => MODERN,
            Self::Legacy(LegacyVersion::V2025_11_25) => LEGACY_NEWER,
            Self::Legacy(LegacyVersion::V2025_06_18) => LEGACY_OLDER,
        }
    }
}
