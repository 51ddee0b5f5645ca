//! The user's own time zone: asked for once a session, and remembered with it.

use std::time::Duration;

use connector_actors::throttle::Workload;
use futures_util::future::try_join;
use tokio::time::timeout;

use super::error::ToolError;
use super::identity::OWN_PROFILE;
use super::mailbox::OWN_CALENDARS;
use super::user_context::UserContext;
use super::windows_zones::iana_of_windows;
use super::zone::{Zone, moment};
use crate::graph::{
    DateTimeInZone, GraphError, GraphRequest, Profile, QueryOption, Question, ScheduleQuestion, Schedules,
    TimeZoneBase, ZoneChange,
};

/// How long the window is that is asked about, in seconds: the zone is the same in any.
const WINDOW: i64 = 60 * 60;
/// How long a call waits for it: its answer is worth giving in UTC.
const LONGEST_WAIT: Duration = Duration::from_secs(3);
const UTC: &str = "UTC";

/// The zone that the `timeZone` argument names, or the user's own, as far as the session knows it. Asks Graph for nothing.
pub(super) async fn known(user: &UserContext<'_>, argument: Option<&str>) -> Result<Option<Zone>, ToolError> {
    if argument.is_some() {
        return Zone::of_argument(argument).map(Some);
    }
    let memory = user.graph.time_zone_memory().await?;
    Ok(memory.get().map(|name| Zone::remembered(name)))
}

/// The same where the session may not know it yet: its first call that tells times asks Graph for it, twice. UTC where
/// neither permissions nor mailbox say, and until the next call where Graph does not say it in time.
pub(super) async fn of(user: &UserContext<'_>, argument: Option<&str>) -> Result<Zone, ToolError> {
    match known(user, argument).await? {
        Some(zone) => Ok(zone),
        None => Box::pin(learn(user)).await,
    }
}

/// The zone, if need be learnt beside `work`, which does not depend on it, so that it takes no time of its own.
pub(super) async fn beside<T>(
    user: &UserContext<'_>,
    known: Option<Zone>,
    work: impl Future<Output = Result<T, ToolError>>,
) -> Result<(Zone, T), ToolError> {
    match known {
        Some(zone) => Ok((zone, work.await?)),
        None => try_join(Box::pin(learn(user)), work).await,
    }
}

async fn learn(user: &UserContext<'_>) -> Result<Zone, ToolError> {
    let time = LONGEST_WAIT.min(user.graph.remaining() / 2);
    let name = match timeout(time, find(user)).await {
        Ok(Ok(name)) => name.unwrap_or_else(|| UTC.to_owned()),
        Ok(Err(error)) if error.ends_the_call() => return Err(error.into()),
        // It may be known the next time.
        Ok(Err(error)) if error.is_passing() => return Ok(Zone::utc()),
        Err(_) => return Ok(Zone::utc()),
        Ok(Err(_)) => UTC.to_owned(),
    };
    let memory = user.graph.time_zone_memory().await?;
    Ok(Zone::remembered(memory.get_or_init(|| name.into())))
}

/// `None` where the permissions don't say, or the mailbox does not.
async fn find(user: &UserContext<'_>) -> Result<Option<String>, GraphError> {
    let lease = user.graph.lease().await?;
    let grants = |any: &[&str]| any.iter().any(|scope| lease.scopes().contains(scope));
    if !grants(OWN_CALENDARS) || !grants(OWN_PROFILE) {
        return Ok(None);
    }
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
