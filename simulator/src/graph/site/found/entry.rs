//! Entries of registers that can be found.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::graph::drive::Reading;
use crate::graph::drive::found::addresses;
use crate::graph::drive::render::identity;
use crate::graph::findable::Document;
use crate::graph::kql::{Attribute, Moment, Needle, Place as Where, Searchable, normalised};
use crate::graph::site::register::Entry;
use crate::graph::site_plan::SITES;

pub(super) struct EntryDocument<'a> {
    pub(super) reading: &'a Reading<'a>,
    pub(super) site: usize,
    pub(super) entry: Entry,
}

impl EntryDocument<'_> {
    fn url(&self) -> String {
        let site = self.reading.site_url(self.site);
        format!("{site}/Lists/Open%20points/{}_.000", self.entry.number)
    }

    fn author(&self) -> usize {
        self.entry.author.min(self.reading.tenant.users.len() - 1)
    }
}

impl Searchable for EntryDocument<'_> {
    fn subject(&self) -> &str {
        &self.entry.title
    }

    fn body_holds(&self, needle: &Needle) -> bool {
        needle.is_in(&normalised(self.entry.notes))
    }

    fn texts(&self, place: Where) -> Vec<&str> {
        match place {
            Where::Author | Where::Editor => self.reading.name_of(self.author()),
            Where::SiteTitle => vec![SITES[self.site].name],
            _ => Vec::new(),
        }
    }

    fn attributes(&self, attribute: Attribute) -> Vec<Cow<'_, str>> {
        match attribute {
            Attribute::Path => addresses(self.url()),
            Attribute::ContentClass => vec!["STS_ListItem_GenericList".into()],
            _ => Vec::new(),
        }
    }

    fn moment(&self, which: Moment) -> Option<Timestamp> {
        match which {
            Moment::Created => Some(self.entry.created),
            Moment::Modified => Some(self.entry.modified),
            _ => None,
        }
    }
}

impl Document for EntryDocument<'_> {
    fn hit_id(&self) -> String {
        self.entry.unique.to_string()
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Owned(format!("{} {}", self.entry.title, self.entry.notes))
    }

    fn web_url(&self) -> Option<String> {
        Some(self.url())
    }

    fn column(&self, name: &str) -> Option<Value> {
        let fields = self.entry.fields();
        let fields = fields.as_object()?.iter();
        fields.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
    }

    fn resource(&self, fields: Map<String, Value>) -> Value {
        let author = identity(self.reading.tenant, self.author());
        let mut resource = json!({
            "@odata.type": "#microsoft.graph.listItem",
            "id": self.hit_id(),
            "webUrl": self.url(),
            "createdDateTime": self.entry.created.to_string(),
            "lastModifiedDateTime": self.entry.modified.to_string(),
            "createdBy": author,
            "lastModifiedBy": author,
            "parentReference": { "siteId": self.reading.site_id(self.site) },
            "sharepointIds": {
                "listId": self.reading.register_id(self.site),
                "listItemId": self.entry.number.to_string(),
                "listItemUniqueId": self.entry.unique,
            },
        });
        if !fields.is_empty() {
            resource["fields"] = fields.into();
        }
        resource
    }
}
