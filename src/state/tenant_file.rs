//! One TOML file per tenant: `tenants.d/contoso.toml`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use connector_actors::identity::{ClientId, TenantId};
use connector_actors::ports::TenantLimits;
use serde::{Deserialize, Deserializer, de};
use thiserror::Error;

use super::content_table::ContentTable;
use crate::policy::{GuestRule, TenantPolicy};

/// Calls of one tenant, and of one of its sessions, in progress at once, when the file says nothing.
const DEFAULT_LIMITS: TenantLimits = TenantLimits { concurrent_calls: 256, concurrent_calls_per_session: 8 };

/// Why a tenant's file was not taken. The message of `Invalid` names line and column.
#[derive(Debug, Error)]
pub enum TenantFileError {
    #[error("tenant file {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("tenant file {}: {message}", path.display())]
    Invalid { path: PathBuf, message: String },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TenantFile {
    #[serde(deserialize_with = "from_text")]
    id: TenantId,
    name: String,
    #[serde(default = "enabled_by_default")]
    enabled: bool,
    #[serde(default)]
    domains: Vec<String>,
    clients: Vec<ClientEntry>,
    #[serde(default)]
    guests: GuestEntry,
    #[serde(default)]
    denied_tools: BTreeSet<String>,
    #[serde(default)]
    content: ContentTable,
    concurrent_calls: Option<usize>,
    concurrent_calls_per_session: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct ClientEntry(#[serde(deserialize_with = "from_text")] ClientId);

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum GuestEntry {
    Allow,
    #[default]
    Refuse,
}

impl From<GuestEntry> for GuestRule {
    fn from(entry: GuestEntry) -> Self {
        match entry {
            GuestEntry::Allow => Self::Allow,
            GuestEntry::Refuse => Self::Refuse,
        }
    }
}

fn enabled_by_default() -> bool {
    true
}

fn from_text<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(de::Error::custom)
}

/// Whom a file is about, and the policy unless it switches its tenant off.
pub(super) type Stated = (TenantId, Option<TenantPolicy>);

/// Reads one file.
pub(super) fn read(path: &Path) -> Result<Stated, TenantFileError> {
    let text = fs::read_to_string(path)
        .map_err(|source| TenantFileError::Unreadable { path: path.to_owned(), source })?;
    parse(&text).map_err(|message| TenantFileError::Invalid { path: path.to_owned(), message })
}

fn parse(text: &str) -> Result<Stated, String> {
    let file: TenantFile = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
    let limits = TenantLimits {
        concurrent_calls: at_least_one(
            "concurrent_calls",
            file.concurrent_calls,
            DEFAULT_LIMITS.concurrent_calls,
        )?,
        concurrent_calls_per_session: at_least_one(
            "concurrent_calls_per_session",
            file.concurrent_calls_per_session,
            DEFAULT_LIMITS.concurrent_calls_per_session,
        )?,
    };
    if !file.enabled {
        return Ok((file.id, None));
    }
    let policy = TenantPolicy {
        id: file.id,
        name: file.name,
        domains: file.domains.iter().map(|domain| domain.to_ascii_lowercase()).collect(),
        clients: file.clients.into_iter().map(|entry| entry.0).collect(),
        guests: file.guests.into(),
        denied_tools: file.denied_tools,
        content: file.content.into_policy()?,
        limits,
    };
    Ok((policy.id, Some(policy)))
}

fn at_least_one(key: &str, value: Option<usize>, default: usize) -> Result<usize, String> {
    match value {
        Some(0) => Err(format!("{key} must be at least 1")),
        Some(value) => Ok(value),
        None => Ok(default),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const GOOD: &str = r#"
        id = "7b1c0f5e-2d35-4c38-9a55-0a6f4d8c1e01"
        name = "Contoso"
        domains = ["Contoso.example"]
        clients = ["1f3f9f2a-8b0e-4b7e-8d0c-6c1f2a3b4c5d"]
        denied_tools = ["read_resource"]
    "#;

    /// If this failed, an administrator's file would not mean what it says.
    #[test]
    fn a_tenants_file_becomes_its_policy() {
        let policy = parse(GOOD).unwrap().1.unwrap();
        assert_eq!(policy.name, "Contoso");
        assert_eq!(policy.domains, ["contoso.example"]);
        assert_eq!(policy.clients.len(), 1);
        assert!(policy.denied_tools.contains("read_resource"));
        assert_eq!(policy.limits, DEFAULT_LIMITS);
    }

    /// If this failed, guests would be let in without a word of the administrator, or against it.
    #[rstest]
    #[case::unsaid("", GuestRule::Refuse)]
    #[case::refused("guests = 'refuse'", GuestRule::Refuse)]
    #[case::allowed("guests = 'allow'", GuestRule::Allow)]
    fn guests_are_refused_unless_allowed(#[case] addition: &str, #[case] expected: GuestRule) {
        let policy = parse(&format!("{GOOD}\n{addition}")).unwrap().1.unwrap();
        assert_eq!(policy.guests, expected);
    }

    /// If this failed, switching a tenant off would leave it on.
    #[test]
    fn a_disabled_tenant_has_no_policy() {
        assert_eq!(parse(&format!("{GOOD}\nenabled = false")).unwrap().1, None);
    }

    /// If this failed, a mistake in a tenant's file would be taken silently or explained badly.
    #[rstest]
    #[case::unknown_key("colour = 1", "unknown field `colour`")]
    #[case::guests_maybe("guests = 'maybe'", "unknown variant `maybe`, expected `allow` or `refuse`")]
    #[case::guests_yes("guests = true", "line 8, column")]
    #[case::no_permits("concurrent_calls = 0", "concurrent_calls must be at least 1")]
    #[case::wrong_type("concurrent_calls = 'many'", "line 8, column")]
    fn a_mistake_is_named(#[case] addition: &str, #[case] expected: &str) {
        let message = parse(&format!("{GOOD}\n{addition}")).unwrap_err();
        assert!(message.contains(expected), "{message}");
    }

    /// If this failed, a wrong identifier would start a service that serves nobody.
    #[test]
    fn an_identifier_that_is_no_guid_is_refused_with_its_line() {
        let message = parse("id = 'contoso'\nname = 'Contoso'\nclients = []").unwrap_err();
        assert!(message.contains("line 1") && message.contains("tenant id must be a GUID"), "{message}");
    }
}
