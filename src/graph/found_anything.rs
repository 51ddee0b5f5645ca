//! What Microsoft Search finds, whatever was searched: of each hit what it is called and where it is.

use serde::Deserialize;

use super::chat_search::ChannelIdentity;
use super::mail::Recipient;
use super::search::SharePointIds;
use super::text::Text;

/// A hit on anything.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnyHit<'a> {
    #[serde(borrow)]
    pub hit_id: Text<'a>,
    /// `<c0>` stands round what was looked for, `<ddd/>` where something is left out.
    #[serde(borrow, default)]
    pub summary: Option<Text<'a>>,
    #[serde(borrow)]
    pub resource: AnyResource<'a>,
}

/// A message, a drive item, a list item or a chat message.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnyResource<'a> {
    #[serde(borrow, default, rename = "@odata.type")]
    pub odata_type: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub subject: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub from: Option<Recipient<'a>>,
    #[serde(borrow, default)]
    pub web_link: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub web_url: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub chat_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub channel_identity: Option<ChannelIdentity<'a>>,
    /// Of a reply in a channel: the post.
    #[serde(borrow, default)]
    pub reply_to_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub parent_reference: Option<PlaceReference<'a>>,
    #[serde(borrow, default)]
    pub sharepoint_ids: Option<SharePointIds<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlaceReference<'a> {
    #[serde(borrow, default)]
    pub drive_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub site_id: Option<Text<'a>>,
}
