//! A message before it has a time: everything about it that does not depend on when it was written.

use uuid::Uuid;

use super::dialogue::{DAYS, Line};
use super::hostile::Attack;
use super::message::{Attachment, Event, Mention, PICTURES, Picture, Sender};
use super::people::{Participant, People};
use super::picture::EDGE;
use crate::directory::random::SplitMix64;
use crate::graph::drive::attached::AttachedFile;
use crate::graph::drive::document::escaped;
use crate::graph::drive::topics::{PROJECTS, SUPPLIERS};

/// How a message ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Stands,
    Edited,
    Deleted,
}

#[derive(Debug)]
pub(super) struct Draft {
    pub(super) sender: Sender,
    pub(super) subject: Option<String>,
    pub(super) html: Option<String>,
    pub(super) text: String,
    pub(super) importance: &'static str,
    pub(super) locale: &'static str,
    pub(super) mentions: Vec<Mention>,
    pub(super) attachments: Vec<Attachment>,
    pub(super) pictures: Vec<Picture>,
    pub(super) event: Option<Event>,
    pub(super) fate: Fate,
    /// Whether it quotes the message before.
    pub(super) quotes: bool,
}

/// What the words in braces stand for, within one conversation.
pub(super) struct Filling {
    project: &'static str,
    supplier: &'static str,
    day: &'static str,
    amount: String,
}

impl Filling {
    pub(super) fn drawn(random: &mut SplitMix64) -> Self {
        Self {
            project: random.pick(PROJECTS),
            supplier: random.pick(SUPPLIERS),
            day: random.pick(DAYS),
            amount: format!("{},{:03} EUR", 1 + random.below(98), random.below(1_000)),
        }
    }

    pub(super) fn fill(&self, text: &str) -> String {
        text.replace("{project}", self.project)
            .replace("{supplier}", self.supplier)
            .replace("{day}", self.day)
            .replace("{amount}", &self.amount)
    }
}

impl Draft {
    /// A message without markup.
    pub(super) fn plain(sender: Sender, text: impl Into<String>) -> Self {
        Self {
            sender,
            subject: None,
            html: None,
            text: text.into(),
            importance: "normal",
            locale: "en-us",
            mentions: Vec::new(),
            attachments: Vec::new(),
            pictures: Vec::new(),
            event: None,
            fate: Fate::Stands,
            quotes: false,
        }
    }

    /// A message with markup.
    pub(super) fn rich(sender: Sender, html: impl Into<String>) -> Self {
        let html = html.into();
        let text = stripped(&html);
        Self { html: Some(html), ..Self::plain(sender, text) }
    }

    /// What the system tells.
    pub(super) fn event(event: Event) -> Self {
        let html = "<systemEventMessage/>".to_owned();
        Self { html: Some(html), event: Some(event), ..Self::plain(Sender::System, "") }
    }

    pub(super) fn attack(sender: Sender, attack: &Attack) -> Self {
        let html = attack.html.map(str::to_owned);
        // There is nothing behind its address, and no item has its id.
        let file = attack.file.map(|address| Attachment::File {
            unique: Uuid::nil(),
            name: address.rsplit('/').next().unwrap_or_default().to_owned(),
            web_url: address.to_owned(),
        });
        Self { html, attachments: file.into_iter().collect(), ..Self::plain(sender, attack.text) }
    }

    /// One line of a dialogue.
    pub(super) fn line(sender: Sender, line: &Line, filling: &Filling) -> Self {
        match line {
            Line::Plain(text) => Self::plain(sender, filling.fill(text)),
            Line::Rich(html) | Line::Pictured(html) | Line::Filed(html) => {
                Self::rich(sender, filling.fill(html))
            }
            Line::Quoting(html) => Self { quotes: true, ..Self::rich(sender, filling.fill(html)) },
            Line::Urgent(html) => Self { importance: "urgent", ..Self::rich(sender, filling.fill(html)) },
            Line::Withdrawn(html) => Self { fate: Fate::Deleted, ..Self::rich(sender, filling.fill(html)) },
            Line::Edited(html) => Self { fate: Fate::Edited, ..Self::rich(sender, filling.fill(html)) },
        }
    }

    /// Turns `{name}` into a mention.
    pub(super) fn mentioning(mut self, people: People<'_>, addressee: Participant) -> Self {
        if let Some(html) = self.html.as_mut().filter(|html| html.contains("{name}")) {
            let name = people.name(addressee);
            *html = html.replace("{name}", &format!("<at id=\"0\">{}</at>", escaped(name)));
            self.text = self.text.replace("{name}", name);
            self.mentions.push(Mention::Person(addressee, name.to_owned()));
        }
        self
    }

    /// Turns `<at>channel</at>` into a mention of the channel.
    pub(super) fn mentioning_channel(mut self, name: &'static str) -> Self {
        if let Some(html) = self.html.as_mut().filter(|html| html.contains("<at>channel</at>")) {
            *html = html.replace("<at>channel</at>", &format!("<at id=\"0\">{name}</at>"));
            self.text = self.text.replace("channel", name);
            self.mentions.push(Mention::Channel(name));
        }
        self
    }

    pub(super) fn with_file(mut self, file: Option<&AttachedFile>) -> Self {
        if let (Some(file), Some(html)) = (file, self.html.as_mut()) {
            html.extend(["<attachment id=\"", &file.unique.to_string(), "\"></attachment>"]);
            let AttachedFile { unique, name, web_url } = file.clone();
            self.attachments.push(Attachment::File { unique, name, web_url });
        }
        self
    }

    pub(super) fn with_picture(mut self, object: Uuid) -> Self {
        let picture = Picture { object };
        if let Some(html) = self.html.as_mut() {
            let size = format!("width=\"{EDGE}\" height=\"{EDGE}\"");
            let style = format!("vertical-align:bottom; width:{EDGE}px; height:{EDGE}px");
            let id = picture.id();
            html.extend(["<p><img alt=\"image\" src=\"", PICTURES, "/", &id, "/$value\" ", &size]);
            html.extend([" style=\"", &style, "\" itemid=\"", &object.to_string(), "\"></p>"]);
            self.pictures.push(picture);
        }
        self
    }

    /// A card in place of the markup.
    pub(super) fn with_card(mut self, id: Uuid, title: &str, facts: &[(&str, &str)]) -> Self {
        let facts: Vec<serde_json::Value> = facts
            .iter()
            .map(|(title, value)| serde_json::json!({ "title": title, "value": value }))
            .collect();
        let card = serde_json::json!({
            "type": "AdaptiveCard",
            "version": "1.4",
            "body": [
                { "type": "TextBlock", "text": title, "weight": "bolder", "wrap": true },
                { "type": "FactSet", "facts": facts },
            ],
            "actions": [{ "type": "Action.OpenUrl", "title": "Open", "url": "https://status.example/runs" }],
        });
        self.html = Some(format!("<attachment id=\"{}\"></attachment>", id.simple()));
        self.attachments.push(Attachment::Card { id, content: card.to_string() });
        self
    }

    pub(super) fn titled(mut self, subject: Option<String>) -> Self {
        self.subject = subject;
        self
    }

    pub(super) fn spoken(mut self, locale: &'static str) -> Self {
        self.locale = locale;
        self
    }
}

/// Tags that stand within a line.
const INLINE: &[&str] = &["a", "at", "code", "em", "strong"];

/// Markup without its tags: what is between them, on one line.
fn stripped(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    for (place, part) in html.split('<').enumerate() {
        // What stands before the first tag is all text.
        let (tag, rest) = if place == 0 { ("", part) } else { part.split_once('>').unwrap_or((part, "")) };
        let name = tag.trim_start_matches('/').split(' ').next().unwrap_or_default();
        let is_inline = INLINE.contains(&name);
        if !is_inline && !text.is_empty() && !text.ends_with(' ') {
            text.push(' ');
        }
        text.push_str(rest);
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::stripped;

    /// Fails when a search would not find words that stand beside a tag.
    #[test]
    fn words_stay_whole_without_their_tags() {
        let html = "<p>Bring the <strong>spare</strong> parts, <at id=\"0\">Aoife</at>?</p><ul><li>one</li><li>two</li></ul>";
        assert_eq!(stripped(html), "Bring the spare parts, Aoife? one two");
        assert_eq!(stripped("plain"), "plain");
    }
}
