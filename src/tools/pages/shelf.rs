//! Room for pages.

use std::cell::OnceCell;

use crate::graph::GraphBody;

/// Room for the pages of one answer, from which it borrows.
#[derive(Debug, Default)]
pub(in crate::tools) struct Shelf {
    page: OnceCell<GraphBody>,
    further: OnceCell<Box<Shelf>>,
}

impl Shelf {
    /// Keeps a page for as long as the shelf stands.
    pub(in crate::tools) fn keep(&self, page: GraphBody) -> &GraphBody {
        let mut free = self;
        while free.page.get().is_some() {
            free = free.further.get_or_init(Box::default);
        }
        free.page.get_or_init(|| page)
    }

    /// Of all pages that were kept, in bytes.
    pub(in crate::tools) fn size(&self) -> usize {
        let page = self.page.get().map_or(0, GraphBody::size);
        page + self.further.get().map_or(0, |further| further.size())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, a page would take the place of another, and an answer borrow from the wrong one.
    #[test]
    fn each_page_stays_where_it_was_put() {
        let shelf = Shelf::default();
        let texts = [r#""a""#, r#""bc""#, r#""def""#];
        let kept = texts.map(|text| shelf.keep(GraphBody::new(text.into())));
        let read = kept.map(|page| page.parse::<&str>().unwrap());
        assert_eq!((read, shelf.size()), (["a", "bc", "def"], 12));
    }
}
