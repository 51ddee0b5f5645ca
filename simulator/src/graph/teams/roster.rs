//! Which chats and teams a tenant has, and who is in them. What is said there is written when it is read.
//!
//! The map is fixed, so that everybody can foresee it. Seats are the places of a tenant's users in the directory. Six
//! neighbours are a circle, as they are a team in their calendars; twelve are a dozen.

use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use super::people::{FITTER, HELP_DESK, Participant, People};
use crate::directory::Tenant;
use crate::directory::random::SplitMix64;
use crate::graph::calendar::{MeetingChat, meeting_chats};
use crate::graph::drive::topics::PROJECTS;

/// Members of a circle.
pub(super) const CIRCLE: usize = 6;
const DOZEN: usize = 12;
/// More messages than two pages of the largest size.
const LONG_TALK: usize = 130;
/// Everybody talks alone with those who sit so many seats further; with the last of them nothing has been said yet.
const DISTANCES: [usize; 3] = [1, 2, 3];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChatKind {
    OneOnOne,
    Group,
    Meeting,
}

/// What is said in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    /// So many messages, about.
    Talk(usize),
    /// One of the members attacks the others.
    Attack(Participant),
    Silence,
}

#[derive(Debug)]
pub(super) struct Chat {
    pub(super) id: String,
    pub(super) kind: ChatKind,
    pub(super) topic: Option<String>,
    pub(super) members: Vec<Participant>,
    pub(super) created: Timestamp,
    /// When the last message was written; nothing where there is none.
    pub(super) last: Option<Timestamp>,
    pub(super) script: Script,
    pub(super) meeting: Option<MeetingChat>,
}

/// The chats that begin in one circle: those of its six, and those of one of them with somebody further on.
#[derive(Debug)]
pub(super) struct Circle {
    pub(super) chats: Vec<Chat>,
}

/// The circles in which the chats of somebody begin.
pub(super) fn circles_of(tenant: &Tenant, seat: usize) -> Vec<usize> {
    let count = tenant.users.len().max(1);
    let mut circles = vec![seat / CIRCLE, seat / DOZEN * (DOZEN / CIRCLE)];
    for distance in DISTANCES {
        circles.push((seat + count - distance % count) % count / CIRCLE);
    }
    circles.sort_unstable();
    circles.dedup();
    circles
}

/// How many circles a tenant has.
pub(super) fn circle_count(tenant: &Tenant) -> usize {
    tenant.users.len().div_ceil(CIRCLE)
}

impl Circle {
    /// The same seed, tenant, place and `newest` give the same.
    pub(super) fn of(people: People<'_>, place: usize, newest: Timestamp) -> Self {
        let label = format!("circle-{}-{place}", people.tenant.id);
        let random = SplitMix64::derived(people.seed, label.as_bytes());
        let count = people.tenant.users.len();
        let start = place * CIRCLE;
        let mut founder = Founder { people, random, newest, chats: Vec::new() };
        let circle: Vec<usize> = (start..(start + CIRCLE).min(count)).collect();
        founder.groups(&circle);
        if start.is_multiple_of(DOZEN) {
            founder.dozen(&(start..(start + DOZEN).min(count)).collect::<Vec<_>>());
        }
        for seat in &circle {
            founder.alone(*seat, count);
        }
        founder.meetings(place, &circle);
        Self { chats: founder.chats }
    }
}

struct Founder<'a> {
    people: People<'a>,
    random: SplitMix64,
    newest: Timestamp,
    chats: Vec<Chat>,
}

impl Founder<'_> {
    fn groups(&mut self, circle: &[usize]) {
        let members: Vec<Participant> = circle.iter().copied().map(Participant::Member).collect();
        if members.len() < 2 {
            return;
        }
        for (place, project) in PROJECTS.iter().enumerate() {
            let talk = if place == 0 { LONG_TALK } else { 24 };
            self.group(Some(format!("{project} \u{2013} core team")), members.clone(), Script::Talk(talk));
            self.group(Some(format!("{project} rollout")), members.clone(), Script::Talk(12));
        }
        // A group that nobody has given a name, and that has not begun.
        self.group(None, members.iter().copied().take(3).collect(), Script::Silence);
        let mut with_guest = members;
        with_guest.push(Participant::Outsider(FITTER));
        self.group(
            Some("Ashgrove <Fittings> & us: \u{202e}stnemyap\u{202c}".to_owned()),
            with_guest,
            Script::Attack(Participant::Outsider(FITTER)),
        );
    }

    fn dozen(&mut self, dozen: &[usize]) {
        if dozen.len() > 1 {
            let members = dozen.iter().copied().map(Participant::Member).collect();
            self.group(
                Some("Lunch \u{1f35c} / Mittagessen / \u{304a}\u{663c}".to_owned()),
                members,
                Script::Talk(60),
            );
        }
    }

    fn group(&mut self, topic: Option<String>, members: Vec<Participant>, script: Script) {
        let id = format!("19:{}@thread.v2", self.random.uuid().simple());
        self.found(id, ChatKind::Group, topic, members, script);
    }

    /// What somebody says to one other person.
    fn alone(&mut self, seat: usize, count: usize) {
        for distance in DISTANCES {
            // In a small tenant a way round is as long as the way there: one chat is enough.
            if count > 2 * distance {
                let other = Participant::Member((seat + distance) % count);
                let script = if distance == 3 { Script::Silence } else { Script::Talk(20 / distance) };
                self.pair(Participant::Member(seat), other, script);
            }
        }
        let stranger = Participant::Outsider(HELP_DESK);
        self.pair(Participant::Member(seat), stranger, Script::Attack(stranger));
    }

    fn pair(&mut self, one: Participant, other: Participant, script: Script) {
        let id = format!("19:{}_{}@unq.gbl.spaces", self.people.id(one), self.people.id(other));
        self.found(id, ChatKind::OneOnOne, None, vec![one, other], script);
    }

    fn meetings(&mut self, place: usize, circle: &[usize]) {
        // Guests have no calendar here, so they are not invited.
        let users = &self.people.tenant.users;
        let is_member = |seat: &&usize| users[**seat].guest.is_none();
        let members: Vec<Participant> =
            circle.iter().filter(is_member).copied().map(Participant::Member).collect();
        for meeting in meeting_chats(self.people.tenant, place, self.people.seed, self.newest) {
            let has_begun = meeting.start < self.newest;
            let script = if has_begun { Script::Talk(6) } else { Script::Silence };
            let topic = Some(meeting.subject.clone());
            self.found(meeting.thread.clone(), ChatKind::Meeting, topic, members.clone(), script);
            if let Some(chat) = self.chats.last_mut() {
                // Of a series people speak until today, of a single meeting while it lasts.
                if has_begun && !meeting.is_series {
                    chat.last = Some(before(self.newest.min(after(meeting.start, 40)), 1));
                }
                let earliest = meeting.start.min(chat.last.unwrap_or(self.newest));
                chat.created = before(earliest, 15 * 24 * 60);
                chat.meeting = Some(meeting);
            }
        }
    }

    fn found(
        &mut self,
        id: String,
        kind: ChatKind,
        topic: Option<String>,
        members: Vec<Participant>,
        script: Script,
    ) {
        let minutes = i64::try_from(3 + self.random.below(60 * 24 * 20)).unwrap_or(3);
        let last = before(self.newest, minutes);
        let age = i64::try_from(200 + self.random.below(400)).unwrap_or(200);
        let created = before(last, age * 24 * 60);
        let last = (script != Script::Silence).then_some(last);
        self.chats.push(Chat { id, kind, topic, members, created, last, script, meeting: None });
    }
}

impl Chat {
    pub(super) fn holds(&self, who: Participant) -> bool {
        self.members.contains(&who)
    }

    /// When somebody last came, went, or changed the name.
    pub(super) fn updated(&self) -> Timestamp {
        after(self.created, 5)
    }

    /// For the order of a list: when something last happened.
    pub(super) fn activity(&self) -> Timestamp {
        self.last.unwrap_or(self.created)
    }
}

/// So many minutes before a time, with milliseconds as if by chance.
pub(super) fn before(time: Timestamp, minutes: i64) -> Timestamp {
    let milliseconds = minutes * 7_919 % 1_000;
    time.checked_sub(minutes.minutes())
        .and_then(|time| time.checked_sub(milliseconds.milliseconds()))
        .unwrap_or(time)
}

fn after(time: Timestamp, minutes: i64) -> Timestamp {
    time.checked_add(minutes.minutes()).unwrap_or(time)
}

/// Ids that belong to a name.
pub(super) fn named(people: People<'_>, name: &str) -> Uuid {
    SplitMix64::derived(people.seed, format!("{name}-{}", people.tenant.id).as_bytes()).uuid()
}
