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
/// Times that one of them came and went.
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
    let (count, mut people) = (records.len(), Vec::new());
    let mut length = Length::of(MOST_PEOPLE);
    for record in records.into_iter().skip(from) {
        let Shaped::Shown(attended) = length.keep(review, || Ok(Some(attended(record, zone, review))))?
        else {
            break;
        };
        people.push(attended);
    }
    let given = from + people.len();
    let more_people = count.checked_sub(given).filter(|more| *more > 0);
    let participants = report.total_participant_count;
    let next = more_people.map(|_| given);
    let shown =
        Report { started_utc, started, ended_utc, ended, participants, people, more_people, withheld };
    Ok(Piece { shown, next })
}

fn attended<'a>(record: AttendanceRecord<'a>, zone: &Zone, review: &Review<'_>) -> Attended<'a> {
    let clean = |text: Text<'a>| review.clean_line(text.into_cow());
    let stay = |interval: AttendanceInterval<'a>| {
        let (from_utc, from) = told(interval.join_date_time, zone);
        let (to_utc, to) = told(interval.leave_date_time, zone);
        Stay { from_utc, from, to_utc, to }
    };
    let (name, tenant) =
        record.identity.map_or((None, None), |identity| (identity.display_name, identity.tenant_id));
    let address = record.email_address;
    let origin = Origin::of_account(tenant.as_deref(), address.as_deref(), review.policy());
    let intervals = record.attendance_intervals.unwrap_or_default();
    let more_stays = intervals.len().checked_sub(STAYS).filter(|more| *more > 0);
    Attended {
        who: Participant { person: Person { name: name.map(clean), address: address.map(clean) }, origin },
        role: record.role.map(clean),
        seconds: record.total_attendance_in_seconds,
        stays: intervals.into_iter().take(STAYS).map(stay).collect(),
        more_stays,
    }
}
