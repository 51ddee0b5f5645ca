//! When people are busy, as `getSchedule` tells it.

use connector_actors::throttle::Workload;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::intervals::{Interval, Intervals};
use super::unknown::{Unknown, UnknownPerson};
use super::working_week::WorkingWeek;
use crate::graph::{
    Calendar, GraphBody, GraphRequest, Profile, QueryOption, Question, Schedule, ScheduleQuestion, Schedules,
};
use crate::tools::error::{ADMINISTRATOR, About, ErrorCode, ToolError};
use crate::tools::event_time::moment;
use crate::tools::identity::OWN_PROFILE;
use crate::tools::mailbox::OWN_CALENDARS;
use crate::tools::own_zone::in_utc;
use crate::tools::tool::ToolCall;

/// Calendars that one question may be about, as Microsoft documents it.
/// Source: <https://learn.microsoft.com/graph/api/calendar-getschedule>.
const MOST: usize = 20;
/// In minutes: how finely the view is asked for, in the short windows and in the others.
const FINE: i64 = 5;
const USUAL: i64 = 15;

/// How somebody is to be had. Later ones outweigh earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum State {
    Free,
    WorkingElsewhere,
    Tentative,
    OutsideWorkingHours,
    Busy,
    #[serde(rename = "oof")]
    OutOfOffice,
    Unknown,
}

impl State {
    pub(super) fn parse(text: &str) -> Self {
        match text {
            "free" => Self::Free,
            "workingElsewhere" => Self::WorkingElsewhere,
            "tentative" => Self::Tentative,
            "busy" => Self::Busy,
            "oof" => Self::OutOfOffice,
            _ => Self::Unknown,
        }
    }

    /// A digit of the view.
    fn of_digit(digit: char) -> Self {
        match digit {
            '0' => Self::Free,
            '1' => Self::Tentative,
            '2' => Self::Busy,
            '3' => Self::OutOfOffice,
            '4' => Self::WorkingElsewhere,
            _ => Self::Unknown,
        }
    }

    /// Whether something stands in the calendar that keeps one from meeting.
    pub(super) const fn is_taken(self) -> bool {
        !matches!(self, Self::Free | Self::WorkingElsewhere)
    }
}

/// What is known of one calendar within the window that was asked about.
#[derive(Debug, Clone)]
pub(super) struct Agenda {
    pub(super) address: String,
    /// Or why nothing is known.
    pub(super) entries: Result<Vec<(Interval, State)>, Unknown>,
    pub(super) week: Option<WorkingWeek>,
}

impl Agenda {
    fn unknown(address: &str, why: Unknown) -> Self {
        Self { address: address.to_owned(), entries: Err(why), week: None }
    }

    /// This one, where nothing is known.
    pub(super) fn without_data(&self) -> Option<UnknownPerson> {
        let why = self.entries.as_ref().err().copied()?;
        Some(UnknownPerson { address: self.address.clone(), why })
    }

    /// `window` and `slot` are those of the question.
    fn of(address: &str, schedule: &Schedule<'_>, window: Interval, slot: SignedDuration) -> Self {
        if let Some(error) = &schedule.error {
            return Self::unknown(address, Unknown::of(error.response_code.as_deref()));
        }
        let items = schedule.schedule_items.iter().flatten().filter_map(|item| {
            let interval = Interval::new(moment(&item.start)?, moment(&item.end)?)?;
            Some((interval, State::parse(item.status.as_deref().unwrap_or_default())))
        });
        let mut entries: Vec<(Interval, State)> = items.collect();
        // Who shows no more than free and busy may have a view and no items.
        if entries.is_empty() {
            entries = viewed(schedule.availability_view.as_deref().unwrap_or_default(), window, slot);
        }
        let week = schedule.working_hours.as_ref().and_then(WorkingWeek::of);
        Self { address: address.to_owned(), entries: Ok(entries), week }
    }

    /// When something keeps this one from meeting.
    pub(super) fn taken(&self) -> Intervals {
        let entries = self.entries.iter().flatten();
        entries.filter(|(_, state)| state.is_taken()).map(|(interval, _)| *interval).collect()
    }

    /// How this one is to be had throughout `interval`: what weighs most there decides.
    pub(super) fn state(&self, interval: Interval) -> State {
        let Ok(entries) = &self.entries else { return State::Unknown };
        let there = entries.iter().filter(|(entry, _)| entry.overlaps(interval)).map(|(_, state)| *state);
        let state = there.max().unwrap_or(State::Free);
        let at_work = self.week.as_ref().is_none_or(|week| week.within(interval).cover(interval));
        if at_work { state } else { state.max(State::OutsideWorkingHours) }
    }
}

/// The stretches of a view in which something stands.
fn viewed(view: &str, window: Interval, slot: SignedDuration) -> Vec<(Interval, State)> {
    let starts = std::iter::successors(Some(window.start()), |start| start.checked_add(slot).ok());
    let slots = view.chars().zip(starts).map(|(digit, start)| (State::of_digit(digit), start));
    slots
        .filter(|(state, _)| *state != State::Free)
        .filter_map(|(state, start)| Some((Interval::new(start, start.checked_add(slot).ok()?)?, state)))
        .collect()
}

/// The user's own address, by which schedules are asked for. One request: to the profile, or where its permission is
/// missing to the user's own calendar, which names its owner.
pub(super) async fn own_address(call: &ToolCall<'_>) -> Result<String, ToolError> {
    let may_read_profile = call.graph.may_ask(OWN_PROFILE).await?;
    let address = if may_read_profile { profile_address(call).await? } else { owner_address(call).await? };
    address.filter(|address| !address.is_empty()).ok_or_else(|| {
        ToolError::new(
            ErrorCode::NotLicensed,
            About::NoArgument,
            "The user has no calendar that could be asked about.",
            "The account has no mail address.",
            ADMINISTRATOR,
            "Ask the administrator whether the user should have a mailbox.",
        )
    })
}

async fn profile_address(call: &ToolCall<'_>) -> Result<Option<String>, ToolError> {
    let request = GraphRequest::get(Workload::Directory, OWN_PROFILE, "/me")
        .query(QueryOption::Select, "id,mail,userPrincipalName");
    let body = call.graph.get(&request).await?;
    let profile: Profile<'_> = body.parse()?;
    Ok(profile.mail.or(profile.user_principal_name).map(|address| address.to_string()))
}

/// Source: <https://learn.microsoft.com/graph/api/calendar-get>.
async fn owner_address(call: &ToolCall<'_>) -> Result<Option<String>, ToolError> {
    let request = GraphRequest::get(Workload::Outlook, OWN_CALENDARS, "/me")
        .part("/calendar")
        .query(QueryOption::Select, "id,owner");
    let body = call.graph.get(&request).await?;
    let calendar: Calendar<'_> = body.parse()?;
    Ok(calendar.owner.and_then(|owner| owner.address).map(|address| address.to_string()))
}

/// What is known of these calendars, in the order of `addresses`. One request, a question for every twenty in it.
pub(super) async fn ask(
    call: &ToolCall<'_>,
    addresses: &[String],
    window: Interval,
) -> Result<Vec<Agenda>, ToolError> {
    let minutes = if window.length() > SignedDuration::from_mins(USUAL) { USUAL } else { FINE };
    let question = |addresses: &[String]| {
        let question = ScheduleQuestion {
            schedules: addresses.to_vec(),
            start_time: in_utc(window.start()),
            end_time: in_utc(window.end()),
            availability_view_interval: u32::try_from(minutes).unwrap_or_default(),
        };
        GraphRequest::ask(Question::Schedule(question), OWN_CALENDARS)
    };
    let questions: Vec<GraphRequest> = addresses.chunks(MOST).map(question).collect();
    let mut agendas = Vec::with_capacity(addresses.len());
    for (some, answer) in addresses.chunks(MOST).zip(call.graph.batch(&questions).await?) {
        agendas.extend(told(some, &answer?, window, SignedDuration::from_mins(minutes))?);
    }
    Ok(agendas)
}

/// What an answer tells of `addresses`. `window` and `slot` are those of the question.
fn told(
    addresses: &[String],
    answer: &GraphBody,
    window: Interval,
    slot: SignedDuration,
) -> Result<Vec<Agenda>, ToolError> {
    let answer: Schedules<'_> = answer.parse()?;
    let agenda = |address: &String| {
        let is_its = |schedule: &&Schedule<'_>| {
            schedule.schedule_id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(address))
        };
        match answer.value.iter().find(is_its) {
            Some(schedule) => Agenda::of(address, schedule, window, slot),
            None => Agenda::unknown(address, Unknown::NotSaid),
        }
    };
    Ok(addresses.iter().map(agenda).collect())
}

/// The start of a question, in whole minutes: Graph takes no others exactly.
pub(super) fn next_five_minutes(moment: Timestamp) -> Timestamp {
    let step = FINE * 60;
    let whole = moment.as_second().div_euclid(step) * step;
    let later =
        if Timestamp::from_second(whole).is_ok_and(|whole| whole == moment) { whole } else { whole + step };
    Timestamp::from_second(later).unwrap_or(moment)
}

#[cfg(test)]
pub(super) mod tests {
    use rstest::rstest;

    use super::*;

    pub(in super::super) fn between(start: &str, end: &str) -> Interval {
        Interval::new(start.parse().unwrap(), end.parse().unwrap()).unwrap()
    }

    fn agenda(json: &str) -> Agenda {
        let window = between("2026-11-24T08:00:00Z", "2026-11-24T12:00:00Z");
        Agenda::of("a", &serde_json::from_str(json).unwrap(), window, SignedDuration::from_mins(60))
    }

    const ITEMS: &str = r#"{"scheduleId":"a","availabilityView":"0222","scheduleItems":[
        {"status":"busy","start":{"dateTime":"2026-11-24T09:10:00.0000000","timeZone":"UTC"},"end":{"dateTime":"2026-11-24T09:20:00.0000000","timeZone":"UTC"}},
        {"status":"workingElsewhere","start":{"dateTime":"2026-11-24T02:00:00","timeZone":"Pacific Standard Time"},"end":{"dateTime":"2026-11-24T03:00:00","timeZone":"Pacific Standard Time"}},
        {"status":"tentative","start":{"dateTime":"2026-11-24T11:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-11-24T11:30:00","timeZone":"UTC"}}]}"#;
    const VIEW_ALONE: &str = r#"{"scheduleId":"a","availabilityView":"0213","scheduleItems":[]}"#;
    const UNKNOWN: &str = r#"{"scheduleId":"a","availabilityView":"","scheduleItems":[],"error":{"responseCode":"ErrorMailRecipientNotFound"}}"#;
    const AT_WORK_LATER: &str = r#"{"scheduleId":"a","availabilityView":"0000","scheduleItems":[],"workingHours":{
        "daysOfWeek":["tuesday"],"startTime":"10:00:00.0000000","endTime":"18:00:00.0000000","timeZone":{"name":"UTC"}}}"#;

    /// If this failed, a person would be called free in a meeting, or busy when there is none.
    #[rstest]
    #[case::nothing_there(ITEMS, ("2026-11-24T08:00:00Z", "2026-11-24T09:00:00Z"), State::Free)]
    #[case::a_short_meeting(ITEMS, ("2026-11-24T09:00:00Z", "2026-11-24T10:00:00Z"), State::Busy)]
    #[case::behind_it(ITEMS, ("2026-11-24T09:20:00Z", "2026-11-24T10:00:00Z"), State::Free)]
    #[case::elsewhere(ITEMS, ("2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z"), State::WorkingElsewhere)]
    #[case::two_of_them(ITEMS, ("2026-11-24T10:30:00Z", "2026-11-24T11:30:00Z"), State::Tentative)]
    #[case::view(VIEW_ALONE, ("2026-11-24T09:30:00Z", "2026-11-24T09:45:00Z"), State::Busy)]
    #[case::free_in_the_view(VIEW_ALONE, ("2026-11-24T08:00:00Z", "2026-11-24T09:00:00Z"), State::Free)]
    #[case::away_in_the_view(VIEW_ALONE, ("2026-11-24T10:00:00Z", "2026-11-24T12:00:00Z"), State::OutOfOffice)]
    #[case::nobody(UNKNOWN, ("2026-11-24T08:00:00Z", "2026-11-24T09:00:00Z"), State::Unknown)]
    #[case::before_work(AT_WORK_LATER, ("2026-11-24T09:30:00Z", "2026-11-24T10:30:00Z"), State::OutsideWorkingHours)]
    #[case::at_work(AT_WORK_LATER, ("2026-11-24T10:00:00Z", "2026-11-24T10:30:00Z"), State::Free)]
    fn a_person_is_to_be_had_as_the_calendar_says(
        #[case] json: &str,
        #[case] (start, end): (&str, &str),
        #[case] expected: State,
    ) {
        assert_eq!(agenda(json).state(between(start, end)), expected);
    }

    /// If this failed, a search that begins now would begin in the past, or later than it has to.
    #[rstest]
    #[case("2026-11-24T09:10:00Z", "2026-11-24T09:10:00Z")]
    #[case("2026-11-24T09:10:00.001Z", "2026-11-24T09:15:00Z")]
    #[case("2026-11-24T09:14:59Z", "2026-11-24T09:15:00Z")]
    fn now_is_the_next_five_minutes(#[case] now: &str, #[case] expected: &str) {
        assert_eq!(next_five_minutes(now.parse().unwrap()), expected.parse().unwrap());
    }
}
