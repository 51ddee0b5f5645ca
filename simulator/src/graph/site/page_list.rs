//! The pages of a site as a list: what is selected, filtered, sorted, counted and expanded of them.

use jiff::Timestamp;

use super::pages::{BY_USERS, NAMES, PAGES};
use crate::graph::drive::list::paged;
use crate::graph::drive::refusal::FileRefusal;
use crate::graph::drive::{Outcome, Reading};
use crate::graph::odata::expand;
use crate::graph::odata::filter::Filter;
use crate::graph::odata::orderby::OrderBy;
use crate::graph::odata::select::Selection;
use crate::graph::odata::value::{Element, Kind, Value};
use crate::graph::odata::{Row, Schema};
use crate::graph::respond::{Page, bytes};

/// What pages may be filtered and sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PageField {
    Id,
    Name,
    Title,
    Layout,
    Created,
    Modified,
}

struct PageSchema;

impl Schema for PageSchema {
    type Field = PageField;

    const TYPE_NAME: &'static str = "microsoft.graph.baseSitePage";

    fn field(path: &str) -> Option<(PageField, Kind)> {
        Some(match path.to_ascii_lowercase().as_str() {
            "id" => (PageField::Id, Kind::Text),
            "name" => (PageField::Name, Kind::Text),
            "title" => (PageField::Title, Kind::Text),
            "pagelayout" => (PageField::Layout, Kind::Text),
            "createddatetime" => (PageField::Created, Kind::Time),
            "lastmodifieddatetime" => (PageField::Modified, Kind::Time),
            _ => return None,
        })
    }
}

/// A page, read by property.
struct Listed {
    place: usize,
    id: String,
    created: Timestamp,
    modified: Timestamp,
}

impl Row<PageField> for Listed {
    fn value(&self, field: PageField) -> Value<'_> {
        let plan = &PAGES[self.place];
        match field {
            PageField::Id => Value::Text(&self.id),
            PageField::Name => Value::Text(plan.name),
            PageField::Title => Value::Text(plan.title),
            PageField::Layout => Value::Text(plan.layout()),
            PageField::Created => Value::Time(self.created),
            PageField::Modified => Value::Time(self.modified),
        }
    }

    fn elements(&self, _: PageField) -> Vec<Element<'_>> {
        Vec::new()
    }
}

impl Reading<'_> {
    /// All pages of a site, by name unless another order is asked for. What is on them is told page by page alone.
    pub(super) fn pages(&self, site: usize) -> Result<Outcome, FileRefusal> {
        let query = &self.query;
        let selection = Selection::parse(query.select.as_deref(), NAMES, PageSchema::TYPE_NAME)?;
        let expansions = expand::parse(query.expand.as_deref(), BY_USERS)?;
        let filter = query.filter.as_deref().map(Filter::parse::<PageSchema>).transpose()?;
        let order_by = query.order_by.as_deref().map(OrderBy::parse::<PageSchema>).transpose()?;
        let listed = |place| Listed {
            place,
            id: self.page_id(site, place).to_string(),
            created: self.page_created(site),
            modified: self.page_modified(),
        };
        let mut entries: Vec<Listed> = (0..PAGES.len()).map(listed).collect();
        entries.retain(|entry| filter.as_ref().is_none_or(|filter| filter.passes(entry)));
        if let Some(order_by) = order_by {
            entries.sort_by(|left, right| order_by.order(left, right));
        }
        let count = (query.count && query.skip_token.is_none()).then_some(entries.len());
        let slice = paged(query, self.request, entries)?;
        let shown = |entry: Listed| self.shown_page(site, entry.place, &selection, &expansions);
        let value = slice.entries.into_iter().map(shown).collect();
        let context = self.context(&format!("pages{}", selection.context(NAMES)));
        Ok(Outcome::Lasting(bytes(&Page { context, count, value, next_link: slice.next_link })))
    }
}
