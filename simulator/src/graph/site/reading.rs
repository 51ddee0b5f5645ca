//! One request for sites: which one, and what of it.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::graph::drive::estate::Place;
use crate::graph::drive::list::paged;
use crate::graph::drive::refusal::FileRefusal;
use crate::graph::drive::{Outcome, Reading};
use crate::graph::odata::select::Selection;
use crate::graph::respond::Object;
use crate::graph::site_plan::{SITES, SitePlan};
use crate::graph::site_route::{SiteKey, SiteRoute, SiteView};

/// The properties of a site, in the order in which Graph writes them.
const NAMES: &[&str] = &[
    "createdDateTime",
    "description",
    "id",
    "lastModifiedDateTime",
    "name",
    "webUrl",
    "displayName",
    "root",
    "siteCollection",
    "isPersonalSite",
    "sharepointIds",
];
const TYPE_NAME: &str = "microsoft.graph.site";
const DAY: i64 = 86_400;

impl Reading<'_> {
    pub(in crate::graph) fn site_route(&self, route: &SiteRoute) -> Result<Outcome, FileRefusal> {
        match route {
            SiteRoute::Search => self.search_sites(),
            SiteRoute::Followed => self.followed_sites(),
            SiteRoute::Site(key, view) => self.site_view(key, view),
        }
    }

    fn site_view(&self, key: &SiteKey, view: &SiteView) -> Result<Outcome, FileRefusal> {
        let site = self.find_site(key)?;
        if *view == SiteView::Drives {
            self.require_library(site)?;
            return self.drives(Place::Site(site));
        }
        self.require_site(site)?;
        match view {
            SiteView::Site => {
                let selection = self.site_selection()?;
                self.refuse_expansions()?;
                let what = format!("sites{}/$entity", selection.context(NAMES));
                Ok(self.entity(&what, self.site(site, &selection)))
            }
            SiteView::Subsites => self.sites(Vec::new()),
            SiteView::Lists => self.lists(site),
            SiteView::List(list) => self.list(site, list),
            SiteView::Columns(list) => self.columns(site, list),
            SiteView::ContentTypes(list) => self.content_types(site, list),
            SiteView::ListItems(list) => self.list_items(site, list),
            SiteView::ListItem { list, item } => self.list_entry(site, list, item),
            SiteView::Pages => self.pages(site),
            SiteView::Page { page, is_site_page } => self.site_page(site, page, *is_site_page),
            SiteView::Drives => self.drives(Place::Site(site)),
        }
    }

    /// A site by its id, or by host and path.
    pub(in crate::graph) fn find_site(&self, key: &SiteKey) -> Result<usize, FileRefusal> {
        let (host, found) = match key {
            SiteKey::Root => return Ok(0),
            SiteKey::Path { host, path } => {
                let wanted: String = path.iter().map(|name| format!("/{name}")).collect::<Vec<_>>().concat();
                let is_it = |plan: &SitePlan| plan.path.eq_ignore_ascii_case(&wanted);
                (host.as_str(), SITES.iter().position(is_it))
            }
            SiteKey::Id(id) => {
                let is_it = |site: &usize| self.estate.site_id(Place::Site(*site)) == *id;
                let host = id.split(',').next().unwrap_or_default();
                // A host alone is its root site.
                (host, (0..SITES.len()).find(is_it).or_else(|| (host == id).then_some(0)))
            }
        };
        if !host.eq_ignore_ascii_case(&self.estate.host) {
            return Err(FileRefusal::WrongHost);
        }
        found.ok_or(FileRefusal::SiteNotFound)
    }

    fn require_site(&self, site: usize) -> Result<(), FileRefusal> {
        if !self.scopes.site(site) {
            return Err(FileRefusal::ScopeMissing);
        }
        if SITES[site].is_open_to(self.seat) { Ok(()) } else { Err(FileRefusal::AccessDenied) }
    }

    fn require_library(&self, site: usize) -> Result<(), FileRefusal> {
        if !self.scopes.library(Place::Site(site), self.seat) {
            return Err(FileRefusal::ScopeMissing);
        }
        if SITES[site].is_open_to(self.seat) { Ok(()) } else { Err(FileRefusal::AccessDenied) }
    }

    /// `/sites?search=`, without `$`; sorted by the time of creation or not at all.
    fn search_sites(&self) -> Result<Outcome, FileRefusal> {
        let is_plain = self.request.query.split('&').any(|pair| pair.starts_with("search="));
        let words = self.query.search.as_deref().filter(|_| is_plain);
        let words = words.ok_or(FileRefusal::SitesWithoutSearch)?.to_lowercase();
        let mut found: Vec<usize> =
            self.visible_sites().filter(|site| speaks_of(&SITES[*site], &words)).collect();
        match self.query.order_by.as_deref().map(str::trim) {
            None => {}
            Some("createdDateTime" | "createdDateTime asc") => found.sort_by_key(|site| -SITES[*site].age),
            Some("createdDateTime desc") => found.sort_by_key(|site| SITES[*site].age),
            Some(other) => {
                let value = other.to_owned();
                return Err(FileRefusal::ValueNotSupported { option: "$orderby", value });
            }
        }
        self.sites(found)
    }

    /// Everybody follows the handbook, and the project site if it is open to them.
    fn followed_sites(&self) -> Result<Outcome, FileRefusal> {
        let followed =
            self.visible_sites().filter(|site| matches!(SITES[*site].name, "Handbook" | "Project Aurora"));
        self.sites(followed.collect())
    }

    pub(in crate::graph) fn visible_sites(&self) -> impl Iterator<Item = usize> {
        (0..SITES.len()).filter(|site| SITES[*site].is_open_to(self.seat))
    }

    fn sites(&self, sites: Vec<usize>) -> Result<Outcome, FileRefusal> {
        let selection = self.site_selection()?;
        let slice = paged(&self.query, self.request, sites)?;
        let objects = slice.entries.into_iter().map(|site| self.site(site, &selection)).collect();
        let what = format!("sites{}", selection.context(NAMES));
        Ok(Outcome::Lasting(self.page(&what, objects, slice.next_link)))
    }

    fn site_selection(&self) -> Result<Selection, FileRefusal> {
        Ok(Selection::parse(self.query.select.as_deref(), NAMES, TYPE_NAME)?)
    }

    fn site(&self, site: usize, selection: &Selection) -> Object {
        let mut object = Object::new();
        for (number, name) in NAMES.iter().enumerate() {
            let by_default = !matches!(*name, "isPersonalSite" | "sharepointIds");
            if *name != "id" && !selection.holds(number, by_default) {
                continue;
            }
            if let Some(value) = self.site_property(site, name) {
                object.set(name, value);
            }
        }
        object
    }

    fn site_property(&self, site: usize, name: &str) -> Option<Value> {
        let plan = &SITES[site];
        let ids = self.estate.ids(Place::Site(site));
        Some(match name {
            "createdDateTime" => self.days_ago(plan.age).to_string().into(),
            "description" => plan.description.into(),
            "id" => self.estate.site_id(Place::Site(site)).into(),
            "lastModifiedDateTime" => self.days_ago(1).to_string().into(),
            "name" => plan.path.rsplit('/').next()?.into(),
            "webUrl" => self.estate.site_url(self.tenant, Place::Site(site)).into(),
            "displayName" => plan.name.into(),
            "root" if plan.path.is_empty() => json!({}),
            "siteCollection" => json!({ "hostname": self.estate.host }),
            "isPersonalSite" => false.into(),
            "sharepointIds" => json!({ "siteId": ids.site, "webId": ids.web, "tenantId": self.tenant.id }),
            _ => return None,
        })
    }

    pub(super) fn days_ago(&self, days: i64) -> Timestamp {
        let second = self.files.newest().as_second() - days * DAY;
        Timestamp::from_second(second).unwrap_or(Timestamp::MIN)
    }
}

fn speaks_of(plan: &SitePlan, words: &str) -> bool {
    let text = format!("{} {} {}", plan.name, plan.path, plan.description).to_lowercase();
    words == "*" || words.split_whitespace().all(|word| text.contains(word.trim_matches(['*', '"'])))
}
