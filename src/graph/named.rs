//! What has an id, a name and an address: sites, teams, channels, where nothing more is asked of them.

use serde::Deserialize;

use super::text::Text;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NamedThing<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub display_name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub web_url: Option<Text<'a>>,
}

impl NamedThing<'_> {
    /// Empty where there is none.
    pub fn name(&self) -> &str {
        self.display_name.as_deref().unwrap_or_default()
    }
}
