//! One meeting: how it is found, and its JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::directory::{Tenant, User};
use crate::graph::calendar::online::{OnlineEvent, key};
use crate::graph::odata::select::Selection;
use crate::graph::respond::Object;

/// The properties of a meeting, in the order in which Graph writes them.
pub(super) const NAMES: &[&str] = &[
    "id",
    "creationDateTime",
    "startDateTime",
    "endDateTime",
    "joinWebUrl",
    "subject",
    "isBroadcast",
    "isEntryExitAnnounced",
    "allowedPresenters",
    "allowMeetingChat",
    "shareMeetingChatHistoryDefault",
    "allowTeamworkReactions",
    "allowAttendeeToEnableMic",
    "allowAttendeeToEnableCamera",
    "recordAutomatically",
    "allowTranscription",
    "allowRecording",
    "allowBreakoutRooms",
    "allowCopyingAndSharingMeetingContent",
    "allowParticipantsToChangeName",
    "allowPowerPointSharing",
    "allowWhiteboard",
    "allowLiveShare",
    "allowedLobbyAdmitters",
    "isEndToEndEncryptionEnabled",
    "watermarkProtection",
    "chatRestrictions",
    "meetingTemplateId",
    "videoTeleconferenceId",
    "externalId",
    "broadcastSettings",
    "audioConferencing",
    "participants",
    "lobbyBypassSettings",
    "joinMeetingIdSettings",
    "chatInfo",
    "joinInformation",
];

/// A meeting of the caller's tenant, as its organizer has planned it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meeting<'a> {
    pub(super) event: OnlineEvent<'a>,
    pub(super) organizer: &'a User,
    pub(super) tenant: &'a Tenant,
}

/// By what a meeting can be looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LookUp {
    JoinWebUrl,
    VideoTeleconferenceId,
    JoinMeetingId,
}

/// The id of the meeting that `organizer` has called.
pub(super) fn id(organizer: Uuid, number: u128) -> String {
    STANDARD.encode(format!("1*{organizer}*0**{}", thread(number)))
}

/// Whether a text could be an id at all.
pub(super) fn is_well_formed(id: &str) -> bool {
    STANDARD.decode(id).is_ok_and(|bytes| bytes.starts_with(b"1*"))
}

fn thread(number: u128) -> String {
    format!("19:meeting_{}@thread.v2", key(number))
}

/// What is typed in to join without a link.
fn join_meeting_id(number: u128) -> String {
    format!("2{:011}", number % 100_000_000_000)
}

/// Every second meeting can be joined by video devices.
fn video_teleconference_id(number: u128) -> Option<String> {
    number.is_multiple_of(2).then(|| format!("11{:07}", (number >> 64) % 10_000_000))
}

/// Whether an event is the one that is looked up. Addresses are compared letter by letter.
pub(super) fn is_looked_up(event: OnlineEvent<'_>, by: LookUp, value: &str) -> bool {
    match by {
        LookUp::JoinWebUrl => event.join_url() == value,
        LookUp::JoinMeetingId => join_meeting_id(event.number()) == value.replace(' ', ""),
        LookUp::VideoTeleconferenceId => {
            video_teleconference_id(event.number()).is_some_and(|id| id == value)
        }
    }
}

impl<'a> Meeting<'a> {
    pub(super) fn id(self) -> String {
        id(self.organizer.id, self.event.number())
    }

    /// Members of the tenant who are invited, without the organizer.
    pub(super) fn invited_users(self) -> impl Iterator<Item = (&'a User, bool)> {
        self.event.invited().filter_map(move |invited| {
            let user = self.tenant.users.iter().find(|user| user.upn.eq_ignore_ascii_case(invited.address));
            user.filter(|user| user.id != self.organizer.id).map(|user| (user, invited.has_accepted))
        })
    }

    /// Where in Graph what the meeting left behind is found.
    pub(super) fn url(self, base_url: &str) -> String {
        format!("{base_url}/users/{}/onlineMeetings/{}", self.organizer.id, self.id())
    }

    pub(super) fn shown(self, selection: &Selection) -> Object {
        let (start, end) = self.event.span();
        let number = self.event.number();
        Object::selected(NAMES, selection, |name| match name {
            "id" => self.id().into(),
            "creationDateTime" => self.event.created().to_string().into(),
            "startDateTime" => start.to_string().into(),
            "endDateTime" => end.to_string().into(),
            "joinWebUrl" => self.event.join_url().into(),
            "subject" => self.event.subject().into(),
            "isBroadcast"
            | "isEntryExitAnnounced"
            | "recordAutomatically"
            | "allowParticipantsToChangeName"
            | "isEndToEndEncryptionEnabled" => false.into(),
            "allowedPresenters" => "everyone".into(),
            "allowMeetingChat" | "allowLiveShare" => "enabled".into(),
            "shareMeetingChatHistoryDefault" => "none".into(),
            "allowTeamworkReactions"
            | "allowAttendeeToEnableMic"
            | "allowAttendeeToEnableCamera"
            | "allowTranscription"
            | "allowRecording"
            | "allowBreakoutRooms"
            | "allowCopyingAndSharingMeetingContent"
            | "allowPowerPointSharing"
            | "allowWhiteboard" => true.into(),
            "allowedLobbyAdmitters" => "organizerAndCoOrganizersAndPresenters".into(),
            "videoTeleconferenceId" => video_teleconference_id(number).into(),
            "participants" => self.participants(),
            "lobbyBypassSettings" => json!({ "scope": "organization", "isDialInBypassEnabled": false }),
            "joinMeetingIdSettings" => json!({
                "isPasscodeRequired": true,
                "joinMeetingId": join_meeting_id(number),
                "passcode": format!("{:06x}", (number >> 32) % 0x0100_0000),
            }),
            "chatInfo" => {
                json!({ "threadId": thread(number), "messageId": "0", "replyChainMessageId": null })
            }
            "joinInformation" => json!({
                "content": "data:text/html,%3cdiv%3eMicrosoft%20Teams%20meeting%3c%2fdiv%3e",
                "contentType": "html",
            }),
            _ => Value::Null,
        })
    }

    fn participants(self) -> Value {
        let attendees: Vec<Value> =
            self.invited_users().map(|(user, _)| self.participant(user, "attendee")).collect();
        json!({ "organizer": self.participant(self.organizer, "presenter"), "attendees": attendees })
    }

    /// The service names nobody: the display name is for whoever asks the directory.
    fn participant(self, user: &User, role: &str) -> Value {
        json!({
            "upn": user.upn,
            "role": role,
            "identity": { "user": {
                "@odata.type": "#microsoft.graph.communicationsUserIdentity",
                "id": user.id,
                "displayName": null,
                "tenantId": self.tenant.id,
                "identityProvider": "AAD",
            } },
        })
    }
}
