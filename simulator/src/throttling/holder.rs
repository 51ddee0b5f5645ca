//! Whose allowances a request uses.

use std::time::Duration;

use uuid::Uuid;

use super::limits::{Limit, Scope};
use super::named::named_owner;
use super::request::RequestFacts;
use super::target::{Target, hashed};

/// Whose allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Holder {
    scope: Scope,
    app: Option<Uuid>,
    tenant: Option<Uuid>,
    user: Option<Uuid>,
    resource: Option<u64>,
}

/// Which allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    limit: &'static str,
    per: Duration,
    holder: Holder,
}

impl Key {
    pub(super) fn of(limit: &Limit, facts: &RequestFacts<'_>, target: &Target) -> Self {
        let per = Duration::from_secs(limit.seconds.into());
        Self { limit: limit.name, per, holder: Holder::of(limit.scope, facts, target) }
    }

    /// That a user asked for this meeting within the time of `limit`, which counts meetings.
    pub(super) fn of_meeting(limit: &Limit, facts: &RequestFacts<'_>, target: &Target) -> Self {
        let Self { limit, per, holder } = Self::of(limit, facts, target);
        Self { limit, per, holder: Holder { resource: target.meeting, ..holder } }
    }
}

impl Holder {
    pub(super) fn of(scope: Scope, facts: &RequestFacts<'_>, target: &Target) -> Self {
        let nobody = Self { scope, app: None, tenant: None, user: None, resource: None };
        let (app, tenant, user) = (Some(facts.app), Some(facts.tenant), Some(facts.user));
        match scope {
            Scope::App => Self { app, ..nobody },
            Scope::AppTenant => Self { app, tenant, ..nobody },
            Scope::AppUser => Self { app, tenant, user, ..nobody },
            Scope::AppResource => Self { app, tenant, resource: target.resource, ..nobody },
            Scope::AppMailbox => {
                let (user, resource) = mailbox(facts, target);
                Self { app, tenant, user, resource, ..nobody }
            }
            Scope::Tenant => Self { tenant, ..nobody },
            Scope::User => Self { tenant, user, ..nobody },
        }
    }
}

/// One's own mailbox, the one that is known, or the one that is named.
fn mailbox(facts: &RequestFacts<'_>, target: &Target) -> (Option<Uuid>, Option<u64>) {
    match (target.resource, facts.mailbox) {
        (None, _) => (Some(facts.user), None),
        (Some(_), Some(mailbox)) => (Some(mailbox), None),
        (Some(resource), None) => match named_owner(facts.path) {
            Some(owner) if hashed(&facts.user.to_string()) == hashed(owner) => (Some(facts.user), None),
            _ => (None, Some(resource)),
        },
    }
}
