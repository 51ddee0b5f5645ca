//! The user's own profile (`/me`).

use serde::Deserialize;

use super::text::Text;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub display_name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub mail: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub user_principal_name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub job_title: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub office_location: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub preferred_language: Option<Text<'a>>,
}

impl Profile<'_> {
    /// For `$select`: the fields above.
    pub const SELECT: &'static str =
        "id,displayName,mail,userPrincipalName,jobTitle,officeLocation,preferredLanguage";
}
