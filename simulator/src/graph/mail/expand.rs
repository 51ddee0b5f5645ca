//! `$expand` on messages and attachments.

use super::render::ATTACHMENT_NAMES;
use crate::graph::odata::select::Selection;
use crate::graph::refusal::Refusal;

/// What comes along with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expansion {
    Nothing,
    /// The attachments, with these properties.
    Attachments(Selection),
}

/// Reads the `$expand` of a message: `attachments`, or `attachments($select=…)`.
pub(super) fn of_message(expand: Option<&str>) -> Result<Expansion, Refusal> {
    let Some(expand) = expand.map(str::trim) else { return Ok(Expansion::Nothing) };
    let (name, options) = match expand.split_once('(') {
        Some((name, options)) => (name, options.strip_suffix(')').ok_or_else(unsupported)?),
        None => (expand, ""),
    };
    if !name.trim().eq_ignore_ascii_case("attachments") {
        return Err(unsupported());
    }
    if options.is_empty() {
        return Ok(Expansion::Attachments(Selection::Default));
    }
    let (option, names) = options.split_once('=').ok_or_else(unsupported)?;
    if !option.trim().trim_start_matches('$').eq_ignore_ascii_case("select") {
        return Err(unsupported());
    }
    Ok(Expansion::Attachments(selection(Some(names))?))
}

/// Whether the `$expand` of an attachment asks for the item in it.
pub(super) fn wants_item(expand: Option<&str>) -> Result<bool, Refusal> {
    match expand.map(str::trim) {
        None => Ok(false),
        Some(name) if name.eq_ignore_ascii_case("microsoft.graph.itemattachment/item") => Ok(true),
        Some(_) => Err(unsupported()),
    }
}

/// The `$select` of attachments.
pub(super) fn selection(select: Option<&str>) -> Result<Selection, Refusal> {
    Selection::parse(select, ATTACHMENT_NAMES, "microsoft.graph.attachment")
}

const fn unsupported() -> Refusal {
    Refusal::UnsupportedOption("$expand")
}
