//! A hit of Microsoft Search as the uri that reads it.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::graph::{AnyHit, AnyResource, PathSegment, Text};
use crate::policy::{ItemFacts, Place, TenantPolicy};
use crate::tools::provenance::Origin;
use crate::tools::review::{Review, Reviewable};
use crate::tools::text::character_boundary;

/// In bytes.
const LONGEST_TITLE: usize = 200;

impl Reviewable for AnyHit<'_> {
    fn facts(&self, policy: &TenantPolicy) -> ItemFacts<'_> {
        let resource = &self.resource;
        if self.is_message() {
            let address =
                resource.from.as_ref().and_then(|from| from.email_address.as_ref()?.address.as_deref());
            return ItemFacts { mail_from: Some(Origin::of(address, policy).into()), ..ItemFacts::default() };
        }
        let is_chat = resource.chat_id.is_some() || resource.channel_identity.is_some();
        let place = Place {
            site_id: resource.parent_reference.as_ref().and_then(|parent| parent.site_id.as_deref()),
            url: resource.web_url.as_deref(),
            is_own_drive: false,
        };
        ItemFacts { place: (!is_chat).then_some(place), ..ItemFacts::default() }
    }

    fn withhold(&mut self) {
        self.summary = None;
    }
}

impl AnyHit<'_> {
    fn is_message(&self) -> bool {
        self.resource.odata_type.as_deref() == Some("#microsoft.graph.message")
    }
}

/// The uri under which the hit is read; `None` where it is nothing that can be.
pub(super) fn uri(hit: &AnyHit<'_>) -> Option<String> {
    let AnyResource { id, chat_id, channel_identity, reply_to_id, parent_reference, sharepoint_ids, .. } =
        &hit.resource;
    if hit.is_message() {
        return written("mail:///messages/", &[("", &hit.hit_id)]);
    }
    let id = id.as_deref();
    let channel = channel_identity
        .as_ref()
        .and_then(|channel| Some((channel.team_id.as_deref()?, channel.channel_id.as_deref()?)));
    if let Some((team, channel)) = channel {
        let place = [("", team), ("/channels/", channel)];
        return match reply_to_id.as_deref().filter(|post| Some(*post) != id) {
            Some(post) => {
                written("teams:///teams/", &[place[0], place[1], ("/messages/", post), ("/replies/", id?)])
            }
            None => written("teams:///teams/", &[place[0], place[1], ("/messages/", id?)]),
        };
    }
    if let Some(chat) = chat_id.as_deref() {
        return written("teams:///chats/", &[("", chat), ("/messages/", id?)]);
    }
    let parent = parent_reference.as_ref()?;
    if hit.resource.odata_type.as_deref() == Some("#microsoft.graph.listItem") {
        let item = sharepoint_ids.as_ref();
        let list = item.and_then(|ids| ids.list_id.as_deref())?;
        let item = item.and_then(|ids| ids.list_item_id.as_deref()).or(id)?;
        return written("list:///", &[("", parent.site_id.as_deref()?), ("/", list), ("/items/", item)]);
    }
    written("file:///", &[("", parent.drive_id.as_deref()?), ("/", id?)])
}

fn written(root: &str, parts: &[(&str, &str)]) -> Option<String> {
    let mut uri = root.to_owned();
    for (before, id) in parts {
        let segment = PathSegment::new(id).ok()?;
        write!(uri, "{before}{segment}").ok()?;
    }
    Some(uri)
}

/// What people call it: subject, name, or else the beginning of what was found in it.
pub(super) fn title(hit: &AnyHit<'_>, review: &Review<'_>) -> String {
    let AnyResource { subject, name, .. } = &hit.resource;
    let named =
        [subject, name].into_iter().flatten().map(|text| &**text).find(|text| !text.trim().is_empty());
    let raw: Cow<'_, str> = match (named, &hit.summary) {
        (Some(named), _) => named.into(),
        (None, Some(summary)) => without_marks(summary).into(),
        (None, None) => "".into(),
    };
    let line = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut title = review.clean(Cow::Owned(line)).into_owned();
    title.truncate(character_boundary(&title, LONGEST_TITLE));
    if title.is_empty() { "Untitled".to_owned() } else { title }
}

/// For people.
pub(super) fn url(resource: &mut AnyResource<'_>) -> String {
    let link = resource.web_link.take().or_else(|| resource.web_url.take());
    link.map(Text::into_cow).unwrap_or_default().into_owned()
}

fn without_marks(summary: &str) -> String {
    ["<c0>", "</c0>", "<ddd/>"].iter().fold(summary.to_owned(), |text, mark| text.replace(mark, ""))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, a hit could not be read, or something else would be read in its place.
    #[rstest]
    #[case::mail(
        r##"{"hitId":"AA/1=","resource":{"@odata.type":"#microsoft.graph.message","subject":"x"}}"##,
        Some("mail:///messages/AA%2F1=")
    )]
    #[case::file(r##"{"hitId":"01","resource":{"@odata.type":"#microsoft.graph.driveItem","id":"01A","parentReference":{"driveId":"b!x","siteId":"s"}}}"##, Some("file:///b%21x/01A"))]
    #[case::entry(r##"{"hitId":"g","resource":{"@odata.type":"#microsoft.graph.listItem","id":"g","parentReference":{"siteId":"h,1,2"},"sharepointIds":{"listId":"L","listItemId":"7"}}}"##, Some("list:///h%2C1%2C2/L/items/7"))]
    #[case::chat(r##"{"hitId":"1","resource":{"@odata.type":"#microsoft.graph.chatMessage","id":"1","chatId":"19:a@b","channelIdentity":{}}}"##, Some("teams:///chats/19%3Aa%40b/messages/1"))]
    #[case::post(
        r#"{"hitId":"1","resource":{"id":"1","channelIdentity":{"teamId":"t","channelId":"c"}}}"#,
        Some("teams:///teams/t/channels/c/messages/1")
    )]
    #[case::reply(r#"{"hitId":"2","resource":{"id":"2","replyToId":"1","channelIdentity":{"teamId":"t","channelId":"c"}}}"#, Some("teams:///teams/t/channels/c/messages/1/replies/2"))]
    #[case::nowhere(r#"{"hitId":"1","resource":{"id":"1"}}"#, None)]
    fn a_hit_has_its_uri(#[case] json: &str, #[case] expected: Option<&str>) {
        let hit: AnyHit<'_> = serde_json::from_str(json).unwrap();
        assert_eq!(uri(&hit).as_deref(), expected);
    }
}
