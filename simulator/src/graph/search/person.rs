//! The members of a tenant, as people who can be found.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::directory::{Tenant, User};
use crate::graph::findable::{Document, Found};
use crate::graph::kql::{Needle, Place, Searchable};

struct Member<'a> {
    tenant: &'a Tenant,
    user: &'a User,
}

pub(super) fn documents(tenant: &Tenant) -> Vec<Found<'_>> {
    let members = tenant.users.iter().filter(|user| user.guest.is_none());
    members.map(|user| Found::made(Member { tenant, user })).collect()
}

impl Searchable for Member<'_> {
    fn subject(&self) -> &str {
        &self.user.name
    }

    fn body_holds(&self, _needle: &Needle) -> bool {
        false
    }

    fn texts(&self, place: Place) -> Vec<&str> {
        match place {
            Place::Anywhere => vec![&self.user.upn, &self.user.job_title, &self.user.department],
            _ => Vec::new(),
        }
    }
}

impl Document for Member<'_> {
    fn hit_id(&self) -> String {
        format!("{}@{}", self.user.id, self.tenant.id)
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.user.name)
    }

    fn resource(&self, _fields: Map<String, Value>) -> Value {
        let user = self.user;
        json!({
            "@odata.type": "#microsoft.graph.person",
            "id": self.hit_id(),
            "displayName": user.name,
            "givenName": user.given_name,
            "surname": user.surname,
            "userPrincipalName": user.upn,
            "jobTitle": user.job_title,
            "department": user.department,
            "officeLocation": user.office,
            "emailAddresses": [{ "address": user.mail(), "rank": 1 }],
            "phones": [{ "type": "business", "number": user.business_phone }],
        })
    }
}
