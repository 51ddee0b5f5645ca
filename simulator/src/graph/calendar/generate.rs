//! Writes all calendars of one owner out of a seed.

use jiff::civil::{Weekday, time};
use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use super::agenda::{Agenda, Attachment, Attendee, Calendar, Contact, Content, Event, Group, WorkingHours};
use super::draft::Draft;
use super::own::Own;
use super::zone::Zone;
use super::{access, id, team, topics};
use crate::directory::random::SplitMix64;
use crate::directory::{Tenant, User};
use crate::graph::canary::{canary, mailbox_token};
use crate::graph::mail::id::{IdMaker, change_key};
use crate::graph::people::Person;

/// Calendar folders and events are numbered from here on, so that no id is one of the same mailbox's mail.
const FIRST_FOLDER: usize = 64;
const FIRST_LINK: usize = 96;
const FIRST_EVENT: usize = 1 << 16;

/// Name, colour and place of the group. The first one is the default calendar.
const CALENDARS: &[(&str, &str, usize)] = &[
    ("Calendar", "auto", 0),
    ("Projects", "lightGreen", 0),
    ("Birthdays", "lightPink", 1),
    ("Holidays in Europe", "lightBlue", 1),
];
const GROUPS: &[&str] = &["My Calendars", "Other Calendars"];
const WORKDAYS: &[Weekday] =
    &[Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
const SUNDAY_TO_THURSDAY: &[Weekday] =
    &[Weekday::Sunday, Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday];

/// Who speaks this has a zone that an old client has set up. It is London's.
const CUSTOMIZED: &str = "ga-IE";

/// The calendars of somebody: the same seed, tenant, owner and `newest` give the same.
pub(in crate::graph) fn agenda(tenant: &Tenant, person: Person<'_>, seed: u64, newest: Timestamp) -> Agenda {
    let label = canary(tenant.id, person.id());
    // As mail makes its own, so that all ids of a mailbox name the same store.
    let ids = IdMaker::new(&mut SplitMix64::derived(seed, label.as_bytes()));
    let mut random = SplitMix64::derived(seed, format!("calendar-{label}").as_bytes());
    let owner = Contact { name: person.name().to_owned(), address: person.address().to_owned() };
    let language = match person {
        Person::User(user) => user.preferred_language.as_str(),
        Person::Shared(_) => "",
    };
    let (zone, anchor) = (topics::zone_of(language), Zone::utc().wall(newest).date());
    let mut drafts = match seat(tenant, person) {
        Some(seat) => team::drafts(tenant, seat / team::SIZE, seed, anchor),
        None => Vec::new(),
    };
    let stream = SplitMix64::derived(seed, format!("events-{label}").as_bytes());
    let mut own = Own { owner: &owner, zone, anchor, random: stream };
    drafts.extend(own.drafts());
    let calendars = calendars(&ids, &mut random);
    let groups = groups(&ids, &mut random);
    let links = access::DISTANCES.map(|seats| ids.folder(FIRST_LINK + seats)).into();
    let mut keeper =
        Keeper { owner: &owner, ids, random, newest, label, token: mailbox_token(tenant.id, person.id()) };
    let events = drafts.into_iter().enumerate().map(|(place, draft)| keeper.keep(place, draft)).collect();
    Agenda { calendars, links, groups, events, hours: hours(zone, language), owner }
}

/// The id of the event that a member keeps at `place` of all drafts.
pub(super) fn event_id(tenant: &Tenant, owner: &User, seed: u64, place: usize, calendar: usize) -> String {
    let label = canary(tenant.id, owner.id);
    let ids = IdMaker::new(&mut SplitMix64::derived(seed, label.as_bytes()));
    ids.message(FIRST_FOLDER + calendar, FIRST_EVENT + place)
}

fn seat(tenant: &Tenant, person: Person<'_>) -> Option<usize> {
    let Person::User(user) = person else { return None };
    tenant.users.iter().filter(|other| !access::is_guest(other)).position(|other| other.id == user.id)
}

fn hours(zone: &'static str, language: &str) -> WorkingHours {
    let (days, start, end) = match language {
        "he-IL" | "ar-EG" => (SUNDAY_TO_THURSDAY, time(9, 0, 0, 0), time(18, 0, 0, 0)),
        "en-IN" | "es-ES" => (WORKDAYS, time(10, 0, 0, 0), time(19, 0, 0, 0)),
        _ => (WORKDAYS, time(8, 0, 0, 0), time(17, 0, 0, 0)),
    };
    WorkingHours { zone: known(zone), days, start, end, is_customized: language == CUSTOMIZED }
}

pub(super) fn known(zone: &str) -> Zone {
    Zone::named(zone).unwrap_or_else(|_| Zone::utc())
}

fn calendars(ids: &IdMaker, random: &mut SplitMix64) -> Vec<Calendar> {
    (FIRST_FOLDER..)
        .zip(CALENDARS)
        .map(|(number, (name, color, group))| Calendar {
            id: ids.folder(number),
            name,
            color,
            change_key: change_key(random),
            group: *group,
        })
        .collect()
}

fn groups(ids: &IdMaker, random: &mut SplitMix64) -> Vec<Group> {
    (FIRST_FOLDER + CALENDARS.len()..)
        .zip(GROUPS)
        .map(|(number, name)| Group {
            id: ids.folder(number),
            class_id: Uuid::from_bytes(random.bytes()).to_string(),
            name,
            change_key: change_key(random),
        })
        .collect()
}

/// Puts drafts into one owner's calendars.
struct Keeper<'a> {
    owner: &'a Contact,
    ids: IdMaker,
    random: SplitMix64,
    newest: Timestamp,
    label: String,
    token: String,
}

impl Keeper<'_> {
    fn keep(&mut self, place: usize, draft: Draft) -> Event {
        let (number, folder) = (FIRST_EVENT + place, FIRST_FOLDER + draft.calendar);
        let zone = known(draft.zone);
        let body = self.body(&draft);
        let created = self.created(draft.when.span(&zone).0);
        let is_organizer = draft.organizer == *self.owner;
        let response = own_response(&draft, self.owner);
        let attachments = self.attachments(&draft, folder, number);
        let is_sure = is_organizer || response == "accepted";
        let show_as = if draft.show_as == "busy" && !is_sure { "tentative" } else { draft.show_as };
        Event {
            id: self.ids.message(folder, number),
            immutable_id: self.ids.immutable(number),
            change_key: change_key(&mut self.random),
            i_cal_uid: id::global(draft.number, None),
            number: draft.number,
            calendar: draft.calendar,
            created,
            modified: created.checked_add(37.minutes()).unwrap_or(created),
            attendees: seen_by(draft.attendees, self.owner, is_organizer, draft.hides_attendees),
            html: body.html,
            text: body.text,
            preview: body.preview,
            subject: draft.subject,
            when: draft.when,
            zone,
            series: draft.series,
            organizer: draft.organizer,
            locations: draft.locations,
            join_url: draft.join_url,
            show_as,
            sensitivity: draft.sensitivity,
            importance: draft.importance,
            response,
            categories: draft.categories,
            attachments,
            reminder_minutes: if draft.when.is_all_day() { 1_080 } else { 15 },
            is_reminder_on: draft.show_as != "free",
            is_cancelled: draft.is_cancelled,
            is_organizer,
            hides_attendees: draft.hides_attendees,
        }
    }

    fn body(&self, draft: &Draft) -> crate::graph::mail::letter::Body {
        let mut letter = crate::graph::mail::letter::Letter::marked(&self.token);
        for paragraph in &draft.paragraphs {
            letter.paragraph(paragraph);
        }
        if let Some(attack) = draft.attack {
            attack(&mut letter);
        }
        if let Some(url) = &draft.join_url {
            letter.link("Join Microsoft Teams Meeting", url);
        }
        letter.finish(&self.label)
    }

    /// Some days before it takes place, and never later than now.
    fn created(&mut self, start: Timestamp) -> Timestamp {
        let hours = i64::try_from(24 + self.random.below(600)).unwrap_or(24);
        let before = |instant: Timestamp| instant.checked_sub(hours.hours()).unwrap_or(Timestamp::MIN);
        before(start.min(self.newest))
    }

    fn attachments(&self, draft: &Draft, folder: usize, number: usize) -> Vec<Attachment> {
        let paper = |(place, paper): (usize, &super::draft::Paper)| Attachment {
            id: self.ids.attachment(folder, number, place),
            name: paper.name.to_owned(),
            content: paper.content,
            text: match paper.content {
                Content::File("text/csv") => format!("position,amount\r\n1,420\r\n2,{}\r\n", self.label),
                _ => format!("{}\r\n{}\r\n{}\r\n", paper.name, draft.subject, self.label),
            },
        };
        draft.papers.iter().enumerate().map(paper).collect()
    }
}

/// An attendee's copy does not tell what the others have answered, and of hidden guests only the owner is told.
fn seen_by(attendees: Vec<Attendee>, owner: &Contact, is_organizer: bool, hidden: bool) -> Vec<Attendee> {
    if is_organizer {
        return attendees;
    }
    let told = |mut attendee: Attendee| {
        if attendee.contact != *owner {
            attendee.response = "none";
        }
        attendee
    };
    attendees.into_iter().filter(|attendee| !hidden || attendee.contact == *owner).map(told).collect()
}

fn own_response(draft: &Draft, owner: &Contact) -> &'static str {
    if draft.organizer == *owner {
        return if draft.attendees.is_empty() { "none" } else { "organizer" };
    }
    let own = draft.attendees.iter().find(|attendee| attendee.contact == *owner);
    own.map_or("none", |attendee| attendee.response)
}
