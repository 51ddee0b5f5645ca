//! Writes a whole mailbox out of a seed.

use jiff::Timestamp;
use uuid::Uuid;

use super::cast::{self, Sender};
use super::draft::{Draft, Shelf, Writer};
use super::enclosure::Enclosure;
use super::filling::Filling;
use super::hostile::ATTACKS;
use super::id::IdMaker;
use super::letter::Letter;
use super::mailbox::{Mailbox, MailboxKind};
use super::parcels::{self, Parcel};
use super::recipient::Recipient;
use super::store;
use super::topics::{self, Topic};
use crate::directory::Tenant;
use crate::directory::random::SplitMix64;
use crate::graph::canary::{canary, mailbox_token};

const DAY: i64 = 86_400;
/// How far back mail goes, in seconds.
const SPAN: i64 = 120 * DAY;

/// How old the newest mail of an archive is, in seconds.
const ARCHIVED_AFTER: i64 = 400 * DAY;

/// Whose mailbox it is.
#[derive(Debug, Clone, Copy)]
pub(in crate::graph) struct Owner<'a> {
    pub(in crate::graph) id: Uuid,
    pub(in crate::graph) name: &'a str,
    pub(in crate::graph) address: &'a str,
    /// Which of the owner's mailboxes.
    pub(in crate::graph) kind: MailboxKind,
}

/// The mailbox of `owner`: the same seed, tenant, owner and `newest` give the same mailbox.
pub(in crate::graph) fn mailbox(tenant: &Tenant, owner: Owner<'_>, seed: u64, newest: Timestamp) -> Mailbox {
    let label = canary(tenant.id, owner.id);
    let (mut random, newest) = match owner.kind {
        MailboxKind::Primary => (SplitMix64::derived(seed, label.as_bytes()), newest),
        MailboxKind::Archive => {
            let random = SplitMix64::derived(seed, format!("archive-{label}").as_bytes());
            (random, newest.checked_sub(jiff::SignedDuration::from_secs(ARCHIVED_AFTER)).unwrap_or(newest))
        }
    };
    let ids = IdMaker::new(&mut random);
    let mut generator = Generator {
        owner: Recipient { name: owner.name.to_owned(), address: owner.address.to_owned() },
        colleagues: tenant
            .users
            .iter()
            .filter(|user| user.id != owner.id && user.guest.is_none())
            .map(|user| Recipient { name: user.name.clone(), address: user.upn.clone() })
            .collect(),
        writer: Writer { token: mailbox_token(tenant.id, owner.id), canary: label },
        random,
        drafts: Vec::new(),
        threads: 0,
    };
    generator.run();
    let Generator { random, drafts, .. } = generator;
    store::shelve(drafts, &ids, random, newest)
}

struct Generator {
    owner: Recipient,
    colleagues: Vec<Recipient>,
    writer: Writer,
    random: SplitMix64,
    drafts: Vec<Draft>,
    threads: usize,
}

impl Generator {
    fn run(&mut self) {
        let target = 120 + self.random.index(281 - ATTACKS.len());
        while self.drafts.len() < target {
            match self.random.below(100) {
                0..45 => self.colleagues_thread(),
                45..65 => self.partner_thread(),
                65..80 => self.newsletter(),
                80..88 => self.robot(),
                88..93 => self.unsent(),
                93..97 => self.junk(),
                _ => self.deleted(),
            }
        }
        // A thread may have run over by a few.
        self.drafts.truncate(target);
        for place in 0..ATTACKS.len() {
            self.attack(place);
        }
        let pictures = [self.random.uuid(), self.random.uuid()];
        for parcel in parcels::parcels(&self.writer.canary, &self.owner, pictures) {
            self.parcel(parcel);
        }
    }

    fn colleagues_thread(&mut self) {
        let topic = &topics::TOPICS[self.random.index(topics::TOPICS.len())];
        let others = self.two_colleagues();
        let length = 1 + self.random.index(5);
        self.thread(topic, &others, length);
    }

    fn partner_thread(&mut self) {
        let topic = &topics::PARTNER_TOPICS[self.random.index(topics::PARTNER_TOPICS.len())];
        let partner = self.sender(cast::PARTNERS);
        let colleague = self.colleague();
        let length = 1 + self.random.index(3);
        self.thread(topic, &[partner, colleague], length);
    }

    /// `others[0]` writes first; the owner and the others answer in turn.
    fn thread(&mut self, topic: &Topic, others: &[Recipient; 2], length: usize) {
        let filling = Filling::new(&mut self.random);
        let conversation = self.conversation();
        let mut age = self.age();
        let mut previous = None;
        for place in 0..length {
            let is_own = place % 2 == 1;
            let from = if is_own { self.owner.clone() } else { others[(place / 2) % 2].clone() };
            let to = if is_own { others[0].clone() } else { self.owner.clone() };
            let author = from.name.clone();
            let (letter, said) = self.contribution(topic, &filling, (&author, &to.name), previous.as_ref());
            let mut draft = self.draft(from, letter, age);
            draft.to = vec![to];
            if self.random.chance(35) {
                draft.cc = vec![others[usize::from(place % 4 < 2)].clone()];
                draft.cc.retain(|copied| *copied != draft.from && !draft.to.contains(copied));
            }
            if is_own && draft.cc.is_empty() && conversation.is_multiple_of(4) {
                draft.bcc = vec![others[1].clone()];
            }
            let reply = if place == 0 { "" } else { "RE: " };
            draft.subject = format!("{reply}{}", filling.fill(topic.subject));
            draft.conversation = (conversation, place);
            draft.categories.extend(topic.category.filter(|_| self.random.chance(40)));
            draft.shelf = self.shelf_of(&draft, filling.project, topic.category);
            self.decorate(&mut draft);
            self.drafts.push(draft);
            previous = Some((author, said));
            age -= 1_200 + self.seconds(2 * DAY);
            if age < 120 {
                break;
            }
        }
    }

    /// One mail of a thread, and what its author said in it, for the next one to quote.
    fn contribution(
        &mut self,
        topic: &Topic,
        filling: &Filling,
        (author, reader): (&str, &str),
        previous: Option<&(String, String)>,
    ) -> (Letter, String) {
        let mut letter = self.writer.begin();
        letter.paragraph(&format!("{} {reader},", self.random.pick(topics::GREETINGS)));
        let said: Vec<String> = match previous {
            Some(_) => vec![self.random.pick(topics::REPLIES).to_owned()],
            None => topic.opening.iter().map(|text| filling.fill(text)).collect(),
        };
        for text in &said {
            letter.paragraph(text);
        }
        if previous.is_none() && !topic.points.is_empty() {
            letter.list(&topic.points.iter().map(|text| filling.fill(text)).collect::<Vec<_>>());
        }
        letter.paragraph(&format!("{}\r\n{author}", self.random.pick(topics::CLOSINGS)));
        if let Some((quoted_author, quoted)) = previous {
            letter.quote(quoted_author, quoted);
        }
        (letter, said.join(" "))
    }

    fn shelf_of(&mut self, draft: &Draft, project: &'static str, category: Option<&str>) -> Shelf {
        if draft.from == self.owner {
            return Shelf::Sent;
        }
        if draft.age > 60 * DAY && self.random.chance(60) {
            return Shelf::Archive;
        }
        match category {
            Some("Projects") if self.random.chance(60) => Shelf::Project(project),
            Some("Finance") if self.random.chance(25) => Shelf::Invoices,
            Some("Travel") if self.random.chance(40) => Shelf::Travel,
            _ => Shelf::Inbox,
        }
    }

    fn newsletter(&mut self) {
        let (filling, sender) = (Filling::new(&mut self.random), self.sender(cast::NEWSLETTERS));
        let subject = filling.fill(self.random.pick(topics::HEADLINES));
        let mut letter = self.writer.begin();
        letter.paragraph(&format!("{}: {subject}", sender.name));
        letter.paragraph(
            "This week we look at what changes, whom it concerns, and what it costs to do nothing.",
        );
        let host = sender.address.split('@').next_back().unwrap_or_default().to_owned();
        let number = self.random.below(1_000_000);
        letter.link("Read the article", &format!("https://{host}/read/{number}?utm_source=mail"));
        letter.link("Unsubscribe", &format!("https://{host}/unsubscribe?u={number}"));
        letter.tracking_image(&format!("https://{host}/open.gif?u={number}"));
        let age = self.age();
        let mut draft = self.draft(sender, letter, age);
        draft.subject = subject;
        draft.inference = "other";
        draft.is_read = self.random.chance(40);
        draft.shelf = if self.random.chance(60) { Shelf::Newsletters } else { Shelf::Inbox };
        self.drafts.push(draft);
    }

    fn robot(&mut self) {
        let filling = Filling::new(&mut self.random);
        let (sender, subject) = cast::ROBOTS[self.random.index(cast::ROBOTS.len())];
        let sender = recipient(sender);
        let mut letter = self.writer.begin();
        letter.paragraph("This message was sent automatically. Please do not reply.");
        letter.paragraph(&filling.fill("Reference {number}, project {project}."));
        let age = self.age();
        let mut draft = self.draft(sender, letter, age);
        draft.subject = filling.fill(subject);
        draft.inference = "other";
        draft.importance = if self.random.chance(30) { "low" } else { "normal" };
        self.drafts.push(draft);
    }

    fn unsent(&mut self) {
        let topic = &topics::TOPICS[self.random.index(topics::TOPICS.len())];
        let filling = Filling::new(&mut self.random);
        let mut letter = self.writer.begin();
        letter.paragraph(&filling.fill(topic.opening[0]));
        let (age, owner) = (self.age(), self.owner.clone());
        let mut draft = self.draft(owner, letter, age);
        draft.to = vec![self.colleague()];
        draft.subject = filling.fill(topic.subject);
        draft.is_unsent = true;
        draft.is_read = true;
        draft.shelf = Shelf::Drafts;
        self.drafts.push(draft);
    }

    fn junk(&mut self) {
        let (filling, sender) = (Filling::new(&mut self.random), self.sender(cast::JUNK));
        let mut letter = self.writer.begin();
        letter.paragraph(&filling.fill("Act now: {amount} are waiting. This offer ends today."));
        letter.link("Claim", "https://lucky-lottery.example/claim");
        let age = self.age();
        let mut draft = self.draft(sender, letter, age);
        draft.subject = filling.fill(self.random.pick(topics::JUNK_SUBJECTS));
        draft.shelf = Shelf::Junk;
        draft.inference = "other";
        draft.is_read = false;
        self.drafts.push(draft);
    }

    fn deleted(&mut self) {
        let (filling, sender) = (Filling::new(&mut self.random), self.sender(cast::PARTNERS));
        let mut letter = self.writer.begin();
        letter.paragraph(
            &filling.fill("Please ignore my last mail about {supplier}; it was meant for somebody else."),
        );
        let age = self.age();
        let mut draft = self.draft(sender, letter, age);
        draft.subject = filling.fill("Recall: {supplier} price list");
        draft.shelf = Shelf::Deleted;
        self.drafts.push(draft);
    }

    /// Hostile mail is never among the newest of a mailbox.
    fn attack(&mut self, place: usize) {
        let attack = &ATTACKS[place];
        let mut letter = self.writer.begin();
        (attack.write)(&mut letter);
        let age = 3 * DAY + self.seconds(25 * DAY);
        let sender = Recipient { name: attack.name.to_owned(), address: attack.address.to_owned() };
        let mut draft = self.draft(sender, letter, age);
        attack.subject.clone_into(&mut draft.subject);
        draft.is_read = false;
        self.drafts.push(draft);
    }

    /// Nor is what has more attached than usual.
    fn parcel(&mut self, parcel: Parcel) {
        let mut letter = self.writer.begin();
        for line in parcel.lines {
            letter.paragraph(line);
        }
        for (name, enclosure) in &parcel.enclosures {
            if let Some(id) = enclosure.content_id() {
                letter
                    .raw(&format!("<p><img src=\"cid:{id}\" alt=\"{name}\"></p>\r\n"), &format!("[{name}]"));
            }
        }
        let age = 4 * DAY + self.seconds(30 * DAY);
        let mut draft = self.draft(recipient(parcel.from), letter, age);
        parcel.subject.clone_into(&mut draft.subject);
        draft.attachments =
            parcel.enclosures.into_iter().map(|(name, enclosure)| (name.to_owned(), enclosure)).collect();
        self.drafts.push(draft);
    }

    /// A mail to the owner, in the inbox, in a conversation of its own.
    fn draft(&mut self, from: Recipient, letter: Letter, age: i64) -> Draft {
        Draft {
            shelf: Shelf::Inbox,
            from,
            to: vec![self.owner.clone()],
            cc: Vec::new(),
            bcc: Vec::new(),
            subject: String::new(),
            body: self.writer.end(letter),
            age,
            conversation: (self.conversation(), 0),
            categories: Vec::new(),
            importance: "normal",
            flag: "notFlagged",
            inference: "focused",
            is_read: age > 5 * DAY || self.random.chance(50),
            is_unsent: false,
            attachments: Vec::new(),
        }
    }

    fn decorate(&mut self, draft: &mut Draft) {
        if self.random.chance(10) {
            draft.importance = "high";
        }
        if self.random.chance(8) {
            draft.flag = if self.random.chance(50) { "flagged" } else { "complete" };
        }
        if draft.shelf == Shelf::Sent {
            draft.is_read = true;
        }
        if self.random.chance(18) {
            let lines: Vec<String> = (1..=5 + self.random.below(12))
                .map(|line| format!("{line},{},checked\r\n", self.random.below(9_000)))
                .collect();
            let table = format!("position,amount,note\r\n0,0,{}\r\n{}", self.writer.canary, lines.concat());
            draft.attachments.push(("figures.csv".to_owned(), Enclosure::Text("text/csv", table)));
        }
        if self.random.chance(8) {
            let notes = format!("Notes\r\n{}\r\n{}\r\n", draft.subject, self.writer.canary);
            draft.attachments.push(("notes.txt".to_owned(), Enclosure::Text("text/plain", notes)));
        }
    }

    /// Seconds before the newest time; recent mail is more frequent.
    fn age(&mut self) -> i64 {
        let share = self.random.below(1_000_000);
        let age = i128::from(share) * i128::from(share) * i128::from(SPAN) / 1_000_000_000_000;
        300 + i64::try_from(age).unwrap_or(SPAN)
    }

    /// A number of seconds in `0..bound`.
    fn seconds(&mut self, bound: i64) -> i64 {
        let drawn = self.random.below(bound.unsigned_abs());
        i64::try_from(drawn).unwrap_or_default()
    }

    fn conversation(&mut self) -> usize {
        self.threads += 1;
        self.threads
    }

    /// A partner, where the owner is alone in the tenant.
    fn colleague(&mut self) -> Recipient {
        match self.colleagues.len() {
            0 => self.sender(cast::PARTNERS),
            count => self.colleagues[self.random.index(count)].clone(),
        }
    }

    /// Two different people; a partner takes the place of whom the tenant has not.
    fn two_colleagues(&mut self) -> [Recipient; 2] {
        let count = self.colleagues.len();
        if count < 2 {
            let places = [0, 1 + self.random.index(cast::PARTNERS.len() - 1)];
            let [first, second] = places.map(|place| recipient(cast::PARTNERS[place]));
            return [self.colleagues.first().cloned().unwrap_or(first), second];
        }
        let first = self.random.index(count);
        let second = (first + 1 + self.random.index(count - 1)) % count;
        [self.colleagues[first].clone(), self.colleagues[second].clone()]
    }

    fn sender(&mut self, senders: &[Sender]) -> Recipient {
        recipient(senders[self.random.index(senders.len())])
    }
}

fn recipient((name, address): Sender) -> Recipient {
    Recipient { name: name.to_owned(), address: address.to_owned() }
}
