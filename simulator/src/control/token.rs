//! `POST /_sim/token`: an access token for the connector, without the browser.

use serde_json::{Value, json};
use uuid::Uuid;

use super::input::{Input, InputError};
use crate::directory::Directory;
use crate::entra::{Changes, Signer, TokenKind, TokenOrder};
use crate::origins::Origin;
use crate::world::World;

const DEFAULT_LIFETIME_S: i64 = 3_600;
/// A token lives, or has been dead, for a century at most. What no clock reaches is for `claims`.
const LONGEST_LIFETIME_S: i64 = 3_155_760_000;

pub(super) fn mint(world: &World, origin: &Origin, mut input: Input) -> Result<Value, InputError> {
    let directory = &world.directory;
    let tenant = input.required("tenant", Input::text)?;
    let user = input.required("user", Input::text)?;
    let client = input.text("client")?;
    let kind = kind(&mut input)?;
    let scopes = scopes(&mut input)?;
    let lifetime_s = input.integer("lifetime_s")?.unwrap_or(DEFAULT_LIFETIME_S);
    if !(-LONGEST_LIFETIME_S..=LONGEST_LIFETIME_S).contains(&lifetime_s) {
        return Err(InputError::Wrong { field: "lifetime_s", expected: "from -3155760000 to 3155760000" });
    }
    let claims = changes(&mut input, "claims", "claims_again")?;
    let payload = input.text("payload")?;
    if payload.is_some() && !(claims.overrides.is_empty() && claims.again.is_empty()) {
        return Err(InputError::Wrong { field: "claims", expected: "left out: `payload` takes their place" });
    }
    let header = changes(&mut input, "header", "header_again")?;
    let signer = signer(&mut input)?;
    input.end()?;
    let tenant = directory.tenant_id(&tenant).ok_or(InputError::Unknown { field: "tenant" })?;
    let principal = directory.user(tenant, &user).ok_or(InputError::Unknown { field: "user" })?;
    let client = client_id(directory, client.as_deref())?;
    let order =
        TokenOrder { kind, principal, client, scopes, lifetime_s, claims, payload, header, signer, origin };
    let minted = world.entra.mint_to_order(order);
    let access_token =
        minted.map_err(|_| InputError::Wrong { field: "claims", expected: "claims that can be signed" })?;
    Ok(json!({ "access_token": access_token, "expires_in": lifetime_s }))
}

fn kind(input: &mut Input) -> Result<TokenKind, InputError> {
    let expected = "\"access\", \"application\", \"id\" or \"graph\"";
    match input.text("kind")? {
        None => Ok(TokenKind::Access),
        Some(name) => TokenKind::parse(&name).ok_or(InputError::Wrong { field: "kind", expected }),
    }
}

fn signer(input: &mut Input) -> Result<Signer, InputError> {
    let expected = "\"first\", \"second\", \"personal\", \"graph\", \"hs256\" or \"none\"";
    match input.text("signed_with")? {
        None => Ok(Signer::Usual),
        Some(name) => Signer::parse(&name).ok_or(InputError::Wrong { field: "signed_with", expected }),
    }
}

fn changes(input: &mut Input, overrides: &'static str, again: &'static str) -> Result<Changes, InputError> {
    Ok(Changes {
        overrides: input.object_field(overrides)?.unwrap_or_default(),
        again: input.object_field(again)?.unwrap_or_default(),
    })
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
