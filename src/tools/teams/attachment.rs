//! What hangs on a message: files, quotes, cards.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use url::Url;

use super::author::Author;
use super::uri::Place as Home;
use crate::graph::{ChatAttachment, QuotedMessage, UserGraph};
use crate::policy::{ItemFacts, Place, TenantPolicy};
use crate::tools::provenance::Origin;
use crate::tools::read_alone::ReadAlone;
use crate::tools::review::{Review, Reviewable, Reviewed};
use crate::tools::text::Fence;

/// Texts of a card that are given.
const CARD_TEXTS: usize = 60;

/// A file that a message points to, by its address.
struct File<'a>(ChatAttachment<'a>);

impl Reviewable for File<'_> {
    fn facts(&self, _: &TenantPolicy) -> ItemFacts<'_> {
        let place = Place { url: self.0.content_url.as_deref(), ..Place::default() };
        ItemFacts { place: Some(place), ..ItemFacts::default() }
    }

    /// A name and an address: there is no content in it.
    fn withhold(&mut self) {}
}

/// A file, or something that only Teams can show.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AttachmentItem {
    /// For read_resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    kind: &'static str,
    /// For people. An address outside of Microsoft's files is treated as all addresses that others write.
    #[serde(skip_serializing_if = "Option::is_none")]
    web_url: Option<String>,
}

/// The message that another one answers to.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Quote {
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    from: Author,
    /// Of whoever wrote it.
    origin: Origin,
    /// Its beginning.
    text: String,
}

impl ReadAlone for Quote {
    fn enclose(&mut self, fence: Fence) {
        fence.enclose(&mut self.text);
    }
}

/// All of one message.
#[derive(Debug, Default)]
pub(super) struct Attached {
    pub(super) items: Vec<Reviewed<AttachmentItem>>,
    pub(super) quotes: Vec<Quote>,
    /// What cards say, one a line.
    pub(super) cards: String,
}

impl Attached {
    pub(super) fn of(
        attachments: Vec<ChatAttachment<'_>>,
        home: Home<'_>,
        graph: &UserGraph<'_>,
        review: &Review<'_>,
    ) -> Self {
        let mut attached = Self::default();
        for attachment in attachments {
            let kind = attachment.content_type.as_deref().unwrap_or_default();
            if kind == "messageReference" {
                attached.quotes.extend(quote(&attachment, home, review));
            } else if kind.starts_with("application/vnd.microsoft.card.") {
                let content = attachment.content.as_deref().unwrap_or_default();
                let said = card(content);
                if !attached.cards.is_empty() && !said.is_empty() {
                    attached.cards.push('\n');
                }
                attached.cards.push_str(&review.clean(Cow::Owned(said)));
            } else if kind == "reference" {
                let file = review.admit(File(attachment));
                attached
                    .items
                    .extend(file.map(|file| file.shape(|File(file), _| file_item(file, graph, review))));
            } else {
                let other = review.admit(File(attachment));
                attached
                    .items
                    .extend(other.map(|other| other.shape(|File(other), _| other_item(other, review))));
            }
        }
        attached
    }
}

/// Whoever writes a message says where its files are: only an address of the cloud's own files can be read, and stays alive.
fn file_item(file: ChatAttachment<'_>, graph: &UserGraph<'_>, review: &Review<'_>) -> AttachmentItem {
    let written = file.content_url.as_deref().filter(|written| written.starts_with("https://"));
    let address = written.and_then(|written| Url::parse(written).ok());
    let own = address.filter(|address| graph.keeps_files_at(address));
    AttachmentItem {
        uri: written.filter(|_| own.is_some()).map(share_uri),
        name: review.line(file.name).map(Cow::into_owned),
        kind: "file",
        web_url: match own {
            Some(own) => Some(own.into()),
            None => written.map(|elsewhere| review.clean_line(elsewhere.into()).into_owned()),
        },
    }
}

fn other_item(other: ChatAttachment<'_>, review: &Review<'_>) -> AttachmentItem {
    AttachmentItem {
        uri: None,
        name: review.line(other.name).map(Cow::into_owned),
        kind: "other",
        web_url: None,
    }
}

/// As Graph's `/shares` takes an address.
/// Source: <https://learn.microsoft.com/graph/api/shares-get>, "Encoding sharing URLs".
fn share_uri(address: &str) -> String {
    format!("share:///u!{}", URL_SAFE_NO_PAD.encode(address))
}

fn quote(attachment: &ChatAttachment<'_>, home: Home<'_>, review: &Review<'_>) -> Option<Quote> {
    let quoted: QuotedMessage<'_> = serde_json::from_str(attachment.content.as_deref()?).ok()?;
    let text = quoted.message_preview.map(|text| text.0.into_owned()).unwrap_or_default();
    let from = Author::of(quoted.message_sender, review);
    Some(Quote {
        uri: match home {
            Home::Chat(_) => quoted.message_id.map(|id| home.message_uri(&id, None)),
            // Which post the quoted message belongs to is not told.
            Home::Channel(_) => None,
        },
        origin: from.origin,
        from,
        text: review.clean(Cow::Owned(text)).into_owned(),
    })
}

/// The texts of a card, in the order in which they stand; what its buttons say is left out.
fn card(content: &str) -> String {
    let Ok(card) = serde_json::from_str::<Value>(content) else { return String::new() };
    let mut texts = Vec::new();
    gather(&card, &mut texts);
    texts.truncate(CARD_TEXTS);
    texts.join(" \u{b7} ")
}

fn gather(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("actions" | "selectAction" | "buttons" | "tap", _) => {}
                    ("text" | "title" | "subtitle" | "value" | "altText", Value::String(text)) => {
                        texts.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
                    }
                    (_, member) => gather(member, texts),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, what applications report in channels would be missing, or their buttons pass for text.
    #[test]
    fn a_card_is_read_as_its_texts() {
        let content = r#"{"type":"AdaptiveCard","body":[{"type":"TextBlock","text":"Nightly  report"},
            {"type":"FactSet","facts":[{"title":"State","value":"failed"}]}],
            "actions":[{"type":"Action.OpenUrl","title":"Open","url":"https://evil.example"}]}"#;
        assert_eq!(card(content), "Nightly report \u{b7} State \u{b7} failed");
        assert_eq!(card("no json"), "");
    }

    /// If this failed, files in chats could not be read.
    #[test]
    fn a_file_is_named_as_shares_are() {
        assert_eq!(share_uri("https://a.example/b?c"), "share:///u!aHR0cHM6Ly9hLmV4YW1wbGUvYj9j");
    }
}
