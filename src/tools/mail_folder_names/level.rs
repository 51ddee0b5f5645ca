//! The folders below one folder.

use std::borrow::Cow;

use super::path::{heads, path_below};
use crate::graph::{GraphBody, GraphError, GraphRequest, MailFolder, Page, PathSegment, QueryOption, Text};
use crate::tools::completeness::State;
use crate::tools::error::ToolError;
use crate::tools::line::clean_line;
use crate::tools::mailbox::Mailbox;
use crate::tools::pages::{Ending, Position, Reading, Turn, link_of};
use crate::tools::text::Sanitizer;
use crate::tools::user_context::UserContext;

/// Folders of one page.
const PAGE: u32 = 100;
/// Pages that are read to find one name.
const PAGES: u32 = 5;
/// Folders of a level that are looked at.
pub(super) const LOOKED_AT: u32 = PAGES * PAGE;

const SELECT: &str = "id,displayName,childFolderCount,unreadItemCount,totalItemCount";

/// A request for the folders below `parent` (an id or a well-known name), or for the top-level ones.
pub(in crate::tools) fn children_request(
    mailbox: Mailbox<'_>,
    parent: Option<PathSegment<'_>>,
) -> GraphRequest {
    let request = mailbox.request().part("/mailFolders");
    let request = match parent {
        Some(parent) => request.segment(parent).part("/childFolders"),
        None => request,
    };
    request.query(QueryOption::Select, SELECT).top(PAGE)
}

/// As far as it was looked at.
pub(super) struct Level {
    pub(super) folders: Vec<Named>,
    pub(super) completeness: State,
    /// How many were read to see that.
    pub(super) pages: u32,
}

pub(super) struct Named {
    pub(super) id: String,
    /// Sanitised, as all tools show it.
    name: String,
    /// The name as it is compared.
    folded: String,
}

impl Level {
    /// The folders that `path` may begin with, the longest name first, and what is left of the path below each.
    pub(super) fn steps<'l, 'p>(&'l self, path: &'p str) -> impl Iterator<Item = (&'l Named, &'p str)> {
        heads(path).filter_map(|(head, rest)| {
            let wanted = folded(head);
            self.folders.iter().find(|folder| folder.folded == wanted).map(|folder| (folder, rest))
        })
    }

    /// Reads the level below `parent`, or the top one: at most so many pages.
    pub(super) async fn read(
        user: &UserContext<'_>,
        mailbox: Mailbox<'_>,
        parent: Option<&str>,
        most_pages: u32,
    ) -> Result<Self, ToolError> {
        let parent = parent.map(PathSegment::new).transpose().map_err(|_| GraphError::Unintelligible)?;
        let request = children_request(mailbox, parent);
        let sanitizer = Sanitizer::default();
        let (mut folders, mut pages) = (Vec::new(), 0);
        let most_pages = most_pages.min(PAGES);
        let reading = Reading { user, request: &request, most_pages, refused: ToolError::from };
        let look = |body: GraphBody, _| {
            let page: Page<'_, MailFolder<'_>> = body.parse()?;
            pages += 1;
            folders.extend(page.value.into_iter().map(|folder| Named::of(folder, &sanitizer)));
            Ok(Turn::On(link_of(page.next_link)))
        };
        let (ending, _) = reading.read(Position::default(), look).await?;
        // A folder that was not seen would pass for one that does not exist.
        let completeness = match ending.unless_cut_off()? {
            Ending::Complete => State::Complete,
            _ => State::Partial,
        };
        Ok(Self { folders, completeness, pages })
    }
}

impl Named {
    fn of(folder: MailFolder<'_>, sanitizer: &Sanitizer) -> Self {
        let name = folder.display_name.map_or(Cow::Borrowed(""), Text::into_cow);
        let name = clean_line(sanitizer, name).into_owned();
        Self { id: folder.id.to_string(), folded: folded(&name), name }
    }

    /// Its path, `above` being that of its level.
    pub(super) fn below(&self, above: &str) -> String {
        path_below(above, &self.name, &self.id)
    }
}

fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}
