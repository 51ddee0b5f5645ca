//! What stands in one calendar alone: calls with partners, private dates, days off, and what attackers send.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday, time};

use super::agenda::{Attendee, Contact, Content, When};
use super::draft::{Draft, Paper, timed, workday, working_time};
use super::hostile::ATTACKS;
use super::recurrence::{Index, Pattern, RangeEnd};
use super::topics;
use crate::directory::random::SplitMix64;

/// Places of the calendars that every agenda has.
pub(super) const PROJECTS: usize = 1;
pub(super) const BIRTHDAYS: usize = 2;
pub(super) const HOLIDAYS: usize = 3;

const WORKDAYS: &[Weekday] =
    &[Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

pub(super) struct Own<'a> {
    pub(super) owner: &'a Contact,
    /// Windows name of the owner's zone.
    pub(super) zone: &'static str,
    pub(super) anchor: Date,
    pub(super) random: SplitMix64,
}

impl Own<'_> {
    pub(super) fn drafts(&mut self) -> Vec<Draft> {
        let mut drafts = Vec::new();
        for _ in 0..18 {
            drafts.push(self.partner_call());
        }
        for _ in 0..8 {
            drafts.push(self.private());
        }
        drafts.extend(self.days_off());
        drafts.extend(self.habits());
        drafts.extend(self.other_calendars());
        drafts.extend(self.oddities());
        for place in 0..ATTACKS.len() {
            drafts.push(self.attack(place));
        }
        // Whatever is added later stands last, so that the others stay what they were.
        drafts.extend(self.rarities());
        drafts
    }

    /// Called by somebody outside, in a zone that is not the owner's.
    fn partner_call(&mut self) -> Draft {
        let (name, address) = topics::PARTNERS[self.random.index(topics::PARTNERS.len())];
        let organizer = Contact { name: name.to_owned(), address: address.to_owned() };
        let (subject, agenda) = topics::PARTNER[self.random.index(topics::PARTNER.len())];
        let project = self.random.pick(topics::PROJECTS);
        let day = self.some_workday();
        let when = timed(day, working_time(&mut self.random), 45);
        let mut draft = Draft::new(&mut self.random, &organizer, subject.replace("{project}", project), when);
        draft.paragraphs = vec![agenda.replace("{project}", project)];
        draft.zone =
            ["Eastern Standard Time", "Tokyo Standard Time", "W. Europe Standard Time"][self.random.index(3)];
        draft.locations = vec!["Microsoft Teams Meeting"];
        let response = ["accepted", "accepted", "tentativelyAccepted", "notResponded"][self.random.index(4)];
        draft.show_as = if response == "accepted" { "busy" } else { "tentative" };
        self.invite_owner(&mut draft, response);
        let elsewhere = self.random.uuid();
        draft.online(elsewhere, elsewhere);
        draft
    }

    fn private(&mut self) -> Draft {
        let (subject, note) = topics::PRIVATE[self.random.index(topics::PRIVATE.len())];
        let day = self.some_workday();
        let mut draft = self.draft(subject, timed(day, time(16, 30, 0, 0), 60));
        draft.paragraphs = vec![note.to_owned()];
        draft.sensitivity = "private";
        draft.show_as = if self.random.chance(50) { "oof" } else { "busy" };
        draft
    }

    fn days_off(&mut self) -> [Draft; 3] {
        let mut leave = self.draft("Annual leave", When::AllDay(workday(self.anchor, 25), 5));
        leave.show_as = "oof";
        let mut past_leave = self.draft("Annual leave", When::AllDay(workday(self.anchor, -75), 3));
        past_leave.show_as = "oof";
        let mut journey = self
            .draft("Journey to the third site", timed(workday(self.anchor, 9), time(7, 0, 0, 0), 33 * 60));
        journey.categories.push("Travel");
        journey.show_as = "oof";
        journey.locations = vec!["Train 1184", "Third site"];
        journey.papers = vec![
            Paper { name: "timetable.txt", content: Content::File("text/plain") },
            Paper { name: "Booking confirmation", content: Content::Item },
            Paper { name: "Map of the site.pdf", content: Content::Reference },
        ];
        [leave, past_leave, journey]
    }

    fn habits(&mut self) -> [Draft; 3] {
        let begin = self.day(-120);
        let mut focus = self.draft("Focus time", timed(begin, time(8, 0, 0, 0), 60));
        let days = &[Weekday::Monday, Weekday::Wednesday];
        focus.recurring(Pattern::Weekly { interval: 1, days, first_day: Weekday::Monday }, RangeEnd::NoEnd);
        focus.disturb(self.anchor);
        focus.show_as = "workingElsewhere";
        let mut lunch = self.draft("Lunch with the choir", timed(begin, time(12, 0, 0, 0), 45));
        let fourth_tuesday =
            Pattern::RelativeMonthly { interval: 1, days: &[Weekday::Tuesday], index: Index::Fourth };
        lunch.recurring(fourth_tuesday, RangeEnd::After(12));
        lunch.show_as = "free";
        lunch.sensitivity = "personal";
        let mut night = self.draft("Maintenance window", timed(begin, time(23, 30, 0, 0), 180));
        let third_saturday =
            Pattern::RelativeMonthly { interval: 1, days: &[Weekday::Saturday], index: Index::Third };
        night.recurring(third_saturday, RangeEnd::NoEnd);
        night.show_as = "tentative";
        [focus, lunch, night]
    }

    fn other_calendars(&mut self) -> Vec<Draft> {
        let mut drafts = Vec::new();
        let years_ago = self.day(-900);
        for (place, subject) in (1_i8..).zip(topics::BIRTHDAYS) {
            let mut birthday = self.draft(*subject, When::AllDay(years_ago, 1));
            birthday.recurring(
                Pattern::AbsoluteYearly { interval: 1, month: 11 + place % 2, day: 9 * place },
                RangeEnd::NoEnd,
            );
            birthday.calendar = BIRTHDAYS;
            birthday.show_as = "free";
            drafts.push(birthday);
        }
        for (month, day, name) in topics::HOLIDAYS {
            let mut holiday = self.draft(*name, When::AllDay(years_ago, 1));
            holiday.recurring(
                Pattern::AbsoluteYearly { interval: 1, month: *month, day: *day },
                RangeEnd::NoEnd,
            );
            holiday.calendar = HOLIDAYS;
            holiday.show_as = "free";
            drafts.push(holiday);
        }
        for project in topics::PROJECTS {
            let day = self.some_workday();
            let mut milestone = self.draft(format!("Milestone of {project}"), When::AllDay(day, 1));
            milestone.calendar = PROJECTS;
            milestone.show_as = "free";
            drafts.push(milestone);
        }
        drafts
    }

    /// Series that clients get wrong: on a day that most years lack, and on days that are counted among several weekdays.
    fn rarities(&mut self) -> [Draft; 4] {
        let begin = self.day(-400);
        let mut birthday =
            self.draft("Birthday of Noor, born on a leap day", When::AllDay(self.leap_day(), 1));
        birthday.recurring(Pattern::AbsoluteYearly { interval: 1, month: 2, day: 29 }, RangeEnd::NoEnd);
        birthday.calendar = BIRTHDAYS;
        let mut hours = self.draft("Hours are handed in", timed(begin, time(15, 0, 0, 0), 30));
        let last_workday = Pattern::RelativeMonthly { interval: 1, days: WORKDAYS, index: Index::Last };
        hours.recurring(last_workday, RangeEnd::NoEnd);
        let mut yard = self.draft("Clearing up the yard", timed(begin, time(9, 0, 0, 0), 120));
        let weekend = &[Weekday::Saturday, Weekday::Sunday];
        let first_of_weekend = Pattern::RelativeMonthly { interval: 2, days: weekend, index: Index::First };
        yard.recurring(first_of_weekend, RangeEnd::After(9));
        let mut stock = self.draft("Stocktaking", When::AllDay(begin, 1));
        let end_of_quarter =
            Pattern::RelativeYearly { interval: 1, month: 3, days: WORKDAYS, index: Index::Last };
        stock.recurring(end_of_quarter, RangeEnd::On(self.day(700)));
        for draft in [&mut hours, &mut yard, &mut stock] {
            draft.calendar = PROJECTS;
        }
        for draft in [&mut birthday, &mut hours, &mut yard, &mut stock] {
            draft.show_as = "free";
        }
        [birthday, hours, yard, stock]
    }

    /// The last 29 February before the present.
    fn leap_day(&self) -> Date {
        let years = (0_i16..=8).map(|ago| self.anchor.year() - ago);
        let mut leap_days = years.filter_map(|year| Date::new(year, 2, 29).ok());
        leap_days.find(|day| *day < self.anchor).unwrap_or(self.anchor)
    }

    /// Called off by its organizer; with hidden guests; without any length.
    fn oddities(&mut self) -> [Draft; 3] {
        let mut cancelled = self.partner_call();
        cancelled.subject = format!("Canceled: {}", cancelled.subject);
        cancelled.is_cancelled = true;
        cancelled.show_as = "free";
        cancelled.when = timed(workday(self.anchor, 2), time(15, 0, 0, 0), 45);
        let mut webinar = self.partner_call();
        "Webinar: freight prices next year".clone_into(&mut webinar.subject);
        webinar.hides_attendees = true;
        webinar.when = timed(workday(self.anchor, 4), time(9, 0, 0, 0), 60);
        for (name, address) in topics::PARTNERS {
            let contact = Contact { name: (*name).to_owned(), address: (*address).to_owned() };
            webinar.attendees.push(Attendee { contact, kind: "optional", response: "none" });
        }
        let reminder = self.draft("Call the bank", timed(workday(self.anchor, 1), time(11, 0, 0, 0), 0));
        [cancelled, webinar, reminder]
    }

    fn attack(&mut self, place: usize) -> Draft {
        let attack = &ATTACKS[place];
        let organizer = Contact { name: attack.name.to_owned(), address: attack.address.to_owned() };
        let offset = i64::try_from(place).unwrap_or_default() * 3 - 5;
        let when = timed(workday(self.anchor, offset), time(17, 0, 0, 0), 30);
        let mut draft = Draft::new(&mut self.random, &organizer, attack.subject, when);
        draft.attack = Some(attack.write);
        draft.locations = vec![attack.location];
        draft.show_as = "tentative";
        self.invite_owner(&mut draft, "notResponded");
        draft
    }

    /// An entry of the owner's own, with nobody invited.
    fn draft(&mut self, subject: impl Into<String>, when: When) -> Draft {
        let mut draft = Draft::new(&mut self.random, self.owner, subject, when);
        draft.zone = self.zone;
        draft
    }

    fn invite_owner(&self, draft: &mut Draft, response: &'static str) {
        draft.attendees.push(Attendee { contact: self.owner.clone(), kind: "required", response });
    }

    fn some_workday(&mut self) -> Date {
        let offset = i64::try_from(self.random.below(180)).unwrap_or_default() - 110;
        workday(self.anchor, offset)
    }

    fn day(&self, offset: i64) -> Date {
        self.anchor.checked_add(offset.days()).unwrap_or(self.anchor)
    }
}
