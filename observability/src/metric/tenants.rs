//! Tenants under a bounded number of names.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use opentelemetry::Value;
use thiserror::Error;
use uuid::Uuid;

/// How many tenants have a series of their own; the others share one.
pub const NAMED_TENANTS: usize = 100;

/// With which the names of tenants without an alias begin; so no alias does.
const OF_IDS: &str = "t-";

/// The longest alias, in bytes.
const LONGEST_ALIAS: usize = 32;

/// The name under which a tenant is measured: lower-case letters, digits and `-`, at most 32 of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TenantAlias(Name);

#[derive(Debug, Clone)]
enum Name {
    Fixed(&'static str),
    Given(Arc<str>),
}

impl Name {
    fn as_str(&self) -> &str {
        match self {
            Self::Fixed(name) => name,
            Self::Given(name) => name,
        }
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

/// Why a text is no alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "an alias has 1 to 32 lower-case letters, digits and hyphens, is not `other` and does not begin with `t-`"
)]
pub struct TenantAliasError;

impl TenantAlias {
    /// Everybody who has no alias.
    pub const OTHER: Self = Self(Name::Fixed("other"));

    /// Reads an alias as an administrator wrote it.
    pub fn parse(text: &str) -> Result<Self, TenantAliasError> {
        let is_alias = (1..=LONGEST_ALIAS).contains(&text.len())
            && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && text != Self::OTHER.0.as_str()
            && !text.starts_with(OF_IDS);
        if is_alias { Ok(Self(Name::Given(text.into()))) } else { Err(TenantAliasError) }
    }

    /// For a tenant that nobody has named: the beginning of its id, which says nothing about who it is.
    fn of_id(tenant: Uuid) -> Self {
        let (first, ..) = tenant.as_fields();
        Self(Name::Given(format!("{OF_IDS}{first:08x}").into()))
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for TenantAlias {
    type Err = TenantAliasError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for TenantAlias {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl From<TenantAlias> for Value {
    fn from(alias: TenantAlias) -> Self {
        match alias.0 {
            Name::Fixed(name) => name.into(),
            Name::Given(name) => name.into(),
        }
    }
}

/// Which tenants are measured by name: those that have been given an alias first, then by id, up to
/// [`NAMED_TENANTS`]. So every node and every start names the same ones.
#[derive(Debug, Default)]
pub struct TenantAliases(HashMap<Uuid, TenantAlias>);

impl TenantAliases {
    pub fn choose(tenants: impl IntoIterator<Item = (Uuid, Option<TenantAlias>)>) -> Self {
        let mut tenants: Vec<_> = tenants.into_iter().collect();
        tenants.sort_unstable_by_key(|(tenant, alias)| (alias.is_none(), *tenant));
        tenants.truncate(NAMED_TENANTS);
        Self(
            tenants
                .into_iter()
                .map(|(tenant, alias)| (tenant, alias.unwrap_or_else(|| TenantAlias::of_id(tenant))))
                .collect(),
        )
    }

    pub(super) fn of(&self, tenant: impl Borrow<Uuid>) -> TenantAlias {
        self.0.get(tenant.borrow()).cloned().unwrap_or(TenantAlias::OTHER)
    }
}
