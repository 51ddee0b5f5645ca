//! Writes what stands in one channel out of a seed.

use jiff::{Timestamp, ToSpan};

use super::dialogue::POSTS;
use super::draft::{Draft, Fate, Filling};
use super::hostile;
use super::message::{Event, Sender, Thread};
use super::organisation::{Channel, Posts};
use super::people::{APPLICATIONS, FITTER, Participant, People};
use super::scribe::{Scribe, Spaced};
use super::talk::pause;
use crate::directory::random::SplitMix64;
use crate::graph::canary::canary;
use crate::graph::drive::attached::AttachedFile;

/// Posts of a channel in which people talk: more than two pages of the largest size.
const TALK: usize = 56;
const FEED: usize = 30;
/// Replies to one post, in the primary channel of the first team: more than `$expand` gives.
const LONG_DISCUSSION: usize = 1_030;
/// Replies to one post in every other channel: more than one page of them.
const DISCUSSION: usize = 60;

/// What a channel is written with.
pub(super) struct Board<'a> {
    pub(super) people: People<'a>,
    pub(super) members: Vec<Participant>,
    pub(super) files: Vec<AttachedFile>,
    /// Whether this is the channel with the longest of all discussions.
    pub(super) is_busiest: bool,
}

/// A post before it has a time.
struct Topic {
    post: Draft,
    replies: Vec<Spaced>,
}

impl Board<'_> {
    /// The same seed, tenant and channel give the same thread.
    pub(super) fn thread(&self, channel: &Channel) -> Thread {
        if self.members.is_empty() || channel.plan.posts == Posts::Silence {
            return Thread::default();
        }
        let label = format!("{}-{}", self.people.tenant.id, channel.id);
        let mut random = SplitMix64::derived(self.people.seed, label.as_bytes());
        let topics = self.topics(channel, &mut random);
        // Backwards in time, each topic ending before the next one begins; then written from the oldest on.
        let mut ends = vec![channel.last; topics.len()];
        let mut end = channel.last;
        for (place, topic) in topics.iter().enumerate().rev() {
            ends[place] = end;
            let length: i64 = topic.replies.iter().map(|(seconds, _)| *seconds).sum();
            end = earlier(end, length + i64::try_from(pause(&mut random)).unwrap_or(3_600));
        }
        let mut scribe = Scribe::new(&mut random, &self.members);
        for (topic, end) in topics.into_iter().zip(ends) {
            scribe.write_post(topic.post, topic.replies, end);
        }
        scribe.finish(Vec::new())
    }

    /// From the oldest to the newest.
    fn topics(&self, channel: &Channel, random: &mut SplitMix64) -> Vec<Topic> {
        let founder = self.members[0];
        let tenant = self.people.tenant.id;
        let mark = format!("<p>Ref. {}</p>", canary(tenant, tenant));
        let mut topics = vec![
            Topic { post: Draft::event(Event::ChannelAdded { by: founder }), replies: Vec::new() },
            Topic { post: Draft::rich(Sender::Person(founder), mark), replies: Vec::new() },
        ];
        match channel.plan.posts {
            Posts::Talk => topics.extend((0..TALK).map(|place| self.talk(channel, place, random))),
            Posts::Feed => topics.extend((0..FEED).map(|place| self.feed(place, random))),
            Posts::Attacked => {
                topics.extend((0..8).map(|place| self.talk(channel, place, random)));
                topics.extend(hostile::ATTACKS.iter().map(|attack| self.attacked(attack, random)));
            }
            Posts::Silence => {}
        }
        topics
    }

    fn talk(&self, channel: &Channel, place: usize, random: &mut SplitMix64) -> Topic {
        let (subject, html, answers) = &POSTS[place % POSTS.len()];
        let filling = Filling::drawn(random);
        let author = self.somebody(random);
        let mut post = Draft::rich(author, filling.fill(html))
            .mentioning_channel(channel.plan.name)
            .titled(subject.map(|subject| filling.fill(subject)));
        if html.contains("attached") {
            post = post.with_file(self.files.get(random.index(self.files.len())));
        }
        if html.contains("Photo") {
            post = post.with_picture(random.uuid());
        }
        let mut replies: Vec<Spaced> = Vec::new();
        for answer in *answers {
            let reply = Draft::plain(self.somebody(random), filling.fill(answer));
            replies.push((20 + i64::try_from(random.below(3_600)).unwrap_or_default(), reply));
        }
        match place {
            // One answer holds a picture, one was taken back.
            5 => {
                let pictured = Draft::rich(self.somebody(random), "<p>And from the other side:</p>");
                replies.push((95, pictured.with_picture(random.uuid())));
                let withdrawn = Draft::plain(self.somebody(random), "Oops, wrong channel.");
                replies.push((40, Draft { fate: Fate::Deleted, ..withdrawn }));
            }
            7 => self.discussion(&mut replies, random),
            9 => post.importance = "high",
            11 => post.fate = Fate::Deleted,
            13 => post.fate = Fate::Edited,
            _ => {}
        }
        Topic { post, replies }
    }

    /// A discussion that does not end.
    fn discussion(&self, replies: &mut Vec<Spaced>, random: &mut SplitMix64) {
        let count = if self.is_busiest { LONG_DISCUSSION } else { DISCUSSION };
        for number in 1..=count {
            let reply = Draft::plain(self.somebody(random), format!("+1 for option {}", 1 + number % 3));
            replies.push((20 + i64::try_from(random.below(90)).unwrap_or_default(), reply));
        }
    }

    fn feed(&self, place: usize, random: &mut SplitMix64) -> Topic {
        let sender = Sender::Application(place % APPLICATIONS.len());
        let number = (4_000 + place).to_string();
        let title = format!("Nightly report {number}");
        let state = if random.chance(80) { "passed" } else { "failed" };
        let post = Draft::rich(sender, "").with_card(
            random.uuid(),
            &title,
            &[("Run", number.as_str()), ("State", state)],
        );
        let post = Draft { text: format!("{title}: {state}"), ..post };
        let mut replies = Vec::new();
        if state == "failed" {
            let filling = Filling::drawn(random);
            let reply =
                Draft::rich(self.somebody(random), filling.fill("<p>{supplier} again. I look into it.</p>"));
            replies.push((600, reply));
        }
        Topic { post, replies }
    }

    /// An attack, and somebody who answers in good faith.
    fn attacked(&self, attack: &hostile::Attack, random: &mut SplitMix64) -> Topic {
        let attacker = Sender::Person(Participant::Outsider(FITTER));
        let post = Draft::attack(attacker, attack).titled(attack.subject.map(str::to_owned));
        let answer = Draft::plain(self.somebody(random), "Hm, I do not understand. Can you send it by mail?");
        let next = &hostile::ATTACKS[random.index(hostile::ATTACKS.len())];
        Topic { post, replies: vec![(240, answer), (900, Draft::attack(attacker, next))] }
    }

    fn somebody(&self, random: &mut SplitMix64) -> Sender {
        Sender::Person(self.members[random.index(self.members.len())])
    }
}

fn earlier(time: Timestamp, seconds: i64) -> Timestamp {
    time.checked_sub(seconds.seconds()).unwrap_or(time)
}
