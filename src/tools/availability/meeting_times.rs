//! `find_meeting_availability`: when several people could meet. Microsoft 365 is asked where the permissions let us, and
//! otherwise it is worked out here from when each of them is busy.

use std::borrow::Cow;

use futures_util::future::LocalBoxFuture;
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::candidates::{Meeting, PlaceAsked, candidates};
use super::intervals::Interval;
use super::microsofts_suggestion::{suggestion, why_none};
use super::perhaps_unknown::{PerhapsUnknown, perhaps_unknown, with_reasons};
use super::schedule::{Agenda, ask, own_address};
use super::suggestion::{Suggestion, SuggestionList, Understood};
use super::unknown::{Unknown, UnknownPerson, lack_of};
use super::window;
use crate::graph::{
    ActivityDomain, AskedAddress, AskedAttendee, AskedLocation, AttendeeType, GraphRequest,
    LocationConstraint, MeetingTimes, MeetingTimesQuestion, Question, TimeConstraint, TimeSlot,
};
use crate::tools::arguments::{
    self, limit, optional_texts, required_text, required_whole, text, texts, whole,
};
use crate::tools::error::ToolError;
use crate::tools::list::{Ended, List};
use crate::tools::mailbox::{CALENDARS, OWN_CALENDARS};
use crate::tools::own_zone::{self, in_utc};
use crate::tools::pages::{Length, Shaped, Start};
use crate::tools::person::PersonQuery;
use crate::tools::review::{Admitted, Review};
use crate::tools::schema;
use crate::tools::tool::{Tool, ToolAnswer, ToolCall};
use crate::tools::window::WindowArguments;
use crate::tools::zone::Zone;

const DEFAULT_CANDIDATES: u32 = 10;
/// In percent; what `findMeetingTimes` itself takes.
const DEFAULT_PERCENTAGE: u32 = 50;
const READ_SHARED: &[&str] = &["Calendars.Read.Shared"];
/// In bytes: about how much a participant of a time takes in an answer.
const PARTICIPANT_BYTES: usize = 120;

const WORKED_OUT: &str =
    "Worked out from when each person is busy and works; the app lacks Calendars.Read.Shared.";
const UNTOLD: &str = "Of whom nothing is known can't be asked: the app lacks Calendars.Read.";
const MORE: &str = "There are more times; give a higher maxCandidates, or a shorter time to look at.";
const PERHAPS_MORE: &str =
    "There may be more times; give a higher maxCandidates, or a shorter time to look at.";
const LONG: &str = "There are more times, and this answer is as long as one may be; give a shorter time to look at, or fewer \
                    participants.";

pub(in crate::tools) const FIND_MEETING_AVAILABILITY: Tool = Tool {
    name: "find_meeting_availability",
    title: "Find a time to meet",
    description: "Times within working hours at which the user and others could meet, best first. Get addresses from \
                  search_people. Example: {\"participants\": [\"adele@contoso.example\"], \"afterDateTime\": \"tomorrow\", \
                  \"beforeDateTime\": \"in 8 days\", \"durationMinutes\": 30}",
    input_schema: schema::input::<Arguments>,
    output_schema: Some(schema::output::<SuggestionList>),
    scopes: CALENDARS,
    client_capabilities: &[],
    // One, where something is known of everybody; of the example's address nothing may be.
    warm_requests: 2,
    most_requests: 2,
    run,
};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    /// Addresses, up to 20; the user takes part anyway.
    #[serde(deserialize_with = "texts::<_, 20, 320>")]
    #[schemars(example = &["adele@contoso.example"])]
    participants: Vec<String>,
    /// 2026-11-01, next monday, in 3 days.
    #[serde(deserialize_with = "required_text::<_, 64>")]
    #[schemars(example = &"tomorrow")]
    after_date_time: String,
    /// A date means its start; at most 62 days later.
    #[serde(deserialize_with = "required_text::<_, 64>")]
    #[schemars(example = &"in 8 days")]
    before_date_time: String,
    #[serde(deserialize_with = "required_whole::<_, 5, 720>")]
    #[schemars(range(min = 5, max = 720), example = 30)]
    duration_minutes: u32,
    #[serde(default, deserialize_with = "limit::<_, 50>")]
    #[schemars(range(min = 1, max = 50), example = 10, extend("default" = DEFAULT_CANDIDATES))]
    max_candidates: Option<u32>,
    /// How many must be able to come.
    #[serde(default, deserialize_with = "whole::<_, 1, 100>")]
    #[schemars(range(min = 1, max = 100), example = 50, extend("default" = DEFAULT_PERCENTAGE))]
    minimum_attendee_percentage: Option<u32>,
    /// Rooms to look at, by name or address.
    #[serde(default, deserialize_with = "optional_texts::<_, 10, 320>")]
    #[schemars(example = &["room@contoso.example"])]
    locations: Option<Vec<String>>,
    /// IANA zone; default: the user's own.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"Europe/Berlin")]
    time_zone: Option<String>,
}

/// What was found, and what is to be said of it.
struct Found {
    suggestions: Vec<Suggestion>,
    ended: Ended,
    total: Option<usize>,
    notes: Vec<&'static str>,
    unknown: Vec<UnknownPerson>,
}

fn run<'a>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let arguments: Arguments = arguments::parse(call.arguments)?;
        let participants = addresses(&arguments.participants)?;
        let (after, before) = (&*arguments.after_date_time, &*arguments.before_date_time);
        let time_zone = arguments.time_zone.as_deref();
        let dates = WindowArguments { after: Some(after), before: Some(before), time_zone };
        let duration = SignedDuration::from_mins(i64::from(arguments.duration_minutes));
        let start: Start<()> = Start::now(call);
        let zone = dates.zone(call, &start).await?;
        let window =
            window::of(after, before, duration, start.as_of(), zone.as_ref().unwrap_or(&Zone::utc()))?;
        let search = Search { arguments: &arguments, participants, window, duration };
        let (zone, found) = if call.graph.may_ask(READ_SHARED).await? {
            own_zone::beside(call, zone.as_ref(), search.by_microsoft(call)).await?
        } else {
            let (zone, agendas) = own_zone::beside(call, zone.as_ref(), search.agendas(call)).await?;
            let found = search.worked_out(&agendas, &zone);
            (zone, found)
        };
        let expected = PARTICIPANT_BYTES * (found.suggestions.len() + 2) * (search.participants.len() + 2);
        ToolAnswer::new(&search.list(call, found, &zone)?, expected)
    })
}

/// Everybody once.
fn addresses(given: &[String]) -> Result<Vec<String>, ToolError> {
    let mut addresses: Vec<String> = Vec::with_capacity(given.len());
    for address in given {
        if !matches!(PersonQuery::parse(address), PersonQuery::Address(_)) {
            return Err(ToolError::invalid_argument(
                "participants",
                "each must be a whole mail address.",
                "Find the address with search_people, for example {\"participants\":[\"adele@contoso.example\"]}.",
            ));
        }
        if !addresses.iter().any(|known| known.eq_ignore_ascii_case(address)) {
            addresses.push(address.clone());
        }
    }
    Ok(addresses)
}

struct Search<'a> {
    arguments: &'a Arguments,
    participants: Vec<String>,
    window: Interval,
    duration: SignedDuration,
}

impl Search<'_> {
    fn most(&self) -> u32 {
        self.arguments.max_candidates.unwrap_or(DEFAULT_CANDIDATES)
    }

    fn minimum(&self) -> u32 {
        self.arguments.minimum_attendee_percentage.unwrap_or(DEFAULT_PERCENTAGE)
    }

    fn places(&self) -> &[String] {
        self.arguments.locations.as_deref().unwrap_or_default()
    }

    /// `findMeetingTimes`, one request.
    async fn by_microsoft(&self, call: &ToolCall<'_>) -> Result<Found, ToolError> {
        let request = GraphRequest::ask(Question::MeetingTimes(self.question()), READ_SHARED);
        let body = call.graph.get(&request).await?;
        let answer: MeetingTimes<'_> = body.parse()?;
        let mut suggestions: Vec<Suggestion> =
            answer.meeting_time_suggestions.iter().filter_map(suggestion).collect();
        let most = usize::try_from(self.most()).unwrap_or(usize::MAX);
        suggestions.truncate(most);
        let ended =
            if suggestions.len() >= most { Ended::Partial(PERHAPS_MORE.into()) } else { Ended::Complete };
        let why =
            answer.empty_suggestions_reason.as_deref().filter(|_| suggestions.is_empty()).and_then(why_none);
        let perhaps =
            perhaps_unknown(&self.participants, &suggestions, answer.empty_suggestions_reason.as_deref());
        let is_untold = perhaps.leaves_open_who() && !call.graph.may_ask(OWN_CALENDARS).await?;
        let notes = why.into_iter().chain(is_untold.then_some(UNTOLD)).collect();
        let unknown = self.without_data(call, &perhaps).await?;
        Ok(Found { suggestions, ended, total: None, notes, unknown })
    }

    /// Of people of whom `findMeetingTimes` may know nothing, those of whom nothing is known, and why: it does not say
    /// that itself. One request, where there are such people and the permissions let it be asked.
    async fn without_data(
        &self,
        call: &ToolCall<'_>,
        perhaps: &PerhapsUnknown,
    ) -> Result<Vec<UnknownPerson>, ToolError> {
        if perhaps.addresses().is_empty() {
            return Ok(Vec::new());
        }
        if !call.graph.may_ask(OWN_CALENDARS).await? {
            return Ok(perhaps.surely(Unknown::NotAsked));
        }
        call.progress.step("Asking of whom nothing is known.");
        let told = perhaps.surely(Unknown::NotSaid);
        match ask(call, perhaps.addresses(), self.window).await {
            Ok(agendas) => Ok(with_reasons(told, &agendas)),
            Err(ToolError::Internal(error)) => Err(error.into()),
            // The times are worth giving without the reasons.
            Err(ToolError::Actionable(_)) => Ok(told),
        }
    }

    fn question(&self) -> MeetingTimesQuestion {
        let attendee = |address: &String| AskedAttendee {
            r#type: AttendeeType::Required,
            email_address: AskedAddress { address: address.clone() },
        };
        let place = |name: &String| {
            let is_address = matches!(PersonQuery::parse(name), PersonQuery::Address(_));
            AskedLocation {
                display_name: name.clone(),
                location_email_address: is_address.then(|| name.clone()),
                resolve_availability: is_address,
            }
        };
        let locations: Vec<AskedLocation> = self.places().iter().map(place).collect();
        let constraint = LocationConstraint { is_required: false, suggest_location: false, locations };
        MeetingTimesQuestion {
            attendees: self.participants.iter().map(attendee).collect(),
            location_constraint: Some(constraint).filter(|constraint| !constraint.locations.is_empty()),
            time_constraint: TimeConstraint {
                activity_domain: ActivityDomain::Work,
                time_slots: vec![TimeSlot {
                    start: in_utc(self.window.start()),
                    end: in_utc(self.window.end()),
                }],
            },
            meeting_duration: format!("PT{}M", self.arguments.duration_minutes),
            max_candidates: self.most(),
            minimum_attendee_percentage: f64::from(self.minimum()),
            is_organizer_optional: false,
            return_suggestion_reasons: false,
        }
    }

    fn rooms(&self) -> impl Iterator<Item = &String> + Clone {
        self.places().iter().filter(|name| matches!(PersonQuery::parse(name), PersonQuery::Address(_)))
    }

    /// `getSchedule` for all of them: the organizer, the participants, and the rooms.
    async fn agendas(&self, call: &ToolCall<'_>) -> Result<Vec<Agenda>, ToolError> {
        let own = own_address(call).await?;
        let others = self.participants.iter().filter(|address| !address.eq_ignore_ascii_case(&own));
        let asked: Vec<String> = std::iter::once(&own).chain(others).chain(self.rooms()).cloned().collect();
        ask(call, &asked, self.window).await
    }

    /// Arithmetic.
    fn worked_out(&self, agendas: &[Agenda], zone: &Zone) -> Found {
        let (people, rooms) = agendas.split_at(agendas.len() - self.rooms().count());
        let Some((organizer, participants)) = people.split_first() else {
            return Found {
                suggestions: Vec::new(),
                ended: Ended::Complete,
                total: None,
                notes: Vec::new(),
                unknown: Vec::new(),
            };
        };
        let agenda_of = |name: &String| rooms.iter().find(|room| room.address == *name);
        let places = self.places().iter().map(|name| PlaceAsked { name, agenda: agenda_of(name) });
        let meeting = Meeting {
            organizer,
            participants,
            places: places.collect(),
            duration: self.duration,
            minimum: self.minimum(),
        };
        let mut suggestions = candidates(&meeting, self.window, zone);
        let (total, most) = (suggestions.len(), usize::try_from(self.most()).unwrap_or(usize::MAX));
        suggestions.truncate(most);
        let ended = if total > most { Ended::Partial(MORE.into()) } else { Ended::Complete };
        let mut notes = vec![WORKED_OUT];
        if total == 0 {
            notes.extend(why_none(if is_ever_free(organizer, self.window) {
                "attendeesUnavailableOrUnknown"
            } else {
                "organizerUnavailable"
            }));
        }
        let unknown = people.iter().filter_map(Agenda::without_data).collect();
        Found { suggestions, ended, total: Some(total), notes, unknown }
    }

    fn list(&self, call: &ToolCall<'_>, found: Found, zone: &Zone) -> Result<SuggestionList, ToolError> {
        let review = Review::of(call);
        let (mut items, mut ended) = (Vec::with_capacity(found.suggestions.len()), found.ended);
        let mut length = Length::of_a_list();
        for suggestion in found.suggestions {
            let told = |item: Admitted<Suggestion>| item.shape(|time, _| time.told(zone, &review));
            match length.keep(&review, || Ok(review.admit(suggestion).map(told)))? {
                Shaped::Shown(item) => items.push(item),
                Shaped::NotShown => {}
                Shaped::TooLong => {
                    ended = Ended::Partial(LONG.into());
                    break;
                }
            }
        }
        let understood = Understood {
            after: zone.tell(self.window.start()),
            before: zone.tell(self.window.end()),
            time_zone: zone.name(),
            duration_minutes: self.arguments.duration_minutes,
            minimum_attendee_percentage: self.minimum(),
        };
        let notes = found.notes.into_iter().map(Cow::Borrowed);
        let list = List::new(items, ended, None, &review)?.understood(understood);
        let list = list.lacking(lack_of(&found.unknown, &review));
        Ok(list.total(found.total).notes(notes))
    }
}

/// Whether anything is left of the organizer's hours.
fn is_ever_free(organizer: &Agenda, window: Interval) -> bool {
    let hours = organizer.week.as_ref().map_or_else(|| window.into(), |week| week.within(window));
    organizer.entries.is_ok() && !hours.without(&organizer.taken()).is_empty()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, somebody would be asked about who can't be, or twice.
    #[rstest]
    #[case::one(&["adele@contoso.example"], Some(1))]
    #[case::twice(&["adele@contoso.example", "ADELE@contoso.example"], Some(1))]
    #[case::a_name(&["adele@contoso.example", "Adele Vance"], None)]
    fn participants_are_addresses(#[case] given: &[&str], #[case] expected: Option<usize>) {
        let given: Vec<String> = given.iter().map(|address| (*address).to_owned()).collect();
        assert_eq!(addresses(&given).ok().map(|addresses| addresses.len()), expected);
    }
}
