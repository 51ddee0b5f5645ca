//! What policy asks of sites, lists, pages and their like.

use super::label;
use crate::graph::{ListItem, Site, SiteList, SitePage, Text};
use crate::policy::{ItemFacts, Label, Place, TenantPolicy};
use crate::tools::review::Reviewable;

fn at<'a>(site_id: Option<&'a Text<'_>>, url: Option<&'a Text<'_>>) -> ItemFacts<'a> {
    let (site_id, url) = (site_id.map(|id| &**id), url.map(|url| &**url));
    ItemFacts { place: Some(Place { site_id, url, is_own_drive: false }), ..ItemFacts::default() }
}

/// Name and description: there is nothing to withhold.
impl Reviewable for Site<'_> {
    fn facts(&self, _: &TenantPolicy) -> ItemFacts<'_> {
        at(Some(&self.id), self.web_url.as_ref())
    }

    fn withhold(&mut self) {}
}

/// Likewise.
impl Reviewable for SiteList<'_> {
    fn facts(&self, _: &TenantPolicy) -> ItemFacts<'_> {
        let site = self.parent_reference.as_ref().and_then(|parent| parent.site_id.as_ref());
        at(site, self.web_url.as_ref())
    }

    fn withhold(&mut self) {}
}

impl Reviewable for SitePage<'_> {
    fn facts(&self, _: &TenantPolicy) -> ItemFacts<'_> {
        let site = self.parent_reference.as_ref().and_then(|parent| parent.site_id.as_ref());
        at(site, self.web_url.as_ref())
    }

    fn withhold(&mut self) {
        self.canvas_layout = None;
    }
}

/// An entry of a library has the label of its file.
pub(super) fn label_of<'i>(entry: &'i ListItem<'_>) -> Label<'i> {
    label::learned(entry.fields.as_ref(), |columns| columns.0.get(label::COLUMN)?.as_str())
}

impl Reviewable for ListItem<'_> {
    fn facts(&self, _: &TenantPolicy) -> ItemFacts<'_> {
        let site = self.parent_reference.as_ref().and_then(|parent| parent.site_id.as_ref());
        ItemFacts { label: label_of(self), ..at(site, self.web_url.as_ref()) }
    }

    fn withhold(&mut self) {
        self.fields = None;
    }
}
