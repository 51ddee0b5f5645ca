//! Which permissions open what of OneDrive and SharePoint.

use connector_actors::throttle::Workload;

use crate::graph::{GraphRequest, PathSegment};
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
/// Pages, entries of lists and sites are found with it alone.
pub(super) const SEARCH_SITES: &[&str] = &["Sites.Read.All"];
pub(super) const SEARCH_FILES: &[&str] = &["Files.Read.All", "Sites.Read.All"];

/// The content of what was shared under an address; to see the item itself Microsoft lists permissions alone that can
/// also write. No preference is sent: to redeem a link is a change.
/// Source: <https://learn.microsoft.com/graph/api/shares-get>.
pub(in crate::tools) fn share_request(token: PathSegment<'_>) -> GraphRequest {
    GraphRequest::get(Workload::SharePoint, OWN_DRIVE, "/shares").segment(token).part("/driveItem/content")
}
