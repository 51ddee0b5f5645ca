//! Which permissions open what of OneDrive and SharePoint.

use connector_actors::lease::GrantedScopes;
use connector_actors::throttle::Workload;

use crate::graph::{GraphRequest, PathSegment};
use crate::tools::error::{ADMINISTRATOR, About, ErrorCode, ToolError};
use crate::tools::tool::ScopeRule;

/// Any of these opens files: one's own, all that one can reach, or those of selected sites.
pub(in crate::tools) const FILES: ScopeRule =
    ScopeRule(&[&["Files.Read"], &["Files.Read.All"], &["Sites.Read.All"], &["Sites.Selected"]]);
/// Any of these opens sites with their lists and pages.
pub(in crate::tools) const SITES: ScopeRule = ScopeRule(&[&["Sites.Read.All"], &["Sites.Selected"]]);
/// Search knows no selected sites.
pub(super) const SEARCH: ScopeRule = ScopeRule(&[&["Files.Read.All"], &["Sites.Read.All"]]);

/// Of which one is enough for the user's own drive.
pub(super) const OWN_DRIVE: &[&str] = &["Files.Read", "Files.Read.All", "Sites.Read.All"];
/// For a drive that may be anybody's.
pub(super) const ANY_DRIVE: &[&str] = &["Files.Read.All", "Sites.Read.All", "Sites.Selected"];
pub(in crate::tools) const SITE: &[&str] = &["Sites.Read.All", "Sites.Selected"];
/// Pages, lists, their entries and sites are found with it alone.
pub(super) const SEARCH_SITES: &[&str] = &["Sites.Read.All"];
pub(super) const SEARCH_FILES: &[&str] = &["Files.Read.All", "Sites.Read.All"];

/// The content of what was shared under an address; to see the item itself Microsoft lists permissions alone that can
/// also write. No preference is sent: to redeem a link is a change.
/// Source: <https://learn.microsoft.com/graph/api/shares-get>.
pub(in crate::tools) fn share_request(token: PathSegment<'_>) -> GraphRequest {
    GraphRequest::get(Workload::SharePoint, OWN_DRIVE, "/shares").segment(token).part("/driveItem/content")
}

/// Says why there is no search, where there is none.
pub(super) fn require_search(granted: &GrantedScopes) -> Result<(), ToolError> {
    if SEARCH.is_met_by(granted) {
        return Ok(());
    }
    if granted.contains("Sites.Selected") {
        return Err(ToolError::new(
            ErrorCode::MissingScope,
            About::NoArgument,
            "SharePoint can't be searched with Sites.Selected.",
            "Microsoft Search looks through the whole organisation and knows no selected sites.",
            ADMINISTRATOR,
            "Read the granted sites by their site:/// uris and list their folders, or ask an administrator to consent to \
             Files.Read.All or Sites.Read.All.",
        ));
    }
    Err(ToolError::missing_scope("SharePoint and OneDrive can't be searched.", SEARCH_FILES))
}
