//! The SharePoint of one tenant: who sits where, which sites there are, and whose library a drive is.

use std::collections::HashMap;

use uuid::Uuid;

use super::id::LibraryIds;
use crate::FILE_DOMAIN;
use crate::directory::random::SplitMix64;
use crate::directory::{Tenant, User};
use crate::graph::site_plan::{SITES, SitePlan};

/// Everything about a tenant's SharePoint that costs nothing to keep.
#[derive(Debug)]
pub(in crate::graph) struct Estate {
    /// Host of team sites.
    pub(in crate::graph) host: String,
    /// Host of personal sites.
    pub(in crate::graph) my_host: String,
    seats: HashMap<Uuid, usize>,
    drives: HashMap<String, Place>,
    sites: Vec<LibraryIds>,
    homes: Vec<LibraryIds>,
}

/// Which library of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::graph) enum Place {
    /// The OneDrive of the user at this seat.
    Home(usize),
    /// The library of the site at this place of [`SITES`].
    Site(usize),
}

impl Estate {
    pub(super) fn of(tenant: &Tenant, seed: u64) -> Self {
        let label = tenant.domain.split('.').next().unwrap_or_default();
        let ids = |kind: &str, name: &str| library_ids(seed, &format!("{kind}-{}-{name}", tenant.id));
        let sites: Vec<LibraryIds> = SITES.iter().map(|plan| ids("site", plan.path)).collect();
        let homes: Vec<LibraryIds> =
            tenant.users.iter().map(|user| ids("home", &user.id.to_string())).collect();
        let of_sites = sites.iter().enumerate().map(|(place, ids)| (ids.drive_id(), Place::Site(place)));
        let of_homes = homes.iter().enumerate().map(|(seat, ids)| (ids.drive_id(), Place::Home(seat)));
        Self {
            host: format!("{label}.{FILE_DOMAIN}"),
            my_host: format!("{label}-my.{FILE_DOMAIN}"),
            seats: tenant.users.iter().enumerate().map(|(seat, user)| (user.id, seat)).collect(),
            drives: of_sites.chain(of_homes).collect(),
            sites,
            homes,
        }
    }

    pub(in crate::graph) fn seat(&self, user: Uuid) -> Option<usize> {
        self.seats.get(&user).copied()
    }

    pub(in crate::graph) fn place_of(&self, drive: &str) -> Option<Place> {
        self.drives.get(drive).copied()
    }

    pub(in crate::graph) fn ids(&self, place: Place) -> LibraryIds {
        match place {
            Place::Home(seat) => self.homes[seat],
            Place::Site(site) => self.sites[site],
        }
    }

    /// `host,site collection,web`.
    pub(in crate::graph) fn site_id(&self, place: Place) -> String {
        let ids = self.ids(place);
        let host = if matches!(place, Place::Home(_)) { &self.my_host } else { &self.host };
        format!("{host},{},{}", ids.site, ids.web)
    }

    /// Address of the site that a library belongs to, without a slash at the end.
    pub(in crate::graph) fn site_url(&self, tenant: &Tenant, place: Place) -> String {
        match place {
            Place::Home(seat) => {
                format!("https://{}/personal/{}", self.my_host, underscored(&tenant.users[seat].upn))
            }
            Place::Site(site) => format!("https://{}{}", self.host, SITES[site].path),
        }
    }
}

/// Who may see the whole of a library: its owner, or the members of its site.
pub(in crate::graph) fn is_open_to(place: Place, seat: usize) -> bool {
    match place {
        Place::Home(owner) => owner == seat,
        Place::Site(site) => SITES[site].is_open_to(seat),
    }
}

/// Guests have no OneDrive.
pub(in crate::graph) fn has_home(user: &User) -> bool {
    !user.upn.contains("#EXT#")
}

/// The plan of a site.
pub(in crate::graph) const fn plan(site: usize) -> &'static SitePlan {
    &SITES[site]
}

fn library_ids(seed: u64, label: &str) -> LibraryIds {
    let mut random = SplitMix64::derived(seed, label.as_bytes());
    LibraryIds { site: random.uuid(), web: random.uuid(), list: random.uuid() }
}

fn underscored(upn: &str) -> String {
    upn.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect()
}
