//! The managed properties that a request may ask for by name.

use serde_json::{Map, Value};

use crate::graph::findable::Document;
use crate::graph::kql::{Attribute, Flag, Moment, Place};

/// The fields asked for, under the names they were asked by, the first letter small. What there is not is left out.
pub(super) fn fields(document: &dyn Document, wanted: &[String]) -> Map<String, Value> {
    wanted.iter().filter_map(|name| Some((shown(name), value(document, name)?))).collect()
}

/// Managed properties that everything in SharePoint has, by every name.
const NAMES: &[&str] = &[
    "title",
    "filename",
    "name",
    "author",
    "createdby",
    "modifiedby",
    "editor",
    "sitetitle",
    "filetype",
    "fileextension",
    "contentclass",
    "path",
    "isdocument",
    "created",
    "createddatetime",
    "lastmodifiedtime",
    "lastmodifieddatetime",
    "write",
    "size",
];

/// Whether that is a managed property of everything in SharePoint.
pub(super) fn is_field(name: &str) -> bool {
    NAMES.contains(&name.to_ascii_lowercase().as_str())
}

fn shown(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// The value of a managed property, or of a column of the list that it lies in.
pub(super) fn value(document: &dyn Document, name: &str) -> Option<Value> {
    let text = |place| Some(Value::from(*document.texts(place).first()?));
    let attribute = |attribute| Some(Value::from(document.attributes(attribute).first()?.as_ref()));
    let time = |moment| Some(Value::from(document.moment(moment)?.to_string()));
    match name.to_ascii_lowercase().as_str() {
        "title" => Some(document.subject().into()),
        "filename" | "name" => text(Place::FileName),
        "author" | "createdby" => text(Place::Author),
        "modifiedby" | "editor" => text(Place::Editor),
        "sitetitle" => text(Place::SiteTitle),
        "filetype" | "fileextension" => attribute(Attribute::FileType),
        "contentclass" => attribute(Attribute::ContentClass),
        "path" => document.web_url().map(Value::from),
        "isdocument" => Some(document.flag(Flag::IsDocument).into()),
        "created" | "createddatetime" => time(Moment::Created),
        "lastmodifiedtime" | "lastmodifieddatetime" | "write" => time(Moment::Modified),
        "size" => Some(document.size().into()),
        _ => document.column(name),
    }
}
