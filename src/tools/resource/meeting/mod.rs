//! What can be read of online meetings, one file a scheme.

mod attendance;
mod details;
mod insights;
mod latest;
mod none_of_this_time;
mod recordings;
mod transcript;
mod transcript_list;
mod transcript_parts;
mod transcript_uri;

use std::borrow::Cow;

pub(super) use attendance::ATTENDANCE_SCHEME;
pub(super) use details::MEETING_SCHEME;
pub(super) use insights::INSIGHTS_SCHEME;
pub(super) use recordings::RECORDINGS_SCHEME;
pub(super) use transcript::TRANSCRIPT_SCHEME;

use crate::graph::Text;
use crate::tools::error::ToolError;
use crate::tools::uri::Family;
use crate::tools::zone::Zone;

/// The id of the meeting in a uri that has nothing else.
fn only_id(family: Family, uri: &str) -> Result<Cow<'_, str>, ToolError> {
    let mut ids = family.segments("uri", uri)?.into_iter();
    match (ids.next(), ids.next()) {
        (Some(meeting), None) => Ok(meeting),
        _ => Err(family.refused("uri")),
    }
}

/// A time as Graph gives it, and the same in the asked zone where that says something new.
fn told<'a>(utc: Option<Text<'a>>, zone: &Zone) -> (Option<Cow<'a, str>>, Option<String>) {
    let utc = utc.map(Text::into_cow);
    let local = utc.as_deref().and_then(|utc| zone.localise(utc));
    (utc, local)
}
