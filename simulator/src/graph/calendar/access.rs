//! Who shares which calendar with whom.
//!
//! The map is fixed, so that everybody can foresee it. Within a tenant, whoever stands at seat `n` shares the default
//! calendar with seat `n + 1` (everything but private events), with seat `n + 2` as with a delegate who sees private
//! events too, and with seat `n + 3` titles and locations alone; after the last seat comes the first one. Everybody
//! else of the tenant sees when they are busy, and nothing more. A shared mailbox shows its calendar to its members.

use uuid::Uuid;

use crate::directory::{Tenant, User};
use crate::graph::people::Person;
use crate::graph::seats;

/// How much of a calendar may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// One's own.
    Own,
    /// One's own, without bodies and attachments.
    OwnBasic,
    /// As `calendarRoleType` names it: `delegateWithPrivateEventAccess`.
    Delegate,
    /// `read`: everything but private events.
    Reader,
    /// `limitedRead`: time, subject and location.
    Titles,
    /// `freeBusyRead`: no event at all.
    FreeBusy,
}

impl Sight {
    pub(super) const fn is_own(self) -> bool {
        matches!(self, Self::Own | Self::OwnBasic)
    }

    pub(super) const fn sees_private(self) -> bool {
        matches!(self, Self::Own | Self::OwnBasic | Self::Delegate)
    }

    pub(super) const fn sees_bodies(self) -> bool {
        matches!(self, Self::Own | Self::Delegate | Self::Reader)
    }

    pub(super) const fn sees_events(self) -> bool {
        !matches!(self, Self::FreeBusy)
    }
}

/// Whether somebody is a guest: then their mailbox is elsewhere.
pub(super) fn is_guest(user: &User) -> bool {
    user.upn.contains("#EXT#")
}

/// What `viewer` may see of the calendar of somebody else of the same tenant.
pub(super) fn shared_sight(tenant: &Tenant, owner: Person<'_>, viewer: Uuid) -> Sight {
    let owner = match owner {
        Person::Shared(shared) if shared.members.contains(&viewer) => return Sight::Delegate,
        Person::Shared(_) => return Sight::FreeBusy,
        Person::User(user) => user.id,
    };
    match seats::distance(tenant, owner, viewer) {
        Some(1) => Sight::Reader,
        Some(2) => Sight::Delegate,
        Some(3) => Sight::Titles,
        _ => Sight::FreeBusy,
    }
}

/// How many seats away those are who share with somebody.
pub(super) const DISTANCES: [usize; 3] = [1, 2, 3];

/// Who shares a calendar with `viewer` from so many seats before.
pub(super) fn sharer(tenant: &Tenant, viewer: Uuid, seats: usize) -> Option<&User> {
    let members: Vec<&User> = tenant.users.iter().filter(|user| !is_guest(user)).collect();
    let seat = members.iter().position(|user| user.id == viewer)?;
    if members.len() <= DISTANCES.len() {
        return None;
    }
    members.get((seat + members.len() - seats) % members.len()).copied()
}
