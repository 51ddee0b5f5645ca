//! The times at which a meeting really took place, and what was recorded of each.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::meeting::Meeting;
use crate::directory::random::SplitMix64;

/// For so long a meeting's recordings and transcripts are kept, in seconds.
const KEPT: i64 = 60 * 86_400;

/// One time that a meeting took place.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) id: Uuid,
    transcript: Uuid,
    pub(super) recording: Uuid,
    pub(super) report: Uuid,
    insight: Uuid,
    correlation: Uuid,
    pub(super) has_transcript: bool,
    pub(super) has_recording: bool,
    /// Decides what is said.
    pub(super) stream: SplitMix64,
}

/// The calls of a meeting that are over and not yet forgotten, the oldest first.
pub(super) fn calls(meeting: Meeting<'_>, seed: u64, now: Timestamp) -> Vec<Call> {
    let earliest = now.checked_sub(SignedDuration::from_secs(KEPT)).unwrap_or(Timestamp::MIN);
    let times = meeting.event.times(earliest, now);
    times.into_iter().map(|(start, end)| call(meeting, (start, end), seed, now)).collect()
}

fn call(meeting: Meeting<'_>, (start, end): (Timestamp, Timestamp), seed: u64, now: Timestamp) -> Call {
    let label = format!("call-{}-{:032x}-{start}", meeting.tenant.id, meeting.event.number());
    let mut random = SplitMix64::derived(seed, label.as_bytes());
    let transcribed = if meeting.event.is_series() { 90 } else { 75 };
    let later = |time: Timestamp, seconds: u64| {
        let seconds = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or_default());
        time.checked_add(seconds).unwrap_or(time)
    };
    Call {
        start: later(start, random.below(150)),
        end: later(end, random.below(240)).min(now),
        id: random.uuid(),
        transcript: random.uuid(),
        recording: random.uuid(),
        report: random.uuid(),
        insight: random.uuid(),
        correlation: random.uuid(),
        has_transcript: random.chance(transcribed),
        has_recording: random.chance(50),
        stream: random,
    }
}

impl Call {
    pub(super) fn transcript_id(&self) -> String {
        STANDARD.encode(format!("1##0##{}", self.transcript))
    }

    pub(super) fn insight_id(&self) -> String {
        STANDARD.encode(format!("1*{}", self.insight))
    }

    /// Names a stretch of the call that was transcribed and recorded: the same for both.
    pub(super) fn correlation(&self) -> String {
        format!("{}-0", self.correlation)
    }

    pub(super) fn length(&self) -> SignedDuration {
        self.end.duration_since(self.start)
    }
}

/// Who has called the meeting, as transcripts and recordings tell it.
pub(super) fn organizer(meeting: Meeting<'_>) -> Value {
    json!({
        "application": null,
        "device": null,
        "user": {
            "@odata.type": "#microsoft.graph.teamworkUserIdentity",
            "id": meeting.organizer.id,
            "displayName": null,
            "userIdentityType": "aadUser",
            "tenantId": meeting.tenant.id,
        },
    })
}
