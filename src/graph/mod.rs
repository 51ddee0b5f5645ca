//! Microsoft Graph, read-only: a request can only be a GET or one of a closed list of questions, and it goes to one
//! origin alone.
//!
//! [`GraphRequest`] says what to read, [`UserGraph`] reads it as one user, inside that user's call: gate, lease,
//! deadline, cancellation and retries are its business and nobody else's. It reads JSON (`get`), several things at
//! once (`batch`), and bytes (`fetch`).

mod answer;
mod attachments;
mod attempt;
mod base;
mod batch;
mod batch_items;
mod body;
mod calendar;
mod call_session;
mod challenge;
mod chat_search;
mod client;
mod codes;
mod content_disposition;
mod downloads;
mod error;
mod exports;
mod fetch;
mod files;
mod further_pages;
mod granted;
mod load;
mod mail;
mod meeting_times;
mod meetings;
mod named;
mod odata;
mod profile;
mod question;
mod refused;
mod request;
mod retry;
mod retry_after;
mod route;
mod search;
mod search_answer;
mod segment;
mod sites;
mod teams;
mod text;
mod transport;
mod user;
mod working_hours;

pub use attachments::{Attachment, AttachmentKind};
pub use body::GraphBody;
pub use calendar::{
    AttachmentInfo, Attendee, Calendar, DateTimeTimeZone, Event, Location, Recurrence, RecurrencePattern,
    RecurrenceRange, SeriesMaster,
};
pub use chat_search::{ChannelIdentity, ChatHit, FoundChatMessage};
pub use client::{ClientBuildError, GraphClient, GraphTimeouts};
pub use codes::GraphCodes;
pub use downloads::{ByteRange, Download, DownloadHosts, Wanted};
pub use error::{GraphError, GraphFault};
pub use exports::{ExportedFolder, ExportedItem, ExtendedProperty};
pub use files::{
    Drive, DriveItem, FileFacet, FolderFacet, Identity, IdentitySet, ItemReference, LabelFields, LabelledItem,
};
pub use granted::grants_any;
pub use mail::{EmailAddress, ItemBody, MailFolder, Message, Page, Recipient, ThreadOf};
pub use meeting_times::{MeetingTime, MeetingTimes};
pub use meetings::{
    AccountSet, ActionItem, AiInsight, AttendanceInterval, AttendanceRecord, AttendanceReport, CallArtifact,
    MeetingChat, MeetingNote, MeetingParticipant, MeetingParticipants, MeetingSubpoint, MentionEvent,
    MentionSpeaker, NamedIdentity, OnlineMeeting, Viewpoint,
};
pub use named::NamedThing;
pub use odata::{kql_search, kql_value, string_literal};
pub use profile::Profile;
pub use question::{
    ActivityDomain, AskedAddress, AskedAttendee, AskedLocation, AttendeeType, DateTimeInZone, EntityType,
    LocationConstraint, MeetingTimesQuestion, Question, ScheduleQuestion, SearchQuestion, SearchRequest,
    SearchSort, SearchText, TimeConstraint, TimeSlot,
};
pub use request::{ContentForm, GraphRequest, Preference, QueryOption};
pub use search::{FieldsOfItem, FoundResource, SharePointHit, SharePointIds};
pub use search_answer::{HitPage, SearchAnswer, SearchHit};
pub use segment::{DecodedSegment, PathSegment};
pub use sites::{
    CanvasColumn, CanvasLayout, Column, ColumnKind, Fields, HorizontalSection, KeyedText, ListFacet,
    ListItem, ProcessedContent, Site, SiteList, SitePage, WebPart, WebPartData,
};
pub use teams::{
    Channel, Chat, ChatAttachment, ChatIdentity, ChatIdentitySet, ChatMention, ChatMessage,
    ConversationMember, EventDetail, MessagePreview, QuotedMessage, Team,
};
pub use text::Text;
pub use user::UserGraph;
pub use working_hours::{Schedule, ScheduleItem, Schedules, TimeZoneBase, WorkingHours, ZoneChange};
