//! Who takes part in chats and channels: users of the tenant, people of elsewhere, applications.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::directory::Tenant;
use crate::directory::random::SplitMix64;

/// Somebody in a chat or channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::graph) enum Participant {
    /// The user at this seat of the tenant.
    Member(usize),
    /// Somebody of another organisation, by the place in [`OUTSIDERS`].
    Outsider(usize),
}

/// Somebody as a member of one conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Enrolled {
    pub(super) who: Participant,
    pub(super) is_owner: bool,
}

/// Name and address.
pub(super) const OUTSIDERS: &[(&str, &str)] = &[
    ("Rowan Ashgrove", "rowan.ashgrove@ashgrovefittings.example"),
    ("Help Desk \u{2705} (External)", "helpdesk@it-supp0rt.example"),
    ("Henrike Vollmer", "h.vollmer@steinbach-press.example"),
];
/// Places of those who attack.
pub(super) const FITTER: usize = 0;
pub(super) const HELP_DESK: usize = 1;

/// Name and kind, as `applicationIdentityType` says it.
pub(super) const APPLICATIONS: &[(&str, &str)] =
    &[("Build Watch", "bot"), ("Incoming Webhook: Status page", "office365Connector")];

/// The people of one tenant's conversations.
#[derive(Debug, Clone, Copy)]
pub(in crate::graph) struct People<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) seed: u64,
}

impl<'a> People<'a> {
    /// Object id within the home tenant.
    pub(in crate::graph) fn id(self, who: Participant) -> Uuid {
        match who {
            Participant::Member(seat) => self.tenant.users.get(seat).map_or_else(Uuid::nil, |user| user.id),
            Participant::Outsider(place) => self.outsider(place).1,
        }
    }

    pub(in crate::graph) fn name(self, who: Participant) -> &'a str {
        match who {
            Participant::Member(seat) => self.tenant.users.get(seat).map_or("", |user| &user.name),
            Participant::Outsider(place) => OUTSIDERS[place].0,
        }
    }

    pub(in crate::graph) fn address(self, who: Participant) -> &'a str {
        match who {
            Participant::Member(seat) => self.tenant.users.get(seat).map_or("", |user| user.mail()),
            Participant::Outsider(place) => OUTSIDERS[place].1,
        }
    }

    pub(super) fn home_tenant(self, who: Participant) -> Uuid {
        match who {
            Participant::Member(seat) => {
                let guest = self.tenant.users.get(seat).and_then(|user| user.guest.as_ref());
                guest.map_or(self.tenant.id, |guest| guest.home_tenant)
            }
            Participant::Outsider(place) => self.outsider(place).0,
        }
    }

    /// Tenant and object id of somebody of elsewhere. Every tenant meets others: two of its users may have the object
    /// ids of users of another tenant, and a chat's id is made of object ids alone.
    fn outsider(self, place: usize) -> (Uuid, Uuid) {
        let label = format!("outsider-{}-{}", self.tenant.id, OUTSIDERS[place].1);
        let mut random = SplitMix64::derived(self.seed, label.as_bytes());
        (random.uuid(), random.uuid())
    }

    /// An identity set of a person.
    pub(super) fn identity(self, who: Participant) -> Value {
        json!({
            "application": null,
            "device": null,
            "user": {
                "@odata.type": "#microsoft.graph.teamworkUserIdentity",
                "id": self.id(who),
                "displayName": self.name(who),
                "userIdentityType": "aadUser",
                "tenantId": self.home_tenant(who),
            },
        })
    }

    /// An identity set as system messages have it: without a name.
    pub(super) fn nameless(self, who: Participant) -> Value {
        json!({ "application": null, "device": null, "user": self.nameless_user(who) })
    }

    pub(super) fn nameless_user(self, who: Participant) -> Value {
        json!({
            "@odata.type": "#microsoft.graph.teamworkUserIdentity",
            "id": self.id(who),
            "displayName": null,
            "userIdentityType": "aadUser",
            "tenantId": self.home_tenant(who),
        })
    }

    /// An identity set of an application.
    pub(super) fn application(self, place: usize) -> Value {
        let (name, kind) = APPLICATIONS[place];
        let mut random = SplitMix64::derived(self.seed, format!("application-{name}").as_bytes());
        json!({
            "device": null,
            "user": null,
            "application": {
                "@odata.type": "#microsoft.graph.teamworkApplicationIdentity",
                "id": random.uuid(),
                "displayName": name,
                "applicationIdentityType": kind,
            },
        })
    }
}
