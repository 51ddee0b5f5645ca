//! Pages that can be found: as list items, which is what they are behind their looks.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::graph::drive::Reading;
use crate::graph::drive::found::addresses;
use crate::graph::drive::render::identity;
use crate::graph::findable::Document;
use crate::graph::kql::{Attribute, Moment, Needle, Place as Where, Searchable, normalised};
use crate::graph::site::pages::{PAGES, PagePlan};
use crate::graph::site_plan::SITES;

pub(super) struct PageDocument<'a> {
    pub(super) reading: &'a Reading<'a>,
    pub(super) site: usize,
    /// Place in [`PAGES`].
    pub(super) page: usize,
}

impl PageDocument<'_> {
    const fn plan(&self) -> &'static PagePlan {
        &PAGES[self.page]
    }

    fn url(&self) -> String {
        format!("{}/SitePages/{}", self.reading.site_url(self.site), self.plan().name)
    }

    fn created(&self) -> Timestamp {
        self.reading.days_ago(SITES[self.site].age / 2)
    }
}

/// The texts of the web parts, as the index reads them: without markup.
fn plain(plan: &PagePlan) -> String {
    let mut text = String::new();
    let mut is_markup = false;
    for letter in plan.texts.join(" ").chars() {
        match letter {
            '<' => is_markup = true,
            '>' => {
                is_markup = false;
                text.push(' ');
            }
            letter if !is_markup => text.push(letter),
            _ => {}
        }
    }
    text
}

impl Searchable for PageDocument<'_> {
    fn subject(&self) -> &str {
        self.plan().title
    }

    fn body_holds(&self, needle: &Needle) -> bool {
        needle.is_in(&normalised(&plain(self.plan())))
    }

    fn texts(&self, place: Where) -> Vec<&str> {
        match place {
            Where::Anywhere | Where::FileName => vec![self.plan().name],
            Where::Author | Where::Editor => self.reading.name_of(0),
            Where::SiteTitle => vec![SITES[self.site].name],
            _ => Vec::new(),
        }
    }

    fn attributes(&self, attribute: Attribute) -> Vec<Cow<'_, str>> {
        match attribute {
            Attribute::FileType => vec!["aspx".into()],
            Attribute::Path => addresses(self.url()),
            Attribute::ContentClass => vec!["STS_ListItem_WebPageLibrary".into()],
            Attribute::Mention => Vec::new(),
        }
    }

    fn moment(&self, which: Moment) -> Option<Timestamp> {
        match which {
            Moment::Created => Some(self.created()),
            Moment::Modified => Some(self.reading.days_ago(20)),
            _ => None,
        }
    }
}

impl Document for PageDocument<'_> {
    fn hit_id(&self) -> String {
        self.reading.page_id(self.site, self.page).to_string()
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Owned(plain(self.plan()))
    }

    fn web_url(&self) -> Option<String> {
        Some(self.url())
    }

    fn resource(&self, fields: Map<String, Value>) -> Value {
        let author = identity(self.reading.tenant, 0);
        let mut resource = json!({
            "@odata.type": "#microsoft.graph.listItem",
            "id": self.hit_id(),
            "webUrl": self.url(),
            "createdDateTime": self.created().to_string(),
            "lastModifiedDateTime": self.reading.days_ago(20).to_string(),
            "createdBy": author,
            "lastModifiedBy": author,
            "parentReference": { "siteId": self.reading.site_id(self.site) },
            "sharepointIds": { "listItemUniqueId": self.hit_id() },
        });
        if !fields.is_empty() {
            resource["fields"] = fields.into();
        }
        resource
    }
}
