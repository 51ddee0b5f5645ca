//! What chats and channels need of files: which ones may be attached, and the folder of a channel.

use uuid::Uuid;

use super::Files;
use super::download::Recipient;
use super::estate::Place;
use super::render::View;
use crate::directory::Tenant;
use crate::graph::odata::select::Selection;
use crate::graph::respond::Object;

/// A file that a message points to.
#[derive(Debug, Clone)]
pub(in crate::graph) struct AttachedFile {
    /// `UniqueId` in SharePoint.
    pub(in crate::graph) unique: Uuid,
    pub(in crate::graph) name: String,
    pub(in crate::graph) web_url: String,
}

impl Files {
    /// The files at a place that others can open: all of a site's, and of a home what everybody or a neighbour may
    /// read.
    pub(in crate::graph) fn attachable(&self, tenant: &Tenant, place: Place) -> Vec<AttachedFile> {
        let library = self.library(tenant, &self.estate(tenant), place);
        let is_open = |item: &super::library::Item| match place {
            Place::Home(_) => item.tenant_link || !item.shared_with.is_empty(),
            Place::Site(_) => true,
        };
        let files = library.items.iter().filter(|item| item.file.is_some() && is_open(item));
        files
            .map(|item| AttachedFile {
                unique: item.unique,
                name: item.name.clone(),
                web_url: item.web_url.clone(),
            })
            .collect()
    }

    /// A folder at the root of a site's library, as a drive item for whoever asked Graph at that address.
    pub(in crate::graph) fn folder(
        &self,
        tenant: &Tenant,
        site: usize,
        name: &str,
        asked_at: &str,
    ) -> Option<Object> {
        let (estate, place) = (self.estate(tenant), Place::Site(site));
        let library = self.library(tenant, &estate, place);
        let folder = library.below(0, &[name.to_owned()])?;
        // A folder has no address of its own to fetch it at.
        let (signer, recipient) = (&self.signer, Recipient::default());
        let view = View { tenant, estate: &estate, place, library: &library, signer, recipient, asked_at };
        Some(view.item(folder, &Selection::Default))
    }

    /// The id of the group behind a site, and the address of the site.
    pub(in crate::graph) fn group_of(&self, tenant: &Tenant, site: usize) -> (Uuid, String) {
        let (estate, place) = (self.estate(tenant), Place::Site(site));
        (estate.ids(place).site, estate.site_url(tenant, place))
    }
}
