//! Who this server is, in every form the protocol asks for, written once at start.

use rmcp::model::{
    self, CacheScope, DiscoverResult, Implementation, InitializeResult, JsonObject, PromptsCapability,
    ProtocolVersion, ResourcesCapability, ServerCapabilities, ToolsCapability,
};
use serde_json::value::{RawValue, to_raw_value};

use super::request::Offered;
use super::version::LegacyVersion;
use crate::tools::{Icon, IconFile};

/// How long a client may keep the answer to `server/discover`: it changes with a release.
const DISCOVERY_TTL_MS: u64 = 3_600_000;

/// What the server says of itself.
#[derive(Debug, Clone)]
pub struct ServerInfo {
    /// For machines.
    pub name: String,
    /// For people.
    pub title: String,
    pub version: String,
    /// For the model: when to use this server and how.
    pub instructions: String,
    pub website: Option<String>,
    /// What stands before the names of the icons' files; `None` where none are served.
    pub icons: Option<String>,
}

impl ServerInfo {
    /// The address of an icon's file, which has this server's own origin, as clients are to ask for.
    /// Source: MCP 2026-07-28, "Icons".
    pub(super) fn icon(&self, file: IconFile) -> Option<model::Icon> {
        self.icons.as_ref().map(|base| model::Icon::new(format!("{base}{}", file.name)))
    }
}

/// The answers that are the same for everyone.
#[derive(Debug)]
pub(super) struct FixedResults {
    /// `server/discover`.
    pub(super) discovery: Box<RawValue>,
    initialized_2025_11_25: Box<RawValue>,
    initialized_2025_06_18: Box<RawValue>,
    /// `{}`
    pub(super) pong: Box<RawValue>,
    /// The identity that rides in `_meta` of every modern result: what tells the server apart, and no more.
    pub(super) identity: Box<RawValue>,
}

impl FixedResults {
    pub(super) fn of(info: &ServerInfo, offered: Offered) -> Result<Self, serde_json::Error> {
        let initialized = |version| to_raw_value(&initialized(info, offered, version));
        Ok(Self {
            discovery: to_raw_value(&discovery(info, offered))?,
            initialized_2025_11_25: initialized(LegacyVersion::V2025_11_25)?,
            initialized_2025_06_18: initialized(LegacyVersion::V2025_06_18)?,
            pong: RawValue::from_string("{}".to_owned())?,
            identity: to_raw_value(&identity(info))?,
        })
    }

    /// `initialize`, answered with `version`.
    pub(super) fn initialized(&self, version: LegacyVersion) -> &RawValue {
        match version {
            LegacyVersion::V2025_11_25 => &self.initialized_2025_11_25,
            LegacyVersion::V2025_06_18 => &self.initialized_2025_06_18,
        }
    }
}

fn identity(info: &ServerInfo) -> Implementation {
    Implementation::new(&info.name, &info.version).with_title(&info.title)
}

/// For versions that know an address and icons of a server: from 2025-11-25 on.
fn implementation(info: &ServerInfo) -> Implementation {
    let mut implementation = identity(info);
    implementation.website_url.clone_from(&info.website);
    let Icon { png, svg } = Icon::CONNECTOR;
    let icon = |file: IconFile| Some(info.icon(file)?.with_mime_type(file.media_type));
    let icons: Vec<_> = [png, svg].into_iter().filter_map(icon).collect();
    if icons.is_empty() { implementation } else { implementation.with_icons(icons) }
}

/// What is there, and no notice of changes to it: clients go by `ttlMs`.
fn capabilities(offered: Offered) -> ServerCapabilities {
    let mut capabilities = ServerCapabilities::default();
    capabilities.tools = Some(ToolsCapability::default());
    capabilities.resources = offered.resources.then(ResourcesCapability::default);
    capabilities.prompts = offered.prompts.then(PromptsCapability::default);
    capabilities.completions = offered.completions.then(JsonObject::default);
    capabilities
}

fn initialized(info: &ServerInfo, offered: Offered, version: LegacyVersion) -> InitializeResult {
    let (version, implementation) = match version {
        LegacyVersion::V2025_06_18 => (ProtocolVersion::V_2025_06_18, identity(info)),
        LegacyVersion::V2025_11_25 => (ProtocolVersion::V_2025_11_25, implementation(info)),
    };
    InitializeResult::new(capabilities(offered))
        .with_protocol_version(version)
        .with_server_info(implementation)
        .with_instructions(&info.instructions)
}

fn discovery(info: &ServerInfo, offered: Offered) -> DiscoverResult {
    let versions =
        vec![ProtocolVersion::V_2026_07_28, ProtocolVersion::V_2025_11_25, ProtocolVersion::V_2025_06_18];
    let mut discovery = DiscoverResult::new(versions, capabilities(offered))
        .with_ttl_ms(DISCOVERY_TTL_MS)
        .with_cache_scope(CacheScope::Public)
        .with_server_info(implementation(info));
    discovery.instructions = Some(info.instructions.clone());
    discovery
}
