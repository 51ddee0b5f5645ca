//! Sites, their lists, the entries of these and their pages, as Microsoft Search finds and shows them.

mod entry;
mod list;
mod page;

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use self::entry::EntryDocument;
use self::list::ListDocument;
use self::page::PageDocument;
use super::lists::ListKind;
use super::pages::PAGES;
use crate::graph::drive::Reading;
use crate::graph::drive::estate::Place;
use crate::graph::drive::found::addresses;
use crate::graph::findable::{Document, Entity, Found};
use crate::graph::kql::{Attribute, Moment, Needle, Place as Where, Searchable, normalised};
use crate::graph::site_plan::{SITES, SitePlan};

struct SiteDocument<'a> {
    reading: &'a Reading<'a>,
    site: usize,
}

impl Reading<'_> {
    /// What of these types there is besides files, in the sites that the caller may enter.
    pub(in crate::graph) fn site_documents(&self, entities: &[Entity]) -> Vec<Found<'_>> {
        let mut found = Vec::new();
        for site in self.visible_sites() {
            if entities.contains(&Entity::Site) {
                found.push(Found::made(SiteDocument { reading: self, site }));
            }
            if entities.contains(&Entity::List) {
                let lists = ListKind::ALL.into_iter();
                found.extend(lists.map(|kind| Found::made(ListDocument { reading: self, site, kind })));
            }
            if entities.contains(&Entity::ListItem) {
                let entries = self.entries(site).into_iter();
                found.extend(entries.map(|entry| Found::made(EntryDocument { reading: self, site, entry })));
                let pages = 0..PAGES.len();
                found.extend(pages.map(|page| Found::made(PageDocument { reading: self, site, page })));
            }
        }
        found
    }

    pub(super) fn site_url(&self, site: usize) -> String {
        self.estate.site_url(self.tenant, Place::Site(site))
    }

    pub(super) fn site_id(&self, site: usize) -> String {
        self.estate.site_id(Place::Site(site))
    }
}

impl SiteDocument<'_> {
    const fn plan(&self) -> &'static SitePlan {
        &SITES[self.site]
    }
}

impl Searchable for SiteDocument<'_> {
    fn subject(&self) -> &str {
        self.plan().name
    }

    fn body_holds(&self, needle: &Needle) -> bool {
        needle.is_in(&normalised(self.plan().description))
    }

    fn texts(&self, place: Where) -> Vec<&str> {
        match place {
            Where::Anywhere => vec![self.plan().path],
            Where::SiteTitle => vec![self.plan().name],
            _ => Vec::new(),
        }
    }

    fn attributes(&self, attribute: Attribute) -> Vec<Cow<'_, str>> {
        match attribute {
            Attribute::Path => addresses(self.reading.site_url(self.site)),
            Attribute::ContentClass => vec!["STS_Site".into()],
            _ => Vec::new(),
        }
    }

    fn moment(&self, which: Moment) -> Option<Timestamp> {
        match which {
            Moment::Created => Some(self.reading.days_ago(self.plan().age)),
            Moment::Modified => Some(self.reading.days_ago(1)),
            _ => None,
        }
    }
}

impl Document for SiteDocument<'_> {
    fn hit_id(&self) -> String {
        self.reading.site_id(self.site)
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.plan().description)
    }

    fn web_url(&self) -> Option<String> {
        Some(self.reading.site_url(self.site))
    }

    fn resource(&self, _fields: Map<String, Value>) -> Value {
        let mut resource = json!({
            "@odata.type": "#microsoft.graph.site",
            "id": self.hit_id(),
            "displayName": self.plan().name,
            "description": self.plan().description,
            "webUrl": self.reading.site_url(self.site),
            "createdDateTime": self.reading.days_ago(self.plan().age).to_string(),
            "lastModifiedDateTime": self.reading.days_ago(1).to_string(),
        });
        if let Some(name) = self.plan().path.rsplit('/').next().filter(|name| !name.is_empty()) {
            resource["name"] = name.into();
        }
        resource
    }
}
