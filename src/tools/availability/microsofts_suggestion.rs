//! What Microsoft 365 suggests, or why it suggests nothing, in our words.

use super::intervals::Interval;
use super::schedule::State;
use super::suggestion::{Place, Suggestion, Taking};
use crate::graph::MeetingTime;
use crate::tools::event_time::moment;

/// A suggestion of Microsoft's, as one of ours. `None` where its times can't be read.
pub(super) fn suggestion(given: &MeetingTime<'_>) -> Option<Suggestion> {
    let slot = &given.meeting_time_slot;
    let interval = Interval::new(moment(&slot.start)?, moment(&slot.end)?)?;
    let participants = given.attendee_availability.iter().filter_map(|one| {
        let address = one.attendee.as_ref()?.email_address.as_ref()?.address.as_deref()?.to_owned();
        let state = State::parse(one.availability.as_deref().unwrap_or_default());
        Some(Taking { address, state, zone: None })
    });
    let places = given.locations.iter().filter_map(|place| {
        let name = place.display_name.as_deref().filter(|name| !name.is_empty())?;
        Some(Place { name: name.to_owned(), state: None })
    });
    Some(Suggestion {
        interval,
        confidence: percent(given.confidence),
        organizer: State::parse(given.organizer_availability.as_deref().unwrap_or_default()),
        participants: participants.collect(),
        places: places.collect(),
    })
}

/// Whole percent, rounded down.
fn percent(confidence: f64) -> u32 {
    (0..=100).rev().find(|whole| f64::from(*whole) <= confidence).unwrap_or_default()
}

/// Why there is no time, in a sentence.
pub(super) fn why_none(reason: &str) -> Option<&'static str> {
    Some(match reason {
        "attendeesUnavailable" => {
            "The participants have no such time in common; look at a longer time, or let fewer be enough."
        }
        "attendeesUnavailableOrUnknown" => {
            "The participants have no such time in common, or nothing is known of some; look at a longer time, or let fewer \
             be enough."
        }
        "organizerUnavailable" => "The user has no such time within working hours; look at a longer time.",
        "locationsUnavailable" => "None of the places is free; name others, or none.",
        "" => return None,
        _ => "Microsoft 365 does not say why there is no time.",
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, half a chance would be told as a whole one, or a broken number take a call down.
    #[rstest]
    #[case(100.0, 100)]
    #[case(74.5, 74)]
    #[case(0.0, 0)]
    #[case(-3.0, 0)]
    #[case(1e9, 100)]
    #[case(f64::NAN, 0)]
    fn a_confidence_is_whole_percent(#[case] given: f64, #[case] expected: u32) {
        assert_eq!(percent(given), expected);
    }
}
