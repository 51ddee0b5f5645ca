//! The uris of mail.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::graph::DecodedSegment;
use crate::tools::error::ToolError;

/// A uri that can be read. `owner` is whose mailbox it is, when it is not the user's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tools) enum MailUri<'a> {
    /// `mail:///messages/{id}[?owner=]`
    Message { id: DecodedSegment<'a>, owner: Option<Cow<'a, str>> },
    /// `mail:///messages/{message}/attachments/{id}[?owner=]`
    Attachment { message: DecodedSegment<'a>, id: DecodedSegment<'a>, owner: Option<Cow<'a, str>> },
    /// `mail:///folders/{idOrName}[?owner=]`; a name may be a path (`Inbox/Projects`).
    Folder { name: Cow<'a, str>, owner: Option<Cow<'a, str>> },
    /// `mail:///folders/[?owner=]`
    Folders { owner: Option<Cow<'a, str>> },
}

impl<'a> MailUri<'a> {
    /// What every uri of mail begins with.
    pub(in crate::tools) const ROOT: &'static str = "mail:///";

    pub(in crate::tools) const FORMS: &'static str = "mail:///messages/{id}, mail:///messages/{id}/attachments/{aid}, \
                                            mail:///folders/, mail:///folders/{idOrName} (each with ?owner={address} for another person's mailbox)";

    /// `argument` names the argument in the error.
    pub(in crate::tools) fn parse(argument: &'static str, uri: &'a str) -> Result<Self, ToolError> {
        let refused = |why| refused(argument, why);
        let Some(rest) = uri.strip_prefix(Self::ROOT) else {
            return Err(refused("none of this connector's mail uris"));
        };
        let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
        let owner = query.map(owner).transpose().map_err(refused)?;
        match path.split_once('/') {
            Some(("folders", "")) => Ok(Self::Folders { owner }),
            Some(("folders", name)) => Ok(Self::Folder { name: decoded(name).map_err(refused)?, owner }),
            Some(("messages", path)) => match path.split_once("/attachments/") {
                None => Ok(Self::Message { id: decoded_id(path).map_err(refused)?, owner }),
                Some((message, attachment)) => {
                    let (message, id) =
                        (decoded_id(message).map_err(refused)?, decoded_id(attachment).map_err(refused)?);
                    Ok(Self::Attachment { message, id, owner })
                }
            },
            None if path == "folders" => Ok(Self::Folders { owner }),
            _ => Err(refused("the uri's path is not one that can be read")),
        }
    }

    /// Whose mailbox it is, where the uri says so.
    pub(in crate::tools) fn owner(&self) -> Option<&str> {
        match self {
            Self::Message { owner, .. }
            | Self::Attachment { owner, .. }
            | Self::Folder { owner, .. }
            | Self::Folders { owner } => owner.as_deref(),
        }
    }
}

/// `owner={address}` and nothing else.
pub(in crate::tools) fn owner(query: &str) -> Result<Cow<'_, str>, &'static str> {
    match query.strip_prefix("owner=") {
        Some(value) if !value.is_empty() && !value.contains('&') => decoded(value),
        _ => Err("the uri's query can only be owner={address}"),
    }
}

/// An id between two slashes, which makes a segment of a path of Graph's too.
pub(in crate::tools) fn decoded_id(text: &str) -> Result<DecodedSegment<'_>, &'static str> {
    const REFUSED: &str = "the uri's path is not one that can be read";
    if text.contains('/') {
        return Err(REFUSED);
    }
    DecodedSegment::new(decoded(text)?).map_err(|_| REFUSED)
}

pub(in crate::tools) fn decoded(text: &str) -> Result<Cow<'_, str>, &'static str> {
    percent_decode_str(text).decode_utf8().map_err(|_| "the uri's percent-encoding is not UTF-8")
}

fn refused(argument: &'static str, why: &'static str) -> ToolError {
    ToolError::unreadable_uri(argument, why, MailUri::FORMS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::graph::PathSegment;
    use crate::tools::mailbox::Mailbox;

    fn id(text: &str) -> DecodedSegment<'_> {
        DecodedSegment::new(text).unwrap()
    }

    fn message(text: &'static str, owner: Option<&'static str>) -> MailUri<'static> {
        MailUri::Message { id: id(text), owner: owner.map(Into::into) }
    }

    fn folder(name: &'static str) -> MailUri<'static> {
        MailUri::Folder { name: name.into(), owner: None }
    }

    /// If this failed, the uris that users and search results give would not be read.
    #[rstest]
    #[case::message("mail:///messages/AAMk-_=", message("AAMk-_=", None))]
    #[case::encoded("mail:///messages/AA%2FMk%2B", message("AA/Mk+", None))]
    #[case::shared(
        "mail:///messages/A?owner=adele%40contoso.example",
        message("A", Some("adele@contoso.example"))
    )]
    #[case::plain_owner(
        "mail:///messages/A?owner=adele@contoso.example",
        message("A", Some("adele@contoso.example"))
    )]
    #[case::attachment(
        "mail:///messages/A%2F1/attachments/B=?owner=adele@contoso.example",
        MailUri::Attachment {
            message: id("A/1"), id: id("B="), owner: Some("adele@contoso.example".into())
        }
    )]
    #[case::folder("mail:///folders/Inbox", folder("Inbox"))]
    #[case::nested("mail:///folders/Inbox/My%20projects", folder("Inbox/My projects"))]
    #[case::folders("mail:///folders/", MailUri::Folders { owner: None })]
    #[case::folders_without_slash("mail:///folders", MailUri::Folders { owner: None })]
    fn known_forms_are_read(#[case] uri: &str, #[case] expected: MailUri<'_>) {
        assert_eq!(MailUri::parse("uri", uri).unwrap(), expected);
    }

    /// If this failed, a wrong uri would be guessed at instead of explained.
    #[rstest]
    #[case::web("https://outlook.office.com/mail/id/AAMk")]
    #[case::host("mail://evil.example/messages/A")]
    #[case::other_scheme("file:///drive/item")]
    #[case::no_id("mail:///messages/")]
    #[case::more_path("mail:///messages/A/extensions")]
    #[case::no_attachment("mail:///messages/A/attachments/")]
    #[case::below_an_attachment("mail:///messages/A/attachments/B/C")]
    #[case::other_query("mail:///messages/A?folder=b")]
    #[case::two_queries("mail:///messages/A?owner=a&owner=b")]
    #[case::not_utf8("mail:///messages/%FF")]
    #[case::empty("")]
    fn anything_else_names_the_forms_that_are_read(#[case] uri: &str) {
        let Err(ToolError::Actionable(error)) = MailUri::parse("uri", uri) else { panic!("{uri} was read") };
        assert_eq!(error.code.as_str(), "invalid_arguments");
        assert!(error.why().starts_with("uri: "), "{}", error.why());
        assert!(error.how.contains("mail:///folders/{idOrName}"));
    }

    proptest! {
        /// If this failed, some message that a search finds could not be read.
        #[test]
        fn the_uri_of_a_hit_is_read_back(text in "\\PC{1,40}", owner in proptest::option::of("\\PC{1,20}")) {
            prop_assume!(text != "." && text != ".." && !matches!(owner.as_deref(), Some("." | "..")));
            let mailbox = owner.as_deref().map_or(Mailbox::Own, |owner| Mailbox::Of(PathSegment::new(owner).unwrap()));
            let uri = mailbox.message_uri(&text);
            let expected = MailUri::Message { id: id(&text), owner: owner.as_deref().map(Cow::from) };
            prop_assert_eq!(MailUri::parse("uri", &uri).unwrap(), expected);
        }
    }
}
