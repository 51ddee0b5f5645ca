//! Profiles: `/me` and `/users/{id}`.

use bytes::Bytes;
use serde_json::{Value, json};

use super::odata::query::Query;
use super::odata::select::Selection;
use super::refusal::Refusal;
use super::respond::{Entity, Object, bytes};
use crate::directory::{SharedMailbox, Tenant, User};

/// A property, and whether it is written where nothing is selected.
const PROPERTIES: &[(&str, bool)] = &[
    ("businessPhones", true),
    ("displayName", true),
    ("givenName", true),
    ("jobTitle", true),
    ("mail", true),
    ("mobilePhone", true),
    ("officeLocation", true),
    ("preferredLanguage", true),
    ("surname", true),
    ("userPrincipalName", true),
    ("id", true),
    ("accountEnabled", false),
    ("companyName", false),
    ("department", false),
    ("mailNickname", false),
    ("userType", false),
];

/// Somebody with an address: a person or a shared mailbox.
#[derive(Debug, Clone, Copy)]
pub(super) enum Person<'a> {
    User(&'a User),
    Shared(&'a SharedMailbox),
}

/// How much of a profile may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProfileAccess {
    Full,
    /// Names, address and id: what `User.ReadBasic.All` shows of others. The rest is null.
    Basic,
}

impl<'a> Person<'a> {
    /// Finds somebody of a tenant by object id or user principal name.
    pub(super) fn find(tenant: &'a Tenant, key: &str) -> Option<Self> {
        let named = |id: uuid::Uuid, upn: &str| {
            upn.eq_ignore_ascii_case(key) || uuid::Uuid::try_parse(key).is_ok_and(|key| key == id)
        };
        let shared = &tenant.shared_mailbox;
        if named(shared.id, &shared.upn) {
            return Some(Self::Shared(shared));
        }
        tenant.users.iter().find(|user| named(user.id, &user.upn)).map(Self::User)
    }

    pub(super) const fn id(self) -> uuid::Uuid {
        match self {
            Self::User(user) => user.id,
            Self::Shared(shared) => shared.id,
        }
    }

    pub(super) fn name(self) -> &'a str {
        match self {
            Self::User(user) => &user.name,
            Self::Shared(shared) => &shared.name,
        }
    }

    pub(super) fn address(self) -> &'a str {
        match self {
            Self::User(user) => user.mail(),
            Self::Shared(shared) => &shared.upn,
        }
    }
}

pub(super) fn profile(
    tenant: &Tenant,
    person: Person<'_>,
    access: ProfileAccess,
    query: &Query,
    base_url: &str,
) -> Result<Bytes, Refusal> {
    let names: Vec<&'static str> = PROPERTIES.iter().map(|(name, _)| *name).collect();
    let selection = Selection::parse(query.select.as_deref(), &names, "microsoft.graph.user")?;
    let mut object = Object::new();
    for (place, (name, by_default)) in PROPERTIES.iter().enumerate() {
        if selection.holds(place, *by_default) {
            object.set(name, property(name, tenant, person, access));
        }
    }
    let context = format!("{base_url}/$metadata#users{}/$entity", selection.context(&names));
    Ok(bytes(&Entity { context, object }))
}

fn property(name: &str, tenant: &Tenant, person: Person<'_>, access: ProfileAccess) -> Value {
    match (name, person) {
        ("id", _) => person.id().to_string().into(),
        ("displayName", _) => person.name().into(),
        ("mail", _) => person.address().into(),
        ("userPrincipalName", Person::User(user)) => user.upn.as_str().into(),
        ("userPrincipalName", Person::Shared(shared)) => shared.upn.as_str().into(),
        ("givenName", Person::User(user)) => user.given_name.as_str().into(),
        ("surname", Person::User(user)) => user.surname.as_str().into(),
        ("businessPhones", Person::User(user)) if access == ProfileAccess::Full => {
            json!([user.business_phone])
        }
        ("businessPhones", _) => json!([]),
        (_, Person::User(user)) if access == ProfileAccess::Full => detail(name, tenant, user),
        _ => Value::Null,
    }
}

/// What only the user, or an application with more rights than ours, sees.
fn detail(name: &str, tenant: &Tenant, user: &User) -> Value {
    match name {
        "jobTitle" => user.job_title.as_str().into(),
        "mobilePhone" => user.mobile_phone.as_deref().into(),
        "officeLocation" => user.office.as_str().into(),
        "preferredLanguage" => user.preferred_language.as_str().into(),
        "accountEnabled" => true.into(),
        "companyName" => tenant.name.as_str().into(),
        "department" => user.department.as_str().into(),
        "mailNickname" => user.upn.split('@').next().into(),
        "userType" => if user.guest.is_some() { "Guest" } else { "Member" }.into(),
        _ => Value::Null,
    }
}
