//! The uris of calendars.

use std::borrow::Cow;

use crate::graph::DecodedSegment;
use crate::tools::error::ToolError;
use crate::tools::uri::{decoded_id, owner};

/// `calendar:///events/{id}[?owner=]`. `owner` is whose calendar it is, when it is not the user's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EventUri<'a> {
    pub(super) id: DecodedSegment<'a>,
    pub(super) owner: Option<Cow<'a, str>>,
}

impl<'a> EventUri<'a> {
    pub(super) const FORMS: &'static str =
        "calendar:///events/{id} (with ?owner={address} for another person's calendar)";

    pub(super) fn parse(uri: &'a str) -> Result<Self, ToolError> {
        let Some(rest) = uri.strip_prefix("calendar:///") else {
            return Err(refused("none of this connector's calendar uris"));
        };
        let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
        let owner = query.map(owner).transpose().map_err(refused)?;
        let event = path.strip_prefix("events/");
        let event = event.ok_or_else(|| refused("the uri's path is not one that can be read"))?;
        Ok(Self { id: decoded_id(event).map_err(refused)?, owner })
    }
}

fn refused(why: &'static str) -> ToolError {
    ToolError::unreadable_uri("uri", why, EventUri::FORMS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::graph::PathSegment;
    use crate::tools::mailbox::Mailbox;

    /// If this failed, a wrong uri would be guessed at instead of explained.
    #[rstest]
    #[case::no_id("calendar:///events/")]
    #[case::no_path("calendar:///")]
    #[case::more_path("calendar:///events/A/attachments/B")]
    #[case::other_query("calendar:///events/A?start=b")]
    #[case::host("calendar://evil.example/events/A")]
    #[case::not_utf8("calendar:///events/%FF")]
    fn anything_else_names_the_forms_that_are_read(#[case] uri: &str) {
        let Err(ToolError::Actionable(error)) = EventUri::parse(uri) else { panic!("{uri} was read") };
        assert!(
            error.why().starts_with("uri: ") && error.how.contains("calendar:///events/{id}"),
            "{}",
            error.how
        );
    }

    proptest! {
        /// If this failed, some event that a search finds could not be read.
        #[test]
        fn the_uri_of_a_hit_is_read_back(id in "\\PC{1,40}", owner in proptest::option::of("\\PC{1,20}")) {
            prop_assume!(id != "." && id != ".." && !matches!(owner.as_deref(), Some("." | "..")));
            let mailbox = owner.as_deref().map_or(Mailbox::Own, |owner| Mailbox::Of(PathSegment::new(owner).unwrap()));
            let uri = mailbox.event_uri(&id);
            let expected = EventUri { id: DecodedSegment::new(&*id).unwrap(), owner: owner.as_deref().map(Cow::from) };
            prop_assert_eq!(EventUri::parse(&uri).unwrap(), expected);
        }
    }
}
