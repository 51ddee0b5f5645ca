//! `/_sim/registration`: what a connector must be told to be the registered one.

use serde_json::{Value, json};

use super::input::{Input, InputError};
use crate::entra::CONNECTOR_KEY_AND_CERTIFICATE;
use crate::entra::scopes::GRAPH_URI;
use crate::options::is_app_id_uri;
use crate::origins::Origin;
use crate::world::World;

pub(super) fn show(world: &World, origin: &Origin) -> Value {
    let connector = &world.directory.connector;
    let (private_key, certificate) = CONNECTOR_KEY_AND_CERTIFICATE;
    json!({
        "authority": origin.base,
        "graph_base": origin.graph,
        "graph_resource": GRAPH_URI,
        "client_id": connector.client_id,
        "client_secret": connector.client_secret,
        "certificate_pem": certificate,
        "private_key_pem": private_key,
        "scope": connector.scope,
        "app_id_uris": world.entra.app_id_uris(),
    })
}

/// Registers one more App ID URI, or says whether client assertions are good once only.
pub(super) fn add(world: &World, origin: &Origin, mut input: Input) -> Result<Value, InputError> {
    let single_use = input.flag("single_use_assertions")?;
    let uri = match single_use {
        None => Some(input.required("app_id_uri", Input::text)?),
        Some(_) => input.text("app_id_uri")?,
    };
    input.end()?;
    if uri.as_ref().is_some_and(|uri| !is_app_id_uri(uri)) {
        let expected = "the full URL of an MCP endpoint, without a slash at the end";
        return Err(InputError::Wrong { field: "app_id_uri", expected });
    }
    if let Some(single_use) = single_use {
        world.entra.set_single_use_assertions(single_use);
    }
    if let Some(uri) = uri {
        world.entra.add_app_id_uri(uri);
    }
    Ok(show(world, origin))
}
