//! One request to Graph, as its limits see it.

use std::hash::{DefaultHasher, Hasher};

use super::line::Asker;
use super::signal::{GateKey, Workload};
use crate::identity::ObjectId;

/// What a request counts as: each class has limits of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequestClass {
    /// Users, groups and the signed-in user, in resource units.
    Directory,
    /// Mail, calendar and contacts.
    Mailbox,
    /// Sites, lists and files, in resource units.
    SharePoint,
    /// What is opened by a sharing link: SharePoint's like the rest, and counted once more.
    SharingLink,
    /// `/search/query`.
    Search,
    Teams(TeamsRoute),
}

/// What Teams tells apart. Source: "Microsoft Teams service limits" in Graph's throttling limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TeamsRoute {
    Team,
    JoinedTeams,
    Channels,
    Channel,
    ChannelMembers,
    ChannelMessages,
    Chats,
    Chat,
    ChatMessages,
    HostedContents,
    HostedContentValue,
    TeamMembers,
    /// Everything else that is read: replies, single messages, members of a chat. Meetings, transcripts and recordings
    /// have no number of their own and are counted here.
    Other,
}

impl RequestClass {
    /// The class of a request of which only the service is known.
    pub const fn of(workload: Workload) -> Self {
        match workload {
            Workload::Directory => Self::Directory,
            Workload::Outlook => Self::Mailbox,
            Workload::Teams => Self::Teams(TeamsRoute::Other),
            Workload::SharePoint => Self::SharePoint,
            Workload::Search => Self::Search,
        }
    }
}

/// Names a team, channel or chat within a tenant without holding its id. Two with the same hash would share a limit, and
/// nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceHash(u64);

impl ResourceHash {
    /// `id` in any case, decoded.
    pub fn of(id: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        for letter in id.chars().flat_map(char::to_lowercase) {
            hasher.write_u32(u32::from(letter));
        }
        Self(hasher.finish())
    }
}

/// One request in front of the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GateRequest {
    /// Whose requests at once it counts among.
    pub key: GateKey,
    /// Who asks: users of a tenant take turns.
    pub user: ObjectId,
    pub class: RequestClass,
    /// The team, channel or chat that it is about.
    pub resource: Option<ResourceHash>,
    /// Its cost in resource units, at least 1; without meaning where requests are counted.
    pub units: u32,
}

/// What is taken of one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Demand {
    /// As the limit counts: requests, or resource units.
    pub(super) units: u64,
    /// Among the requests at once, where the limit counts those.
    pub(super) places: u32,
}

impl GateRequest {
    /// A request of which nothing is known but whom it counts for: it costs one unit.
    pub const fn plain(key: GateKey, user: ObjectId) -> Self {
        Self { key, user, class: RequestClass::of(key.workload), resource: None, units: 1 }
    }

    pub(super) const fn asker(&self) -> Asker {
        Asker { tenant: self.key.tenant, user: self.user }
    }
}
