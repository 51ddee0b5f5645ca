//! `meetings_find`: from a link, an event, or words and a window to meetings and what can be read of them.

use std::borrow::Cow;

use futures_util::future::LocalBoxFuture;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::linked::{Unread, meeting_of, meetings_of};
use super::look_up::{EventReference, by_join_url, event_request, first_meeting, join_url, view_request};
use super::{MEETINGS, failure};
use crate::graph::{Event, OnlineMeeting, Text};
use crate::tools::arguments::{self, limit, text};
use crate::tools::calendar_item::origin;
use crate::tools::cursor::{self, Binding};
use crate::tools::dates::in_order;
use crate::tools::error::ToolError;
use crate::tools::event_time::{EventTime, ToldTime};
use crate::tools::line::clean_line;
use crate::tools::links;
use crate::tools::list::{Ended, List};
use crate::tools::mailbox::Mailbox;
use crate::tools::own_zone;
use crate::tools::pages::{MOST_PAGES, Start, collect, entry};
use crate::tools::participant::Participant;
use crate::tools::person::Person;
use crate::tools::provenance::Origin;
use crate::tools::review::{Review, Withheld};
use crate::tools::schema;
use crate::tools::sought::{Sought, Thing};
use crate::tools::text::TextRoom;
use crate::tools::tool::{Tool, ToolAnswer, ToolCall};
use crate::tools::uri::{event_transcript_uri, meeting_uri};
use crate::tools::window::{Window, WindowArguments};
use crate::tools::words::{self, holds_all};
use crate::tools::zone::Zone;

const DEFAULT_LIMIT: u32 = 10;
/// In bytes: what a hit takes beside its uris and the texts of others.
const FRAME: usize = 282;
/// In bytes: how much of a subject a hit shows.
const LONGEST_SUBJECT: usize = 160;
/// How far the window reaches where it is not given.
const AROUND: SignedDuration = SignedDuration::from_hours(14 * 24);
/// The longest window, as Graph has it.
const LONGEST_WINDOW: SignedDuration = SignedDuration::from_hours(1_825 * 24);

pub(in crate::tools) const MEETINGS_FIND: Tool = Tool {
    name: "meetings_find",
    title: "Find online meetings",
    description: "Teams meetings of the user by joinUrl, eventUri, or words of the subject within a window \
                  (default: 14 days each way). read_resource reads hits and their transcripts. Example: \
                  {\"subject\": \"planning\"}",
    input_schema: schema::input::<Arguments>,
    output_schema: Some(schema::output::<List<MeetingHit<'static>, Understood>>),
    scopes: MEETINGS,
    client_capabilities: &[],
    warm_requests: 2,
    most_requests: MOST_PAGES + 1,
    run: find,
};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    /// By which it is joined.
    #[serde(default, deserialize_with = "text::<_, 4000>")]
    #[schemars(example = &"https://teams.microsoft.com/l/meetup-join/19")]
    join_url: Option<String>,
    /// calendar:///events/{id}
    #[serde(default, deserialize_with = "text::<_, 2000>")]
    #[schemars(example = &"calendar:///events/AAMk")]
    event_uri: Option<String>,
    /// Words of the subject.
    #[serde(default, deserialize_with = "text::<_, 500>")]
    #[schemars(example = &"review")]
    subject: Option<String>,
    /// Takes place after: 2026-11-01, today, 3 days ago.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"14 days ago")]
    after_date_time: Option<String>,
    /// Takes place before.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"tomorrow")]
    before_date_time: Option<String>,
    #[serde(default, deserialize_with = "limit::<_, 20>")]
    #[schemars(range(min = 1, max = 20), example = 10, extend("default" = DEFAULT_LIMIT))]
    limit: Option<u32>,
    /// nextCursor of the same call's answer.
    #[serde(default, deserialize_with = "text::<_, { cursor::LONGEST }>", skip_serializing)]
    cursor: Option<String>,
    /// IANA zone; default: the user's own.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"Europe/Berlin")]
    time_zone: Option<String>,
}

/// One time that a meeting takes place, or the meeting alone where it was found by its link.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::tools) struct MeetingHit<'a> {
    /// `meeting:///{id}`; missing where the meeting was called elsewhere, or can't be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    subject: Cow<'a, str>,
    #[serde(flatten)]
    time: ToldTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    organizer: Option<Person<'a>>,
    /// Of the organizer.
    origin: Origin,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_uri: Option<String>,
    /// Of this very time.
    #[serde(skip_serializing_if = "Option::is_none")]
    transcript_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<Withheld>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    web_url: Option<Cow<'a, str>>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Understood {
    time_zone: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
}

/// What is looked for.
enum Wanted<'a> {
    Link(&'a str),
    Event(EventReference<'a>),
    Subject(Option<&'a str>),
}

impl Arguments {
    fn wanted(&self) -> Result<Wanted<'_>, ToolError> {
        let has_window = self.after_date_time.is_some() || self.before_date_time.is_some();
        match (self.join_url.as_deref(), self.event_uri.as_deref(), self.subject.as_deref()) {
            (None, None, subject) if subject.is_some() || has_window => {
                Ok(Wanted::Subject(words::given("subject", subject)?))
            }
            (Some(link), None, None) if !has_window => Ok(Wanted::Link(link)),
            (None, Some(uri), None) if !has_window => {
                Ok(Wanted::Event(EventReference::parse("eventUri", uri)?))
            }
            _ => Err(ToolError::invalid_arguments(
                "joinUrl, eventUri and subject with its window are three ways to find a meeting: one of them is needed.",
                "Give joinUrl alone, or eventUri alone, or subject, afterDateTime and beforeDateTime.",
            )),
        }
    }
}

fn find<'a>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let arguments: Arguments = arguments::parse(call.arguments)?;
        let binding = Binding::new(call.principal, MEETINGS_FIND.name, &arguments);
        let from = Start::of(call, arguments.cursor.as_deref(), &binding)?;
        match arguments.wanted()? {
            Wanted::Link(link) => by_link(call, &arguments, link).await,
            Wanted::Event(event) => by_event(call, &arguments, &event).await,
            Wanted::Subject(words) => by_subject(call, &arguments, words, from, &binding).await,
        }
    })
}

async fn by_link(call: &ToolCall<'_>, arguments: &Arguments, link: &str) -> Result<ToolAnswer, ToolError> {
    let zone = own_zone::known(call, arguments.time_zone.as_deref()).await?;
    // Events tell their links defanged, and nothing tells a model to put them right.
    let restored = links::restored(link);
    let request = by_join_url(restored.as_deref().unwrap_or(link));
    let asked = async { call.graph.get(&request).await.map_err(failure::meeting) };
    let (zone, body) = own_zone::beside(call, zone.as_ref(), asked)
        .await
        .map_err(|error| Sought::new("joinUrl", Thing::MeetingLink).explain(error))?;
    let review = Review::of(call);
    let hits: Vec<_> = first_meeting(&body)?
        .into_iter()
        .filter_map(|meeting| review.admit(meeting))
        .map(|meeting| meeting.shape(|meeting, withheld| of_meeting(meeting, withheld, &zone, &review)))
        .collect();
    let understood = Understood { time_zone: zone.name(), after: None, before: None };
    let nothing = hits.is_empty().then_some(
        "No meeting has this link, letter for letter, or the user takes no part in it. Links of meetings that other \
         organisations have called lead to nothing here, and where links are removed from texts, eventUri and subject are the \
         ways to a meeting."
            .into(),
    );
    let list = List::new(hits, Ended::Complete, None, &review)?.understood(understood).notes(nothing);
    ToolAnswer::new(&list, body.size())
}

async fn by_event(
    call: &ToolCall<'_>,
    arguments: &Arguments,
    event: &EventReference<'_>,
) -> Result<ToolAnswer, ToolError> {
    let zone = own_zone::known(call, arguments.time_zone.as_deref()).await?;
    let request = event_request(event);
    let asked = async {
        let body = call.graph.get(&request).await?;
        let meeting = match join_url(&body.parse()?) {
            Some(link) => meeting_of(call, link).await?,
            None => None,
        };
        Ok((body, meeting))
    };
    let (zone, (body, meeting)) = own_zone::beside(call, zone.as_ref(), asked)
        .await
        .map_err(|error| Sought::new("eventUri", Thing::Event).explain(error))?;
    let event: Event<'_> = body.parse()?;
    let review = Review::of(call);
    let is_offline = join_url(&event).is_none();
    let hit =
        review.admit_one(event)?.shape(|event, withheld| of_event(event, meeting, withheld, &zone, &review));
    let understood = Understood { time_zone: zone.name(), after: None, before: None };
    let note = is_offline.then_some("The event has no Teams meeting.".into());
    let list = List::new(vec![hit], Ended::Complete, None, &review)?.understood(understood).notes(note);
    ToolAnswer::new(&list, body.size())
}

async fn by_subject(
    call: &ToolCall<'_>,
    arguments: &Arguments,
    words: Option<&str>,
    from: Start,
    binding: &Binding<'_>,
) -> Result<ToolAnswer, ToolError> {
    let dates = WindowArguments {
        after: arguments.after_date_time.as_deref(),
        before: arguments.before_date_time.as_deref(),
        time_zone: arguments.time_zone.as_deref(),
    };
    let zone = dates.zone(call, &from).await?;
    let (after, before) = window(dates, from.as_of(), zone.as_ref().unwrap_or(&Zone::utc()))?;
    let wanted = usize::try_from(arguments.limit.unwrap_or(DEFAULT_LIMIT)).unwrap_or(usize::MAX);
    let request = view_request(after, before);
    let look = |raw: &RawValue| {
        let event: Event<'_> = entry(raw)?;
        let fits = words.is_none_or(|words| holds_all(event.subject.as_deref().unwrap_or_default(), words));
        let link = join_url(&event).filter(|_| fits);
        Ok(link.map(|link| (raw.to_owned(), link.to_owned())))
    };
    let asked = async {
        let collected = collect(call, &request, from.at.clone(), wanted, look).await?;
        let links: Vec<&str> = collected.items.iter().map(|(_, link)| link.as_str()).collect();
        let behind = meetings_of(call, &links).await?;
        // On a later page others are known, and what follows is to be reached.
        match behind.refused.filter(|_| from.at.is_start()) {
            Some(refused) => Err(refused),
            None => Ok((collected, behind.linked)),
        }
    };
    let (zone, (collected, meetings)) = own_zone::beside(call, zone.as_ref(), asked).await?;
    let size = collected.size;
    let (found, mut collected) = collected.take();
    let events: Vec<Event<'_>> = found.iter().map(|(raw, _)| entry(raw)).collect::<Result<_, _>>()?;
    let review = Review::of(call);
    let mut unread: Vec<(Unread, String)> = Vec::new();
    for (event, linked) in events.into_iter().zip(meetings) {
        let Some(event) = review.admit(event) else { continue };
        if let Some(why) = linked.unread() {
            unread.push((why, start_of(event.peek(), &zone)));
        }
        let meeting = linked.meeting();
        let shaped = event.shape(|event, withheld| of_event(event, meeting, withheld, &zone, &review));
        collected.items.push(shaped);
    }
    let understood =
        Understood { time_zone: zone.name(), after: Some(zone.tell(after)), before: Some(zone.tell(before)) };
    let list = collected.into_list_as_of((&from, &zone), call, binding, &review)?.understood(understood);
    ToolAnswer::new(&list.lacking(unread_told(&unread)), size)
}

/// What is looked through: what takes place between two moments.
fn window(
    dates: WindowArguments<'_>,
    now: Timestamp,
    zone: &Zone,
) -> Result<(Timestamp, Timestamp), ToolError> {
    let Window { after, before } = dates.within(now, zone)?;
    let beyond = |from: Timestamp, distance| from.checked_add(distance).unwrap_or(from);
    let (after, before) = match (after, before) {
        (Some(after), Some(before)) => (after, before),
        (Some(after), None) => (after, beyond(now.max(after), AROUND)),
        (None, Some(before)) => (beyond(now.min(before), -AROUND), before),
        (None, None) => (beyond(now, -AROUND), beyond(now, AROUND)),
    };
    in_order(after, before, zone)?;
    if before.duration_since(after) > LONGEST_WINDOW {
        return Err(ToolError::invalid_arguments(
            "afterDateTime and beforeDateTime are more than five years apart.",
            "Give a shorter window.",
        ));
    }
    Ok((after, before))
}

/// What is said of meetings that stand in the list without their uris, by the times at which they begin.
fn unread_told(unread: &[(Unread, String)]) -> Option<String> {
    let told = [Unread::Denied, Unread::Unanswered].into_iter().filter_map(|why| {
        let starts: Vec<&str> =
            unread.iter().filter(|(of, _)| *of == why).map(|(_, start)| start.as_str()).collect();
        let first = starts.first()?;
        let listed = if starts.len() == 1 { (*first).to_owned() } else { starts.join(", ") };
        Some(format!("Given without uri, the meeting of {listed} {}.", why.told()))
    });
    let told = told.collect::<Vec<_>>().join(" ");
    Some(told).filter(|told| !told.is_empty())
}

impl MeetingHit<'_> {
    /// The same, a long subject cut.
    fn glance(self) -> Self {
        let uris = [self.uri.as_deref(), self.event_uri.as_deref(), self.transcript_uri.as_deref()];
        let mut room = TextRoom::beside(FRAME, &uris.map(Option::unwrap_or_default));
        room.give(self.withheld.as_ref().map_or(0, Withheld::length));
        let subject = room.text(self.subject, LONGEST_SUBJECT);
        let organizer = self.organizer.and_then(|organizer| organizer.within(&mut room));
        Self { subject, organizer, ..self }
    }
}

/// When the event begins, by the member of its hit that says so.
fn start_of(event: &Event<'_>, zone: &Zone) -> String {
    let ToldTime { start_utc, first_day, .. } = ToldTime::of(EventTime::of(event), zone);
    let moment = start_utc.map(|start| format!("startUtc {start}"));
    moment.or(first_day.map(|day| format!("firstDay {day}"))).unwrap_or_default()
}

fn of_event<'a>(
    event: Event<'a>,
    meeting: Option<String>,
    withheld: Option<Withheld>,
    zone: &Zone,
    review: &Review<'_>,
) -> MeetingHit<'a> {
    let time = ToldTime::of(EventTime::of(&event), zone);
    let origin = origin(&event, review.policy());
    let is_series = event.kind.as_deref() == Some("seriesMaster");
    MeetingHit {
        transcript_uri: (meeting.is_some() && !is_series).then(|| event_transcript_uri(&event.id)),
        uri: meeting.map(|meeting| meeting_uri(&meeting)),
        subject: event
            .subject
            .map(|subject| clean_line(review.texts(), subject.into_cow()))
            .unwrap_or_default(),
        time,
        organizer: event.organizer.and_then(|organizer| Person::of(organizer, review.texts())),
        origin,
        event_uri: Some(Mailbox::Own.event_uri(&event.id)),
        withheld,
        web_url: event.web_link.map(Text::into_cow),
    }
    .glance()
}

fn of_meeting<'a>(
    meeting: OnlineMeeting<'a>,
    withheld: Option<Withheld>,
    zone: &Zone,
    review: &Review<'_>,
) -> MeetingHit<'a> {
    let time = ToldTime::in_utc(meeting.start_date_time.as_deref(), meeting.end_date_time.as_deref(), zone);
    let organizer = meeting.participants.and_then(|people| Participant::of(people.organizer?, review));
    MeetingHit {
        uri: Some(meeting_uri(&meeting.id)),
        subject: meeting
            .subject
            .map(|subject| clean_line(review.texts(), subject.into_cow()))
            .unwrap_or_default(),
        time,
        origin: organizer.as_ref().map_or(Origin::Unknown, |organizer| organizer.origin),
        organizer: organizer.map(|organizer| organizer.person),
        event_uri: None,
        transcript_uri: None,
        withheld,
        web_url: meeting.join_web_url.map(Text::into_cow),
    }
    .glance()
}
