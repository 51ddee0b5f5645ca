//! `getMailTips`: what is to be known of recipients before a mail is sent to them. It reads; nothing is sent.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::calendar::payload::{Payload, wrong};
use super::mail::access::own_mailbox;
use super::people::Person;
use super::prepared::Prepared;
use super::refusal::Refusal;
use super::refusal::calendar::CalendarRefusal;
use super::request::{GraphMethod, GraphRequest};
use super::respond::bytes;
use super::who::Who;
use crate::directory::Tenant;

const OPERATION: &str = "getMailTips";
/// Most recipients of one request. Exchange takes as many in one question about schedules; of this one it is not documented.
const MOST_RECIPIENTS: usize = 100;
/// Bytes of the largest mail that a mailbox takes: the default of Exchange Online, 36 MB.
const LARGEST_MAIL: u32 = 36 << 20;
/// Of every dozen members, the one at this seat is away and says so,
const AWAY: usize = 5;
/// and the mailbox of the one at this seat is full.
const FULL: usize = 9;
const ABSENCE: &str = "<html><body>I am away, and read mail when I am back.</body></html>";

/// `mailTipsType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tip {
    AutomaticReplies,
    MailboxFullStatus,
    Custom,
    ExternalMemberCount,
    TotalMemberCount,
    MaxMessageSize,
    DeliveryRestriction,
    ModerationStatus,
    RecipientScope,
    RecipientSuggestions,
}

impl Tip {
    /// The name by which each is asked for.
    const ALL: [(&'static str, Self); 10] = [
        ("automaticReplies", Self::AutomaticReplies),
        ("mailboxFullStatus", Self::MailboxFullStatus),
        ("customMailTip", Self::Custom),
        ("externalMemberCount", Self::ExternalMemberCount),
        ("totalMemberCount", Self::TotalMemberCount),
        ("maxMessageSize", Self::MaxMessageSize),
        ("deliveryRestriction", Self::DeliveryRestriction),
        ("moderationStatus", Self::ModerationStatus),
        ("recipientScope", Self::RecipientScope),
        ("recipientSuggestions", Self::RecipientSuggestions),
    ];

    fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, tip)| *tip)
    }

    /// The property that answers it, and what it says of somebody.
    fn answer(self, recipient: Recipient) -> (&'static str, Value) {
        match self {
            Self::AutomaticReplies if recipient.sits_at(AWAY) => {
                let language = json!({ "locale": "en-US", "displayName": "English (United States)" });
                ("automaticReplies", json!({ "message": ABSENCE, "messageLanguage": language }))
            }
            Self::AutomaticReplies => ("automaticReplies", json!({ "message": "" })),
            Self::MailboxFullStatus => ("mailboxFull", recipient.sits_at(FULL).into()),
            Self::Custom => ("customMailTip", "".into()),
            // Everybody here is one person; groups have no addresses.
            Self::ExternalMemberCount => ("externalMemberCount", u8::from(recipient.is_external()).into()),
            Self::TotalMemberCount => ("totalMemberCount", 1.into()),
            Self::MaxMessageSize => ("maxMessageSize", LARGEST_MAIL.into()),
            Self::DeliveryRestriction => ("deliveryRestricted", false.into()),
            Self::ModerationStatus => ("isModerated", false.into()),
            Self::RecipientScope if recipient.is_external() => ("recipientScope", "external".into()),
            Self::RecipientScope => ("recipientScope", "internal".into()),
            Self::RecipientSuggestions => ("recipientSuggestions", json!([])),
        }
    }
}

/// Who would get the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recipient {
    Member {
        seat: usize,
    },
    SharedMailbox,
    /// Of elsewhere, guests included. No more is known of them.
    External,
}

impl Recipient {
    /// Nobody where an address of the tenant's own domain is nobody's.
    fn find(tenant: &Tenant, address: &str) -> Option<Self> {
        let mut people = Person::all(tenant).enumerate();
        match people.find(|(_, person)| person.address().eq_ignore_ascii_case(address)) {
            Some((_, Person::User(user))) if user.guest.is_some() => Some(Self::External),
            Some((seat, Person::User(_))) => Some(Self::Member { seat }),
            Some((_, Person::Shared(_))) => Some(Self::SharedMailbox),
            None => {
                let (_, domain) = address.rsplit_once('@')?;
                (!domain.is_empty() && !domain.eq_ignore_ascii_case(&tenant.domain)).then_some(Self::External)
            }
        }
    }

    fn is_external(self) -> bool {
        self == Self::External
    }

    /// Whether it is the member at that seat of a dozen.
    const fn sits_at(self, wanted: usize) -> bool {
        matches!(self, Self::Member { seat, .. } if seat % 12 == wanted)
    }
}

/// Of whom what is to be told.
struct Question {
    addresses: Vec<String>,
    tips: Vec<Tip>,
}

impl Question {
    fn read(payload: &Payload) -> Result<Self, CalendarRefusal> {
        payload.takes_only(&["EmailAddresses", "MailTipsOptions"])?;
        if payload.get("EmailAddresses").is_none() {
            return Err(CalendarRefusal::MissingParameter("EmailAddresses"));
        }
        let addresses = payload.list("EmailAddresses")?.iter().map(|text| text.as_str().map(str::to_owned));
        let addresses: Option<Vec<String>> = addresses.collect();
        let addresses = addresses.ok_or_else(|| wrong("EmailAddresses", "Collection(Edm.String)"))?;
        if addresses.len() > MOST_RECIPIENTS {
            return Err(CalendarRefusal::TooManyAddresses(addresses.len()));
        }
        let options =
            payload.get("MailTipsOptions").ok_or(CalendarRefusal::MissingParameter("MailTipsOptions"))?;
        let tips =
            options.as_str().and_then(|text| text.split(',').map(|name| Tip::named(name.trim())).collect());
        let tips = tips.ok_or_else(|| wrong("MailTipsOptions", "microsoft.graph.mailTipsType"))?;
        Ok(Self { addresses, tips })
    }

    /// What is told of one address.
    fn answer(&self, tenant: &Tenant, address: &str) -> Value {
        let Some(recipient) = Recipient::find(tenant, address) else {
            let message = "Unable to resolve e-mail address to an Active Directory object.";
            return json!({
                "emailAddress": unnamed(address),
                "error": { "code": "ErrorMailRecipientNotFound", "message": message },
            });
        };
        let mut tips = Map::new();
        tips.insert("emailAddress".to_owned(), unnamed(address));
        for (property, value) in self.tips.iter().map(|tip| tip.answer(recipient)) {
            tips.insert(property.to_owned(), value);
        }
        tips.into()
    }
}

/// An address without its owner's name, which this operation never tells.
fn unnamed(address: &str) -> Value {
    json!({ "name": "", "address": address })
}

/// The tips for a mail that the caller might send.
pub(super) fn answer(
    tenant: &Tenant,
    caller: Uuid,
    who: &Who,
    request: &GraphRequest<'_>,
) -> Result<Prepared, Refusal> {
    own_mailbox(tenant, caller, who)?;
    let GraphMethod::Post(sent) = request.method else { return Err(Refusal::MethodNotAllowed) };
    let question = Question::read(&Payload::parse(sent, OPERATION)?)?;
    let tips: Vec<Value> =
        question.addresses.iter().map(|address| question.answer(tenant, address)).collect();
    let context = format!("{}/$metadata#Collection(microsoft.graph.mailTips)", request.base_url);
    Ok(Prepared::json(bytes(&json!({ "@odata.context": context, "value": tips }))))
}
