//! Who asks for what, how often.

use std::time::Duration;

use connector_actors::throttle::{RequestClass, Workload};
use connector_actors::{TenantSize, ThrottleSettings};
use m365_simulator::throttling::Settings;

use crate::troubled::Troubled;

/// Tenants that are alike.
#[derive(Debug, Clone)]
pub(crate) struct Crowd {
    pub(crate) tenants: usize,
    /// In each of them.
    pub(crate) users: usize,
    /// Further users in each of them, who want as much, and ask for one thing at a time.
    pub(crate) beside: usize,
    /// How many users and licences each has, which decides what Graph grants.
    pub(crate) tenant_users: u32,
    /// What the connector is told of that.
    pub(crate) stated: TenantSize,
    pub(crate) class: RequestClass,
    /// As Graph is asked; `{resource}` is the user's own chat.
    pub(crate) path: &'static str,
    pub(crate) has_resource: bool,
    /// What a request, or an item of a batch, costs.
    pub(crate) units: u32,
    /// Requests that are sent together, as a batch; 1 for those that come alone.
    pub(crate) items: u32,
    /// How long Graph takes to answer, from and to.
    pub(crate) answers_in_ms: (u64, u64),
    /// Requests, or batches, a second of one user, at random moments.
    pub(crate) per_user: f64,
}

impl Crowd {
    /// How many things that user asks for at a time.
    pub(crate) const fn items_of(&self, user: usize) -> u32 {
        if user < self.users { self.items } else { 1 }
    }

    /// The same of so many users, who ask for as much together.
    pub(crate) fn of_so_many(&self, users: usize) -> Self {
        Self { users, per_user: self.per_user * self.users as f64 / users as f64, ..self.clone() }
    }

    pub(crate) const fn workload(&self) -> Workload {
        match self.class {
            RequestClass::Directory => Workload::Directory,
            RequestClass::Mailbox => Workload::Outlook,
            RequestClass::SharePoint | RequestClass::SharingLink => Workload::SharePoint,
            RequestClass::Search => Workload::Search,
            RequestClass::Teams(_) => Workload::Teams,
        }
    }
}

/// How large every limit is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Size {
    AsPublished,
    /// For limits so large that a minute of them is a long work: Graph grants a tenth, and the gate uses 9 % of what is
    /// published, which is the same share of that.
    Tenth,
}

impl Size {
    pub(crate) fn at_graph(self, settings: Settings) -> Settings {
        match self {
            Self::AsPublished => settings,
            Self::Tenth => Settings { scale: settings.scale / 10.0, ..settings },
        }
    }

    pub(crate) fn at_the_gate(self) -> ThrottleSettings {
        let settings = ThrottleSettings::default();
        let limit_share_percent = match self {
            Self::AsPublished => settings.limit_share_percent,
            Self::Tenth => settings.limit_share_percent / 10,
        };
        ThrottleSettings { limit_share_percent, ..settings }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    pub(crate) crowds: Vec<Crowd>,
    pub(crate) size: Size,
    pub(crate) lasts: Duration,
    /// How long a call waits at most.
    pub(crate) patience: Duration,
    /// Units of the limit that is in the way.
    pub(crate) limit_per_second: f64,
    /// How much of that is to be used.
    pub(crate) share: f64,
    /// Of the users of each tenant, those whom limits of their own refuse.
    pub(crate) troubled: Option<Troubled>,
}
