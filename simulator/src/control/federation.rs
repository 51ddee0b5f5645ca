//! `/_sim/federated-credentials`: whose assertions authenticate the connector, beside its secret and certificate.

use serde_json::{Value, json};
use url::Url;

use super::input::{Input, InputError};
use crate::entra::{FederatedCredential, IDENTITY_HEADER};
use crate::origins::Origin;
use crate::world::World;

/// Every credential, and the managed identity whose tokens satisfy the first one.
pub(super) fn show(world: &World, origin: &Origin) -> Value {
    let federation = world.entra.federation();
    let credentials: Vec<Value> = federation
        .credentials(origin)
        .into_iter()
        .map(|known| json!({ "issuer": known.issuer, "subject": known.subject, "audience": known.audience }))
        .collect();
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
    let credential = FederatedCredential {
        issuer: filled(&mut input, "issuer")?,
        subject: filled(&mut input, "subject")?,
        audience: filled(&mut input, "audience")?,
    };
    input.end()?;
    if !Url::parse(&credential.issuer).is_ok_and(|issuer| issuer.has_host()) {
        return Err(InputError::Wrong { field: "issuer", expected: "an address, as https://issuer.example" });
    }
    world.entra.federation().add(credential);
    Ok(show(world, origin))
}

fn filled(input: &mut Input, field: &'static str) -> Result<String, InputError> {
    let text = input.required(field, Input::text)?;
    if text.is_empty() {
        Err(InputError::Wrong { field, expected: "a text that is not empty" })
    } else {
        Ok(text)
    }
}
