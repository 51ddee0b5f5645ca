//! What an argument names, and what is said where nothing of that name is there.

use super::error::{About, ErrorCode, MODEL, ToolError};

/// A kind of thing that arguments and uris name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thing {
    Mailbox,
    MailFolder,
    Message,
    Attachment,
    /// Of the import and export view.
    Exported,
    Event,
    Calendar,
    Meeting,
    /// A meeting, by the link that it is joined by.
    MeetingLink,
    Transcript,
    Person,
    File,
    Folder,
    SharedLink,
    Site,
    /// A site, by what lies in its library.
    SiteLibrary,
    List,
    ListItem,
    Page,
    Team,
    Channel,
    Chat,
    ChatMessage,
}

impl Thing {
    const fn noun(self) -> &'static str {
        match self {
            Self::Mailbox => "mailbox",
            Self::MailFolder => "mail folder",
            Self::Message => "message",
            Self::Attachment => "attachment",
            Self::Exported => "mailbox, folder or item",
            Self::Event => "event",
            Self::Calendar => "calendar",
            Self::Meeting | Self::MeetingLink => "meeting",
            Self::Transcript => "transcript",
            Self::Person => "person",
            Self::File => "file or folder",
            Self::Folder => "folder",
            Self::SharedLink => "shared file",
            Self::Site => "site",
            Self::SiteLibrary => "site with a document library",
            Self::List => "list",
            Self::ListItem => "list item",
            Self::Page => "page",
            Self::Team => "team",
            Self::Channel => "channel",
            Self::Chat => "chat",
            Self::ChatMessage => "message in Teams",
        }
    }

    /// What gives those that are there.
    const fn found_with(self) -> &'static str {
        match self {
            Self::Mailbox => {
                "Check the address with search_people, or leave it out for the user's own mailbox."
            }
            Self::MailFolder => "outlook_list_folders with recursive true gives every folder with its uri.",
            Self::Message => {
                "Search for it again with outlook_email_search and use the uri of a hit, character for character."
            }
            Self::Attachment => {
                "Read the message's own uri: it lists the attachments with their uris; outlook_email_search finds the \
                 message."
            }
            Self::Exported => {
                "No tool gives the id of a mailbox: ask the user for it, whose administrator can look it up. Of a mailbox that is \
                 right, mailbox:///{mailboxId}/folders lists the folders, and each folder its items; for mail \
                 outlook_list_folders and outlook_email_search give uris that begin with mail:///."
            }
            Self::Event => {
                "Search for it again with outlook_calendar_search and use the uri of a hit, character for character."
            }
            Self::Calendar => {
                "Leave it out for the main calendar. If it is another's, its owner has to share it with the user again; \
                 a name that is none is answered with those that there are."
            }
            Self::MeetingLink => {
                "Take joinUrl of the event as it is, letter for letter (outlook_calendar_search finds the event, read_resource \
                 gives its joinUrl); where links are removed, find the meeting by eventUri, or by words of its subject."
            }
            Self::Meeting => "Find the meeting with meetings_find, and use what it gives as it is.",
            Self::Transcript => {
                "Find the meeting with meetings_find and read its transcriptUri; meeting-transcript:///{meetingId} \
                 lists all of its transcripts."
            }
            Self::Person => "Find the person with search_people and use the uri that it gives.",
            Self::File => {
                "Search for it again with sharepoint_search, or list its folder with sharepoint_list_folder, and use \
                 the uri as it is."
            }
            Self::Folder => "Find the folder with sharepoint_folder_search and use the uri that it gives.",
            Self::SharedLink => {
                "Check that the link is whole, or find the file with sharepoint_search and use the uri of a hit."
            }
            Self::Site => {
                "sharepoint_search with kind site finds sites by name; use the uri of a hit or the site's address."
            }
            Self::SiteLibrary => {
                "read_resource with the site:/// uri names the lists and libraries that a site has; sharepoint_search with \
                 kind site finds sites by name."
            }
            Self::List => "read_resource with the site:/// uri of the site names its lists with their uris.",
            Self::ListItem => "sharepoint_list_items gives the items of the list with their uris.",
            Self::Page => "sharepoint_search with kind page finds pages; use the uri of a hit.",
            Self::Team => "teams_list_teams gives the user's teams with their ids.",
            Self::Channel => "teams_list_channels gives the channels of the team with their ids.",
            Self::Chat => "teams_list_chats gives the user's chats with their ids.",
            Self::ChatMessage => {
                "chat_message_search, teams_list_chat_messages and teams_list_channel_messages give messages with \
                 their uris."
            }
        }
    }
}

/// What a call is about: a thing, by the argument that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sought {
    /// The argument's name; of several, one of which must be wrong, all.
    pub(super) argument: &'static str,
    pub(super) thing: Thing,
}

impl Sought {
    pub(super) const fn new(argument: &'static str, thing: Thing) -> Self {
        Self { argument, thing }
    }

    /// Says of an error that names no argument yet that it is about this one. Others stay as they are: they are about
    /// something else, or whoever made them knew better.
    pub(super) fn explain(self, error: impl Into<ToolError>) -> ToolError {
        let error = error.into();
        let ToolError::Actionable(known) = &error else { return error };
        if known.about != About::Unnamed {
            return error;
        }
        match known.code {
            ErrorCode::NotFound => self.missing(),
            ErrorCode::MailboxNotFound if matches!(self.thing, Thing::Person | Thing::Calendar) => {
                self.missing()
            }
            ErrorCode::MailboxNotFound => error.named(self.argument).advising(self.another_owner()),
            _ => error.named(self.argument),
        }
    }

    /// It is not there.
    fn missing(self) -> ToolError {
        let noun = self.thing.noun();
        ToolError::new(
            ErrorCode::NotFound,
            About::argument(self.argument),
            format!("The {noun} was not found."),
            format!(
                "there is no such {noun}: it was deleted or moved, the value is not exact, or the user can't see it."
            ),
            MODEL,
            self.thing.found_with(),
        )
    }

    /// What helps against a mailbox owner whom Graph does not know: it does not tell a wrong address from a mailbox that is
    /// hidden from the user.
    fn another_owner(self) -> String {
        let left_out = if self.thing == Thing::Mailbox { self.argument } else { "?owner= behind the uri" };
        format!(
            "Check the address of the mailbox owner letter by letter (search_people finds people) and use the main \
             address, not an alias or a group; leave {left_out} out for the user's own mailbox. If the address is \
             right, ask the owner to share the mailbox with the user."
        )
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::graph::{GraphCodes, GraphError};
    use crate::tools::error::ActionableError;

    const LIST: Sought = Sought::new("list", Thing::List);
    const OWNER: Sought = Sought::new("calendarOwnerEmail", Thing::Mailbox);
    const MESSAGE: Sought = Sought::new("uri", Thing::Message);

    fn explained(named: Sought, error: impl Into<ToolError>) -> ActionableError {
        match named.explain(error) {
            ToolError::Actionable(error) => *error,
            ToolError::Internal(error) => panic!("{error}"),
        }
    }

    fn not_found() -> GraphError {
        GraphError::NotFound { codes: GraphCodes::default() }
    }

    fn denied() -> GraphError {
        GraphError::AccessDenied { codes: GraphCodes::default(), missing: None }
    }

    /// If this failed, a model would not see which of its arguments is wrong, or what gives a right one.
    #[rstest]
    #[case::missing(LIST, not_found(), "not_found", "list: ", "site:/// uri")]
    #[case::denied(LIST, denied(), "no_access", "list: ", "Ask the owner")]
    #[case::owner(
        OWNER,
        GraphError::UnknownMailbox,
        "mailbox_not_found",
        "calendarOwnerEmail: ",
        "leave calendarOwnerEmail out"
    )]
    #[case::owner_in_a_uri(
        MESSAGE,
        GraphError::UnknownMailbox,
        "mailbox_not_found",
        "uri: ",
        "leave ?owner="
    )]
    #[case::mailbox(
        Sought::new("uri", Thing::Exported),
        not_found(),
        "not_found",
        "uri: ",
        "No tool gives the id of a mailbox"
    )]
    #[case::nobody(
        Sought::new("uri", Thing::Person),
        GraphError::UnknownMailbox,
        "not_found",
        "uri: ",
        "search_people"
    )]
    fn an_error_names_its_argument_and_a_way_on(
        #[case] named: Sought,
        #[case] error: GraphError,
        #[case] code: &str,
        #[case] why: &str,
        #[case] how: &str,
    ) {
        let error = explained(named, error);
        assert_eq!(error.code.as_str(), code);
        assert!(error.why().starts_with(why), "{}", error.why());
        assert!(error.how.contains(how), "{}", error.how);
    }

    /// If this failed, the site would be blamed for its list, or a fault of Microsoft's be told as a slip of the model's.
    #[test]
    fn what_is_named_already_and_what_is_no_argument_s_fault_stays_as_it_is() {
        let site = Sought::new("site", Thing::Site);
        assert!(explained(site, LIST.explain(not_found())).why().starts_with("list: "));
        assert_eq!(explained(site, GraphError::Locked).code.as_str(), "locked");
    }
}
