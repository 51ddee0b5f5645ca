//! The definitions of a list's columns, page by page.

use crate::graph::{Column, GraphBody, GraphRequest, Page};
use crate::tools::error::ToolError;
use crate::tools::pages::{Ending, Position, Reading, Shelf, Turn, link_of};
use crate::tools::user_context::UserContext;

/// Pages that are read. One holds all columns of most lists.
pub(in crate::tools) const COLUMN_PAGES: u32 = 3;

const LEFT_OUT: &str = "The list has more columns than are looked at here: the others can't be filtered by or chosen by their \
                        names, and days and times in them stand as moments in UTC.";

/// The columns, as far as they are looked at.
pub(in crate::tools) struct ListColumns<'b> {
    pub(in crate::tools) known: Vec<Column<'b>>,
    /// What is to be said where there are more.
    pub(in crate::tools) left_out: Option<&'static str>,
}

/// The columns of `list`. They borrow from the pages on the shelf.
pub(in crate::tools) async fn columns_of<'b>(
    user: &UserContext<'_>,
    list: GraphRequest,
    shelf: &'b Shelf,
) -> Result<ListColumns<'b>, ToolError> {
    let request = list.part("/columns");
    let mut known = Vec::new();
    let reading = Reading { user, request: &request, most_pages: COLUMN_PAGES, refused: ToolError::from };
    let look = |body: GraphBody, _| {
        let page: Page<'b, Column<'b>> = shelf.keep(body).parse()?;
        known.extend(page.value);
        Ok(Turn::On(link_of(page.next_link)))
    };
    let (ending, _) = reading.read(Position::default(), look).await?;
    // A column that was not seen would pass for one that holds no days.
    let left_out = match ending.unless_cut_off()? {
        Ending::Complete => None,
        _ => Some(LEFT_OUT),
    };
    Ok(ListColumns { known, left_out })
}
