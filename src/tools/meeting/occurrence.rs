//! Which transcripts are of one time that a meeting took place: a series has one meeting, and the transcripts of all its
//! times lie together.

use jiff::{SignedDuration, Timestamp};

use crate::graph::Event;
use crate::tools::error::ToolError;
use crate::tools::event_time::moment;

/// How far from the planned time a call may lie that has not a minute in common with it.
const STRAY: SignedDuration = SignedDuration::from_hours(2);

/// When it was planned to take place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tools) struct Occurrence {
    pub(in crate::tools) start: Timestamp,
    pub(in crate::tools) end: Timestamp,
}

impl Occurrence {
    /// The time of an event. The master of a series stands for no time of it.
    pub(in crate::tools) fn of(event: &Event<'_>) -> Result<Self, ToolError> {
        if event.kind.as_deref() == Some("seriesMaster") {
            return Err(ToolError::invalid_argument(
                "uri",
                "the event is a whole series.",
                "Take the uri of one time of it from outlook_calendar_search, or add ?start=…&end=… (ISO 8601, UTC) of \
                 that time.",
            ));
        }
        let (start, end) = (event.start.as_ref().and_then(moment), event.end.as_ref().and_then(moment));
        start.zip(end).map(|(start, end)| Self { start, end }).ok_or_else(|| {
            ToolError::invalid_argument(
                "uri",
                "the event has no time that can be read.",
                "Add ?start=…&end=… (ISO 8601, UTC) of the time that is meant.",
            )
        })
    }

    /// Milliseconds that a call had in common with the planned time.
    fn shared_with(self, (start, end): (Timestamp, Timestamp)) -> i64 {
        let shared = self.end.min(end).as_millisecond() - self.start.max(start).as_millisecond();
        shared.max(0)
    }

    fn distance_to(self, start: Timestamp) -> SignedDuration {
        if start < self.start { self.start.duration_since(start) } else { start.duration_since(self.start) }
    }
}

/// The places of those calls that were this occurrence, the earliest first: all that took place while it was planned to
/// (a transcription may be stopped and started again), else the nearest one, where it is near.
pub(in crate::tools) fn of_occurrence(planned: Occurrence, calls: &[(Timestamp, Timestamp)]) -> Vec<usize> {
    let places = 0..calls.len();
    let mut during: Vec<usize> =
        places.clone().filter(|place| planned.shared_with(calls[*place]) > 0).collect();
    during.sort_by_key(|place| calls[*place].0);
    if !during.is_empty() {
        return during;
    }
    let nearest = places.min_by_key(|place| planned.distance_to(calls[*place].0));
    nearest.filter(|place| planned.distance_to(calls[*place].0) <= STRAY).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// If this failed, people would read what was said last week as what was said today.
    #[rstest]
    #[case::on_time(&[("2026-11-16T10:00:00Z", "2026-11-16T10:30:00Z"), ("2026-11-23T10:01:00Z", "2026-11-23T10:29:00Z")], &[1])]
    #[case::ran_over(&[("2026-11-23T10:20:00Z", "2026-11-23T11:40:00Z")], &[0])]
    #[case::two_parts_out_of_order(&[("2026-11-23T10:20:00Z", "2026-11-23T10:29:00Z"), ("2026-11-23T10:00:00Z", "2026-11-23T10:15:00Z")], &[1, 0])]
    #[case::began_late(&[("2026-11-23T11:00:00Z", "2026-11-23T11:30:00Z")], &[0])]
    #[case::began_early(&[("2026-11-23T08:50:00Z", "2026-11-23T09:50:00Z")], &[0])]
    #[case::the_day_before(&[("2026-11-22T10:00:00Z", "2026-11-22T10:30:00Z")], &[])]
    #[case::none(&[], &[])]
    fn an_occurrence_has_its_own_transcripts(#[case] calls: &[(&str, &str)], #[case] expected: &[usize]) {
        let planned = Occurrence { start: at("2026-11-23T10:00:00Z"), end: at("2026-11-23T10:30:00Z") };
        let calls: Vec<_> = calls.iter().map(|(start, end)| (at(start), at(end))).collect();
        assert_eq!(of_occurrence(planned, &calls), expected);
    }

    /// If this failed, one time of a series would be made up where the whole series is named.
    #[test]
    fn a_series_is_no_occurrence() {
        let json = r#"{"id":"A","type":"seriesMaster","start":{"dateTime":"2026-11-23T10:00:00.0000000","timeZone":"UTC"},
            "end":{"dateTime":"2026-11-23T10:30:00.0000000","timeZone":"UTC"}}"#;
        let event: Event<'_> = serde_json::from_str(json).unwrap();
        assert!(Occurrence::of(&event).is_err());
        let single = json.replace("seriesMaster", "occurrence");
        let event: Event<'_> = serde_json::from_str(&single).unwrap();
        assert_eq!(Occurrence::of(&event).unwrap().start, at("2026-11-23T10:00:00Z"));
    }
}
