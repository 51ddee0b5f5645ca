//! From what follows a user to what is asked of a meeting.

use crate::graph::refusal::Refusal;
use crate::graph::segment::is;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) enum MeetingRoute {
    /// The list, which wants a filter.
    Find,
    Meeting(String),
    /// Something that a meeting has left behind.
    Artifact {
        meeting: String,
        kind: Artifact,
        part: Part,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Artifact {
    Transcript,
    Recording,
    AttendanceReport,
    AiInsight,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) enum Part {
    List,
    One(String),
    Content(String),
    /// Of a transcript: its cues with what is known about each.
    MetadataContent(String),
    /// Of an attendance report.
    Records(String),
}

impl MeetingRoute {
    pub(in crate::graph) const fn is_of_insights(&self) -> bool {
        matches!(self, Self::Artifact { kind: Artifact::AiInsight, .. })
    }

    /// Reads the segments after `onlineMeetings`.
    pub(in crate::graph) fn parse(rest: &[String]) -> Result<Self, Refusal> {
        let [meeting, rest @ ..] = rest else { return Ok(Self::Find) };
        let [kind, rest @ ..] = rest else { return Ok(Self::Meeting(meeting.clone())) };
        let known = [
            ("transcripts", Artifact::Transcript),
            ("recordings", Artifact::Recording),
            ("attendanceReports", Artifact::AttendanceReport),
            ("aiInsights", Artifact::AiInsight),
        ];
        let found = known.into_iter().find(|(name, _)| is(kind, name));
        let (_, kind) = found.ok_or_else(|| Refusal::UnknownSegment(kind.clone()))?;
        let part = match (rest, kind) {
            ([], _) => Part::List,
            ([id], _) => Part::One(id.clone()),
            ([id, next], Artifact::Transcript | Artifact::Recording) if is(next, "content") => {
                Part::Content(id.clone())
            }
            ([id, next], Artifact::Transcript) if is(next, "metadataContent") => {
                Part::MetadataContent(id.clone())
            }
            ([id, next], Artifact::AttendanceReport) if is(next, "attendanceRecords") => {
                Part::Records(id.clone())
            }
            ([.., last], _) => return Err(Refusal::UnknownSegment(last.clone())),
        };
        Ok(Self::Artifact { meeting: meeting.clone(), kind, part })
    }
}
