//! People of one tenant who were invited into another.

use super::consent::Consent;
use super::random::SplitMix64;
use super::tenants::{Guest, Tenant, User};

/// Who is invited (tenant and place in it), and into which tenant.
const INVITATIONS: &[((usize, usize), usize)] = &[((0, 8), 1)];

/// Appends a tenant's guests to its users, so that the places of its members stay what they are.
pub(super) fn invite(tenants: &mut [Tenant], random: &mut SplitMix64) {
    for ((home, place), host) in INVITATIONS {
        let guest = tenants.get(*home).and_then(|home| Some((home.id, home.users.get(*place)?.clone())));
        if let (Some((home, person)), Some(host)) = (guest, tenants.get_mut(*host)) {
            host.users.push(User {
                id: random.uuid(),
                upn: guest_upn(&person.upn, &host.domain),
                consent: Consent::Full,
                guest: Some(Guest { home_tenant: home, mail: person.upn.clone() }),
                ..person
            });
        }
    }
}

/// Entra's own form: the address of home, its `@` written as `_`, and `#EXT#` before the inviting domain.
fn guest_upn(mail: &str, domain: &str) -> String {
    format!("{}#EXT#@{domain}", mail.replace('@', "_"))
}
