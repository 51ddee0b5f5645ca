//! A time at which people could meet, and how it is told.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use super::intervals::Interval;
use super::schedule::State;
use crate::policy::{ItemFacts, TenantPolicy};
use crate::tools::event_time::ToldTime;
use crate::tools::list::List;
use crate::tools::review::{Review, Reviewable};
use crate::tools::zone::Zone;

pub(super) type SuggestionList = List<MeetingTime, Understood>;

/// A time, and who could come.
#[derive(Debug, Clone)]
pub(super) struct Suggestion {
    pub(super) interval: Interval,
    /// In percent.
    pub(super) confidence: u32,
    pub(super) organizer: State,
    pub(super) participants: Vec<Taking>,
    pub(super) places: Vec<Place>,
}

/// How somebody is to be had then.
#[derive(Debug, Clone)]
pub(super) struct Taking {
    pub(super) address: String,
    pub(super) state: State,
    /// In which this one works, where that is known.
    pub(super) zone: Option<Zone>,
}

#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) name: String,
    /// Where the place has a calendar that could be asked.
    pub(super) state: Option<State>,
}

/// Times and addresses that the caller has given itself: there is nothing to withhold.
impl Reviewable for Suggestion {
    fn facts(&self, _: &TenantPolicy) -> ItemFacts<'_> {
        ItemFacts::default()
    }

    fn withhold(&mut self) {}
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MeetingTime {
    #[serde(flatten)]
    time: ToldTime,
    /// In percent: how many of the participants can come, on the mean.
    confidence: u32,
    #[schemars(with = "String")]
    organizer: State,
    participants: Vec<ToldTaking>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<ToldPlace>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ToldTaking {
    address: String,
    #[schemars(with = "String")]
    availability: State,
    /// When it begins on this one's own clocks, where those show another time.
    #[serde(skip_serializing_if = "Option::is_none")]
    local_start: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ToldPlace {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    availability: Option<State>,
}

/// How the arguments were understood.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Understood {
    pub(super) after: String,
    pub(super) before: String,
    pub(super) time_zone: Cow<'static, str>,
    pub(super) duration_minutes: u32,
    pub(super) minimum_attendee_percentage: u32,
}

impl Suggestion {
    pub(super) fn told(self, zone: &Zone, review: &Review<'_>) -> MeetingTime {
        let start = self.interval.start();
        let clean = |text: String| review.clean_line(text.into()).into_owned();
        let here = zone.tell(start);
        let participants = self.participants.into_iter().map(|taking| ToldTaking {
            address: clean(taking.address),
            availability: taking.state,
            local_start: taking.zone.map(|zone| zone.tell(start)).filter(|local| *local != here),
        });
        let places = self.places.into_iter();
        MeetingTime {
            time: ToldTime::between(start, self.interval.end(), zone),
            confidence: self.confidence,
            organizer: self.organizer,
            participants: participants.collect(),
            locations: places
                .map(|place| ToldPlace { name: clean(place.name), availability: place.state })
                .collect(),
        }
    }
}
