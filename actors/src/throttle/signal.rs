//! Whom a limit is about, and how Graph says that it is reached.

use std::time::Duration;

use crate::identity::{ObjectId, TenantId};

/// A service behind Graph with limits of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
}

/// Whom a request counts for: one user of one tenant, in one workload. For [`Workload::Outlook`] the user is the
/// mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GateKey {
    pub tenant: TenantId,
    pub user: ObjectId,
    pub workload: Workload,
}

/// What Graph said about its load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThrottleSignal {
    /// A 429 or 503 that says how long to stay away.
    RetryAfter(Duration),
    /// A 429 or 503 without a usable time: the wait doubles each time.
    Unspecified,
}
