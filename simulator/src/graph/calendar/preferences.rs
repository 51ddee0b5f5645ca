//! The `Prefer` header, as far as calendars listen to it.

use super::zone::Zone;
use crate::graph::refusal::calendar::CalendarRefusal;

/// What the client prefers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Preferences {
    /// In which times are shown: UTC where nothing was asked.
    pub(super) zone: Zone,
    pub(super) text_bodies: bool,
    pub(super) immutable_ids: bool,
    applied: Vec<String>,
}

impl Preferences {
    /// Reads the values of all `Prefer` headers; what is not known is passed over, but not a zone that nobody knows.
    pub(super) fn parse(headers: &[&str]) -> Result<Self, CalendarRefusal> {
        let mut preferences =
            Self { zone: Zone::utc(), text_bodies: false, immutable_ids: false, applied: Vec::new() };
        for preference in headers.iter().flat_map(|header| header.split([',', ';'])) {
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "outlook.timezone" => {
                    preferences.zone = Zone::named(value)?;
                    preferences.applied.push(format!("outlook.timezone=\"{value}\""));
                }
                "outlook.body-content-type" => preferences.body_type(&value.to_ascii_lowercase()),
                "idtype" if value.eq_ignore_ascii_case("ImmutableId") => {
                    preferences.immutable_ids = true;
                    preferences.applied.push("IdType=\"ImmutableId\"".to_owned());
                }
                _ => {}
            }
        }
        Ok(preferences)
    }

    fn body_type(&mut self, value: &str) {
        if matches!(value, "text" | "html") {
            self.text_bodies = value == "text";
            self.applied.push(format!("outlook.body-content-type=\"{value}\""));
        }
    }

    /// The value of `Preference-Applied`; nothing when nothing was asked that calendars know.
    pub(super) fn applied(&self) -> Option<String> {
        (!self.applied.is_empty()).then(|| self.applied.join(", "))
    }
}
