//! What every workload tells of the things that can be found in it.

use std::borrow::Cow;
use std::ops::Deref;

use serde_json::{Map, Value};

use crate::graph::kql::Searchable;

/// Something that the caller may read and a search may find.
pub(in crate::graph) trait Document: Searchable {
    fn hit_id(&self) -> String;

    /// What the summary is cut from.
    fn text(&self) -> Cow<'_, str>;

    /// The few properties that a hit shows, with `@odata.type`. `fields` are those that were asked for, by the names
    /// they were asked by; only what lies in SharePoint has any.
    fn resource(&self, fields: Map<String, Value>) -> Value;

    fn web_url(&self) -> Option<String> {
        None
    }

    /// A field that only some lists have.
    fn column(&self, _name: &str) -> Option<Value> {
        None
    }

    /// The same for copies of the same content.
    fn fingerprint(&self) -> Option<&str> {
        None
    }
}

/// A document that is kept somewhere, or was made for this search.
pub(in crate::graph) enum Found<'a> {
    Kept(&'a dyn Document),
    Made(Box<dyn Document + 'a>),
}

impl<'a> Found<'a> {
    pub(in crate::graph) fn made(document: impl Document + 'a) -> Self {
        Self::Made(Box::new(document))
    }
}

impl<'a> Deref for Found<'a> {
    type Target = dyn Document + 'a;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Kept(document) => *document,
            Self::Made(document) => document.as_ref(),
        }
    }
}
