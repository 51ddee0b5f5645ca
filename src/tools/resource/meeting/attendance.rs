//! `meeting-attendance:///`: who was there, and for how long.

use std::borrow::Cow;

use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

use super::super::{Kind, Read, Reading, Scheme};
use super::latest::{self, Dated, Piece};
use super::{only_id, told};
use crate::graph::{AttendanceInterval, AttendanceRecord, AttendanceReport, GraphRequest, QueryOption, Text};
use crate::tools::error::ToolError;
use crate::tools::list::List;
use crate::tools::meeting::{ATTENDANCE, attendance, meeting_request};
use crate::tools::pages::{Length, Shaped, entry};
use crate::tools::participant::Participant;
use crate::tools::person::Person;
use crate::tools::provenance::Origin;
use crate::tools::resource_listing::ResourceTemplate;
use crate::tools::review::{Review, Withheld};
use crate::tools::sought::Thing;
use crate::tools::tool::ToolAnswer;
use crate::tools::uri::Family;
use crate::tools::zone::Zone;

/// In bytes: what the people of a report take in one answer.
const MOST_PEOPLE: usize = 16 * 1024;
/// Times that one of them came and went, of one entry: who came and went more often has several.
const STAYS: usize = 25;

pub(super) const FAMILY: Family =
    Family { root: "meeting-attendance:///", forms: "meeting-attendance:///{meetingId}" };

pub(in crate::tools) static ATTENDANCE_SCHEME: Scheme = Scheme {
    name: "meeting-attendance",
    forms: FAMILY.forms,
    scopes: ATTENDANCE,
    most_requests: latest::MOST_REQUESTS,
    part: |_| None,
    names: |_| Thing::Meeting,
    kinds: &[Kind::of::<List<Report<'_>>>("attendance")],
    templates: &[ResourceTemplate {
        uri_template: FAMILY.forms,
        name: "meeting-attendance",
        title: "Who was at a meeting",
        description: "Attendance reports of a meeting that the user has organized.",
        mime_type: "application/json",
    }],
    read,
};

/// Of one time that the meeting took place.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    started_utc: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_utc: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
    /// How many people were there.
    #[serde(skip_serializing_if = "Option::is_none")]
    participants: Option<u32>,
    people: Vec<Attended<'a>>,
    /// How many follow with nextCursor.
    #[serde(skip_serializing_if = "Option::is_none")]
    more_people: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<Withheld>,
}

/// Somebody who was there. Who has no account chooses the name: it is what others wrote.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Attended<'a> {
    #[serde(flatten)]
    who: Participant<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<u32>,
    /// When the person came and went.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stays: Vec<Stay<'a>>,
    /// In the next entry, of the same person.
    #[serde(skip_serializing_if = "Option::is_none")]
    more_stays: Option<usize>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Stay<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    from_utc: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_utc: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

fn read<'a>(reading: &'a Reading<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let meeting = only_id(FAMILY, reading.uri)?;
        let list = meeting_request(&["OnlineMeetingArtifact.Read.All"], &meeting)?.part("/attendanceReports");
        let each = |request: GraphRequest| request.query(QueryOption::Expand, "attendanceRecords");
        let from = latest::from(reading)?;
        let latest = latest::read(reading, &from, &list, dated, each, attendance);
        let (zone, latest) = reading.on_from(&from, latest).await?;
        let review = reading.review();
        let list = latest.list(reading, (&from, &zone), &review, |report, why, begun| {
            shape(report, why, begun, &zone, &review)
        })?;
        ToolAnswer::new(&Read::list("attendance", list), latest.size())
    })
}

fn dated(raw: &RawValue) -> Result<Option<Dated>, ToolError> {
    let report: AttendanceReport<'_> = entry(raw)?;
    Ok(report.meeting_start_date_time.map(|start| (start.to_string(), report.id.to_string())))
}

fn shape<'a>(
    report: AttendanceReport<'a>,
    withheld: Option<Withheld>,
    from: usize,
    zone: &Zone,
    review: &Review<'_>,
) -> Result<Piece<Report<'a>>, ToolError> {
    let (started_utc, started) = told(report.meeting_start_date_time, zone);
    let (ended_utc, ended) = told(report.meeting_end_date_time, zone);
    let records = report.attendance_records.unwrap_or_default();
    let entries = entries(&records);
    let (mut people, mut length) = (Vec::new(), Length::of(MOST_PEOPLE));
    for (person, piece) in entries.iter().skip(from) {
        let shape = || Ok(Some(attended(&records[*person], *piece, zone, review)));
        let Shaped::Shown(attended) = length.keep(review, shape)? else { break };
        people.push(attended);
    }
    let given = from + people.len();
    let more_people = entries.get(given).map(|(person, _)| records.len() - person);
    let participants = report.total_participant_count;
    let next = more_people.map(|_| given);
    let shown =
        Report { started_utc, started, ended_utc, ended, participants, people, more_people, withheld };
    Ok(Piece { shown, next })
}

/// Of each person the place, and which piece of the stays it is: one at least.
fn entries(records: &[AttendanceRecord<'_>]) -> Vec<(usize, usize)> {
    let pieces = |record: &AttendanceRecord<'_>| {
        record.attendance_intervals.as_ref().map_or(1, |stays| stays.len().div_ceil(STAYS).max(1))
    };
    let of_one = |(person, record)| (0..pieces(record)).map(move |piece| (person, piece));
    records.iter().enumerate().flat_map(of_one).collect()
}

fn attended<'a>(
    record: &AttendanceRecord<'a>,
    piece: usize,
    zone: &Zone,
    review: &Review<'_>,
) -> Attended<'a> {
    let clean = |text: Text<'a>| review.clean_line(text.into_cow());
    let stay = |interval: &AttendanceInterval<'a>| {
        let (from_utc, from) = told(interval.join_date_time.clone(), zone);
        let (to_utc, to) = told(interval.leave_date_time.clone(), zone);
        Stay { from_utc, from, to_utc, to }
    };
    let identity = record.identity.as_ref();
    let name = identity.and_then(|identity| identity.display_name.clone());
    let tenant = identity.and_then(|identity| identity.tenant_id.as_deref());
    let address = record.email_address.clone();
    let origin = Origin::of_account(tenant, address.as_deref(), review.policy());
    let intervals = record.attendance_intervals.as_deref().unwrap_or_default();
    let (before, until) = (piece * STAYS, (piece + 1) * STAYS);
    let more_stays = intervals.len().checked_sub(until).filter(|more| *more > 0);
    let is_first = piece == 0;
    Attended {
        who: Participant { person: Person { name: name.map(clean), address: address.map(clean) }, origin },
        role: record.role.clone().filter(|_| is_first).map(clean),
        seconds: record.total_attendance_in_seconds.filter(|_| is_first),
        stays: intervals.iter().skip(before).take(STAYS).map(stay).collect(),
        more_stays,
    }
}
