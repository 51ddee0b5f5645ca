//! How the connector's own uris are written and read. Whoever names an item needs no more than this; what stands behind a
//! uri is read in `resource`.

mod mail;
mod meeting;
mod segments;
mod sharepoint;

pub(super) use mail::{MailUri, decoded, decoded_id, owner};
pub(super) use meeting::{MEETING, TRANSCRIPT, event_transcript_uri, meeting_uri, transcript_uri_of};
pub(super) use segments::Family;
pub(super) use sharepoint::{
    FileUri, ListUri, PAGE, SiteUri, file_uri, list_item_uri, list_uri, page_uri, site_uri,
};

/// What stands before `:///`, of every uri.
pub(super) const SCHEMES: &[&str] = &[
    "mail",
    "mailbox",
    "calendar",
    "user",
    "meeting",
    "meeting-transcript",
    "meeting-insights",
    "meeting-recordings",
    "meeting-attendance",
    "file",
    "share",
    "site",
    "list",
    "page",
    "teams",
];

/// Whether `name` is the name of a scheme of ours.
pub(super) fn is_scheme(name: &str) -> bool {
    SCHEMES.iter().any(|scheme| scheme.eq_ignore_ascii_case(name))
}
