//! `translateExchangeIds`: the ids of mail and calendars in the other forms that Exchange knows.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use serde_json::{Value, json};
use uuid::Uuid;

use super::calendar::payload::{Payload, wrong};
use super::calendar::{self, Agenda};
use super::mail::access::own_mailbox;
use super::mail::id::{self, ItemIds};
use super::prepared::Prepared;
use super::refusal::Refusal;
use super::refusal::calendar::CalendarRefusal;
use super::request::{GraphMethod, GraphRequest};
use super::respond::bytes;
use super::who::Who;
use super::{Graph, MailboxKind};
use crate::directory::Tenant;

const OPERATION: &str = "translateExchangeIds";
/// Most ids of one request, by the documentation of the operation.
const MOST_IDS: usize = 1_000;

/// `exchangeIdFormat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As clients of MAPI have it, in base64url that ends with the number of the padding's characters.
    Entry,
    /// As clients of Exchange Web Services have it: base64 of its own alphabet.
    Ews,
    ImmutableEntry,
    Rest,
    RestImmutableEntry,
}

/// What is to be translated, and into what.
struct Order {
    ids: Vec<String>,
    source: Form,
    target: Form,
}

impl Form {
    fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "entryid" => Self::Entry,
            "ewsid" => Self::Ews,
            "immutableentryid" => Self::ImmutableEntry,
            "restid" => Self::Rest,
            "restimmutableentryid" => Self::RestImmutableEntry,
            _ => return None,
        })
    }

    /// An item's id in this form; nothing where it has none.
    fn of(self, ids: &ItemIds) -> Option<String> {
        match self {
            Self::Rest => Some(ids.ordinary.clone()),
            Self::Ews => Some(ids.ordinary.replace('-', "/").replace('_', "+")),
            Self::Entry => id::entry(&ids.ordinary).map(|entry| written(&entry)),
            Self::RestImmutableEntry => ids.immutable.clone(),
            Self::ImmutableEntry => id::entry(ids.immutable.as_deref()?).map(|entry| written(&entry)),
        }
    }

    /// An id of this form as Graph writes it; nothing where that takes to know the item.
    fn as_rest(self, id: &str) -> Option<String> {
        match self {
            Self::Rest | Self::RestImmutableEntry => Some(id.to_owned()),
            Self::Ews => Some(id.replace('/', "-").replace('+', "_")),
            Self::Entry | Self::ImmutableEntry => None,
        }
    }
}

impl Order {
    fn read(payload: &Payload) -> Result<Self, CalendarRefusal> {
        payload.takes_only(&["inputIds", "sourceIdType", "targetIdType"])?;
        if payload.get("inputIds").is_none() {
            return Err(CalendarRefusal::MissingParameter("inputIds"));
        }
        let ids = payload.list("inputIds")?.iter().map(|id| id.as_str().map(str::to_owned));
        let ids: Option<Vec<String>> = ids.collect();
        let form = |name: &'static str| {
            let named = payload.get(name).ok_or(CalendarRefusal::MissingParameter(name))?;
            let known = named.as_str().and_then(Form::named);
            known.ok_or_else(|| wrong(name, "microsoft.graph.exchangeIdFormat"))
        };
        Ok(Self {
            ids: ids.ok_or_else(|| wrong("inputIds", "Collection(Edm.String)"))?,
            source: form("sourceIdType")?,
            target: form("targetIdType")?,
        })
    }

    /// One result for each id, in their order.
    fn results(&self, known: &HashMap<String, ItemIds>, agenda: &Agenda) -> Vec<Value> {
        let translated = |id: &String| {
            let ids = known.get(id).cloned().or_else(|| self.occurrence(id, agenda));
            self.target.of(&ids.ok_or_else(|| self.missing(id))?).ok_or(Refusal::NoSuchForm)
        };
        let result = |id| match translated(id) {
            Ok(target) => json!({ "sourceId": id, "targetId": target }),
            Err(refusal) => {
                let details = json!({ "code": refusal.code(), "message": refusal.to_string() });
                json!({ "sourceId": id, "errorDetails": details })
            }
        };
        self.ids.iter().map(result).collect()
    }

    /// The ids of an occurrence, of which there may be any number.
    fn occurrence(&self, id: &str, agenda: &Agenda) -> Option<ItemIds> {
        let ids = agenda.ids_of(&self.source.as_rest(id)?)?;
        (self.source.of(&ids).as_deref() == Some(id)).then_some(ids)
    }

    /// What is said of an id that is none of the mailbox's.
    fn missing(&self, id: &str) -> Refusal {
        match self.source.as_rest(id) {
            Some(id) if !calendar::is_well_formed(&id) => Refusal::MalformedId,
            _ => Refusal::ItemNotFound,
        }
    }
}

impl Graph {
    /// The caller's own ids in another form.
    pub(super) fn translate(
        &self,
        tenant: &Tenant,
        caller: Uuid,
        who: &Who,
        request: &GraphRequest<'_>,
    ) -> Result<Prepared, Refusal> {
        let person = own_mailbox(tenant, caller, who)?;
        let GraphMethod::Post(sent) = request.method else { return Err(Refusal::MethodNotAllowed) };
        let order = Order::read(&Payload::parse(sent, OPERATION)?)?;
        if order.ids.len() > MOST_IDS {
            return Err(Refusal::TooManyIds(order.ids.len()));
        }
        let (mailbox, agenda) =
            (self.mailbox(tenant, person, MailboxKind::Primary), self.agenda(tenant, person));
        let ids = mailbox.ids().chain(agenda.ids());
        let known = ids.filter_map(|ids| Some((order.source.of(&ids)?, ids))).collect();
        let context = format!("{}/$metadata#Collection(microsoft.graph.convertIdResult)", request.base_url);
        Ok(Prepared::json(bytes(&json!({
            "@odata.context": context,
            "value": order.results(&known, &agenda),
        }))))
    }
}

fn written(entry: &[u8]) -> String {
    let padded = URL_SAFE.encode(entry);
    let bare = padded.trim_end_matches('=');
    format!("{bare}{}", padded.len() - bare.len())
}
