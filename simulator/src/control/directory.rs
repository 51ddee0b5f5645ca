//! `GET /_sim/directory`: who exists, by pages where there are many.

use serde_json::{Value, json};
use uuid::Uuid;

use super::input::{Input, InputError};
use crate::directory::{Client, Directory, Tenant, User};
use crate::message::Fields;

/// Tenants of a page, unless `tenants` says otherwise, and at most.
const PAGE: usize = 100;
const LARGEST_PAGE: usize = 1_000;

pub(super) fn show(directory: &Directory, query: &str) -> Result<Value, InputError> {
    let fields = Input::query(query, &["tenants", "after"])?;
    let count = page_size(&fields)?;
    let after = after(&fields)?;
    let page = directory.page(after, count).ok_or(InputError::Unknown { field: "after" })?;
    let mut shown = json!({
        "tenants": page.iter().map(|tenant| to_json(tenant)).collect::<Value>(),
        "connector": { "client_id": directory.connector.client_id },
        "clients": clients(directory),
    });
    if let Some(last) = page.last()
        && directory.page(Some(last.id), 1).is_some_and(|rest| !rest.is_empty())
    {
        shown["next"] = format!("/_sim/directory?tenants={count}&after={}", last.id).into();
    }
    Ok(shown)
}

fn page_size(fields: &Fields) -> Result<usize, InputError> {
    let Some(asked) = fields.get("tenants") else { return Ok(PAGE) };
    let size = asked.parse().ok().filter(|size| (1..=LARGEST_PAGE).contains(size));
    size.ok_or(InputError::Wrong { field: "tenants", expected: "a number from 1 to 1000" })
}

fn after(fields: &Fields) -> Result<Option<Uuid>, InputError> {
    let Some(after) = fields.get("after") else { return Ok(None) };
    let id = Uuid::try_parse(after).map(Some);
    id.map_err(|_| InputError::Wrong { field: "after", expected: "the id of a tenant" })
}

fn to_json(tenant: &Tenant) -> Value {
    let user = |user: &User| json!({ "id": user.id, "name": user.name, "upn": user.upn });
    let users: Value = listed(tenant).map(user).collect();
    json!({ "id": tenant.id, "name": tenant.name, "domain": tenant.domain, "users": users })
}

/// Guests stand among the members: the first and the last that are listed are ordinary users.
fn listed(tenant: &Tenant) -> impl Iterator<Item = &User> {
    let guests = tenant.users.iter().filter(|user| user.guest.is_some());
    let mut members: Vec<&User> = tenant.users.iter().filter(|user| user.guest.is_none()).collect();
    let last = members.pop();
    members.into_iter().chain(guests).chain(last)
}

/// Every redirect address, and beside them which of these are of single-page applications.
fn clients(directory: &Directory) -> Value {
    let listed = |client: &Client| {
        let all: Vec<&String> = client.redirect_uris.iter().chain(&client.spa_redirect_uris).collect();
        let mut listed = json!({ "id": client.id, "name": client.name, "redirect_uris": all });
        if !client.spa_redirect_uris.is_empty() {
            listed["spa_redirect_uris"] = json!(client.spa_redirect_uris);
        }
        listed
    };
    directory.clients.iter().map(listed).collect()
}
