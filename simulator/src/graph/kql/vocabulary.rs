//! Which properties a query may name: every service has its own.

use super::{Attribute, Flag, Moment, Place};

/// Whose properties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Vocabulary {
    /// Messages.
    Mail,
    /// Events.
    Calendar,
    /// Chat messages.
    Teams,
    /// The managed properties of SharePoint: files, list items, lists, sites, drives.
    SharePoint,
    /// None: people are found by words alone.
    People,
}

/// What a property looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Property {
    Text(Place),
    Time(Moment),
    Flag(Flag),
    Attribute(Attribute),
    Importance,
    Kind,
    Size,
}

type Names = &'static [(&'static str, Property)];

const MAIL: Names = &[
    ("from", Property::Text(Place::From)),
    ("to", Property::Text(Place::To)),
    ("cc", Property::Text(Place::Cc)),
    ("bcc", Property::Text(Place::Bcc)),
    ("recipients", Property::Text(Place::Recipients)),
    ("participants", Property::Text(Place::Participants)),
    ("subject", Property::Text(Place::Subject)),
    ("body", Property::Text(Place::Body)),
    ("attachment", Property::Text(Place::Attachment)),
    ("attachments", Property::Text(Place::Attachment)),
    ("hasattachment", Property::Flag(Flag::HasAttachment)),
    ("hasattachments", Property::Flag(Flag::HasAttachment)),
    ("importance", Property::Importance),
    ("kind", Property::Kind),
    ("sent", Property::Time(Moment::Sent)),
    ("received", Property::Time(Moment::Received)),
    ("size", Property::Size),
];

const CALENDAR: Names = &[
    ("subject", Property::Text(Place::Subject)),
    ("body", Property::Text(Place::Body)),
    ("organizer", Property::Text(Place::From)),
    ("from", Property::Text(Place::From)),
    ("attendees", Property::Text(Place::Recipients)),
    ("participants", Property::Text(Place::Participants)),
    ("location", Property::Text(Place::Location)),
    ("hasattachment", Property::Flag(Flag::HasAttachment)),
    ("hasattachments", Property::Flag(Flag::HasAttachment)),
    ("importance", Property::Importance),
    ("start", Property::Time(Moment::Start)),
    ("end", Property::Time(Moment::End)),
];

const TEAMS: Names = &[
    ("from", Property::Text(Place::From)),
    ("to", Property::Text(Place::To)),
    ("subject", Property::Text(Place::Subject)),
    ("body", Property::Text(Place::Body)),
    ("sent", Property::Time(Moment::Sent)),
    ("hasattachment", Property::Flag(Flag::HasAttachment)),
    ("hasattachments", Property::Flag(Flag::HasAttachment)),
    ("isread", Property::Flag(Flag::IsRead)),
    ("ismentioned", Property::Flag(Flag::IsMentioned)),
    ("mentions", Property::Attribute(Attribute::Mention)),
];

const SHARE_POINT: Names = &[
    ("title", Property::Text(Place::Subject)),
    ("filename", Property::Text(Place::FileName)),
    ("body", Property::Text(Place::Body)),
    ("author", Property::Text(Place::Author)),
    ("createdby", Property::Text(Place::Author)),
    ("modifiedby", Property::Text(Place::Editor)),
    ("editor", Property::Text(Place::Editor)),
    ("sitetitle", Property::Text(Place::SiteTitle)),
    ("filetype", Property::Attribute(Attribute::FileType)),
    ("fileextension", Property::Attribute(Attribute::FileType)),
    ("contentclass", Property::Attribute(Attribute::ContentClass)),
    ("path", Property::Attribute(Attribute::Path)),
    ("parentlink", Property::Attribute(Attribute::Path)),
    ("site", Property::Attribute(Attribute::Path)),
    ("spsiteurl", Property::Attribute(Attribute::Path)),
    ("isdocument", Property::Flag(Flag::IsDocument)),
    ("lastmodifiedtime", Property::Time(Moment::Modified)),
    ("write", Property::Time(Moment::Modified)),
    ("created", Property::Time(Moment::Created)),
    ("size", Property::Size),
];

impl Vocabulary {
    pub(super) fn property(self, name: &str) -> Option<Property> {
        let names = match self {
            Self::Mail => MAIL,
            Self::Calendar => CALENDAR,
            Self::Teams => TEAMS,
            Self::SharePoint => SHARE_POINT,
            Self::People => &[],
        };
        let known = names.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        known.map(|(_, property)| *property)
    }

    /// Whether two restrictions of the same property side by side are alternatives, as in SharePoint; elsewhere both
    /// must hold.
    pub(super) const fn joins_alternatives(self) -> bool {
        matches!(self, Self::SharePoint)
    }
}
