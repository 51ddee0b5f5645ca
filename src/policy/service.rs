//! The services of Microsoft 365, as an administrator switches them on and off.

use serde::Deserialize;

/// A service, with all tools that read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    Mail,
    Calendar,
    /// SharePoint and OneDrive.
    Files,
    /// Chats and channels.
    Teams,
    /// Online meetings, with their transcripts.
    Meetings,
    /// Other people of the organisation.
    People,
}

impl Service {
    /// The service that a tool reads, by its name: names of tools begin with what they are about. `None`: the tool is
    /// about the caller alone, or reads whatever its argument names.
    pub fn of_tool(name: &str) -> Option<Self> {
        match name {
            "outlook_email_search" | "outlook_list_folders" => Some(Self::Mail),
            "outlook_calendar_search" | "outlook_find_available_time" | "find_meeting_availability" => {
                Some(Self::Calendar)
            }
            "search_people" => Some(Self::People),
            name if name.starts_with("sharepoint_") => Some(Self::Files),
            name if name.starts_with("teams_") || name.starts_with("chat_") => Some(Self::Teams),
            name if name.starts_with("meetings_") => Some(Self::Meetings),
            _ => None,
        }
    }

    /// The service that a uri of the connector leads into, by its scheme.
    pub fn of_uri(uri: &str) -> Option<Self> {
        match uri.split_once(":///")?.0 {
            "mail" | "mailbox" => Some(Self::Mail),
            "calendar" => Some(Self::Calendar),
            "file" | "list" | "page" | "share" | "site" => Some(Self::Files),
            "teams" => Some(Self::Teams),
            scheme if scheme == "meeting" || scheme.starts_with("meeting-") => Some(Self::Meetings),
            "user" => Some(Self::People),
            _ => None,
        }
    }
}
