//! `POST /_sim/token`: an access token for the connector, without the browser.

use serde_json::{Value, json};
use uuid::Uuid;

use super::input::{Input, InputError};
use crate::directory::Directory;
use crate::entra::TokenOrder;
use crate::world::World;

const DEFAULT_LIFETIME_S: i64 = 3_600;

pub(super) fn mint(world: &World, mut input: Input) -> Result<Value, InputError> {
    let directory = &world.directory;
    let tenant = input.required("tenant", Input::text)?;
    let user = input.required("user", Input::text)?;
    let client = input.text("client")?;
    let scopes = scopes(&mut input)?.unwrap_or_else(|| directory.connector.scope.to_owned());
    let lifetime_s = input.integer("lifetime_s")?.unwrap_or(DEFAULT_LIFETIME_S);
    let overrides = input.object_field("claims")?.unwrap_or_default();
    input.end()?;
    let tenant = directory.tenant(&tenant).ok_or(InputError::Unknown { field: "tenant" })?;
    let user = directory.user(tenant.id, &user).ok_or(InputError::Unknown { field: "user" })?;
    let client = client_id(directory, client.as_deref())?;
    let order = TokenOrder { tenant, user, client, scopes, lifetime_s, overrides };
    let minted = world.entra.mint_to_order(order);
    let access_token =
        minted.map_err(|_| InputError::Wrong { field: "claims", expected: "claims that can be signed" })?;
    Ok(json!({ "access_token": access_token, "expires_in": lifetime_s }))
}

/// A list of short names, or one string of them.
fn scopes(input: &mut Input) -> Result<Option<String>, InputError> {
    let wrong = InputError::Wrong { field: "scopes", expected: "a list of strings" };
    match input.take("scopes") {
        None => Ok(None),
        Some(Value::String(scopes)) => Ok(Some(scopes)),
        Some(Value::Array(scopes)) => {
            let names: Option<Vec<&str>> = scopes.iter().map(Value::as_str).collect();
            names.map(|names| Some(names.join(" "))).ok_or(wrong)
        }
        Some(_) => Err(wrong),
    }
}

fn client_id(directory: &Directory, client: Option<&str>) -> Result<Uuid, InputError> {
    let found = match client {
        None => directory.clients.first(),
        Some(id) => directory.clients.iter().find(|known| Some(known.id) == Uuid::try_parse(id).ok()),
    };
    found.map(|client| client.id).ok_or(InputError::Unknown { field: "client" })
}
