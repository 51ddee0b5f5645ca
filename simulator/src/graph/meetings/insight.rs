//! What Copilot has made of a transcript: notes, action items, and where somebody was mentioned.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::call::Call;
use super::meeting::Meeting;
use super::speech;
use crate::directory::User;
use crate::graph::odata::select::Selection;
use crate::graph::respond::Object;

pub(super) const NAMES: &[&str] = &[
    "id",
    "callId",
    "contentCorrelationId",
    "createdDateTime",
    "endDateTime",
    "meetingNotes",
    "actionItems",
    "viewpoint",
];
/// The last names, which a list leaves out unless they are selected.
const CONTENTS: &[&str] = &["meetingNotes", "actionItems", "viewpoint"];

/// How much is told where nothing is selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    InList,
    Alone,
}

/// An insight as `reader` sees it: mentions are of the reader.
pub(super) fn shown(
    meeting: Meeting<'_>,
    call: &Call,
    reader: &User,
    selection: &Selection,
    detail: Detail,
) -> Object {
    let is_left_out =
        |name: &str| *selection == Selection::Default && detail == Detail::InList && CONTENTS.contains(&name);
    let names: Vec<&'static str> = NAMES.iter().copied().filter(|name| !is_left_out(name)).collect();
    let all = Selection::Default;
    let (names, selection) =
        if *selection == Selection::Default { (names.as_slice(), &all) } else { (NAMES, selection) };
    Object::selected(names, selection, |name| match name {
        "id" => call.insight_id().into(),
        "callId" => call.id.to_string().into(),
        "contentCorrelationId" => call.correlation().into(),
        "createdDateTime" => call.start.to_string().into(),
        "endDateTime" => call.end.to_string().into(),
        "meetingNotes" => notes(meeting, call),
        "actionItems" => action_items(meeting, call),
        "viewpoint" => json!({ "mentionEvents": mentions(meeting, call, reader) }),
        _ => Value::Null,
    })
}

fn notes(meeting: Meeting<'_>, call: &Call) -> Value {
    let said: Vec<String> =
        speech::cues(meeting, call).into_iter().skip(1).take(6).map(|cue| cue.text).collect();
    let points: Vec<Value> =
        said.iter().map(|text| json!({ "title": text.split([',', '.']).next(), "text": text })).collect();
    json!([{
        "title": meeting.event.subject(),
        "text": format!("The participants went through the open points of {}.", meeting.event.subject()),
        "subpoints": points,
    }])
}

fn action_items(meeting: Meeting<'_>, call: &Call) -> Value {
    let mut random = call.stream.clone();
    let owners: Vec<&str> = std::iter::once(meeting.organizer.name.as_str())
        .chain(meeting.invited_users().map(|(user, _)| user.name.as_str()))
        .collect();
    let items = ["Send the draft", "Ask legal for an answer", "Correct the invoice", "Book the rooms"];
    items
        .iter()
        .take(1 + random.index(items.len()))
        .map(|title| {
            json!({ "title": title, "text": format!("{title} before the next meeting."), "ownerDisplayName": random.pick(&owners) })
        })
        .collect()
}

fn mentions(meeting: Meeting<'_>, call: &Call, reader: &User) -> Value {
    let mut random = call.stream.clone();
    if !random.chance(50) {
        return json!([]);
    }
    let time = call.start.checked_add(SignedDuration::from_secs(90)).unwrap_or(call.start);
    json!([{
        "eventDateTime": time.to_string(),
        "transcriptUtterance": format!("{} could look into that.", reader.given_name),
        "speaker": { "user": {
            "@odata.type": "#microsoft.graph.teamworkUserIdentity",
            "id": meeting.organizer.id,
            "displayName": meeting.organizer.name,
            "userIdentityType": "aadUser",
        } },
    }])
}
