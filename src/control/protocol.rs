//! What goes over the socket: one line of JSON each way.

use connector_actors::clock::Timestamp;
use connector_actors::identity::{ClientId, ObjectId, Principal, TenantId};
use connector_actors::revocation::{NotATokenId, Revocation, Subject};
use serde::{Deserialize, Serialize};

/// Bytes of a request at most.
pub(super) const MAX_REQUEST_BYTES: u64 = 4 * 1024;

/// Bytes of an answer at most; a list is cut off long before.
pub(super) const MAX_ANSWER_BYTES: u64 = 1024 * 1024;

/// A command to the serving process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum ControlRequest {
    Revoke { subject: NamedSubject },
    ListRevocations,
}

/// A subject of a revocation, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum NamedSubject {
    Tenant { tenant: TenantId },
    User { tenant: TenantId, user: ObjectId },
    Client { tenant: TenantId, user: ObjectId, client: ClientId },
    Token { token_id: Box<str> },
}

/// The serving process's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlAnswer {
    Revoked(ListedRevocation),
    /// Newest first; `total` counts those that are left out, too.
    Revocations {
        revocations: Vec<ListedRevocation>,
        total: usize,
    },
    Failed {
        reason: String,
    },
}

/// A revocation, as people are shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedRevocation {
    pub subject: NamedSubject,
    /// Unix milliseconds.
    pub at_ms: u64,
}

impl TryFrom<NamedSubject> for Subject {
    type Error = NotATokenId;

    fn try_from(named: NamedSubject) -> Result<Self, NotATokenId> {
        Ok(match named {
            NamedSubject::Tenant { tenant } => Self::Tenant(tenant),
            NamedSubject::User { tenant, user } => Self::User(tenant, user),
            NamedSubject::Client { tenant, user, client } => Self::Client(Principal { tenant, user, client }),
            NamedSubject::Token { token_id } => Self::Token(token_id.parse()?),
        })
    }
}

impl From<&Subject> for NamedSubject {
    fn from(subject: &Subject) -> Self {
        match subject {
            Subject::Tenant(tenant) => Self::Tenant { tenant: *tenant },
            Subject::User(tenant, user) => Self::User { tenant: *tenant, user: *user },
            Subject::Client(Principal { tenant, user, client }) => {
                Self::Client { tenant: *tenant, user: *user, client: *client }
            }
            Subject::Token(token) => Self::Token { token_id: token.as_str().into() },
        }
    }
}

impl From<&Revocation> for ListedRevocation {
    fn from(revocation: &Revocation) -> Self {
        Self { subject: (&revocation.subject).into(), at_ms: revocation.at.unix_millis() }
    }
}

impl ListedRevocation {
    pub fn at(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.at_ms)
    }
}
