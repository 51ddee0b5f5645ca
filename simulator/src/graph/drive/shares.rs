//! What crosses the borders of libraries: items shared with one, sharing links, and the search over all of it.

use std::sync::Arc;

use serde_json::json;

use super::estate::{self, Place};
use super::library::Library;
use super::list::paged;
use super::reading::{Outcome, Reading, closed, matches, timed};
use super::refusal::FileRefusal;
use super::render::{NAMES, TYPE_NAME, View};
use super::route::ItemRoute;
use super::share::{self, Shared};
use crate::graph::odata::expand;
use crate::graph::odata::select::Selection;
use crate::graph::respond::{Entity, Object, bytes};

/// The properties of a share, in the order in which Graph writes them.
const SHARE_NAMES: &[&str] = &[
    "createdDateTime",
    "id",
    "lastModifiedDateTime",
    "name",
    "webUrl",
    "createdBy",
    "lastModifiedBy",
    "owner",
];

impl Reading<'_> {
    /// What others have put at the caller's disposal, each by itself.
    pub(super) fn shared_with_me(&self, place: Place) -> Result<Outcome, FileRefusal> {
        if place != Place::Home(self.seat) {
            return Err(closed(place));
        }
        let mut objects = Vec::new();
        for (place, library) in self.sharers() {
            let view = self.view(&library, place);
            let shared =
                (1..library.items.len()).filter(|item| library.items[*item].shared_with.contains(&self.seat));
            objects.extend(shared.map(|item| view.remote(item)));
        }
        let slice = paged(&self.query, self.request, objects)?;
        Ok(Outcome::Lasting(self.page("Collection(driveItem)", slice.entries, slice.next_link)))
    }

    /// One's own drive, and what is shared with one.
    pub(super) fn search_all(&self, place: Place, words: &str) -> Result<Outcome, FileRefusal> {
        if !self.scopes.library(place, self.seat) {
            return Err(FileRefusal::ScopeMissing);
        }
        if !estate::is_open_to(place, self.seat) {
            return Err(closed(place));
        }
        let mut libraries = vec![(place, self.library(place))];
        if place == Place::Home(self.seat) && self.scopes.every_file() {
            libraries.extend(self.sharers());
        }
        let selection = self.selection(NAMES, TYPE_NAME)?;
        let mut objects = Vec::new();
        for (place, library) in &libraries {
            let view = self.view(library, *place);
            let found = (1..library.items.len())
                .filter(|item| self.may_see(library, *place, *item) && matches(library, *item, words));
            objects.extend(found.map(|item| view.item(item, &selection)));
        }
        let slice = paged(&self.query, self.request, objects)?;
        Ok(timed(self.page("Collection(driveItem)", slice.entries, slice.next_link), &selection))
    }

    /// The libraries of those who share with the caller: the two seats before.
    pub(super) fn sharers(&self) -> Vec<(Place, Arc<Library>)> {
        let seats = self.tenant.users.len();
        let mut sharers: Vec<usize> = (1..=2).map(|step| (self.seat + seats * 2 - step) % seats).collect();
        sharers.dedup();
        sharers.retain(|seat| *seat != self.seat && estate::has_home(&self.tenant.users[*seat]));
        sharers.into_iter().map(|seat| (Place::Home(seat), self.library(Place::Home(seat)))).collect()
    }

    /// What a sharing link leads to.
    pub(super) fn share(&self, token: &str, route: Option<&ItemRoute>) -> Result<Outcome, FileRefusal> {
        if self.prefers("redeemSharingLink") {
            return Err(FileRefusal::WouldWrite);
        }
        let shared = share::parse(token, self.tenant, self.estate)?;
        let place = match &shared {
            Shared::Link(place, _) | Shared::Address(place, _) => *place,
        };
        let library = self.library(place);
        let item = share::find(&library, &shared).ok_or(FileRefusal::ShareNotFound)?;
        let is_link = matches!(shared, Shared::Link(..)) && library.items[item].tenant_link;
        let is_redeemed = is_link && self.prefers("redeemSharingLinkIfNecessary");
        if !is_redeemed && !self.may_see(&library, place, item) {
            return Err(closed(place));
        }
        match route {
            Some(route) => self.item_route(&library, place, item, route),
            None => self.shared_item(token, self.view(&library, place), item),
        }
    }

    /// The share itself: a few words about the item behind it, which comes along by `$expand=driveItem`.
    fn shared_item(&self, token: &str, view: View<'_>, item: usize) -> Result<Outcome, FileRefusal> {
        let selection = self.selection(SHARE_NAMES, "microsoft.graph.sharedDriveItem")?;
        let expansions = expand::parse(self.query.expand.as_deref(), &["driveItem"])?;
        let about = json!(view.item(item, &Selection::Default));
        let mut object = Object::selected(SHARE_NAMES, &selection, |name| match name {
            "id" => token.into(),
            "owner" => about["createdBy"].clone(),
            name => about[name].clone(),
        });
        let Some(expansion) = expansions.first() else {
            return Ok(self.entity(&format!("shares{}/$entity", selection.context(SHARE_NAMES)), object));
        };
        let selected = Selection::parse(expansion.option("select"), NAMES, TYPE_NAME)?;
        object.set("driveItem", json!(view.item(item, &selected)));
        let context = self.context("shares(driveItem())/$entity");
        Ok(timed(bytes(&Entity { context, object }), &selected))
    }

    pub(in crate::graph) fn prefers(&self, name: &str) -> bool {
        self.request
            .prefer
            .iter()
            .flat_map(|value| value.split(','))
            .any(|preference| preference.trim().eq_ignore_ascii_case(name))
    }
}
