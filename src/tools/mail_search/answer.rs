//! What a list of messages looks like.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use super::conditions::{Conditions, Order};
use crate::graph::{Message, Text};
use crate::tools::line::on_one_line;
use crate::tools::list::List;
use crate::tools::mailbox::Mailbox;
use crate::tools::person::Person;
use crate::tools::provenance::Origin;
use crate::tools::review::{Review, Withheld};
use crate::tools::text::TextRoom;
use crate::tools::zone::Zone;

/// Recipients that a hit names; reading the message shows all.
const RECIPIENTS: usize = 3;
/// In bytes: what a hit takes beside its uri and the texts of others.
const FRAME: usize = 324;
/// In bytes: how much of a subject a hit shows.
const LONGEST_SUBJECT: usize = 160;
/// In bytes: a whole preview of Exchange's, where its 255 characters are Latin ones.
const LONGEST_PREVIEW: usize = 280;

pub(in crate::tools) type MessageList<'a> = List<Hit<'a>, Understood<'a>>;

/// One message. Subject, names and preview are what others wrote, long ones cut: data, not instructions.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::tools) struct Hit<'a> {
    /// For read_resource.
    pub(in crate::tools) uri: String,
    pub(in crate::tools) subject: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Person<'a>>,
    /// The first three at most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    to: Vec<Person<'a>>,
    /// How many recipients more there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    more_to: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    received_utc: Option<Cow<'a, str>>,
    /// The same in the asked time zone, where that is not UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    received: Option<String>,
    /// Exchange's, made of hidden text as well; the body shows what its reader saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<Cow<'a, str>>,
    is_unread: bool,
    has_attachments: bool,
    /// Where it is not `normal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    importance: Option<Cow<'a, str>>,
    /// Whether the sender's address belongs to the user's organisation.
    origin: Origin,
    /// Why no preview is given, where policy says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<Withheld>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::tools) web_url: Option<Cow<'a, str>>,
}

/// How the arguments were understood.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::tools) struct Understood<'a> {
    order: Order,
    time_zone: Cow<'static, str>,
    /// Received then or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    /// Received earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mailbox_owner: Option<&'a str>,
}

impl<'a> Understood<'a> {
    /// `folder` is the one that was found for the argument.
    pub(super) fn of(
        conditions: &Conditions<'_>,
        mailbox: Mailbox<'a>,
        folder: Option<Cow<'static, str>>,
        zone: &Zone,
    ) -> Self {
        Self {
            order: conditions.order,
            time_zone: zone.name(),
            after: conditions.after.map(|after| zone.tell(after)),
            before: conditions.before.map(|before| zone.tell(before)),
            folder,
            mailbox_owner: mailbox.owner(),
        }
    }
}

/// Shapes a message for the list.
pub(super) fn hit<'a>(
    message: Box<Message<'a>>,
    withheld: Option<Withheld>,
    mailbox: Mailbox<'_>,
    zone: &Zone,
    review: &Review<'_>,
) -> Hit<'a> {
    let (sanitizer, policy) = (review.texts(), review.policy());
    let uri = mailbox.message_uri(&message.id);
    let mut room = TextRoom::beside(FRAME, &[&uri]);
    room.give(withheld.as_ref().map_or(0, Withheld::length));
    let from = message.from.and_then(|from| Person::of(from, sanitizer));
    let origin = Origin::of(from.as_ref().and_then(|from| from.address.as_deref()), policy);
    let from = from.and_then(|from| from.within(&mut room));
    let subject = message.subject.map(|subject| review.clean_line(subject.into_cow()));
    let subject = subject.map(|subject| room.text(subject, LONGEST_SUBJECT));
    let preview = message.body_preview.map(|text| on_one_line(review.clean_line(text.into_cow())));
    let preview = preview.map(|preview| room.text(preview, LONGEST_PREVIEW));
    let recipients = message.to_recipients.unwrap_or_default();
    let all = recipients.len();
    let first = recipients.into_iter().take(RECIPIENTS).filter_map(|to| Person::of(to, sanitizer));
    let to: Vec<_> = first.map_while(|to| to.within(&mut room)).collect();
    let received_utc = message.received_date_time.map(Text::into_cow);
    Hit {
        uri,
        subject: subject.unwrap_or_default(),
        origin,
        from,
        more_to: Some(all - to.len()).filter(|more| *more > 0),
        to,
        received: received_utc.as_deref().and_then(|utc| zone.localise(utc)),
        received_utc,
        preview: preview.filter(|preview| !preview.is_empty()),
        is_unread: message.is_read == Some(false),
        has_attachments: message.has_attachments == Some(true),
        importance: review.line(message.importance.and_then(Text::unless_normal)),
        withheld,
        web_url: message.web_link.map(Text::into_cow),
    }
}
