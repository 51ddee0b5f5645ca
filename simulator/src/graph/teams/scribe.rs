//! Gives drafts their times, ids and reactions, and puts them into a thread.

use jiff::{Timestamp, ToSpan};

use super::draft::{Draft, Fate};
use super::message::{Attachment, Message, Reaction, Thread};
use super::people::Participant;
use crate::directory::random::SplitMix64;

/// A draft and the seconds that passed since the one before.
pub(super) type Spaced = (i64, Draft);

/// Kind as it stands on the wire, and the name that Teams shows.
const REACTIONS: &[(&str, &str)] = &[
    ("like", "Like"),
    ("heart", "Heart"),
    ("laugh", "Laugh"),
    ("surprised", "Surprised"),
    ("\u{1f64c}", "Raising hands"),
];

pub(super) struct Scribe<'a> {
    pub(super) random: &'a mut SplitMix64,
    /// Those who may react.
    pub(super) audience: &'a [Participant],
    messages: Vec<Message>,
}

impl<'a> Scribe<'a> {
    pub(super) const fn new(random: &'a mut SplitMix64, audience: &'a [Participant]) -> Self {
        Self { random, audience, messages: Vec::new() }
    }

    /// Writes drafts in their order, the last one at `last`.
    pub(super) fn write(&mut self, drafts: Vec<Spaced>, last: Timestamp) {
        let length: i64 = drafts.iter().skip(1).map(|(seconds, _)| *seconds).sum();
        let mut time = shifted(last, -length);
        for (place, (seconds, draft)) in drafts.into_iter().enumerate() {
            if place > 0 {
                time = shifted(time, seconds);
            }
            let quoted = self.messages.len().checked_sub(1).filter(|_| draft.quotes);
            let created = self.blurred(time, last);
            self.keep(draft, created, None, quoted);
        }
    }

    /// Writes a post with its replies, the last of them at `last`.
    pub(super) fn write_post(&mut self, post: Draft, replies: Vec<Spaced>, last: Timestamp) {
        let length: i64 = replies.iter().map(|(seconds, _)| *seconds).sum();
        let posted = shifted(last, -length);
        let mut time = posted;
        let place = self.messages.len();
        let created = self.blurred(posted, last);
        self.keep(post, created, None, None);
        for (seconds, reply) in replies {
            time = shifted(time, seconds);
            let created = self.blurred(time, last);
            self.keep(reply, created, Some(place), None);
        }
    }

    pub(super) fn finish(self, pinned: Vec<usize>) -> Thread {
        Thread::of(self.messages, pinned)
    }

    fn keep(&mut self, mut draft: Draft, created: Timestamp, reply_to: Option<usize>, quoted: Option<usize>) {
        let mut modified = created;
        let edited = (draft.fate == Fate::Edited).then(|| shifted(created, 11));
        let deleted = (draft.fate == Fate::Deleted).then(|| shifted(created, 17));
        if let Some(quoted) = quoted {
            quote(&mut draft, quoted, &self.messages[quoted].id);
        }
        let is_spoken = draft.event.is_none() && deleted.is_none();
        let reactions = if is_spoken { self.reactions(created) } else { Vec::new() };
        let changes = [edited, deleted, reactions.iter().map(|reaction| reaction.at).max()];
        for change in changes.into_iter().flatten() {
            modified = modified.max(change);
        }
        if deleted.is_some() {
            draft.html = None;
            draft.text = String::new();
            draft.mentions.clear();
            draft.attachments.clear();
            draft.pictures.clear();
        }
        self.messages.push(Message {
            id: created.as_millisecond().to_string(),
            reply_to,
            created,
            modified,
            edited,
            deleted,
            sender: draft.sender,
            subject: draft.subject,
            html: draft.html,
            text: draft.text,
            importance: draft.importance,
            locale: draft.locale,
            mentions: draft.mentions,
            reactions,
            attachments: draft.attachments,
            pictures: draft.pictures,
            event: draft.event,
        });
    }

    /// Some milliseconds later, but for the very last message, of which the list of chats knows the time.
    fn blurred(&mut self, time: Timestamp, last: Timestamp) -> Timestamp {
        let milliseconds = i64::try_from(self.random.below(900)).unwrap_or_default();
        if time == last { time } else { time.checked_add(milliseconds.milliseconds()).unwrap_or(time) }
    }

    fn reactions(&mut self, created: Timestamp) -> Vec<Reaction> {
        if self.audience.is_empty() || !self.random.chance(18) {
            return Vec::new();
        }
        let count = 1 + self.random.index(self.audience.len().min(3));
        let mut reactions: Vec<Reaction> = Vec::new();
        for seconds in (3..).take(count) {
            let by = self.audience[self.random.index(self.audience.len())];
            let (kind, name) = REACTIONS[self.random.index(REACTIONS.len())];
            if reactions.iter().all(|reaction| reaction.by != by) {
                reactions.push(Reaction { kind, name, at: shifted(created, seconds), by });
            }
        }
        reactions
    }
}

fn quote(draft: &mut Draft, quoted: usize, id: &str) {
    if let Some(html) = draft.html.as_mut() {
        *html = format!("<attachment id=\"{id}\"></attachment>\n{html}");
        draft.attachments.push(Attachment::Quote(quoted));
    }
}

fn shifted(time: Timestamp, seconds: i64) -> Timestamp {
    time.checked_add(seconds.seconds()).unwrap_or(time)
}
