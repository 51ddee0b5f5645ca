//! The `Prefer` header, as far as mail listens to it.

/// What the client prefers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::graph) struct Preferences {
    pub(super) text_bodies: bool,
    html_bodies: bool,
    pub(super) immutable_ids: bool,
}

impl Preferences {
    /// Reads the values of all `Prefer` headers; what is not known is passed over, as the RFC wants it.
    pub(in crate::graph) fn parse(headers: &[&str]) -> Self {
        let mut preferences = Self::default();
        for preference in headers.iter().flat_map(|header| header.split(',')) {
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            let value = value.trim().trim_matches('"').to_ascii_lowercase();
            match (name.trim().to_ascii_lowercase().as_str(), value.as_str()) {
                ("outlook.body-content-type", "text") => preferences.text_bodies = true,
                ("outlook.body-content-type", "html") => preferences.html_bodies = true,
                ("idtype", "immutableid") => preferences.immutable_ids = true,
                _ => {}
            }
        }
        preferences
    }

    /// The value of `Preference-Applied`; nothing when nothing was asked that mail knows.
    pub(in crate::graph) fn applied(self) -> Option<String> {
        let applied: Vec<&str> = [
            (self.text_bodies, "outlook.body-content-type=\"text\""),
            (self.html_bodies && !self.text_bodies, "outlook.body-content-type=\"html\""),
            (self.immutable_ids, "IdType=\"ImmutableId\""),
        ]
        .into_iter()
        .filter_map(|(asked, preference)| asked.then_some(preference))
        .collect();
        (!applied.is_empty()).then(|| applied.join(", "))
    }
}
