//! Whom a limit is about, and how Graph says that it is reached.

use std::hash::{DefaultHasher, Hasher};
use std::num::NonZeroUsize;
use std::time::Duration;

use crate::identity::{ObjectId, TenantId};
use crate::settings::ThrottleSettings;

/// A service behind Graph with limits of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Workload {
    /// Users, groups, people: Entra's directory.
    Directory,
    /// Mail, calendar and contacts: Exchange Online.
    Outlook,
    Teams,
    /// Sites, lists and files, OneDrive's among them.
    SharePoint,
    /// Microsoft Search.
    Search,
}

impl Workload {
    pub const ALL: [Self; 5] = [Self::Directory, Self::Outlook, Self::Teams, Self::SharePoint, Self::Search];

    /// For logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Outlook => "outlook",
            Self::Teams => "teams",
            Self::SharePoint => "sharepoint",
            Self::Search => "search",
        }
    }

    /// Requests at once of one user, or for one mailbox.
    pub(crate) const fn concurrency(self, settings: &ThrottleSettings) -> NonZeroUsize {
        match self {
            Self::Outlook => settings.outlook_concurrency,
            Self::Directory | Self::Teams | Self::SharePoint | Self::Search => settings.default_concurrency,
        }
    }

    /// How many items of a batch count at once at most: of a mailbox, Graph carries out all up to four ("JSON batching" in
    /// its throttling limits). Of the other services nothing is said, and nothing limits requests at once there.
    pub(super) const fn places_of_a_batch(self) -> u32 {
        match self {
            Self::Outlook => 4,
            Self::Directory | Self::Teams | Self::SharePoint | Self::Search => 1,
        }
    }
}

/// What a request counts for: one subject of one tenant, in one workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GateKey {
    pub tenant: TenantId,
    pub subject: GateSubject,
    pub workload: Workload,
}

/// Whose limit a request draws on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GateSubject {
    /// The calling user, with their own mailbox.
    User(ObjectId),
    /// A mailbox that callers name by its owner: Exchange Online counts an application's requests by the mailbox
    /// that is read, whoever reads it. The owner's own calls count as [`Self::User`]: nobody who merely knows a
    /// name can use up what is the owner's.
    SharedMailbox(OwnerHash),
}

/// Names the owner of a mailbox within a tenant without holding the address. Two owners with the same hash would
/// share a limit, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnerHash(u64);

impl OwnerHash {
    /// `owner` is an address or an object id, in any case.
    pub fn of(owner: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        for letter in owner.chars().flat_map(char::to_lowercase) {
            hasher.write_u32(u32::from(letter));
        }
        Self(hasher.finish())
    }
}

/// What Graph said about its load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThrottleSignal {
    /// A 429 or 503 that says how long to stay away.
    RetryAfter(Duration),
    /// A 429 or 503 without a usable time: the wait doubles each time.
    Unspecified,
}

/// Whom a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThrottleScope {
    /// Graph does not say: the user or mailbox, in that workload, and there the team, channel or chat; or a limit that
    /// several wait for, where they are refused together.
    Request,
    /// Too many requests at once for one mailbox (`MailboxConcurrency`).
    Concurrency,
    /// This application in the tenant, or the tenant as such, as SharePoint's `RateLimit-*` and the directory's
    /// `x-ms-throttle-scope` say.
    Tenant,
    /// This application over all tenants, as the directory's `x-ms-throttle-scope` says.
    Application,
}

/// What a service says in an answer of the limit of this application in the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LoadReport {
    /// Units in a window (`RateLimit-Limit`).
    pub limit: Option<u64>,
    /// How much of it is used, in thousandths (`RateLimit-Remaining`, `x-ms-throttle-limit-percentage`).
    pub used_thousandths: Option<u32>,
}
