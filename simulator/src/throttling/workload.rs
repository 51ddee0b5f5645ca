//! The services that are told apart.

/// The services behind Graph that throttle by rules of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Workload {
    Outlook,
    Teams,
    Directory,
    SharePoint,
    Search,
    Insights,
    OneNote,
    Copilot,
    Calls,
    Presence,
    CallRecords,
    Subscriptions,
}

impl Workload {
    pub const ALL: [Self; 12] = [
        Self::Outlook,
        Self::Teams,
        Self::Directory,
        Self::SharePoint,
        Self::Search,
        Self::Insights,
        Self::OneNote,
        Self::Copilot,
        Self::Calls,
        Self::Presence,
        Self::CallRecords,
        Self::Subscriptions,
    ];

    /// Its name in settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Outlook => "outlook",
            Self::Teams => "teams",
            Self::Directory => "directory",
            Self::SharePoint => "sharepoint",
            Self::Search => "search",
            Self::Insights => "insights",
            Self::OneNote => "onenote",
            Self::Copilot => "copilot",
            Self::Calls => "calls",
            Self::Presence => "presence",
            Self::CallRecords => "call_records",
            Self::Subscriptions => "subscriptions",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|workload| workload.as_str() == name)
    }
}
