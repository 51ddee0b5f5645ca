//! What six colleagues have in common: the same meetings, in all of their calendars.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday, time};
use uuid::Uuid;

use super::agenda::{Attendee, Contact, Content, When};
use super::draft::{Draft, Paper, timed, workday, working_time};
use super::recurrence::{Index, Pattern, RangeEnd};
use super::topics;
use crate::directory::random::SplitMix64;
use crate::directory::{Tenant, User};

/// Members of a team, in the order of the directory.
pub(super) const SIZE: usize = 6;
const WEEKDAYS: &[Weekday] =
    &[Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

struct Team<'a> {
    tenant: Uuid,
    members: Vec<&'a User>,
    random: SplitMix64,
    anchor: Date,
}

/// The meetings of the team that stands at this place in the tenant, around `anchor`.
pub(super) fn drafts(tenant: &Tenant, place: usize, seed: u64, anchor: Date) -> Vec<Draft> {
    let members: Vec<&User> = tenant
        .users
        .iter()
        .skip(place * SIZE)
        .take(SIZE)
        .filter(|user| !super::access::is_guest(user))
        .collect();
    let label = format!("team-{}-{place}", tenant.id);
    let random = SplitMix64::derived(seed, label.as_bytes());
    let mut team = Team { tenant: tenant.id, members, random, anchor };
    if team.members.is_empty() {
        return Vec::new();
    }
    let mut drafts = team.series();
    for _ in 0..28 {
        drafts.push(team.meeting());
    }
    drafts
}

impl Team<'_> {
    fn series(&mut self) -> Vec<Draft> {
        let long_ago = self.day(-200);
        let year_ago = self.day(-400);
        let mut daily = self.draft(0, "Daily stand-up", timed(long_ago, time(9, 15, 0, 0), 15));
        daily.recurring(weekly(1, WEEKDAYS), RangeEnd::NoEnd);
        let mut planning = self.draft(1, "Weekly planning", timed(long_ago, time(10, 0, 0, 0), 60));
        planning.recurring(weekly(1, &[Weekday::Tuesday]), RangeEnd::NoEnd);
        planning.papers.push(Paper { name: "plan.csv", content: Content::File("text/csv") });
        let mut retrospective = self.draft(2, "Retrospective", timed(long_ago, time(14, 0, 0, 0), 90));
        retrospective.recurring(weekly(2, &[Weekday::Thursday]), RangeEnd::On(self.day(150)));
        let mut closing = self.draft(3, "Month-end closing", timed(year_ago, time(16, 0, 0, 0), 60));
        closing.recurring(Pattern::AbsoluteMonthly { interval: 1, day: 31 }, RangeEnd::NoEnd);
        let mut all_hands = self.draft(4, "All hands", timed(year_ago, time(11, 0, 0, 0), 45));
        let last_wednesday =
            Pattern::RelativeMonthly { interval: 1, days: &[Weekday::Wednesday], index: Index::Last };
        all_hands.recurring(last_wednesday, RangeEnd::NoEnd);
        let mut strategy = self.draft(0, "Strategy days", When::AllDay(year_ago, 2));
        let second_monday = Pattern::RelativeYearly {
            interval: 1,
            month: 12,
            days: &[Weekday::Monday],
            index: Index::Second,
        };
        strategy.recurring(second_monday, RangeEnd::NoEnd);
        let mut training =
            self.draft(5, "Training: the new planning tool", timed(self.day(-9), time(13, 0, 0, 0), 120));
        training.recurring(Pattern::Daily { interval: 3 }, RangeEnd::After(6));
        for disturbed in [&mut daily, &mut planning, &mut all_hands] {
            disturbed.disturb(self.anchor);
        }
        vec![daily, planning, retrospective, closing, all_hands, strategy, training]
    }

    fn meeting(&mut self) -> Draft {
        let (subject, agenda) = topics::TEAM[self.random.index(topics::TEAM.len())];
        let project = self.random.pick(topics::PROJECTS);
        let offset = i64::try_from(self.random.below(170)).unwrap_or_default() - 110;
        let day = workday(self.anchor, offset);
        let minutes = [30, 60, 60, 90][self.random.index(4)];
        let at = working_time(&mut self.random);
        let organizer = self.random.index(self.members.len());
        let mut draft =
            self.draft(organizer, &subject.replace("{project}", project), timed(day, at, minutes));
        draft.paragraphs = vec![agenda.replace("{project}", project)];
        draft.categories.push("Projects");
        if self.random.chance(20) {
            draft.importance = "high";
        }
        if self.random.chance(15) {
            draft.sensitivity = "confidential";
        }
        if self.random.chance(20) {
            draft.papers.push(Paper { name: "paper.txt", content: Content::File("text/plain") });
        }
        draft
    }

    /// A meeting of the whole team; who stands at `organizer` has called it.
    fn draft(&mut self, organizer: usize, subject: &str, when: When) -> Draft {
        let organizer = self.members[organizer % self.members.len()];
        let mut draft = Draft::new(&mut self.random, &contact(organizer), subject, when);
        draft.paragraphs.push(format!("{subject}. The usual agenda; additions to {}.", organizer.name));
        draft.zone = topics::zone_of(&organizer.preferred_language);
        let room = self.random.pick(topics::ROOMS);
        draft.locations =
            if self.random.chance(30) { vec![room, "Microsoft Teams Meeting"] } else { vec![room] };
        for member in self.members.iter().filter(|member| member.id != organizer.id) {
            let response =
                ["accepted", "accepted", "accepted", "tentativelyAccepted", "none"][self.random.index(5)];
            let kind = if self.random.chance(20) { "optional" } else { "required" };
            draft.attendees.push(Attendee { contact: contact(member), kind, response });
        }
        draft.online(self.tenant, organizer.id);
        draft
    }

    fn day(&self, offset: i64) -> Date {
        self.anchor.checked_add(offset.days()).unwrap_or(self.anchor)
    }
}

fn weekly(interval: i64, days: &'static [Weekday]) -> Pattern {
    Pattern::Weekly { interval, days, first_day: Weekday::Sunday }
}

pub(super) fn contact(user: &User) -> Contact {
    Contact { name: user.name.clone(), address: user.upn.clone() }
}
