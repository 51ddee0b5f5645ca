//! One TOML file per tenant: `tenants.d/contoso.toml`.

use std::collections::BTreeSet;
use std::fmt;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;

use connector_actors::identity::{ClientId, GroupId, ObjectId, TenantId};
use connector_actors::ports::TenantLimits;
use connector_actors::{LicenceCount, TenantSize, UserCount};
use connector_observability::metric::TenantAlias;
use serde::{Deserialize, Deserializer, de};
use thiserror::Error;

use super::call_quota;
use super::content_table::ContentTable;
use crate::policy::{AccessRules, CallQuota, GuestRule, Service, TenantPolicy};

/// Calls of one tenant, and of one of its sessions, in progress at once, when the file says nothing.
const DEFAULT_LIMITS: TenantLimits =
    TenantLimits { concurrent_calls: 256, concurrent_calls_per_session: 8, size: TenantSize::UNKNOWN };

/// Why a tenant's file was not taken, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct FileFault {
    /// From 1; `None` where the file as a whole is meant.
    pub line: Option<usize>,
    pub column: Option<usize>,
    pub problem: String,
}

impl FileFault {
    pub(super) fn whole(problem: impl Into<String>) -> Self {
        Self { line: None, column: None, problem: problem.into() }
    }

    fn of(error: &toml::de::Error, text: &str) -> Self {
        Self::at(error.span().map(|span| span.start), text, error.message().to_owned())
    }

    fn at(offset: Option<usize>, text: &str, problem: String) -> Self {
        let Some(before) = offset.and_then(|offset| text.get(..offset)) else { return Self::whole(problem) };
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Self { line: Some(line), column: Some(column), problem }
    }
}

impl fmt::Display for FileFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(out, "line {line}, column {column}: ")?;
        }
        out.write_str(&self.problem)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TenantFile {
    #[serde(deserialize_with = "from_text")]
    id: TenantId,
    name: String,
    alias: Option<Id<TenantAlias>>,
    #[serde(default = "enabled_by_default")]
    enabled: bool,
    #[serde(default)]
    domains: Vec<String>,
    clients: Vec<Id<ClientId>>,
    #[serde(default)]
    guests: GuestEntry,
    #[serde(default)]
    denied_tools: BTreeSet<String>,
    #[serde(default)]
    content: ContentTable,
    #[serde(default)]
    denied_services: BTreeSet<Service>,
    #[serde(default)]
    allowed_users: Vec<Id<ObjectId>>,
    #[serde(default)]
    blocked_users: Vec<Id<ObjectId>>,
    #[serde(default)]
    allowed_groups: Vec<Id<GroupId>>,
    #[serde(default)]
    blocked_groups: Vec<Id<GroupId>>,
    #[serde(default, deserialize_with = "call_quota::read")]
    calls_per_user_per_minute: CallQuota,
    concurrent_calls: Option<NonZeroUsize>,
    concurrent_calls_per_session: Option<NonZeroUsize>,
    users: Option<NonZeroU32>,
    licences: Option<NonZeroU32>,
}

/// An ID that is read strictly, so that its own error is shown.
#[derive(Debug, Deserialize)]
#[serde(transparent, bound = "T: std::str::FromStr, T::Err: std::fmt::Display")]
struct Id<T>(#[serde(deserialize_with = "from_text")] T);

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stated {
    pub(super) tenant: TenantId,
    pub(super) policy: Option<Arc<TenantPolicy>>,
}

/// Reads the text of a file. `tools` are the names that there are.
pub(super) fn parse(text: &str, tools: &BTreeSet<&'static str>) -> Result<Stated, FileFault> {
    let file: TenantFile = toml::from_str(text).map_err(|error| FileFault::of(&error, text))?;
    if let Some(tool) = file.denied_tools.iter().find(|tool| !tools.contains(tool.as_str())) {
        return Err(FileFault::at(text.find(&format!("{tool:?}")), text, unknown_tool(tool)));
    }
    let limits = TenantLimits {
        concurrent_calls: file.concurrent_calls.map_or(DEFAULT_LIMITS.concurrent_calls, NonZeroUsize::get),
        concurrent_calls_per_session: file
            .concurrent_calls_per_session
            .map_or(DEFAULT_LIMITS.concurrent_calls_per_session, NonZeroUsize::get),
        size: TenantSize {
            users: file.users.map(UserCount::new),
            licences: file.licences.map(LicenceCount::new),
        },
    };
    let policy = TenantPolicy {
        id: file.id,
        name: file.name,
        alias: file.alias.map(|alias| alias.0),
        domains: file.domains.iter().map(|domain| domain.to_ascii_lowercase()).collect(),
        clients: ids(file.clients),
        guests: file.guests.into(),
        denied_tools: file.denied_tools,
        content: file.content.into_policy().map_err(FileFault::whole)?,
        limits,
        rules: AccessRules {
            denied_services: file.denied_services,
            allowed_users: ids(file.allowed_users),
            blocked_users: ids(file.blocked_users),
            allowed_groups: ids(file.allowed_groups),
            blocked_groups: ids(file.blocked_groups),
            calls_per_user_per_minute: file.calls_per_user_per_minute,
        },
    };
    Ok(Stated { tenant: policy.id, policy: file.enabled.then(|| Arc::new(policy)) })
}

/// A misspelt name would leave a tool on that an administrator believes to be off.
fn unknown_tool(tool: &str) -> String {
    format!("denied_tools names {tool}, and there is no such tool")
}

fn ids<T: Ord>(entries: Vec<Id<T>>) -> BTreeSet<T> {
    entries.into_iter().map(|entry| entry.0).collect()
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

    fn read(text: &str) -> Result<Stated, FileFault> {
        parse(text, &BTreeSet::from(["read_resource", "get_me"]))
    }

    /// If this failed, an administrator's file would not mean what it says.
    #[test]
    fn a_tenants_file_becomes_its_policy() {
        let policy = read(GOOD).unwrap().policy.unwrap();
        assert_eq!(policy.name, "Contoso");
        assert_eq!(policy.domains, ["contoso.example"]);
        assert_eq!(policy.clients.len(), 1);
        assert!(policy.denied_tools.contains("read_resource"));
        assert_eq!(policy.limits, DEFAULT_LIMITS);
    }

    /// If this failed, a large tenant would be held to the limits of a small one, or a small one have Graph refuse it.
    #[test]
    fn a_tenant_states_its_size() {
        let policy = read(&format!("{GOOD}\nusers = 320\nlicences = 12_000")).unwrap().policy.unwrap();
        let users = NonZeroU32::new(320).map(UserCount::new);
        let licences = NonZeroU32::new(12_000).map(LicenceCount::new);
        assert_eq!(policy.limits.size, TenantSize { users, licences });
    }

    /// If this failed, a user's loop would run without a limit that nobody has lifted, or against one that was.
    #[rstest]
    #[case::unsaid("", NonZeroU32::new(600))]
    #[case::a_number("calls_per_user_per_minute = 1", NonZeroU32::new(1))]
    #[case::lifted("calls_per_user_per_minute = 'unlimited'", None)]
    fn a_users_calls_are_limited_unless_the_limit_is_lifted(
        #[case] addition: &str,
        #[case] a_minute: Option<NonZeroU32>,
    ) {
        let policy = read(&format!("{GOOD}\n{addition}")).unwrap().policy.unwrap();
        let expected = a_minute.map_or(CallQuota::Unlimited, CallQuota::PerMinute);
        assert_eq!(policy.rules.calls_per_user_per_minute, expected);
    }

    /// If this failed, guests would be let in without a word of the administrator, or against it.
    #[rstest]
    #[case::unsaid("", GuestRule::Refuse)]
    #[case::refused("guests = 'refuse'", GuestRule::Refuse)]
    #[case::allowed("guests = 'allow'", GuestRule::Allow)]
    fn guests_are_refused_unless_allowed(#[case] addition: &str, #[case] expected: GuestRule) {
        let policy = read(&format!("{GOOD}\n{addition}")).unwrap().policy.unwrap();
        assert_eq!(policy.guests, expected);
    }

    /// If this failed, switching a tenant off would leave it on.
    #[test]
    fn a_disabled_tenant_has_no_policy() {
        assert_eq!(read(&format!("{GOOD}\nenabled = false")).unwrap().policy, None);
    }

    /// If this failed, a mistake in a tenant's file would be taken silently or explained badly.
    #[rstest]
    #[case::unknown_key("colour = 1", "unknown field `colour`")]
    #[case::guests_maybe("guests = 'maybe'", "unknown variant `maybe`, expected `allow` or `refuse`")]
    #[case::guests_yes("guests = true", "line 8, column")]
    #[case::no_permits("concurrent_calls = 0", "line 8, column 20")]
    #[case::no_calls(
        "calls_per_user_per_minute = 0",
        "line 8, column 29: invalid value: integer `0`, expected a number from 1 to 4294967295, or \"unlimited\""
    )]
    #[case::owed_calls("calls_per_user_per_minute = -1", "line 8, column 29")]
    #[case::misspelt_quota("calls_per_user_per_minute = 'none'", "invalid value: string \"none\", expected")]
    #[case::no_such_tool(
        "blocked_users = []\ndenied_services = ['post']",
        "line 9, column 20: unknown variant `post`"
    )]
    #[case::no_user("blocked_users = ['somebody']", "line 8, column 17: object id must be a GUID")]
    #[case::no_alias("alias = 'Contoso Ltd'", "line 8, column 9: an alias has 1 to 32 lower-case letters")]
    #[case::wrong_type("concurrent_calls = 'many'", "line 8, column")]
    #[case::no_users("users = 0", "line 8, column 9: invalid value: integer `0`, expected a nonzero u32")]
    #[case::some_users("users = 'some'", "line 8, column 9")]
    #[case::owed_licences("licences = -1", "line 8, column 12")]
    fn a_mistake_is_named(#[case] addition: &str, #[case] expected: &str) {
        let message = read(&format!("{GOOD}\n{addition}")).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }

    /// If this failed, a wrong identifier would start a service that serves nobody.
    #[test]
    fn an_identifier_that_is_no_guid_is_refused_with_its_line() {
        let message = read("id = 'contoso'\nname = 'Contoso'\nclients = []").unwrap_err().to_string();
        assert!(message.contains("line 1") && message.contains("tenant id must be a GUID"), "{message}");
    }

    /// If this failed, a misspelt name would leave a tool on that an administrator believes to be off.
    #[test]
    fn a_tool_that_is_not_there_is_named_with_its_place() {
        let fault = read(&GOOD.replace("read_resource", "read_resources")).unwrap_err();
        assert_eq!((fault.line, fault.column), (Some(6), Some(25)));
        assert!(fault.problem.contains("read_resources"), "{fault}");
    }

    /// If this failed, a rule would be read as another one, or not at all.
    #[test]
    fn rules_about_services_users_and_groups_are_read() {
        let user = "22222222-2222-4222-8222-222222222222";
        let rules = format!(
            "{GOOD}\ndenied_services = ['mail', 'teams']\nblocked_users = ['{user}']\nallowed_groups = ['{user}']\n\
             calls_per_user_per_minute = 60"
        );
        let rules = read(&rules).unwrap().policy.unwrap().rules.clone();
        let expected = AccessRules {
            denied_services: BTreeSet::from([Service::Mail, Service::Teams]),
            blocked_users: BTreeSet::from([user.parse().unwrap()]),
            allowed_groups: BTreeSet::from([user.parse().unwrap()]),
            calls_per_user_per_minute: CallQuota::PerMinute(NonZeroU32::new(60).unwrap()),
            ..AccessRules::default()
        };
        assert_eq!(rules, expected);
    }
}
