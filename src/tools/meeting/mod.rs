//! Online meetings: how they are asked for, what policy asks of them, and what refusals mean.

mod failure;
mod find;
mod linked;
mod look_up;
mod occurrence;
mod speech;

pub(super) use failure::{attendance, forbids_speakers, insights, meeting, recordings, transcripts};
pub(super) use find::MEETINGS_FIND;
pub(super) use look_up::{
    EventReference, by_join_url, event_request, first_meeting, join_url_of, meeting_request, view_request,
};
pub(super) use occurrence::{Occurrence, of_occurrence};
pub(super) use speech::{SpokenRange, written};

use super::review::Reviewable;
use super::tool::ScopeRule;
use crate::graph::{AiInsight, AttendanceReport, CallArtifact, OnlineMeeting};
use crate::policy::{ItemFacts, TenantPolicy};

/// What opens meetings themselves.
pub(super) const MEETINGS: ScopeRule = ScopeRule(&[&["OnlineMeetings.Read"]]);
pub(super) const TRANSCRIPTS: ScopeRule = ScopeRule(&[&["OnlineMeetingTranscript.Read.All"]]);
pub(super) const RECORDINGS: ScopeRule = ScopeRule(&[&["OnlineMeetingRecording.Read.All"]]);
pub(super) const ATTENDANCE: ScopeRule = ScopeRule(&[&["OnlineMeetingArtifact.Read.All"]]);
pub(super) const INSIGHTS: ScopeRule = ScopeRule(&[&["OnlineMeetingAiInsight.Read.All"]]);

/// Subject, people and times of a meeting of the user's own.
impl Reviewable for OnlineMeeting<'_> {
    fn facts(&self, _: &TenantPolicy) -> ItemFacts<'_> {
        ItemFacts::default()
    }

    fn withhold(&mut self) {}
}

/// Times alone: there is nothing to withhold.
impl Reviewable for CallArtifact<'_> {
    fn facts(&self, _: &TenantPolicy) -> ItemFacts<'_> {
        ItemFacts::default()
    }

    fn withhold(&mut self) {}
}

impl Reviewable for AttendanceReport<'_> {
    fn facts(&self, _: &TenantPolicy) -> ItemFacts<'_> {
        ItemFacts::default()
    }

    fn withhold(&mut self) {
        self.attendance_records = None;
    }
}

impl Reviewable for AiInsight<'_> {
    fn facts(&self, _: &TenantPolicy) -> ItemFacts<'_> {
        ItemFacts::default()
    }

    fn withhold(&mut self) {
        self.meeting_notes = None;
        self.action_items = None;
        self.viewpoint = None;
    }
}
