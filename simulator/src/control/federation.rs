//! `/_sim/federated-credentials`: whose assertions authenticate the connector, beside its secret and certificate; and how a
//! credential of any application is read.

use std::sync::Arc;

use serde_json::{Value, json};
use url::Url;

use super::input::{Input, InputError};
use crate::entra::{FederatedCredential, IDENTITY_HEADER, IssuerKeys, TOKEN_EXCHANGE};
use crate::origins::Origin;
use crate::world::World;

/// Every credential, and the managed identity whose tokens satisfy the first one.
pub(super) fn show(world: &World, origin: &Origin) -> Value {
    let federation = world.entra.federation();
    let credentials: Vec<Value> = federation.credentials(origin).iter().map(to_json).collect();
    let base = &origin.base;
    json!({
        "credentials": credentials,
        "managed_identity": {
            "client_id": federation.identity.client,
            "instance_metadata_endpoint": format!("{base}/metadata/identity/oauth2/token"),
            "app_service_endpoint": format!("{base}/msi/token"),
            "identity_header": IDENTITY_HEADER,
        },
    })
}

/// Registers one more.
pub(super) fn add(world: &World, origin: &Origin, mut input: Input) -> Result<Value, InputError> {
    let credential = read(&mut input)?;
    input.end()?;
    world.entra.federation().add(credential);
    Ok(show(world, origin))
}

/// A credential of any application.
pub(super) fn read(input: &mut Input) -> Result<FederatedCredential, InputError> {
    let (issuer, subject) = (input.filled("issuer")?, input.filled("subject")?);
    if !Url::parse(&issuer).is_ok_and(|issuer| issuer.has_host()) {
        return Err(InputError::Wrong { field: "issuer", expected: "an address, as https://issuer.example" });
    }
    let audience = match input.text("audience")? {
        None => TOKEN_EXCHANGE.to_owned(),
        Some(audience) if audience.is_empty() => {
            return Err(InputError::Wrong { field: "audience", expected: "a text that is not empty" });
        }
        Some(audience) => audience,
    };
    let keys = input.take("jwks").map(|jwks| {
        let expected = "a set of RSA keys, each with its `kid`: {\"keys\": [{\"kty\": \"RSA\", …}]}";
        IssuerKeys::parse(jwks).map(Arc::new).ok_or(InputError::Wrong { field: "jwks", expected })
    });
    Ok(FederatedCredential { issuer, subject, audience, keys: keys.transpose()? })
}

pub(super) fn to_json(credential: &FederatedCredential) -> Value {
    let FederatedCredential { issuer, subject, audience, keys } = credential;
    let mut shown = json!({ "issuer": issuer, "subject": subject, "audience": audience });
    if let Some(keys) = keys {
        shown["keys"] = keys.ids().collect();
    }
    shown
}
