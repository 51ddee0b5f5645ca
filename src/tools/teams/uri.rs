//! The uris of Teams.

use std::borrow::Cow;
use std::fmt::Write as _;

use percent_encoding::percent_decode_str;

use crate::graph::PathSegment;
use crate::tools::error::ToolError;

/// A channel, by its team and its own id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tools) struct ChannelId<'a> {
    pub(in crate::tools) team: &'a str,
    pub(in crate::tools) channel: &'a str,
}

/// Where messages stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tools) enum Place<'a> {
    Chat(&'a str),
    Channel(ChannelId<'a>),
}

/// A uri that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tools) enum TeamsUri<'a> {
    /// `teams:///chats/{c}[/messages/{m}]`
    Chat { chat: Cow<'a, str>, message: Option<Cow<'a, str>> },
    /// `teams:///teams/{t}/channels/{c}[/messages/{m}[/replies/{r}]]`
    Channel {
        team: Cow<'a, str>,
        channel: Cow<'a, str>,
        message: Option<Cow<'a, str>>,
        reply: Option<Cow<'a, str>>,
    },
}

impl<'a> TeamsUri<'a> {
    pub(in crate::tools) const ROOT: &'static str = "teams:///";

    pub(in crate::tools) const FORMS: &'static str = "teams:///chats/{chat}[/messages/{message}], \
                                                      teams:///teams/{team}/channels/{channel}[/messages/{message}[/replies/{reply}]]";

    /// `argument` names the argument in the error.
    pub(in crate::tools) fn parse(argument: &'static str, uri: &'a str) -> Result<Self, ToolError> {
        let path = uri.strip_prefix(Self::ROOT).filter(|path| !path.contains(['?', '#']));
        let segments: Option<Vec<Cow<'a, str>>> =
            path.map(|path| path.split('/').map(segment).collect()).unwrap_or_default();
        let mut segments = segments.ok_or_else(|| refused(argument))?;
        let words: Vec<&str> = segments.iter().step_by(2).map(AsRef::as_ref).collect();
        let is_known = matches!(
            *words,
            ["chats"]
                | ["chats", "messages"]
                | ["teams", "channels"]
                | ["teams", "channels", "messages"]
                | ["teams", "channels", "messages", "replies"]
        );
        if !is_known || segments.len() % 2 != 0 {
            return Err(refused(argument));
        }
        let is_chat = words[0] == "chats";
        let mut ids = segments.drain(..).skip(1).step_by(2);
        let mut id = || ids.next().ok_or_else(|| refused(argument));
        Ok(if is_chat {
            Self::Chat { chat: id()?, message: ids.next() }
        } else {
            Self::Channel { team: id()?, channel: id()?, message: ids.next(), reply: ids.next() }
        })
    }

    pub(in crate::tools) fn place(&self) -> Place<'_> {
        match self {
            Self::Chat { chat, .. } => Place::Chat(chat),
            Self::Channel { team, channel, .. } => Place::Channel(ChannelId { team, channel }),
        }
    }
}

impl Place<'_> {
    /// The uri of the chat or channel itself.
    pub(in crate::tools) fn uri(self) -> String {
        let mut uri = String::with_capacity(128);
        uri.push_str(TeamsUri::ROOT);
        match self {
            Self::Chat(chat) => push(&mut uri, "chats", chat),
            Self::Channel(ChannelId { team, channel }) => {
                push(&mut uri, "teams", team);
                push(&mut uri, "/channels", channel);
            }
        }
        uri
    }

    /// The uri of a message, or of a reply to the message `post`.
    pub(in crate::tools) fn message_uri(self, id: &str, post: Option<&str>) -> String {
        let mut uri = self.uri();
        push(&mut uri, "/messages", post.unwrap_or(id));
        if post.is_some() {
            push(&mut uri, "/replies", id);
        }
        uri
    }
}

/// An id that can't be a segment can't be read either: nothing in its place says so.
fn push(uri: &mut String, name: &str, id: &str) {
    uri.push_str(name);
    uri.push('/');
    if let Ok(id) = PathSegment::new(id)
        && write!(uri, "{id}").is_err()
    {
        debug_assert!(false, "a String refused to be written to");
    }
}

fn segment(text: &str) -> Option<Cow<'_, str>> {
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    PathSegment::new(&decoded).is_ok().then_some(decoded)
}

fn refused(argument: &'static str) -> ToolError {
    ToolError::unreadable_uri(argument, "none of the uris of chats and channels", TeamsUri::FORMS)
}

/// The id of a chat, given as the id or as the uri of the chat or of a message in it.
pub(super) fn chat_id(text: &str) -> Result<Cow<'_, str>, ToolError> {
    if !text.contains(":///") {
        return conversation_id("chatId", text).map(Cow::Borrowed);
    }
    match TeamsUri::parse("chatId", text)? {
        TeamsUri::Chat { chat, .. } => Ok(chat),
        TeamsUri::Channel { .. } => Err(ToolError::invalid_argument(
            "chatId",
            "that is a channel.",
            "Read a channel with teams_list_channel_messages.",
        )),
    }
}

/// The id of a chat or channel (`19:…@thread.v2`, `48:notes`), so that nobody asks Graph for a name.
pub(super) fn conversation_id<'a>(argument: &'static str, text: &'a str) -> Result<&'a str, ToolError> {
    let is_id = text.split_once(':').is_some_and(|(kind, _)| kind.bytes().all(|byte| byte.is_ascii_digit()));
    if is_id && PathSegment::new(text).is_ok() { Ok(text) } else { Err(no_id(argument)) }
}

/// The id of a team, which is that of its group.
pub(super) fn team_id<'a>(argument: &'static str, text: &'a str) -> Result<&'a str, ToolError> {
    if uuid::Uuid::try_parse(text).is_ok() { Ok(text) } else { Err(no_id(argument)) }
}

fn no_id(argument: &'static str) -> ToolError {
    ToolError::invalid_argument(
        argument,
        "that is no id.",
        "Take it from the answer of teams_list_chats, teams_list_teams or teams_list_channels; those find it by its name.",
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    /// If this failed, a wrong uri would be guessed at instead of explained.
    #[rstest]
    #[case::no_id("teams:///chats/")]
    #[case::no_chat("teams:///chats")]
    #[case::no_message("teams:///chats/a/messages")]
    #[case::team_alone("teams:///teams/a")]
    #[case::other_word("teams:///chats/a/members/b")]
    #[case::reply_in_a_chat("teams:///chats/a/messages/b/replies/c")]
    #[case::query("teams:///chats/a?b")]
    #[case::step("teams:///chats/..")]
    #[case::host("teams://evil.example/chats/a")]
    #[case::not_utf8("teams:///chats/%FF")]
    #[case::other_scheme("mail:///messages/a")]
    fn anything_else_names_the_forms(#[case] uri: &str) {
        let Err(ToolError::Actionable(error)) = TeamsUri::parse("uri", uri) else { panic!("{uri} was read") };
        assert!(error.why().starts_with("uri: ") && error.how.contains("teams:///chats/{chat}"), "{uri}");
    }

    proptest! {
        /// If this failed, some message that a list names could not be read.
        #[test]
        fn the_uri_of_a_message_is_read_back(ids in prop::collection::vec("\\PC{1,30}", 4)) {
            prop_assume!(ids.iter().all(|id| PathSegment::new(id).is_ok()));
            let [one, two, three, four] = [&ids[0], &ids[1], &ids[2], &ids[3]].map(|id| Cow::Borrowed(id.as_str()));
            let uri = Place::Chat(&one).message_uri(&two, None);
            prop_assert_eq!(
                TeamsUri::parse("uri", &uri).unwrap(),
                TeamsUri::Chat { chat: one.clone(), message: Some(two.clone()) }
            );
            let uri = Place::Channel(ChannelId { team: &one, channel: &two }).message_uri(&four, Some(&three));
            prop_assert_eq!(
                TeamsUri::parse("uri", &uri).unwrap(),
                TeamsUri::Channel { team: one, channel: two, message: Some(three), reply: Some(four) }
            );
        }
    }

    /// If this failed, the uri that a list of chats gives would not do as chatId.
    #[test]
    fn a_chat_is_known_by_its_id_or_uri() {
        let uri = Place::Chat("19:a@thread.v2").uri();
        assert_eq!(chat_id(&uri).unwrap(), "19:a@thread.v2");
        assert_eq!(chat_id("19:a@thread.v2").unwrap(), "19:a@thread.v2");
        for wrong in ["teams:///teams/a/channels/b", "Lunch", "Re: lunch", "mail:///messages/a"] {
            assert!(chat_id(wrong).is_err(), "{wrong}");
        }
    }
}
