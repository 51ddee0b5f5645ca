//! The items of the lists of a site: of its library and its register, listed, one by one, and along with their list.

use serde_json::{Value, json};

use super::columns::{Column, ListItemSchema};
use super::lists::ListKind;
use super::register::Entry;
use crate::graph::drive::estate::Place;
use crate::graph::drive::list::{Slice, paged_items};
use crate::graph::drive::list_item::Wanted;
use crate::graph::drive::refusal::FileRefusal;
use crate::graph::drive::render::identity;
use crate::graph::drive::{Outcome, Reading};
use crate::graph::odata::filter::Filter;
use crate::graph::odata::orderby::OrderBy;
use crate::graph::respond::bytes;

/// What lets a filter look at columns without an index.
const NOT_INDEXED: &str = "HonorNonIndexedQueriesWarningMayFailRandomly";

/// Items of a list before they are written.
struct ItemPage {
    context: String,
    values: Vec<Value>,
    next_link: Option<String>,
}

impl ItemPage {
    fn of<T>(slice: Slice<T>, wanted: &Wanted, write: impl Fn(T) -> Value) -> Self {
        let context = format!("items{}", wanted.context());
        Self { context, values: slice.entries.into_iter().map(write).collect(), next_link: slice.next_link }
    }
}

impl Reading<'_> {
    pub(super) fn list_items(&self, site: usize, key: &str) -> Result<Outcome, FileRefusal> {
        let items = self.items_of(site, self.find_list(site, key)?)?;
        let mut page = json!({ "@odata.context": self.context(&items.context), "value": items.values });
        if let Some(link) = items.next_link {
            page["@odata.nextLink"] = link.into();
        }
        Ok(Outcome::Lasting(bytes(&page)))
    }

    fn items_of(&self, site: usize, kind: ListKind) -> Result<ItemPage, FileRefusal> {
        match kind {
            ListKind::Documents => self.document_items(site),
            ListKind::Register => self.register_items(site),
        }
    }

    /// The items as they stand within their list.
    pub(super) fn items_within(&self, site: usize, kind: ListKind) -> Result<Slice<Value>, FileRefusal> {
        let ItemPage { values, next_link, .. } = self.items_of(site, kind)?;
        Ok(Slice { entries: values, next_link })
    }

    pub(super) fn list_entry(&self, site: usize, key: &str, item: &str) -> Result<Outcome, FileRefusal> {
        let kind = self.find_list(site, key)?;
        let number: u64 = item.parse().map_err(|_| FileRefusal::ItemNotFound)?;
        let wanted = self.wanted_item()?;
        let mut value = match kind {
            ListKind::Register => {
                let entries = self.entries(site);
                let entry = entries.iter().find(|entry| entry.number == number);
                let entry = entry.ok_or(FileRefusal::ItemNotFound)?;
                wanted.of(self.entry(site, entry), || entry.fields())
            }
            ListKind::Documents => {
                let library = self.library(Place::Site(site));
                let place =
                    usize::try_from(number).ok().filter(|place| (1..library.items.len()).contains(place));
                let place = place.ok_or(FileRefusal::ItemNotFound)?;
                let view = self.view(&library, Place::Site(site));
                wanted.of(view.list_item(place), || view.fields(place))
            }
        };
        value["@odata.context"] = self.context(&format!("items{}/$entity", wanted.context())).into();
        Ok(Outcome::Lasting(bytes(&value)))
    }

    fn document_items(&self, site: usize) -> Result<ItemPage, FileRefusal> {
        for (option, value) in [("$filter", &self.query.filter), ("$orderby", &self.query.order_by)] {
            if value.is_some() {
                return Err(FileRefusal::OptionNotSupported(option));
            }
        }
        let library = self.library(Place::Site(site));
        let view = self.view(&library, Place::Site(site));
        let wanted = self.wanted_item()?;
        let slice = paged_items(&self.query, self.request, (1..library.items.len()).collect())?;
        Ok(ItemPage::of(slice, &wanted, |place| wanted.of(view.list_item(place), || view.fields(place))))
    }

    /// Filters and sorts by indexed columns, and by others only for those who have been warned.
    fn register_items(&self, site: usize) -> Result<ItemPage, FileRefusal> {
        let mut entries = self.entries(site);
        let filter = self.query.filter.as_deref().map(Filter::parse::<ListItemSchema>).transpose()?;
        if let Some(filter) = filter {
            let column = filter.fields.iter().find(|column| !column.is_indexed());
            if let Some(column) = column.filter(|_| !self.prefers(NOT_INDEXED)) {
                return Err(FileRefusal::NotIndexed(column.name().to_owned()));
            }
            entries.retain(|entry| filter.passes(entry));
        }
        if let Some(order_by) = self.query.order_by.as_deref() {
            let named =
                Column::ALL.into_iter().find(|column| order_by.contains(&format!("/{}", column.name())));
            if let Some(column) = named.filter(|column| !column.is_indexed() && !self.prefers(NOT_INDEXED)) {
                return Err(FileRefusal::NotIndexed(column.name().to_owned()));
            }
            let order = OrderBy::parse::<ListItemSchema>(order_by)?;
            entries.sort_by(|left, right| order.order(left, right));
        }
        let wanted = self.wanted_item()?;
        let slice = paged_items(&self.query, self.request, entries)?;
        Ok(ItemPage::of(slice, &wanted, |entry| wanted.of(self.entry(site, &entry), || entry.fields())))
    }

    fn entry(&self, site: usize, entry: &Entry) -> Value {
        let tag = format!("\"{},1\"", entry.unique);
        let site_url = self.estate.site_url(self.tenant, Place::Site(site));
        let author = identity(self.tenant, entry.author.min(self.tenant.users.len() - 1));
        json!({
            "@odata.etag": tag,
            "id": entry.number.to_string(),
            "eTag": tag,
            "createdDateTime": entry.created.to_string(),
            "lastModifiedDateTime": entry.modified.to_string(),
            "webUrl": format!("{site_url}/Lists/Open%20points/{}_.000", entry.number),
            "createdBy": author,
            "lastModifiedBy": author,
            "contentType": { "id": "0x0100", "name": "Item" },
            "parentReference": { "siteId": self.estate.site_id(Place::Site(site)) },
        })
    }

    fn wanted_item(&self) -> Result<Wanted, FileRefusal> {
        Wanted::parse(self.query.select.as_deref(), self.query.expand.as_deref())
    }
}
