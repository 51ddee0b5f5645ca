//! What the scopes of a token open in OneDrive and SharePoint.

use super::estate::{Place, is_open_to, plan};

/// The scopes that files and sites look at, out of all that a token holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) struct FileScopes(u8);

const KNOWN: [(&str, u8); 10] = [
    ("User.Read", USER_READ),
    ("Files.Read", FILES_READ),
    ("Files.Read.All", FILES_READ_ALL),
    ("Sites.Read.All", SITES_READ_ALL),
    ("Sites.Selected", SITES_SELECTED),
    ("Files.ReadWrite", FILES_READ_WRITE | FILES_READ),
    ("Files.ReadWrite.All", FILES_READ_WRITE | FILES_READ | FILES_READ_ALL),
    ("Sites.ReadWrite.All", FILES_READ_WRITE | SITES_READ_ALL),
    ("Sites.Manage.All", SITES_READ_ALL),
    ("Sites.FullControl.All", SITES_READ_ALL),
];
const USER_READ: u8 = 1;
const FILES_READ: u8 = 1 << 1;
const FILES_READ_ALL: u8 = 1 << 2;
const SITES_READ_ALL: u8 = 1 << 3;
const SITES_SELECTED: u8 = 1 << 4;
const FILES_READ_WRITE: u8 = 1 << 5;

impl FileScopes {
    pub(in crate::graph) fn of(granted: &[String]) -> Self {
        let held = |name: &str| granted.iter().any(|scope| scope.eq_ignore_ascii_case(name));
        Self(KNOWN.iter().filter(|(name, _)| held(name)).fold(0, |bits, (_, bit)| bits | bit))
    }

    /// A short name of this set, for cache keys.
    pub(in crate::graph) const fn class(self) -> u8 {
        self.0
    }

    /// The drive itself, without what lies in it.
    pub(in crate::graph) const fn own_drive(self) -> bool {
        self.0 & USER_READ != 0 || self.own_files()
    }

    pub(in crate::graph) const fn own_files(self) -> bool {
        self.0 & FILES_READ != 0 || self.every_file()
    }

    /// All files that the user can reach.
    pub(in crate::graph) const fn every_file(self) -> bool {
        self.0 & (FILES_READ_ALL | SITES_READ_ALL) != 0
    }

    /// Searching for sites, and the sites one follows.
    pub(in crate::graph) const fn every_site(self) -> bool {
        self.0 & SITES_READ_ALL != 0
    }

    /// One site by its address.
    pub(in crate::graph) const fn site(self, site: usize) -> bool {
        self.every_site() || (self.0 & SITES_SELECTED != 0 && plan(site).is_selected)
    }

    /// The files of a library: one's own, or anybody's.
    pub(in crate::graph) fn library(self, place: Place, seat: usize) -> bool {
        match place {
            Place::Home(_) if is_open_to(place, seat) => self.own_files(),
            Place::Home(_) => self.every_file(),
            Place::Site(site) => self.every_file() || self.site(site),
        }
    }

    /// A sharing link as an object. Microsoft lists no permission to read it that does not also write.
    pub(in crate::graph) const fn shares(self) -> bool {
        self.0 & FILES_READ_WRITE != 0
    }
}
