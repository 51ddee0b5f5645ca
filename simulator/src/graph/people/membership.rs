//! The groups that somebody is in. Whoever has no permission to read groups is told their ids, and nothing else: no scope
//! of ours opens them.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Asking, Groups, Person};
use crate::graph::odata::select::Selection;
use crate::graph::refusal::Refusal;
use crate::graph::respond::{Object, Page, bytes};
use crate::graph::who::Who;

/// The properties of a group, in the order in which Graph writes them.
const NAMES: &[&str] = &[
    "id",
    "deletedDateTime",
    "classification",
    "createdDateTime",
    "description",
    "displayName",
    "expirationDateTime",
    "groupTypes",
    "isAssignableToRole",
    "mail",
    "mailEnabled",
    "mailNickname",
    "membershipRule",
    "membershipRuleProcessingState",
    "onPremisesDomainName",
    "onPremisesLastSyncDateTime",
    "onPremisesNetBiosName",
    "onPremisesProvisioningErrors",
    "onPremisesSamAccountName",
    "onPremisesSecurityIdentifier",
    "onPremisesSyncEnabled",
    "preferredDataLocation",
    "preferredLanguage",
    "proxyAddresses",
    "renewedDateTime",
    "securityEnabled",
    "securityIdentifier",
    "serviceProvisioningErrors",
    "theme",
    "visibility",
];
/// Lists, of which one that may not be seen is empty.
const LISTS: &[&str] =
    &["groupTypes", "onPremisesProvisioningErrors", "proxyAddresses", "serviceProvisioningErrors"];

impl Asking<'_> {
    pub(super) fn member_of(&self, who: &Who, groups: &Groups<'_>) -> Result<Bytes, Refusal> {
        let found = self.named(who);
        let is_own = found.as_ref().is_ok_and(|person| person.id() == self.caller);
        if !(self.scopes.whole_profiles() || (is_own && self.scopes.own_profile())) {
            return Err(Refusal::DirectoryAccessDenied);
        }
        let person = found.map_err(Refusal::UnknownPerson)?;
        let selection = Selection::parse(self.query.select.as_deref(), NAMES, "microsoft.graph.group")?;
        let groups = self.seat(person).map(groups).unwrap_or_default();
        let (shown, next_link) = self.page(&groups)?;
        let context = selection.context(NAMES);
        Ok(bytes(&Page {
            context: format!("{}/$metadata#directoryObjects{context}", self.request.base_url),
            count: self.counted(groups.len()),
            value: shown.iter().map(|group| limited(&group.to_string(), &selection)).collect(),
            next_link,
        }))
    }

    /// A shared mailbox has no seat, and is in no group.
    fn seat(&self, person: Person<'_>) -> Option<usize> {
        self.tenant.users.iter().position(|user| user.id == person.id())
    }
}

fn limited(id: &str, selection: &Selection) -> Object {
    let mut group = Object::new();
    group.set("@odata.type", "#microsoft.graph.group");
    group.append(Object::selected(NAMES, selection, |name| match name {
        "id" => id.into(),
        name if LISTS.contains(&name) => json!([]),
        _ => Value::Null,
    }));
    group
}
