//! Writes what is said in one chat out of a seed.

use super::dialogue::{DIALOGUES, Dialogue, Line, MEETING};
use super::draft::{Draft, Filling};
use super::hostile;
use super::message::{Event, Sender, Thread};
use super::people::{Participant, People};
use super::roster::{Chat, ChatKind, Script};
use super::scribe::{Scribe, Spaced};
use crate::directory::random::SplitMix64;
use crate::graph::canary::canary;
use crate::graph::drive::attached::AttachedFile;

/// Seconds between two conversations, at least and at most.
const PAUSE: (u64, u64) = (2 * 3_600, 30 * 3_600);

/// What the chats of a tenant are written with.
pub(super) struct Talk<'a> {
    pub(super) people: People<'a>,
    /// The files that a member may point to.
    pub(super) files: &'a dyn Fn(Participant) -> Vec<AttachedFile>,
}

impl Talk<'_> {
    /// The same seed, tenant and chat give the same thread.
    pub(super) fn thread(&self, chat: &Chat) -> Thread {
        let Some(last) = chat.last else { return Thread::default() };
        let label = format!("{}-{}", self.people.tenant.id, chat.id);
        let mut random = SplitMix64::derived(self.people.seed, label.as_bytes());
        let mut drafts = self.opening(chat);
        match chat.script {
            Script::Talk(length) => self.talk(chat, length, &mut drafts, &mut random),
            Script::Attack(attacker) => attack(attacker, &mut drafts, &mut random),
            Script::Silence => {}
        }
        if chat.kind == ChatKind::Meeting {
            let by = chat.members[0];
            let participants = chat.members.clone();
            let call = random.uuid();
            drafts.push((90, Draft::event(Event::CallEnded { call, minutes: 37, participants, by })));
        }
        let pinned = pinned(chat, &drafts);
        let mut scribe = Scribe::new(&mut random, &chat.members);
        scribe.write(drafts, last);
        scribe.finish(pinned)
    }

    /// What the system tells of how the chat began, and the mark of the tenant.
    fn opening(&self, chat: &Chat) -> Vec<Spaced> {
        let founder = chat.members[0];
        let mut drafts = Vec::new();
        if chat.kind == ChatKind::Group {
            let members = chat.members.clone();
            drafts.push((0, Draft::event(Event::MembersAdded { members, by: founder })));
            if let Some(name) = chat.topic.clone() {
                drafts.push((5, Draft::event(Event::Renamed { name, by: founder })));
            }
        }
        let tenant = self.people.tenant.id;
        drafts.push((60, Draft::plain(Sender::Person(founder), format!("Ref. {}", canary(tenant, tenant)))));
        drafts
    }

    fn talk(&self, chat: &Chat, length: usize, drafts: &mut Vec<Spaced>, random: &mut SplitMix64) {
        let stock = if chat.kind == ChatKind::Meeting { MEETING } else { DIALOGUES };
        let mut turn = 0;
        while drafts.len() < length {
            let dialogue = match stock.get(turn) {
                Some(dialogue) if turn < 3 => dialogue,
                _ => &stock[random.index(stock.len())],
            };
            turn += 1;
            self.dialogue(&chat.members, dialogue, drafts, random);
        }
    }

    fn dialogue(
        &self,
        members: &[Participant],
        dialogue: &Dialogue,
        drafts: &mut Vec<Spaced>,
        random: &mut SplitMix64,
    ) {
        let filling = Filling::drawn(random);
        let first = random.index(members.len());
        for (place, (speaker, line)) in dialogue.lines.iter().enumerate() {
            let sender = members[(first + speaker) % members.len()];
            let addressee = members[(first + speaker + 1) % members.len()];
            let mut draft = Draft::line(Sender::Person(sender), line, &filling)
                .mentioning(self.people, addressee)
                .spoken(dialogue.locale);
            match line {
                Line::Pictured(_) => draft = draft.with_picture(random.uuid()),
                Line::Filed(_) => {
                    let files = (self.files)(sender);
                    draft = draft.with_file(files.get(random.index(files.len())));
                }
                _ => {}
            }
            let seconds = if place == 0 { pause(random) } else { 15 + random.below(400) };
            drafts.push((i64::try_from(seconds).unwrap_or(60), draft));
        }
    }
}

fn attack(attacker: Participant, drafts: &mut Vec<Spaced>, random: &mut SplitMix64) {
    drafts.push((300, Draft::plain(Sender::Person(attacker), hostile::OPENING)));
    for attack in hostile::ATTACKS {
        let seconds = i64::try_from(pause(random)).unwrap_or(60);
        // Messages of a chat have no subject.
        drafts.push((seconds, Draft::attack(Sender::Person(attacker), attack)));
    }
}

/// A group pins its first two messages that somebody wrote.
fn pinned(chat: &Chat, drafts: &[Spaced]) -> Vec<usize> {
    if chat.kind != ChatKind::Group {
        return Vec::new();
    }
    let is_spoken = |(place, (_, draft)): (usize, &Spaced)| draft.event.is_none().then_some(place);
    drafts.iter().enumerate().filter_map(is_spoken).take(2).collect()
}

pub(super) fn pause(random: &mut SplitMix64) -> u64 {
    PAUSE.0 + random.below(PAUSE.1 - PAUSE.0)
}
