//! An event before it lies in somebody's calendar.

use jiff::civil::{Date, Time, date, time};
use jiff::{SignedDuration, ToSpan};
use uuid::Uuid;

use super::agenda::{Attendee, Contact, Content, Exception, Series, When};
use super::recurrence::{Pattern, Range, RangeEnd, days};
use crate::directory::random::SplitMix64;
use crate::graph::mail::letter::Letter;

/// The kinds of attachments, by what the generator puts into them.
#[derive(Debug, Clone)]
pub(super) struct Paper {
    pub(super) name: &'static str,
    pub(super) content: Content,
}

/// The same for everybody who takes part; whose copy it is, is decided when it is kept.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) number: u128,
    /// Place of the calendar that it belongs to.
    pub(super) calendar: usize,
    pub(super) organizer: Contact,
    pub(super) attendees: Vec<Attendee>,
    pub(super) subject: String,
    pub(super) paragraphs: Vec<String>,
    /// What a hostile sender adds.
    pub(super) attack: Option<fn(&mut Letter)>,
    pub(super) when: When,
    /// Windows name.
    pub(super) zone: &'static str,
    pub(super) series: Option<Series>,
    pub(super) locations: Vec<&'static str>,
    pub(super) join_url: Option<String>,
    pub(super) show_as: &'static str,
    pub(super) sensitivity: &'static str,
    pub(super) importance: &'static str,
    pub(super) categories: Vec<&'static str>,
    pub(super) papers: Vec<Paper>,
    pub(super) is_cancelled: bool,
    pub(super) hides_attendees: bool,
}

impl Draft {
    /// An ordinary event in the default calendar, with nobody invited.
    pub(super) fn new(
        random: &mut SplitMix64,
        organizer: &Contact,
        subject: impl Into<String>,
        when: When,
    ) -> Self {
        Self {
            number: u128::from_be_bytes(random.bytes()),
            calendar: 0,
            organizer: organizer.clone(),
            attendees: Vec::new(),
            subject: subject.into(),
            paragraphs: Vec::new(),
            attack: None,
            when,
            zone: "UTC",
            series: None,
            locations: Vec::new(),
            join_url: None,
            show_as: "busy",
            sensitivity: "normal",
            importance: "normal",
            categories: Vec::new(),
            papers: Vec::new(),
            is_cancelled: false,
            hides_attendees: false,
        }
    }

    /// Makes it a series. It begins on the first fitting day.
    pub(super) fn recurring(&mut self, pattern: Pattern, end: RangeEnd) {
        let raw = match self.when {
            When::Timed(first, _) => first.date(),
            When::AllDay(first, _) => first,
        };
        let horizon = raw.checked_add(800.days()).unwrap_or(Date::MAX);
        let all = Range { start: raw, end: RangeEnd::NoEnd };
        let start = days(&pattern, all, raw, horizon).first().copied().unwrap_or(raw);
        self.when = self.when.on(start);
        let range = Range { start, end };
        self.series = Some(Series { pattern, range, exceptions: Vec::new(), cancelled: Vec::new() });
    }

    /// Days of the series around one, none of them changed yet.
    fn occurrences(&self, around: Date) -> Vec<Date> {
        let Some(series) = &self.series else { return Vec::new() };
        let from = around.checked_sub(40.days()).unwrap_or(Date::MIN);
        let until = around.checked_add(60.days()).unwrap_or(Date::MAX);
        days(&series.pattern, series.range, from, until)
    }

    /// Moves, renames and cancels some of the occurrences around a day, where there are enough of them.
    pub(super) fn disturb(&mut self, around: Date) {
        let near = self.occurrences(around);
        let (when, subject) = (self.when, self.subject.clone());
        let Some(series) = &mut self.series else { return };
        if let [moved, renamed, cancelled, ..] = near.as_slice() {
            let day_later = moved.checked_add(1.day()).unwrap_or(*moved);
            let later = match when.on(day_later) {
                When::Timed(first, length) => {
                    When::Timed(first.checked_add(90.minutes()).unwrap_or(first), length)
                }
                all_day @ When::AllDay(..) => all_day,
            };
            series.exceptions.push(Exception { original: *moved, when: later, subject: None });
            series.exceptions.push(Exception {
                original: *renamed,
                when: when.on(*renamed),
                subject: Some(format!("{subject} (with guests)")),
            });
            series.cancelled.push(*cancelled);
        }
    }

    /// Puts it online, in a meeting of the organizer's tenant.
    pub(super) fn online(&mut self, tenant: Uuid, organizer: Uuid) {
        let thread = super::online::key(self.number);
        self.join_url = Some(format!(
            "https://teams.microsoft.com/l/meetup-join/19%3ameeting_{thread}%40thread.v2/0?context=%7b%22Tid%22%3a%22{tenant}%22%2c%22Oid%22%3a%22{organizer}%22%7d"
        ));
    }
}

/// Minutes from a time of day on.
pub(super) fn timed(day: Date, at: Time, minutes: i64) -> When {
    When::Timed(day.to_datetime(at), SignedDuration::from_mins(minutes))
}

/// A working day about `offset` days from another.
pub(super) fn workday(around: Date, offset: i64) -> Date {
    let day = around.checked_add(offset.days()).unwrap_or(date(2026, 1, 1));
    let surplus = i64::from(day.weekday().to_monday_zero_offset()) - 4;
    day.checked_sub(surplus.max(0).days()).unwrap_or(day)
}

/// A full or half hour of the working day.
pub(super) fn working_time(random: &mut SplitMix64) -> Time {
    let half_hours = i8::try_from(random.below(16)).unwrap_or_default();
    time(8 + half_hours / 2, 30 * (half_hours % 2), 0, 0)
}
