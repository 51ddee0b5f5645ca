//! What a user has agreed that the connector may do.

/// Every delegated Graph scope that the connector may ask for.
pub const EVERY_SCOPE: &[&str] = &[
    "User.Read",
    "User.ReadBasic.All",
    "Mail.Read",
    "Mail.ReadBasic",
    "Mail.Read.Shared",
    "MailboxFolder.Read",
    "MailboxItem.Read",
    "Calendars.Read",
    "Calendars.Read.Shared",
    "Chat.Read",
    "Chat.ReadBasic",
    "ChatMember.Read",
    "ChatMessage.Read",
    "Channel.ReadBasic.All",
    "ChannelMessage.Read.All",
    "Team.ReadBasic.All",
    "OnlineMeetings.Read",
    "OnlineMeetingTranscript.Read.All",
    "OnlineMeetingArtifact.Read.All",
    "OnlineMeetingRecording.Read.All",
    "OnlineMeetingAiInsight.Read.All",
    "Files.Read",
    "Files.Read.All",
    "Sites.Read.All",
    "Sites.Selected",
];

/// How far a user has consented to the connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consent {
    /// To every scope of [`EVERY_SCOPE`].
    Full,
    /// To these scopes (short names) alone.
    Partial(Vec<&'static str>),
    /// To nothing: the On-Behalf-Of exchange is refused.
    None,
}

impl Consent {
    /// The scopes granted, as short names.
    pub fn scopes(&self) -> &[&'static str] {
        match self {
            Self::Full => EVERY_SCOPE,
            Self::Partial(scopes) => scopes,
            Self::None => &[],
        }
    }
}
