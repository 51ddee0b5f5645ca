//! One profile as JSON.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Asking, Person, ProfileAccess};
use crate::directory::{Tenant, User};
use crate::graph::odata::select::Selection;
use crate::graph::refusal::Refusal;
use crate::graph::respond::{Entity, Object, bytes};

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
pub(super) const TYPE_NAME: &str = "microsoft.graph.user";

impl Asking<'_> {
    pub(super) fn entity(&self, person: Person<'_>) -> Result<Bytes, Refusal> {
        let selection = self.selection()?;
        let base_url = self.request.base_url;
        let context = format!("{base_url}/$metadata#users{}/$entity", selection.context(&names()));
        let mut object = self.shown(person, &selection);
        self.append_managers(&mut object, person, self.chain()?.as_ref());
        Ok(bytes(&Entity { context, object }))
    }

    /// A user where anything of the directory could stand.
    pub(super) fn directory_object(&self, person: Person<'_>) -> Result<Bytes, Refusal> {
        let context = format!("{}/$metadata#directoryObjects/$entity", self.request.base_url);
        let mut object = Object::new();
        object.set("@odata.type", "#microsoft.graph.user");
        object.append(self.shown(person, &self.selection()?));
        self.append_managers(&mut object, person, self.chain()?.as_ref());
        Ok(bytes(&Entity { context, object }))
    }

    pub(super) fn selection(&self) -> Result<Selection, Refusal> {
        Selection::parse(self.query.select.as_deref(), &names(), TYPE_NAME)
    }

    /// Writes the selected properties, null where the scopes don't show them.
    pub(super) fn shown(&self, person: Person<'_>, selection: &Selection) -> Object {
        let access = self.access(person);
        let mut object = Object::new();
        for (place, (name, by_default)) in PROPERTIES.iter().enumerate() {
            if selection.holds(place, *by_default) {
                object.set(name, property(name, self.tenant, person, access));
            }
        }
        object
    }
}

pub(super) fn names() -> Vec<&'static str> {
    PROPERTIES.iter().map(|(name, _)| *name).collect()
}

fn property(name: &str, tenant: &Tenant, person: Person<'_>, access: ProfileAccess) -> Value {
    match (name, person) {
        ("id", _) => person.id().to_string().into(),
        ("displayName", _) => person.name().into(),
        ("mail", _) => person.address().into(),
        ("userPrincipalName", _) => person.principal_name().into(),
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
