//! Extended properties: the only way to learn a subject or sender from this view.

use serde_json::{Value, json};

use crate::graph::mail::mailbox::Message;
use crate::graph::refusal::Refusal;

/// Reads `$expand=singleValueExtendedProperties($filter=id eq '…' or id eq '…')` into the ids asked for.
pub(super) fn wanted(expand: Option<&str>) -> Result<Vec<String>, Refusal> {
    let unsupported = || Refusal::UnsupportedOption("$expand");
    let Some(expand) = expand.map(str::trim) else { return Ok(Vec::new()) };
    let (name, options) = expand.split_once('(').ok_or_else(unsupported)?;
    let filter = options
        .strip_suffix(')')
        .and_then(|options| options.trim().strip_prefix("$filter="))
        .filter(|_| name.eq_ignore_ascii_case("singleValueExtendedProperties"))
        .ok_or_else(unsupported)?;
    filter
        .split(" or ")
        .map(|part| {
            let value = part.trim().strip_prefix("id eq ").ok_or_else(unsupported)?;
            let id = value.trim().strip_prefix('\'').and_then(|value| value.strip_suffix('\''));
            id.map(str::to_owned).ok_or_else(unsupported)
        })
        .collect()
}

/// Those of `ids` that a mail has. Tags as MS-OXPROPS numbers them.
pub(super) fn values(message: &Message, ids: &[String]) -> Vec<Value> {
    ids.iter().filter_map(|id| value(message, id).map(|value| json!({ "id": id, "value": value }))).collect()
}

fn value(message: &Message, id: &str) -> Option<String> {
    let (kind, tag) = id.split_once(' ')?;
    let tag = u16::from_str_radix(tag.trim().to_ascii_lowercase().strip_prefix("0x")?, 16).ok()?;
    Some(match (kind.to_ascii_lowercase().as_str(), tag) {
        ("string", 0x001a) => super::schema::NOTE.to_owned(),
        ("string", 0x0037) => message.subject.clone(),
        ("string", 0x0c1a) => message.from.name.clone(),
        ("string", 0x0c1f | 0x5d01) => message.from.address.clone(),
        ("string", 0x1035) => message.internet_message_id.clone(),
        ("systemtime", 0x0039) => message.sent.to_string(),
        ("systemtime", 0x0e06) => message.received.to_string(),
        ("integer", 0x0e08) => message.size().to_string(),
        _ => return None,
    })
}
