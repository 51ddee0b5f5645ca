//! `/_sim/federated-credentials`: whose assertions authenticate the connector, beside its secret and certificate.

use serde_json::{Value, json};

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
        issuer: input.required("issuer", Input::text)?,
        subject: input.required("subject", Input::text)?,
        audience: input.required("audience", Input::text)?,
    };
    input.end()?;
    world.entra.federation().add(credential);
    Ok(show(world, origin))
}
