//! How much the scopes of a token open in OneDrive and SharePoint, where an address alone does not tell.

use super::estate::{Place, is_open_to, plan};
use crate::graph::permissions::holds;

/// The scopes that files and sites look at, out of all that a token holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) struct FileScopes(u8);

const KNOWN: [(&str, u8); 4] = [
    ("Files.Read", FILES_READ),
    ("Files.Read.All", FILES_READ_ALL),
    ("Sites.Read.All", SITES_READ_ALL),
    ("Sites.Selected", SITES_SELECTED),
];
const FILES_READ: u8 = 1;
const FILES_READ_ALL: u8 = 1 << 1;
const SITES_READ_ALL: u8 = 1 << 2;
const SITES_SELECTED: u8 = 1 << 3;

impl FileScopes {
    pub(in crate::graph) fn of(granted: &[String]) -> Self {
        let held = KNOWN.iter().filter(|(name, _)| holds(granted, name));
        Self(held.fold(0, |bits, (_, bit)| bits | bit))
    }

    pub(in crate::graph) const fn own_files(self) -> bool {
        self.0 & FILES_READ != 0 || self.every_file()
    }

    /// All files that the user can reach.
    pub(in crate::graph) const fn every_file(self) -> bool {
        self.0 & (FILES_READ_ALL | SITES_READ_ALL) != 0
    }

    /// One site by its address.
    pub(in crate::graph) const fn site(self, site: usize) -> bool {
        self.0 & SITES_READ_ALL != 0 || (self.0 & SITES_SELECTED != 0 && plan(site).is_selected)
    }

    /// The files of a library: one's own, or anybody's.
    pub(in crate::graph) fn library(self, place: Place, seat: usize) -> bool {
        match place {
            Place::Home(_) if is_open_to(place, seat) => self.own_files(),
            Place::Home(_) => self.every_file(),
            Place::Site(site) => self.every_file() || self.site(site),
        }
    }
}
