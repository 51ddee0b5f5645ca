//! Who may read which mailbox, and how much of it.
//!
//! The map is fixed, so that everybody can foresee it. Within a tenant, whoever stands at seat `n` shares the inbox and
//! everything below it with seat `n + 1`, and the whole mailbox with seat `n + 2`, as with a delegate; after the last seat
//! comes the first one. A shared mailbox is open to its members.

use uuid::Uuid;

use crate::directory::Tenant;
use crate::graph::people::Person;
use crate::graph::refusal::Refusal;
use crate::graph::scopes::{MailAccess, Scopes};
use crate::graph::seats;
use crate::graph::who::Who;

/// Which part of a mailbox may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Reach {
    Whole,
    /// The inbox, and what lies below it.
    Inbox,
}

/// A mailbox that the caller may read.
#[derive(Debug, Clone, Copy)]
pub(in crate::graph) struct Opened<'a> {
    pub(in crate::graph) person: Person<'a>,
    pub(in crate::graph) access: MailAccess,
    pub(in crate::graph) reach: Reach,
}

/// The caller's own mailbox, where it is the one that is named. Guests have theirs at home.
pub(in crate::graph) fn own_mailbox<'a>(
    tenant: &'a Tenant,
    caller: Uuid,
    who: &Who,
) -> Result<Person<'a>, Refusal> {
    let key = match who {
        Who::Me => caller.to_string(),
        Who::Named(key) => key.clone(),
    };
    let person = Person::find(tenant, &key).ok_or(Refusal::UnknownMailbox(key))?;
    if person.id() != caller {
        return Err(Refusal::MailAccessDenied);
    }
    if matches!(person, Person::User(user) if user.guest.is_some()) {
        return Err(Refusal::NoMailbox);
    }
    Ok(person)
}

/// Finds a mailbox, where the scopes and its owner's sharing open it.
pub(in crate::graph) fn open<'a>(
    tenant: &'a Tenant,
    caller: Uuid,
    scopes: Scopes,
    who: &Who,
) -> Result<Opened<'a>, Refusal> {
    let own = caller.to_string();
    let key = match who {
        Who::Me => &own,
        Who::Named(key) => key,
    };
    let person = Person::find(tenant, key).ok_or_else(|| Refusal::UnknownMailbox(key.clone()))?;
    let access = if person.id() == caller { scopes.own_mail() } else { scopes.shared_mail() };
    let (Some(access), Some(reach)) = (access, reach(tenant, person, caller)) else {
        return Err(Refusal::MailAccessDenied);
    };
    // A guest's mail stays at home.
    if matches!(person, Person::User(user) if user.guest.is_some()) {
        return Err(Refusal::NoMailbox);
    }
    Ok(Opened { person, access, reach })
}

fn reach(tenant: &Tenant, owner: Person<'_>, viewer: Uuid) -> Option<Reach> {
    match owner {
        Person::Shared(shared) => shared.members.contains(&viewer).then_some(Reach::Whole),
        Person::User(user) if user.id == viewer => Some(Reach::Whole),
        Person::User(user) => match seats::distance(tenant, user.id, viewer)? {
            1 => Some(Reach::Inbox),
            2 => Some(Reach::Whole),
            _ => None,
        },
    }
}
