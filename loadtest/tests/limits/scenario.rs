//! Who asks for what, how often.

use std::time::Duration;

use connector_actors::throttle::{RequestClass, Workload};

/// Tenants that are alike.
#[derive(Debug, Clone)]
pub(crate) struct Crowd {
    pub(crate) tenants: usize,
    /// In each of them.
    pub(crate) users: usize,
    pub(crate) class: RequestClass,
    /// As Graph is asked; `{resource}` is the user's own chat.
    pub(crate) path: &'static str,
    pub(crate) has_resource: bool,
    /// What a request costs.
    pub(crate) units: u32,
    /// Requests a second of one user, at random moments.
    pub(crate) per_user: f64,
}

impl Crowd {
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

#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    pub(crate) crowds: Vec<Crowd>,
    pub(crate) lasts: Duration,
    /// How long a call waits at most.
    pub(crate) patience: Duration,
    /// Units of the limit that is in the way.
    pub(crate) limit_per_second: f64,
}
