//! Online meetings, and what they leave behind: transcripts, recordings, attendance reports, AI insights.

mod attendance;
mod call;
mod collection;
mod insight;
mod meeting;
mod recording;
mod route;
mod speech;
mod transcript;

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use uuid::Uuid;

pub(super) use route::MeetingRoute;

use super::calendar::Agenda;
use super::odata::query::Query;
use super::odata::select::Selection;
use super::people::Person;
use super::policy::{TenantPolicy, Transcripts};
use super::prepared::Prepared;
use super::refusal::Refusal;
use super::refusal::meetings::MeetingRefusal;
use super::request::GraphRequest;
use super::respond::{Entity, Object, bytes};
use super::who::Who;
use crate::directory::{Tenant, User};
use call::Call;
use meeting::Meeting;
use route::{Artifact, Part};
use transcript::Form;

/// A request about meetings, and who makes it.
pub(super) struct Asking<'a> {
    pub(super) tenant: &'a Tenant,
    /// Object id within `tenant`.
    pub(super) caller: Uuid,
    pub(super) policy: TenantPolicy,
    pub(super) query: Query,
    pub(super) request: &'a GraphRequest<'a>,
    pub(super) seed: u64,
    /// The time around which calendars were generated; what lies after it has not taken place.
    pub(super) now: Timestamp,
}

/// What is answered.
pub(super) enum Answer {
    Here(Prepared),
    /// The video of this recording, wherever it is given out.
    Video(Uuid),
}

/// Gives the calendars of somebody of the caller's tenant.
type Agendas<'a> = dyn Fn(Person<'_>) -> Arc<Agenda> + 'a;

/// The meetings in one person's calendar are those that the person takes part in.
struct Found<'a> {
    organizer: &'a User,
    number: u128,
}

impl<'a> Asking<'a> {
    pub(super) fn answer(
        &self,
        who: &Who,
        route: &MeetingRoute,
        agendas: &Agendas<'_>,
    ) -> Result<Answer, Refusal> {
        let own = agendas(Person::User(self.reader()?));
        let id = match route {
            MeetingRoute::Find => return self.find(who, &own, agendas).map(Answer::here),
            MeetingRoute::Meeting(id) | MeetingRoute::Artifact { meeting: id, .. } => id,
        };
        let found = self.open(who, id, &own)?;
        let canonical = agendas(Person::User(found.organizer));
        let meeting = self.planned(&found, &canonical)?;
        if let MeetingRoute::Artifact { kind, part, .. } = route {
            return self.artifact(meeting, *kind, part);
        }
        let selection = self.selection(meeting::NAMES, "microsoft.graph.onlineMeeting")?;
        let names = selection.context(meeting::NAMES);
        let context = self.context(who, &format!("onlineMeetings{names}/$entity"));
        Ok(Answer::here(bytes(&Entity { context, object: meeting.shown(&selection) })))
    }

    /// The caller. Guests have no meetings here: their calendar is elsewhere.
    fn reader(&self) -> Result<&'a User, MeetingRefusal> {
        let mut users = self.tenant.users.iter();
        users.find(|user| user.id == self.caller && user.guest.is_none()).ok_or(MeetingRefusal::NotFound)
    }

    /// Looks a meeting up; without a filter there is no list.
    fn find(&self, who: &Who, own: &Agenda, agendas: &Agendas<'_>) -> Result<Bytes, Refusal> {
        if self.named(who)?.id != self.caller {
            return Err(MeetingRefusal::OtherUser.into());
        }
        let (by, wanted) = self
            .query
            .filter
            .as_deref()
            .and_then(collection::look_up)
            .ok_or(MeetingRefusal::FilterExpected)?;
        let selection = self.selection(meeting::NAMES, "microsoft.graph.onlineMeeting")?;
        let mut value = Vec::new();
        for event in own.online().filter(|event| meeting::is_looked_up(*event, by, &wanted)) {
            let Some(organizer) = self.member(event.organizer_address()) else { continue };
            let found = Found { organizer, number: event.number() };
            let canonical = agendas(Person::User(organizer));
            value.push(self.planned(&found, &canonical)?.shown(&selection));
        }
        let names = selection.context(meeting::NAMES);
        Ok(bytes(&super::respond::Page {
            context: self.context(who, &format!("onlineMeetings{names}")),
            count: self.query.count.then_some(value.len()),
            value,
            next_link: None,
        }))
    }

    /// Finds a meeting in the caller's own calendar. The address may name the caller or the organizer.
    fn open(&self, who: &Who, id: &str, own: &Agenda) -> Result<Found<'a>, MeetingRefusal> {
        let named = self.named(who)?;
        if !meeting::is_well_formed(id) {
            return Err(MeetingRefusal::MalformedId);
        }
        let found = own.online().find_map(|event| {
            let organizer = self.member(event.organizer_address())?;
            let is_it = meeting::id(organizer.id, event.number()) == id;
            is_it.then_some(Found { organizer, number: event.number() })
        });
        match found {
            Some(found) if named.id == self.caller || named.id == found.organizer.id => Ok(found),
            None if named.id == self.caller => Err(MeetingRefusal::NotFound),
            _ => Err(MeetingRefusal::OtherUser),
        }
    }

    /// The meeting as its organizer has planned it: the same, whoever reads it.
    fn planned<'m>(&self, found: &Found<'m>, canonical: &'m Agenda) -> Result<Meeting<'m>, MeetingRefusal>
    where
        'a: 'm,
    {
        let event = canonical.online().find(|event| event.number() == found.number);
        let event = event.ok_or(MeetingRefusal::NotFound)?;
        Ok(Meeting { event, organizer: found.organizer, tenant: self.tenant })
    }

    fn named(&self, who: &Who) -> Result<&'a User, MeetingRefusal> {
        match who {
            Who::Me => self.reader(),
            Who::Named(key) => match Person::find(self.tenant, key) {
                Some(Person::User(user)) => Ok(user),
                Some(Person::Shared(_)) => Err(MeetingRefusal::OtherUser),
                None => Err(MeetingRefusal::NotFound),
            },
        }
    }

    fn member(&self, address: &str) -> Option<&'a User> {
        self.tenant.users.iter().find(|user| user.upn.eq_ignore_ascii_case(address))
    }

    fn artifact(&self, meeting: Meeting<'_>, kind: Artifact, part: &Part) -> Result<Answer, Refusal> {
        let mut calls = call::calls(meeting, self.seed, self.now);
        match kind {
            Artifact::Transcript => {
                if self.policy.transcripts == Transcripts::Disabled {
                    return Err(MeetingRefusal::TranscriptsDisabled.into());
                }
                calls.retain(|call| call.has_transcript);
                self.transcript(meeting, &calls, part)
            }
            Artifact::Recording => {
                calls.retain(|call| call.has_recording);
                self.recording(meeting, &calls, part)
            }
            Artifact::AttendanceReport => {
                if meeting.organizer.id != self.caller {
                    return Err(MeetingRefusal::OrganizerOnly.into());
                }
                self.attendance(meeting, &calls, part)
            }
            Artifact::AiInsight => {
                if !self.policy.copilot_licensed {
                    return Err(MeetingRefusal::NotLicensed.into());
                }
                // Copilot listens by the transcript.
                calls.retain(|call| call.has_transcript);
                self.insight(meeting, &calls, part)
            }
        }
    }

    fn transcript(&self, meeting: Meeting<'_>, calls: &[Call], part: &Part) -> Result<Answer, Refusal> {
        let base_url = self.request.base_url;
        let find = |id: &str| found(calls, |call| call.transcript_id() == id);
        match part {
            Part::List => {
                self.collection(meeting, "transcripts", calls, transcript::NAMES, |call, selection| {
                    transcript::shown(meeting, call, base_url, selection)
                })
            }
            Part::One(id) => self.single(meeting, "transcripts", transcript::NAMES, |selection| {
                Ok(transcript::shown(meeting, find(id)?, base_url, selection))
            }),
            Part::MetadataContent(id) => {
                let call = find(id)?;
                Form::Attributed.permit(self.policy.transcripts)?;
                Ok(Answer::content(transcript::metadata(meeting, call), "text/vtt"))
            }
            Part::Content(id) => {
                let call = find(id)?;
                let form = Form::wanted(self.query.format.as_deref(), self.request.accept)?;
                form.permit(self.policy.transcripts)?;
                Ok(Answer::content(transcript::content(meeting, call, form), form.content_type()))
            }
            Part::Records(_) => Err(MeetingRefusal::NotFound.into()),
        }
    }

    fn recording(&self, meeting: Meeting<'_>, calls: &[Call], part: &Part) -> Result<Answer, Refusal> {
        let base_url = self.request.base_url;
        let find = |id: &str| found(calls, |call| call.recording.to_string() == id.to_ascii_lowercase());
        match part {
            Part::List => {
                self.collection(meeting, "recordings", calls, recording::NAMES, |call, selection| {
                    recording::shown(meeting, call, base_url, selection)
                })
            }
            Part::One(id) => self.single(meeting, "recordings", recording::NAMES, |selection| {
                Ok(recording::shown(meeting, find(id)?, base_url, selection))
            }),
            Part::Content(id) => Ok(Answer::Video(find(id)?.recording)),
            Part::MetadataContent(_) | Part::Records(_) => Err(MeetingRefusal::NotFound.into()),
        }
    }

    fn attendance(&self, meeting: Meeting<'_>, calls: &[Call], part: &Part) -> Result<Answer, Refusal> {
        let with_records = self.expands_records()?;
        let find = |id: &str| found(calls, |call| call.report.to_string() == id.to_ascii_lowercase());
        let shown = |call: &Call, selection: &Selection| {
            let records = attendance::records(meeting, call);
            let mut report = attendance::report(call, &records, selection);
            if with_records {
                let write = |record| attendance::record(meeting, record, &Selection::Default);
                let records: Vec<Object> = records.iter().map(write).collect();
                report.set("attendanceRecords", serde_json::json!(records));
            }
            report
        };
        match part {
            Part::List => {
                self.collection(meeting, "attendanceReports", calls, attendance::REPORT_NAMES, shown)
            }
            Part::One(id) => {
                self.single(meeting, "attendanceReports", attendance::REPORT_NAMES, |selection| {
                    Ok(shown(find(id)?, selection))
                })
            }
            Part::Records(id) => {
                let records = attendance::records(meeting, find(id)?);
                let within = format!("attendanceReports('{id}')/attendanceRecords");
                self.collection(meeting, &within, &records, attendance::RECORD_NAMES, |record, selection| {
                    attendance::record(meeting, record, selection)
                })
            }
            Part::Content(_) | Part::MetadataContent(_) => Err(MeetingRefusal::NotFound.into()),
        }
    }

    fn insight(&self, meeting: Meeting<'_>, calls: &[Call], part: &Part) -> Result<Answer, Refusal> {
        let reader = self.reader()?;
        match part {
            Part::List => self.collection(meeting, "aiInsights", calls, insight::NAMES, |call, selection| {
                insight::shown(meeting, call, reader, selection, insight::Detail::InList)
            }),
            Part::One(id) => self.single(meeting, "aiInsights", insight::NAMES, |selection| {
                let call = found(calls, |call| call.insight_id() == *id)?;
                Ok(insight::shown(meeting, call, reader, selection, insight::Detail::Alone))
            }),
            _ => Err(MeetingRefusal::NotFound.into()),
        }
    }
}

impl Answer {
    const fn here(body: Bytes) -> Self {
        Self::Here(Prepared::json(body))
    }

    const fn content(body: Bytes, content_type: &'static str) -> Self {
        Self::Here(Prepared { body, applied: None, content_type: Some(content_type) })
    }
}

fn found(calls: &[Call], is_it: impl Fn(&Call) -> bool) -> Result<&Call, MeetingRefusal> {
    calls.iter().find(|call| is_it(call)).ok_or(MeetingRefusal::NotFound)
}
