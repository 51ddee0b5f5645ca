//! `outlook_find_available_time`: when the user has time.

use std::borrow::Cow;

use futures_util::future::LocalBoxFuture;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::free_days::{self, Run};
use super::intervals::{Interval, Intervals};
use super::schedule::{Agenda, ask, own_address};
use super::window;
use super::working_week::WorkingWeek;
use crate::policy::{ItemFacts, TenantPolicy};
use crate::tools::arguments::{self, limit, required_text, required_whole, text};
use crate::tools::cursor::{self, Binding};
use crate::tools::error::{About, ErrorCode, MODEL, ToolError};
use crate::tools::event_time::{EventTime, ToldTime};
use crate::tools::list::{Ended, List};
use crate::tools::mailbox::OWN_CALENDARS;
use crate::tools::own_zone;
use crate::tools::pages::Start;
use crate::tools::review::{Review, Reviewable};
use crate::tools::schema;
use crate::tools::tool::{ScopeRule, Tool, ToolAnswer, ToolCall};
use crate::tools::window::WindowArguments;
use crate::tools::zone::Zone;

const DEFAULT_LIMIT: u32 = 10;
/// In minutes: from here on whole days are meant.
const DAY: u32 = 24 * 60;
/// In bytes: about how much a stretch of time takes in an answer.
const ITEM_BYTES: usize = 200;

const NO_HOURS: &str = "The mailbox does not say when the user works: Monday to Friday all day were taken.";
const MORE: &str = "There are more; go on with nextCursor.";

pub(in crate::tools) const OUTLOOK_FIND_AVAILABLE_TIME: Tool = Tool {
    name: "outlook_find_available_time",
    title: "Find free time",
    description: "When the user is free, by default within working hours. Tentative events count as busy. A \
                  day (1440 minutes) or more means whole days. Example: {\"afterDateTime\": \"tomorrow\", \
                  \"beforeDateTime\": \"in 8 days\", \"durationMinutes\": 60}",
    input_schema: schema::input::<Arguments>,
    output_schema: Some(schema::output::<FreeList>),
    scopes: ScopeRule(&[OWN_CALENDARS]),
    client_capabilities: &[],
    warm_requests: 2,
    most_requests: 2,
    run,
};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    /// 2026-11-01, next monday, in 3 days.
    #[serde(deserialize_with = "required_text::<_, 64>")]
    #[schemars(example = &"tomorrow")]
    after_date_time: String,
    /// A date means its start; at most 62 days later.
    #[serde(deserialize_with = "required_text::<_, 64>")]
    #[schemars(example = &"in 8 days")]
    before_date_time: String,
    #[serde(deserialize_with = "required_whole::<_, 5, 7200>")]
    #[schemars(range(min = 5, max = 7200), example = 60)]
    duration_minutes: u32,
    #[schemars(example = true, extend("default" = true))]
    working_hours_only: Option<bool>,
    #[serde(default, deserialize_with = "limit::<_, 50>")]
    #[schemars(range(min = 1, max = 50), example = 20, extend("default" = DEFAULT_LIMIT))]
    limit: Option<u32>,
    /// nextCursor of the same call's answer.
    #[serde(default, deserialize_with = "text::<_, { cursor::LONGEST }>", skip_serializing)]
    cursor: Option<String>,
    /// IANA zone; default: the user's own.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"Europe/Berlin")]
    time_zone: Option<String>,
}

type FreeList = List<FreeTime, Understood>;

/// A stretch of free time, or a run of free days.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FreeTime {
    #[serde(flatten)]
    time: ToldTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    minutes: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<usize>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Understood {
    after: String,
    before: String,
    time_zone: Cow<'static, str>,
    duration_minutes: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    working_hours: Option<String>,
}

/// In milliseconds since the Unix epoch: what begins earlier was given. `None` where nothing was.
type Position = Option<i64>;

/// Free time, before it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Free {
    Time(Interval),
    Days(Run),
}

/// Times alone: there is nothing to withhold.
impl Reviewable for Free {
    fn facts(&self, _: &TenantPolicy) -> ItemFacts<'_> {
        ItemFacts::default()
    }

    fn withhold(&mut self) {}
}

fn run<'a>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let arguments: Arguments = arguments::parse(call.arguments)?;
        let binding = Binding::new(call.principal, OUTLOOK_FIND_AVAILABLE_TIME.name, &arguments);
        let start = Start::<Position>::of(call, arguments.cursor.as_deref(), &binding)?;
        let zone = arguments.dates().zone(call, &start).await?;
        let window = arguments.window(start.as_of(), zone.as_ref().unwrap_or(&Zone::utc()))?;
        let (zone, agenda) = own_zone::beside(call, zone.as_ref(), own_agenda(call, window)).await?;
        let search = Search { arguments: &arguments, window, zone: zone.into_owned() };
        let list = search.list(call, &agenda, &start, &binding)?;
        let expected = ITEM_BYTES * (list.items.len() + 2);
        ToolAnswer::new(&list, expected)
    })
}

/// What is looked for.
struct Search<'a> {
    arguments: &'a Arguments,
    window: Interval,
    zone: Zone,
}

impl Arguments {
    fn dates(&self) -> WindowArguments<'_> {
        WindowArguments {
            after: Some(&self.after_date_time),
            before: Some(&self.before_date_time),
            time_zone: self.time_zone.as_deref(),
        }
    }

    fn window(&self, now: Timestamp, zone: &Zone) -> Result<Interval, ToolError> {
        let duration = SignedDuration::from_mins(i64::from(self.duration_minutes));
        // The day on which the clocks are put forward is a whole day too.
        let least = duration.min(SignedDuration::from_hours(23));
        window::of(&self.after_date_time, &self.before_date_time, least, now, zone)
    }
}

async fn own_agenda(call: &ToolCall<'_>, window: Interval) -> Result<Agenda, ToolError> {
    let address = own_address(call).await?;
    let agendas = ask(call, &[address], window).await?;
    agendas.into_iter().next().filter(|agenda| agenda.entries.is_ok()).ok_or_else(unknown)
}

impl Search<'_> {
    fn list(
        &self,
        call: &ToolCall<'_>,
        agenda: &Agenda,
        start: &Start<Position>,
        binding: &Binding<'_>,
    ) -> Result<FreeList, ToolError> {
        let hours = self.hours(agenda);
        let mut free = self.free(agenda, hours.as_ref());
        free.retain(|free| start.at.is_none_or(|from| self.begin(*free).as_millisecond() >= from));
        let limit = usize::try_from(self.arguments.limit.unwrap_or(DEFAULT_LIMIT)).unwrap_or(usize::MAX);
        let (total, next) = (free.len(), free.get(limit).map(|next| self.begin(*next).as_millisecond()));
        free.truncate(limit);
        let review = Review::of(call);
        let items = free
            .into_iter()
            .filter_map(|free| review.admit(free))
            .map(|free| free.shape(|free, _| self.told(free)));
        let next_cursor = match next {
            Some(from) => {
                call.cursors.seal(&start.further(Some(from), &self.zone), binding, call.clock.now())?
            }
            None => None,
        };
        let ended = next.map_or(Ended::Complete, |_| Ended::Partial(MORE.into()));
        let note = (hours.is_some() && agenda.week.is_none()).then_some(Cow::Borrowed(NO_HOURS));
        let list = List::new(items.collect(), ended, next_cursor, &review)?
            .understood(self.understood(hours.as_ref()));
        Ok(list.total(start.at.is_none().then_some(total)).notes(note))
    }

    /// The hours within which time is looked for, where not all hours will do.
    fn hours(&self, agenda: &Agenda) -> Option<WorkingWeek> {
        let wanted = self.arguments.working_hours_only.unwrap_or(true);
        wanted.then(|| agenda.week.clone().unwrap_or_else(|| WorkingWeek::unknown(self.zone.clone())))
    }

    fn free(&self, agenda: &Agenda, hours: Option<&WorkingWeek>) -> Vec<Free> {
        let (window, taken) = (self.window, agenda.taken());
        let minutes = self.arguments.duration_minutes;
        if minutes >= DAY {
            let least = usize::try_from(minutes.div_ceil(DAY)).unwrap_or(usize::MAX);
            return free_days::runs(window, &taken, &self.zone, hours, least)
                .into_iter()
                .map(Free::Days)
                .collect();
        }
        let open: Intervals = hours.map_or_else(|| window.into(), |week| week.within(window));
        let least = SignedDuration::from_mins(i64::from(minutes));
        open.without(&taken).iter().filter(|free| free.length() >= least).map(Free::Time).collect()
    }

    fn begin(&self, free: Free) -> Timestamp {
        match free {
            Free::Time(interval) => interval.start(),
            Free::Days(run) => {
                let midnight = run.first.to_zoned_datetime(self.zone.time_zone().clone());
                midnight.map_or(Timestamp::MIN, |midnight| midnight.timestamp())
            }
        }
    }

    fn told(&self, free: Free) -> FreeTime {
        match free {
            Free::Time(interval) => FreeTime {
                time: ToldTime::between(interval.start(), interval.end(), &self.zone),
                minutes: Some(interval.length().as_mins()),
                days: None,
            },
            Free::Days(run) => {
                let end = run.last.tomorrow().unwrap_or(run.last);
                let days = EventTime::Days { first: run.first, end };
                FreeTime { time: ToldTime::of(Some(days), &self.zone), minutes: None, days: Some(run.days) }
            }
        }
    }

    fn understood(&self, hours: Option<&WorkingWeek>) -> Understood {
        Understood {
            after: self.zone.tell(self.window.start()),
            before: self.zone.tell(self.window.end()),
            time_zone: self.zone.name(),
            duration_minutes: self.arguments.duration_minutes,
            working_hours: hours.map(WorkingWeek::told),
        }
    }
}

fn unknown() -> ToolError {
    ToolError::new(
        ErrorCode::NotFound,
        About::NoArgument,
        "The user's calendar could not be asked.",
        "Microsoft 365 does not say when the user is busy.",
        MODEL,
        "Look at the events themselves with outlook_calendar_search.",
    )
}
