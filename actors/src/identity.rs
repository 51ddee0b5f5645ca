//! Who a call belongs to. Only verified token claims become these types.

use std::fmt;
use std::str::FromStr;

use dashmap::DashMap;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

/// What is kept by verified ids, and read on every call. Nobody can choose such keys so that they fall together, and each
/// map is seeded by chance: a quick hash will do.
pub type ByIdentity<K, V> = DashMap<K, V, foldhash::fast::RandomState>;

/// A text that should be a GUID and is not.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{kind} must be a GUID")]
pub struct NotAGuid {
    kind: &'static str,
}

macro_rules! guid {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            pub const fn from_uuid(value: Uuid) -> Self {
                Self(value)
            }

            pub const fn as_uuid(&self) -> &Uuid {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(out)
            }
        }

        impl FromStr for $name {
            type Err = NotAGuid;

            /// Takes the hyphenated form alone, as Entra writes it.
            fn from_str(text: &str) -> Result<Self, NotAGuid> {
                if text.len() != 36 {
                    return Err(NotAGuid { kind: $kind });
                }
                Uuid::try_parse(text).map(Self).map_err(|_| NotAGuid { kind: $kind })
            }
        }
    };
}

guid!(
    /// An Entra tenant (`tid`).
    TenantId,
    "tenant id"
);
guid!(
    /// A user within a tenant (`oid`). Unique only together with its tenant.
    ObjectId,
    "object id"
);
guid!(
    /// A client application (`azp`).
    ClientId,
    "client id"
);

/// What a user is to the tenant that the token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountKind {
    /// The tenant's own user (`acct` is 0).
    Member,
    /// Invited from elsewhere (`acct` is 1).
    Guest,
    /// The token does not say: `acct` is an optional claim, which the registration of this API has to ask for.
    /// Neither a member nor a guest may be taken for granted.
    Unstated,
}

guid!(
    /// A group of a tenant.
    GroupId,
    "group id"
);

/// Of which groups a token says its user is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum GroupMembership {
    /// These, sorted, and no others.
    Stated(Box<[GroupId]>),
    /// Of more than fit a token: Entra says so, and names none.
    TooMany,
    /// The token does not say: `groups` is an optional claim, which the registration of this API has to ask for.
    Unstated,
}

impl GroupMembership {
    /// The groups, sorted and each once.
    pub fn stated(groups: impl IntoIterator<Item = GroupId>) -> Self {
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_unstable();
        groups.dedup();
        Self::Stated(groups.into())
    }
}

/// Whose call it is: the verified `(tid, oid, azp)` that every session, lease and permit is keyed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Principal {
    pub tenant: TenantId,
    pub user: ObjectId,
    pub client: ClientId,
}
