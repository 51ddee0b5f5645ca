//! Lists that can be found.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::graph::drive::Reading;
use crate::graph::drive::found::addresses;
use crate::graph::findable::Document;
use crate::graph::kql::{Attribute, Moment, Needle, Place as Where, Searchable};
use crate::graph::site::lists::ListKind;
use crate::graph::site_plan::SITES;

pub(super) struct ListDocument<'a> {
    pub(super) reading: &'a Reading<'a>,
    pub(super) site: usize,
    pub(super) kind: ListKind,
}

impl ListDocument<'_> {
    fn url(&self) -> String {
        let (name, _, _) = self.kind.names();
        format!("{}/{}", self.reading.site_url(self.site), name.replace(' ', "%20"))
    }

    fn created(&self) -> Timestamp {
        self.reading.days_ago(SITES[self.site].age)
    }
}

impl Searchable for ListDocument<'_> {
    fn subject(&self) -> &str {
        self.kind.names().1
    }

    fn body_holds(&self, _needle: &Needle) -> bool {
        false
    }

    fn texts(&self, place: Where) -> Vec<&str> {
        match place {
            Where::SiteTitle => vec![SITES[self.site].name],
            _ => Vec::new(),
        }
    }

    fn attributes(&self, attribute: Attribute) -> Vec<Cow<'_, str>> {
        match (attribute, self.kind) {
            (Attribute::Path, _) => addresses(self.url()),
            (Attribute::ContentClass, ListKind::Documents) => vec!["STS_List_DocumentLibrary".into()],
            (Attribute::ContentClass, ListKind::Register) => vec!["STS_List_GenericList".into()],
            _ => Vec::new(),
        }
    }

    fn moment(&self, which: Moment) -> Option<Timestamp> {
        match which {
            Moment::Created => Some(self.created()),
            Moment::Modified => Some(self.reading.days_ago(1)),
            _ => None,
        }
    }
}

impl Document for ListDocument<'_> {
    fn hit_id(&self) -> String {
        self.reading.list_id(self.site, self.kind).to_string()
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.kind.names().1)
    }

    fn web_url(&self) -> Option<String> {
        Some(self.url())
    }

    fn resource(&self, _fields: Map<String, Value>) -> Value {
        let (name, title, _) = self.kind.names();
        json!({
            "@odata.type": "#microsoft.graph.list",
            "id": self.hit_id(),
            "name": name,
            "displayName": title,
            "webUrl": self.url(),
            "createdDateTime": self.created().to_string(),
            "lastModifiedDateTime": self.reading.days_ago(1).to_string(),
            "parentReference": { "siteId": self.reading.site_id(self.site) },
        })
    }
}
