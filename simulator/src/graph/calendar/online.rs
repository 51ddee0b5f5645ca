//! Events that take place online, as the meeting service sees them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;

use super::agenda::{Agenda, Event};
use super::instance::{self, Window};

/// What names the thread of a meeting.
pub(in crate::graph) fn key(number: u128) -> String {
    URL_SAFE_NO_PAD.encode(number.to_be_bytes())
}

/// An event with a link to join it, as it stands in one person's calendar.
#[derive(Debug, Clone, Copy)]
pub(in crate::graph) struct OnlineEvent<'a>(&'a Event);

/// Somebody who is invited.
#[derive(Debug, Clone, Copy)]
pub(in crate::graph) struct Invited<'a> {
    pub(in crate::graph) address: &'a str,
    pub(in crate::graph) has_accepted: bool,
}

impl Agenda {
    pub(in crate::graph) fn online(&self) -> impl Iterator<Item = OnlineEvent<'_>> {
        self.events.iter().filter(|event| event.join_url.is_some()).map(OnlineEvent)
    }
}

impl<'a> OnlineEvent<'a> {
    /// The same in everybody's calendar.
    pub(in crate::graph) const fn number(self) -> u128 {
        self.0.number
    }

    pub(in crate::graph) fn subject(self) -> &'a str {
        &self.0.subject
    }

    pub(in crate::graph) fn join_url(self) -> &'a str {
        self.0.join_url.as_deref().unwrap_or_default()
    }

    pub(in crate::graph) const fn created(self) -> Timestamp {
        self.0.created
    }

    /// Of a series the first time.
    pub(in crate::graph) fn span(self) -> (Timestamp, Timestamp) {
        self.0.when.span(&self.0.zone)
    }

    pub(in crate::graph) fn organizer_address(self) -> &'a str {
        &self.0.organizer.address
    }

    /// Only the organizer's copy tells who has accepted.
    pub(in crate::graph) fn invited(self) -> impl Iterator<Item = Invited<'a>> {
        self.0.attendees.iter().map(|attendee| Invited {
            address: &attendee.contact.address,
            has_accepted: attendee.response == "accepted",
        })
    }

    pub(in crate::graph) const fn is_series(self) -> bool {
        self.0.series.is_some()
    }

    /// When it was planned to take place, of all times that begin and end between two instants, the first time first.
    pub(in crate::graph) fn times(self, start: Timestamp, end: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        if self.0.is_cancelled || self.0.when.is_all_day() {
            return Vec::new();
        }
        instance::instances(self.0, Window { start, end })
            .into_iter()
            .map(|instance| (instance.start, instance.end))
            .filter(|(first, last)| *first >= start && *last <= end)
            .collect()
    }
}
