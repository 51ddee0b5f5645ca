//! The user's own time zone: learnt by one call of a session, and remembered with it.

use std::borrow::Cow;
use std::time::Duration;

use connector_actors::lease::Lease;
use connector_actors::session::{TimeZoneAnswer, TimeZoneInquiry, TimeZoneTurn};
use connector_actors::throttle::Workload;
use futures_util::future::try_join;
use tokio::time::{Instant, timeout_at};

use super::error::ToolError;
use super::identity::OWN_PROFILE;
use super::mailbox::OWN_CALENDARS;
use super::user_context::UserContext;
use super::windows_zones::iana_of_windows;
use super::zone::{Zone, moment};
use crate::graph::{
    DateTimeInZone, GraphError, GraphRequest, Profile, QueryOption, Question, ScheduleQuestion, Schedules,
    TimeZoneBase, ZoneChange, grants_any,
};

/// How long the window is that is asked about, in seconds: the zone is the same in any.
const WINDOW: i64 = 60 * 60;
/// How long a call waits for it, whether it asks itself or another call does: its answer is worth giving in UTC.
const LONGEST_WAIT: Duration = Duration::from_secs(3);
const UTC: &str = "UTC";

/// The zone that the `timeZone` argument names, or the user's own, as far as the session knows it. Asks Graph for nothing.
pub(super) async fn known(user: &UserContext<'_>, argument: Option<&str>) -> Result<Option<Zone>, ToolError> {
    if argument.is_some() {
        return Zone::of_argument(argument).map(Some);
    }
    let memory = user.graph.time_zone_memory().await?;
    Ok(memory.known().map(Zone::remembered))
}

/// The same where the session may not know it yet: the first of its calls that tell times asks Graph for it, twice, and the
/// others wait for that one. UTC where the permissions don't allow it, and where Graph does not say it, or not in time.
pub(super) async fn of(user: &UserContext<'_>, argument: Option<&str>) -> Result<Zone, ToolError> {
    match known(user, argument).await? {
        Some(zone) => Ok(zone),
        None => Box::pin(learn(user)).await,
    }
}

/// The zone, if need be learnt beside `work`, which does not depend on it, so that it takes no time of its own. Work that fails
/// is answered at once: the zone is left to whoever needs it next. What `work` refuses without asking anybody costs no request.
pub(super) fn beside<'z, T>(
    user: &UserContext<'_>,
    known: Option<&'z Zone>,
    work: impl Future<Output = Result<T, ToolError>>,
) -> impl Future<Output = Result<(Cow<'z, Zone>, T), ToolError>> {
    // Work is large, and would lie in each future that it is handed through.
    let work = Box::pin(work);
    async move {
        if let Some(zone) = known {
            return Ok((Cow::Borrowed(zone), work.await?));
        }
        let (found, zone) = try_join(work, Box::pin(learn(user))).await?;
        Ok((Cow::Owned(zone), found))
    }
}

async fn learn(user: &UserContext<'_>) -> Result<Zone, ToolError> {
    // Not remembered: the next token may have the permissions.
    if !may_ask(&*user.graph.lease().await?) {
        return Ok(Zone::utc());
    }
    let memory = user.graph.time_zone_memory().await?;
    let until = user.clock.instant() + LONGEST_WAIT.min(user.graph.remaining() / 2);
    match timeout_at(until, memory.turn(user.clock)).await {
        Ok(TimeZoneTurn::Known(name)) => Ok(Zone::remembered(name)),
        Ok(TimeZoneTurn::Ask(inquiry)) => ask(user, inquiry, until).await,
        Ok(TimeZoneTurn::Rest) | Err(_) => Ok(Zone::utc()),
    }
}

fn may_ask(lease: &Lease) -> bool {
    [OWN_CALENDARS, OWN_PROFILE].into_iter().all(|any| grants_any(lease.scopes(), any))
}

/// Asks Graph. A call that ends before it is answered leaves the inquiry to one that waits.
async fn ask(
    user: &UserContext<'_>,
    inquiry: TimeZoneInquiry<'_>,
    until: Instant,
) -> Result<Zone, ToolError> {
    let since = user.clock.instant();
    let answer = match timeout_at(until, find(user)).await {
        Ok(Err(error)) if error.ends_the_call() => return Err(error.into()),
        Ok(found) => learnt(found),
        Err(_) => TimeZoneAnswer::Late { waited: user.clock.instant().saturating_duration_since(since) },
    };
    let name = inquiry.answered(answer, user.clock.instant());
    Ok(name.map_or_else(Zone::utc, Zone::remembered))
}

fn learnt(found: Result<Option<String>, GraphError>) -> TimeZoneAnswer {
    match found {
        Ok(Some(name)) => TimeZoneAnswer::Told(name.into()),
        Err(GraphError::Unintelligible) => TimeZoneAnswer::Failed,
        Err(error) if error.is_passing() => TimeZoneAnswer::Failed,
        Ok(None) | Err(_) => TimeZoneAnswer::NotTold,
    }
}

/// `None` where the mailbox does not say.
async fn find(user: &UserContext<'_>) -> Result<Option<String>, GraphError> {
    let me = GraphRequest::get(Workload::Directory, OWN_PROFILE, "/me")
        .query(QueryOption::Select, "id,mail,userPrincipalName");
    let body = user.graph.get(&me).await?;
    let profile: Profile<'_> = body.parse()?;
    let Some(address) = profile.mail.or(profile.user_principal_name) else { return Ok(None) };
    let start = moment(user.clock.now());
    let end = start.checked_add(jiff::SignedDuration::from_secs(WINDOW)).unwrap_or(start);
    let question = ScheduleQuestion {
        schedules: vec![address.to_string()],
        start_time: in_utc(start),
        end_time: in_utc(end),
        availability_view_interval: 60,
    };
    let body = user.graph.get(&GraphRequest::ask(Question::Schedule(question), OWN_CALENDARS)).await?;
    let schedules: Schedules<'_> = body.parse()?;
    let zone = schedules.value.into_iter().next().and_then(|schedule| schedule.working_hours?.time_zone);
    Ok(zone.as_ref().and_then(name_of))
}

/// A moment as the questions of calendars take it.
pub(super) fn in_utc(at: jiff::Timestamp) -> DateTimeInZone {
    DateTimeInZone { date_time: at.strftime("%Y-%m-%dT%H:%M:%S").to_string(), time_zone: UTC.to_owned() }
}

/// An IANA name, or for a zone that somebody made up the rule of it (POSIX `TZ`).
pub(super) fn name_of(zone: &TimeZoneBase<'_>) -> Option<String> {
    let named = zone.name.as_deref().and_then(|name| {
        let is_iana = jiff::tz::TimeZone::get(name).is_ok();
        iana_of_windows(name).map(str::to_owned).or_else(|| is_iana.then(|| name.to_owned()))
    });
    named.or_else(|| rule_of(zone))
}

/// `<own>-03:30`, with the halves of the year where it has some.
fn rule_of(zone: &TimeZoneBase<'_>) -> Option<String> {
    let bias = zone.bias?;
    let mut rule = format!("<own>{}", offset(bias));
    if let (Some(standard), Some(daylight)) = (&zone.standard_offset, &zone.daylight_offset)
        && let (Some(summer_ends), Some(summer_begins)) = (change(standard), change(daylight))
    {
        let summer = bias + daylight.daylight_bias.unwrap_or(-60);
        rule.extend(["<own>", &offset(summer), ",", &summer_begins, ",", &summer_ends]);
    }
    jiff::tz::TimeZone::posix(&rule).is_ok().then_some(rule)
}

/// As POSIX has it, like Exchange: what is to be added to local time.
fn offset(minutes: i32) -> String {
    let sign = if minutes < 0 { "-" } else { "" };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

/// `M10.5.0/3:00:00`.
fn change(change: &ZoneChange<'_>) -> Option<String> {
    let days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
    let day = change.day_of_week.as_deref()?;
    let day = days.iter().position(|known| known.eq_ignore_ascii_case(day))?;
    let in_range = (1..=12).contains(&change.month) && (1..=5).contains(&change.day_occurrence);
    let time = change.time.as_deref()?.split('.').next()?;
    in_range.then(|| format!("M{}.{}.{day}/{time}", change.month, change.day_occurrence))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::graph::{GraphCodes, GraphFault};

    /// If this failed, a hiccup would cost the user ten minutes in UTC, or who may not ask be sent to ask every minute.
    #[rstest]
    #[case::told(Ok(Some("Asia/Tokyo".to_owned())), TimeZoneAnswer::Told("Asia/Tokyo".into()))]
    #[case::without_a_zone(Ok(None), TimeZoneAnswer::NotTold)]
    #[case::refused(Err(GraphError::NotFound { codes: GraphCodes::default() }), TimeZoneAnswer::NotTold)]
    #[case::garbled(Err(GraphError::Unintelligible), TimeZoneAnswer::Failed)]
    #[case::throttled(Err(GraphError::Throttled { retry_after: Duration::ZERO }), TimeZoneAnswer::Failed)]
    #[case::failing(Err(GraphError::Unavailable(GraphFault::Status(500))), TimeZoneAnswer::Failed)]
    fn a_refusal_is_an_answer_and_a_fault_is_none(
        #[case] found: Result<Option<String>, GraphError>,
        #[case] expected: TimeZoneAnswer,
    ) {
        assert_eq!(learnt(found), expected);
    }

    const CUSTOM: &str = r##"{"@odata.type":"#microsoft.graph.customTimeZone","bias":-210,"name":"Customized Time Zone",
        "standardOffset":{"time":"03:00:00.0000000","dayOccurrence":5,"dayOfWeek":"sunday","month":10,"year":0},
        "daylightOffset":{"daylightBias":-60,"time":"02:00:00.0000000","dayOccurrence":5,"dayOfWeek":"sunday","month":3,"year":0}}"##;
    const NO_SUMMER: &str = r#"{"bias":300,"name":"Customized Time Zone",
        "standardOffset":{"time":"00:00:00.0000000","dayOccurrence":0,"dayOfWeek":"sunday","month":0,"year":0},
        "daylightOffset":{"daylightBias":0,"time":"00:00:00.0000000","dayOccurrence":0,"dayOfWeek":"sunday","month":0,"year":0}}"#;

    /// If this failed, people would read their own calendars in somebody else's time.
    #[rstest]
    #[case::windows(
        r#"{"name":"W. Europe Standard Time"}"#,
        "2026-07-01T10:00:00Z",
        "2026-07-01T12:00:00+02:00"
    )]
    #[case::iana(r#"{"name":"Asia/Tokyo"}"#, "2026-07-01T10:00:00Z", "2026-07-01T19:00:00+09:00")]
    #[case::custom_winter(CUSTOM, "2026-01-01T10:00:00Z", "2026-01-01T13:30:00+03:30")]
    #[case::custom_summer(CUSTOM, "2026-07-01T10:00:00Z", "2026-07-01T14:30:00+04:30")]
    #[case::custom_without_summer(NO_SUMMER, "2026-07-01T10:00:00Z", "2026-07-01T05:00:00-05:00")]
    fn a_zone_is_understood_and_remembered(#[case] json: &str, #[case] utc: &str, #[case] local: &str) {
        let zone: TimeZoneBase<'_> = serde_json::from_str(json).unwrap();
        let name = name_of(&zone).unwrap();
        assert_eq!(Zone::remembered(&name).localise(utc).as_deref(), Some(local), "{name}");
    }

    /// If this failed, an answer that makes no sense would be taken for a zone.
    #[rstest]
    #[case::nothing("{}")]
    #[case::unknown(r#"{"name":"Moon Standard Time"}"#)]
    fn what_is_no_zone_is_none(#[case] json: &str) {
        let zone: TimeZoneBase<'_> = serde_json::from_str(json).unwrap();
        assert_eq!(name_of(&zone), None);
    }
}
