//! Where people stand in their tenant: what is shared with whom follows from it, so that everybody can foresee it.

use uuid::Uuid;

use crate::directory::Tenant;

/// Seats from one member to another, going up; after the last seat comes the first. Guests have none.
pub(super) fn distance(tenant: &Tenant, from: Uuid, to: Uuid) -> Option<usize> {
    let members = || tenant.users.iter().filter(|user| user.guest.is_none());
    let seat = |id: Uuid| members().position(|user| user.id == id);
    let count = members().count();
    Some((seat(to)? + count - seat(from)?) % count)
}
