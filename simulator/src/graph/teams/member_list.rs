//! Members of teams and channels as rows that `$filter` looks at.

use super::people::{Enrolled, People};
use super::render;
use crate::graph::odata::value::{Element, Kind, Value};
use crate::graph::odata::{Row, Schema};

/// The properties of a member, those of users of a directory among them.
pub(super) const NAMES: &[&str] =
    &["id", "roles", "displayName", "visibleHistoryStartDateTime", "userId", "email", "tenantId"];
pub(super) const TYPE_NAME: &str = "microsoft.graph.conversationMember";
/// Stands before the properties that not every member has.
const CAST: &str = "microsoft.graph.aadUserConversationMember/";

/// What a filter may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MemberField {
    Name,
    Roles,
    User,
    Email,
    Tenant,
}

/// The resource type.
#[derive(Debug)]
pub(super) struct MemberSchema;

impl Schema for MemberSchema {
    type Field = MemberField;
    const TYPE_NAME: &'static str = TYPE_NAME;

    fn field(path: &str) -> Option<(MemberField, Kind)> {
        let is_cast = path.get(..CAST.len()).is_some_and(|start| start.eq_ignore_ascii_case(CAST));
        let name = if is_cast { &path[CAST.len()..] } else { path };
        Some(match (name.to_ascii_lowercase().as_str(), is_cast) {
            ("displayname", _) => (MemberField::Name, Kind::Text),
            ("roles", _) => (MemberField::Roles, Kind::Texts),
            ("userid", true) => (MemberField::User, Kind::Text),
            ("email", true) => (MemberField::Email, Kind::Text),
            ("tenantid", true) => (MemberField::Tenant, Kind::Text),
            _ => return None,
        })
    }
}

/// Somebody in a team or a channel.
#[derive(Debug)]
pub(super) struct MemberRow<'a> {
    name: &'a str,
    email: &'a str,
    role: Option<&'static str>,
    user: String,
    tenant: String,
}

impl<'a> MemberRow<'a> {
    pub(super) fn of(people: People<'a>, enrolled: Enrolled) -> Self {
        Self {
            name: people.name(enrolled.who),
            email: people.address(enrolled.who),
            role: render::role(people, enrolled),
            user: people.id(enrolled.who).to_string(),
            tenant: people.home_tenant(enrolled.who).to_string(),
        }
    }
}

impl Row<MemberField> for MemberRow<'_> {
    fn value(&self, field: MemberField) -> Value<'_> {
        match field {
            MemberField::Name => Value::Text(self.name),
            MemberField::Email => Value::Text(self.email),
            MemberField::User => Value::Text(&self.user),
            MemberField::Tenant => Value::Text(&self.tenant),
            MemberField::Roles => Value::Null,
        }
    }

    fn elements(&self, field: MemberField) -> Vec<Element<'_>> {
        match field {
            MemberField::Roles => self.role.into_iter().map(Element::Text).collect(),
            _ => Vec::new(),
        }
    }
}

/// `$select` without the cast before names: Graph writes `userId` either way.
pub(super) fn uncast(select: &str) -> String {
    select.replace(CAST, "")
}
