//! Whose mailbox is read, and how much of it the user's permissions open.

use std::fmt::Write as _;

use connector_actors::lease::GrantedScopes;
use connector_actors::throttle::Workload;

use super::error::ToolError;
use super::tool::ScopeRule;
use crate::graph::{GraphRequest, PathSegment};

/// Any of these opens mail.
pub(super) const MAIL: ScopeRule = ScopeRule(&[&["Mail.Read"], &["Mail.ReadBasic"], &["Mail.Read.Shared"]]);
const ANY: &[&str] = &["Mail.Read", "Mail.ReadBasic", "Mail.Read.Shared"];
const SHARED: &[&str] = &["Mail.Read.Shared"];

/// How much of a message may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MailAccess {
    Full,
    /// Mail.ReadBasic alone: no search, no bodies, no previews.
    Basic,
}

impl MailAccess {
    pub(super) fn of(granted: &GrantedScopes) -> Self {
        let full = granted.contains("Mail.Read") || granted.contains("Mail.Read.Shared");
        if full { Self::Full } else { Self::Basic }
    }
}

/// A mailbox: the user's own, or one that somebody shares with the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mailbox<'a> {
    Own,
    Of(PathSegment<'a>),
}

impl<'a> Mailbox<'a> {
    /// `owner` is an address (or a user id).
    pub(super) fn of_argument(owner: Option<&'a str>) -> Result<Self, ToolError> {
        let Some(owner) = owner else { return Ok(Self::Own) };
        PathSegment::new(owner).map(Self::Of).map_err(|_| {
            ToolError::invalid_arguments(
                "mailboxOwnerEmail: not an address.",
                "Give the owner's mail address.",
            )
        })
    }

    /// Says early, and by name, what Graph would only refuse.
    pub(super) fn check(self, granted: &GrantedScopes) -> Result<(), ToolError> {
        match self {
            Self::Of(_) if !granted.contains("Mail.Read.Shared") => {
                Err(ToolError::missing_scope("Other people's mailboxes can't be read.", SHARED))
            }
            Self::Own | Self::Of(_) => Ok(()),
        }
    }

    /// Where requests for this mailbox begin.
    pub(super) fn request(self) -> GraphRequest {
        match self {
            Self::Own => GraphRequest::get(Workload::Outlook, ANY, "/me"),
            Self::Of(owner) => GraphRequest::get(Workload::Outlook, SHARED, "/users").segment(owner),
        }
    }

    pub(super) fn owner(self) -> Option<&'a str> {
        match self {
            Self::Own => None,
            Self::Of(owner) => Some(owner.as_str()),
        }
    }

    /// `mail:///messages/{id}`, with the owner where it is not the user.
    pub(super) fn message_uri(self, id: &str) -> String {
        self.uri("mail:///messages/", id)
    }

    /// `mail:///folders/{id}`, likewise.
    pub(super) fn folder_uri(self, id: &str) -> String {
        self.uri("mail:///folders/", id)
    }

    fn uri(self, root: &str, id: &str) -> String {
        let mut uri = String::with_capacity(root.len() + id.len() + 8);
        uri.push_str(root);
        push_segment(&mut uri, id);
        if let Self::Of(owner) = self {
            uri.push_str("?owner=");
            push_segment(&mut uri, owner.as_str());
        }
        uri
    }
}

fn push_segment(uri: &mut String, text: &str) {
    // An id that can't be a segment can't be read either: the empty one in its place says so.
    if let Ok(segment) = PathSegment::new(text)
        && write!(uri, "{segment}").is_err()
    {
        debug_assert!(false, "a String refused to be written to");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, the uri of a hit could not be read back.
    #[test]
    fn a_uri_names_message_and_owner() {
        assert_eq!(Mailbox::Own.message_uri("AAMk-_=/+"), "mail:///messages/AAMk-_=%2F%2B");
        let shared = Mailbox::of_argument(Some("adele@contoso.example")).unwrap();
        assert_eq!(shared.message_uri("A"), "mail:///messages/A?owner=adele%40contoso.example");
    }
}
