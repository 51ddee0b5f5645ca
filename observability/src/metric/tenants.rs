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

/// How many names a process gives out in its life. A name that was given keeps its series until the process ends; when as
/// many are gone, whoever comes is one of the others until then.
pub(super) const NAMES_OF_A_PROCESS: usize = 120;

/// With which the names of tenants without an alias begin; so no alias does.
const OF_IDS: &str = "t-";

/// How many digits of its id name a tenant, where no other begins with the same.
const DIGITS_OF_AN_ID: usize = 8;
/// Those of a whole id, which nobody shares.
const ALL_DIGITS: usize = 32;

/// The longest alias that can be given, in bytes.
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

    /// For a tenant that nobody has named: so many digits of its id, which say nothing about who it is.
    fn of_id(tenant: Uuid, digits: usize) -> Self {
        let id = tenant.simple().to_string();
        Self(Name::Given(format!("{OF_IDS}{}", id.get(..digits).unwrap_or(&id)).into()))
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
/// [`NAMED_TENANTS`]. So every node and every start names the same ones, each by a name of its own.
#[derive(Debug, Clone, Default)]
pub(super) struct TenantAliases {
    names: HashMap<Uuid, TenantAlias>,
    /// Whose each name is that was ever given out.
    given: HashMap<TenantAlias, Uuid>,
}

impl TenantAliases {
    /// The names when these tenants follow those that were there before; at a start, nobody. Whoever had one keeps it, unless
    /// it has been given another, and nobody gets one that was another's.
    pub(super) fn following(&self, tenants: impl IntoIterator<Item = (Uuid, Option<TenantAlias>)>) -> Self {
        let mut tenants: Vec<_> = tenants.into_iter().collect();
        tenants.sort_unstable_by_key(|(tenant, alias)| (alias.is_none(), *tenant));
        tenants.truncate(NAMED_TENANTS);
        let of_ids: Vec<Uuid> = tenants.iter().map(|(tenant, _)| *tenant).collect();
        let mut chosen = Self { names: HashMap::new(), given: self.given.clone() };
        for (tenant, alias) in tenants {
            let names =
                alias.into_iter().chain(self.names.get(&tenant).cloned()).chain(names_of(tenant, &of_ids));
            chosen.name(tenant, names);
        }
        chosen
    }

    /// Gives `tenant` the first of `names` that is nobody else's, where there is still one to give.
    fn name(&mut self, tenant: Uuid, names: impl IntoIterator<Item = TenantAlias>) {
        for name in names {
            let holder = self.given.get(&name);
            if holder.is_some_and(|holder| *holder != tenant) {
                continue;
            }
            if holder.is_none() && self.given.len() >= NAMES_OF_A_PROCESS {
                continue;
            }
            self.given.insert(name.clone(), tenant);
            self.names.insert(tenant, name);
            return;
        }
    }

    pub(super) fn of(&self, tenant: impl Borrow<Uuid>) -> TenantAlias {
        self.names.get(tenant.borrow()).cloned().unwrap_or(TenantAlias::OTHER)
    }
}

/// What a tenant can be named by its id, the shortest first that no other of `all` begins with.
fn names_of(tenant: Uuid, all: &[Uuid]) -> impl Iterator<Item = TenantAlias> {
    let shared =
        all.iter().filter(|other| **other != tenant).map(|other| digits_in_common(tenant, *other)).max();
    let shortest = shared.map_or(DIGITS_OF_AN_ID, |shared| DIGITS_OF_AN_ID.max(shared + 1));
    (shortest..=ALL_DIGITS).map(move |digits| TenantAlias::of_id(tenant, digits))
}

/// With how many digits both ids begin.
fn digits_in_common(one: Uuid, other: Uuid) -> usize {
    (one.as_u128() ^ other.as_u128()).leading_zeros() as usize / 4
}
