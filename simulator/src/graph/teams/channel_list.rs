//! Teams and channels as JSON, and channels as rows that `$filter` looks at.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::organisation::{Channel, Membership, Team};
use super::render::encoded;
use crate::directory::Tenant;
use crate::graph::odata::select::Selection;
use crate::graph::odata::value::{Element, Kind, Value};
use crate::graph::odata::{Row, Schema};
use crate::graph::respond::Object;

/// The properties of a team, in the order in which Graph writes them.
pub(super) const TEAM_NAMES: &[&str] = &[
    "id",
    "createdDateTime",
    "displayName",
    "description",
    "internalId",
    "classification",
    "specialization",
    "visibility",
    "webUrl",
    "isArchived",
    "tenantId",
    "isMembershipLimitedToOwners",
    "memberSettings",
    "guestSettings",
    "messagingSettings",
    "funSettings",
    "discoverySettings",
    "summary",
];
pub(super) const TEAM_TYPE: &str = "microsoft.graph.team";
/// What `/me/joinedTeams` fills in; the rest is null there.
const IN_LISTS: &[&str] = &[
    "id",
    "displayName",
    "description",
    "isArchived",
    "tenantId",
    "isMembershipLimitedToOwners",
    "visibility",
];

/// The properties of a channel, in the order in which Graph writes them.
pub(super) const CHANNEL_NAMES: &[&str] = &[
    "id",
    "createdDateTime",
    "displayName",
    "description",
    "isFavoriteByDefault",
    "email",
    "tenantId",
    "webUrl",
    "membershipType",
    "isArchived",
    "summary",
];
pub(super) const CHANNEL_TYPE: &str = "microsoft.graph.channel";

/// How much of a team is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// As it stands in a list of teams.
    InList,
    Full,
}

/// Owners, members and guests of a team.
#[derive(Debug, Clone, Copy)]
pub(super) struct Census {
    pub(super) owners: usize,
    pub(super) members: usize,
    pub(super) guests: usize,
}

pub(super) fn team(
    tenant: &Tenant,
    team: &Team,
    census: Census,
    selection: &Selection,
    detail: Detail,
) -> Object {
    let mut object = Object::new();
    for (place, name) in TEAM_NAMES.iter().enumerate() {
        if *name == "id" || selection.holds(place, true) {
            let is_there = detail == Detail::Full || IN_LISTS.contains(name);
            object.set(name, if is_there { team_property(tenant, team, census, name) } else { Json::Null });
        }
    }
    object
}

fn team_property(tenant: &Tenant, team: &Team, census: Census, name: &str) -> Json {
    match name {
        "id" => team.id.to_string().into(),
        "createdDateTime" => team.created.to_string().into(),
        "displayName" => team.name().into(),
        "description" => team.description().into(),
        "internalId" => team.internal_id.as_str().into(),
        "specialization" => "none".into(),
        "visibility" => team.visibility().into(),
        "webUrl" => format!(
            "https://teams.microsoft.com/l/team/{}/conversations?groupId={}&tenantId={}",
            encoded(&team.internal_id),
            team.id,
            tenant.id
        )
        .into(),
        "isArchived" => team.is_archived().into(),
        "tenantId" => tenant.id.to_string().into(),
        "isMembershipLimitedToOwners" => false.into(),
        "memberSettings" => json!({
            "allowCreateUpdateChannels": true,
            "allowCreatePrivateChannels": true,
            "allowDeleteChannels": true,
            "allowAddRemoveApps": true,
            "allowCreateUpdateRemoveTabs": true,
            "allowCreateUpdateRemoveConnectors": true,
        }),
        "guestSettings" => json!({ "allowCreateUpdateChannels": false, "allowDeleteChannels": false }),
        "messagingSettings" => json!({
            "allowUserEditMessages": true,
            "allowUserDeleteMessages": true,
            "allowOwnerDeleteMessages": true,
            "allowTeamMentions": true,
            "allowChannelMentions": true,
        }),
        "funSettings" => json!({
            "allowGiphy": true,
            "giphyContentRating": "moderate",
            "allowStickersAndMemes": true,
            "allowCustomMemes": true,
        }),
        "discoverySettings" => json!({ "showInTeamsSearchAndSuggestions": true }),
        "summary" => json!({
            "ownersCount": census.owners,
            "membersCount": census.members,
            "guestsCount": census.guests,
        }),
        _ => Json::Null,
    }
}

/// What a filter may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChannelField {
    Name,
    Description,
    Membership,
    Created,
}

/// The resource type.
#[derive(Debug)]
pub(super) struct ChannelSchema;

impl Schema for ChannelSchema {
    type Field = ChannelField;
    const TYPE_NAME: &'static str = CHANNEL_TYPE;

    fn field(path: &str) -> Option<(ChannelField, Kind)> {
        Some(match path.to_ascii_lowercase().as_str() {
            "displayname" => (ChannelField::Name, Kind::Text),
            "description" => (ChannelField::Description, Kind::Text),
            "membershiptype" => (ChannelField::Membership, Kind::Member(&["standard", "private", "shared"])),
            "createddatetime" => (ChannelField::Created, Kind::Time),
            _ => return None,
        })
    }
}

/// A channel within its team.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChannelRow<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) team: &'a Team,
    pub(super) channel: &'a Channel,
    /// Whether the client has asked for enumeration members that came later.
    pub(super) shows_unknown: bool,
}

impl Row<ChannelField> for ChannelRow<'_> {
    fn value(&self, field: ChannelField) -> Value<'_> {
        match field {
            ChannelField::Name => Value::Text(self.channel.plan.name),
            ChannelField::Description => self.channel.plan.description.map_or(Value::Null, Value::Text),
            ChannelField::Membership => Value::Text(self.channel.plan.membership.name()),
            ChannelField::Created => Value::Time(self.channel.created),
        }
    }

    fn elements(&self, _: ChannelField) -> Vec<Element<'_>> {
        Vec::new()
    }
}

impl ChannelRow<'_> {
    /// Writes behind what `object` holds already.
    pub(super) fn object(self, mut object: Object, selection: &Selection, census: Census) -> Object {
        for (place, name) in CHANNEL_NAMES.iter().enumerate() {
            if *name == "id" || selection.holds(place, *name != "summary") {
                object.set(name, self.property(name, census));
            }
        }
        object
    }

    fn property(self, name: &str, census: Census) -> Json {
        let Self { tenant, team, channel, .. } = self;
        match name {
            "id" => channel.id.as_str().into(),
            "createdDateTime" => channel.created.to_string().into(),
            "displayName" => channel.plan.name.into(),
            "description" => channel.plan.description.into(),
            "email" if channel.plan.membership == Membership::Standard => email(tenant, team.id, channel).into(),
            "email" => "".into(),
            "tenantId" => tenant.id.to_string().into(),
            "webUrl" => format!(
                "https://teams.microsoft.com/l/channel/{}/{}?groupId={}&tenantId={}&allowXTenantAccess=True&ngc=True",
                encoded(&channel.id),
                encoded(channel.plan.name),
                team.id,
                tenant.id
            )
            .into(),
            "membershipType" => match (channel.plan.membership, self.shows_unknown) {
                // Shared channels came later than the enumeration.
                (Membership::Shared, false) => "unknownFutureValue".into(),
                (membership, _) => membership.name().into(),
            },
            "isArchived" => team.is_archived().into(),
            "summary" => json!({
                "hasMembersFromOtherTenants": false,
                "ownersCount": census.owners,
                "membersCount": census.members,
                "guestsCount": census.guests,
            }),
            _ => Json::Null,
        }
    }
}

impl Membership {
    const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Private => "private",
            Self::Shared => "shared",
        }
    }
}

/// The address to which mail for a channel is sent.
fn email(tenant: &Tenant, team: Uuid, channel: &Channel) -> String {
    let (channel, team) = (channel.id.get(3..11).unwrap_or_default(), team.as_fields().0);
    format!("{channel}{team:08x}.{}@emea.teams.example", tenant.domain)
}
