//! The types of things that can be searched for, and what each allows.

use crate::graph::kql::{Moment, Vocabulary};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Entity {
    Message,
    Event,
    ChatMessage,
    Person,
    DriveItem,
    ListItem,
    List,
    Site,
    Drive,
    /// Never served: nothing is connected here.
    ExternalItem,
    /// What an administrator has put down to be found; here nobody has put down anything.
    Acronym,
    Bookmark,
    Qna,
}

impl Entity {
    const ALL: [Self; 13] = [
        Self::Message,
        Self::Event,
        Self::ChatMessage,
        Self::Person,
        Self::DriveItem,
        Self::ListItem,
        Self::List,
        Self::Site,
        Self::Drive,
        Self::ExternalItem,
        Self::Acronym,
        Self::Bookmark,
        Self::Qna,
    ];

    /// By its name, without regard to case.
    pub(in crate::graph) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|entity| entity.name().eq_ignore_ascii_case(name))
    }

    /// As refusals write it.
    pub(in crate::graph) const fn name(self) -> &'static str {
        match self {
            Self::Message => "Message",
            Self::Event => "Event",
            Self::ChatMessage => "ChatMessage",
            Self::Person => "Person",
            Self::DriveItem => "DriveItem",
            Self::ListItem => "ListItem",
            Self::List => "List",
            Self::Site => "Site",
            Self::Drive => "Drive",
            Self::ExternalItem => "ExternalItem",
            Self::Acronym => "Acronym",
            Self::Bookmark => "Bookmark",
            Self::Qna => "Qna",
        }
    }

    /// Whether both may be searched for together.
    pub(in crate::graph) const fn goes_with(self, other: Self) -> bool {
        (self.is_of_sharepoint() && other.is_of_sharepoint()) || (self.is_answer() && other.is_answer())
    }

    pub(in crate::graph) const fn is_of_sharepoint(self) -> bool {
        matches!(
            self,
            Self::DriveItem | Self::ListItem | Self::List | Self::Site | Self::Drive | Self::ExternalItem
        )
    }

    const fn is_answer(self) -> bool {
        matches!(self, Self::Acronym | Self::Bookmark | Self::Qna)
    }

    /// Hits of a page, at most.
    pub(in crate::graph) const fn max_size(self) -> usize {
        match self {
            Self::Message | Self::Event => 25,
            _ => 500,
        }
    }

    /// Whether a search is refused that does not begin with its first page.
    pub(in crate::graph) const fn begins_at_zero(self) -> bool {
        matches!(self, Self::Message | Self::Event)
    }

    pub(in crate::graph) const fn is_sortable(self) -> bool {
        matches!(self, Self::DriveItem | Self::ListItem | Self::List | Self::Site)
    }

    /// Whether `total` counts the hits of the page alone.
    pub(in crate::graph) const fn counts_pages(self) -> bool {
        matches!(self, Self::Message | Self::Event | Self::ChatMessage)
    }

    pub(in crate::graph) const fn vocabulary(self) -> Vocabulary {
        match self {
            Self::Message => Vocabulary::Mail,
            Self::Event => Vocabulary::Calendar,
            Self::ChatMessage => Vocabulary::Teams,
            Self::Person => Vocabulary::People,
            _ => Vocabulary::SharePoint,
        }
    }

    /// The time by which the latest is told.
    pub(in crate::graph) const fn moment(self) -> Moment {
        match self {
            Self::Message => Moment::Received,
            Self::Event => Moment::Start,
            Self::ChatMessage => Moment::Sent,
            _ => Moment::Modified,
        }
    }
}
