//! `/_sim/applications`: applications of strangers, which sign people in or act for themselves.

use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::federation;
use super::input::{Input, InputError};
use crate::directory::{Client, Directory};
use crate::entra::scopes::{GRAPH_URI, delegated_form, is_graph_scope};
use crate::entra::{Application, Certificate, Credentials, Entra, ExposedApi, Reach, Taken};
use crate::world::World;

/// An application that is to be registered.
pub(crate) struct ApplicationOrder {
    id: Option<Uuid>,
    application: Application,
    /// The tenants whose administrators have consented.
    consented: Vec<Uuid>,
}

impl ApplicationOrder {
    /// Refuses what an earlier one, or the directory, has taken.
    pub(crate) fn check_free(&self, directory: &Directory, earlier: &[Self]) -> Result<(), InputError> {
        let is_of_directory = |id| {
            id == directory.connector.client_id || directory.clients.iter().any(|client| client.id == id)
        };
        if self.id.is_some_and(|id| is_of_directory(id) || earlier.iter().any(|other| other.id == Some(id))) {
            return Err(refused(Taken::Id));
        }
        let identifier = |order: &Self| order.application.api.as_ref().map(|api| api.identifier.clone());
        let own = identifier(self).filter(|own| !own.is_empty());
        if own.is_some() && earlier.iter().any(|other| identifier(other) == own) {
            return Err(refused(Taken::Identifier));
        }
        Ok(())
    }

    /// Registers it, under an id that follows from the seed where it has none of its own.
    pub(crate) fn register(mut self, entra: &Entra) -> Result<Value, InputError> {
        let id = self.id.unwrap_or_else(|| entra.applications().next_id());
        self.application.client.id = id;
        if let Some(api) = &mut self.application.api
            && api.identifier.is_empty()
        {
            api.identifier = format!("api://{id}");
        }
        if id == entra.connector_id() {
            return Err(refused(Taken::Id));
        }
        let identifier = self.application.api.as_ref().map(|api| api.identifier.as_str());
        if identifier.is_some_and(|identifier| entra.is_named(identifier)) {
            return Err(refused(Taken::Identifier));
        }
        let application = entra.applications().register(self.application).map_err(refused)?;
        for tenant in self.consented {
            entra.consent_as_administrator(&application, tenant);
        }
        Ok(to_json(&application))
    }
}

fn refused(taken: Taken) -> InputError {
    match taken {
        Taken::Id => InputError::Wrong { field: "id", expected: "an id that no other application has" },
        Taken::Identifier => {
            let expected = "an Application ID URI that no other application has";
            InputError::Wrong { field: "identifier", expected }.within("api")
        }
    }
}

/// Those that were registered since the start, oldest first.
pub(super) fn list(world: &World) -> Value {
    world.entra.applications().registered().iter().map(|application| to_json(application)).collect()
}

pub(super) fn add(world: &World, input: Input) -> Result<Value, InputError> {
    read(&world.directory, input)?.register(&world.entra)
}

/// Removes one of them; `false` where there is none of that id.
pub(super) fn remove(world: &World, id: &str) -> bool {
    Uuid::try_parse(id).is_ok_and(|id| world.entra.remove_application(id))
}

/// Removes all of them.
pub(super) fn clear(world: &World) {
    for application in world.entra.applications().registered() {
        world.entra.remove_application(application.id());
    }
}

/// An application, as `POST /_sim/applications` takes it.
pub(crate) fn read(directory: &Directory, mut input: Input) -> Result<ApplicationOrder, InputError> {
    const ADDRESSES: &str = "a list of addresses, as [\"http://localhost/callback\"]";
    let name = input.filled("name")?;
    let id = id(&mut input)?;
    let redirect_uris = input.texts("redirect_uris", ADDRESSES, is_address)?;
    let spa_redirect_uris = input.texts("spa_redirect_uris", ADDRESSES, is_address)?;
    let credentials = credentials(&mut input)?;
    let expected = "a list of delegated permissions of Graph, as [\"User.Read\"]";
    let permissions = input.texts("permissions", expected, is_graph_scope)?;
    let expected = "a list of permissions of Graph that need no user, as [\"User.Read.All\"]";
    let app_permissions = input.texts("app_permissions", expected, |name| delegated_form(name).is_some())?;
    if !app_permissions.is_empty() && credentials.is_public() {
        let expected = "left out: a public client has no permissions of its own";
        return Err(InputError::Wrong { field: "app_permissions", expected });
    }
    let api = input.nested("api", exposed_api)?;
    let consented = consented(directory, &mut input)?;
    input.end()?;
    let client = Client { id: Uuid::nil(), name, redirect_uris, spa_redirect_uris };
    let application =
        Application { client, credentials, reach: Reach::Every, permissions, app_permissions, api };
    Ok(ApplicationOrder { id, application, consented })
}

fn id(input: &mut Input) -> Result<Option<Uuid>, InputError> {
    let Some(id) = input.text("id")? else { return Ok(None) };
    let known = Uuid::try_parse(&id).ok().filter(|id| !id.is_nil());
    let expected = "a UUID, as 5b7c3b9e-0000-4000-8000-000000000000";
    known.map(Some).ok_or(InputError::Wrong { field: "id", expected })
}

fn credentials(input: &mut Input) -> Result<Credentials, InputError> {
    let secret = input.text("secret")?;
    if secret.as_ref().is_some_and(String::is_empty) {
        return Err(InputError::Wrong { field: "secret", expected: "a text that is not empty" });
    }
    let certificate = input.text("certificate")?.map(|pem| {
        let expected = "a certificate with an RSA key, as PEM";
        Certificate::parse(&pem).ok_or(InputError::Wrong { field: "certificate", expected })
    });
    let federated = input.nested("federated_credential", federation::read)?;
    Ok(Credentials { secret, certificate: certificate.transpose()?, federated })
}

fn exposed_api(input: &mut Input) -> Result<ExposedApi, InputError> {
    let expected = "an Application ID URI without a slash at the end, as api://notes";
    let identifier = input.text("identifier")?;
    if identifier.as_ref().is_some_and(|identifier| !is_identifier(identifier)) {
        return Err(InputError::Wrong { field: "identifier", expected });
    }
    let is_scope = |name: &str| !name.is_empty() && !name.contains([' ', '/']) && name != ".default";
    let expected = "a list of at least one short name, as [\"Notes.Read\"]";
    let scopes = input.texts("scopes", expected, is_scope)?;
    if scopes.is_empty() {
        return Err(InputError::Wrong { field: "scopes", expected });
    }
    Ok(ExposedApi { identifier: identifier.unwrap_or_default(), scopes })
}

/// An id or domain each; a tenant that is not there would never consent.
fn consented(directory: &Directory, input: &mut Input) -> Result<Vec<Uuid>, InputError> {
    let expected = "a list of tenants, by their ids or domains";
    let named = input.texts("admin_consent", expected, |_| true)?;
    let known =
        |name: &String| directory.tenant_id(name).ok_or(InputError::Unknown { field: "admin_consent" });
    named.iter().map(known).collect()
}

fn is_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.fragment().is_none() && !url.cannot_be_a_base())
}

/// Graph's own names are nobody else's.
fn is_identifier(text: &str) -> bool {
    Url::parse(text).is_ok() && !text.ends_with('/') && !text.contains(' ') && text != GRAPH_URI
}

fn to_json(application: &Application) -> Value {
    let Application { client, credentials, permissions, app_permissions, api, .. } = application;
    let mut shown = json!({
        "id": client.id,
        "name": client.name,
        "redirect_uris": client.redirect_uris,
        "spa_redirect_uris": client.spa_redirect_uris,
        "permissions": permissions,
        "app_permissions": app_permissions,
    });
    let Credentials { secret, certificate, federated } = credentials;
    let parts = [
        ("secret", secret.as_ref().map(|secret| json!(secret))),
        ("certificate_sha256", certificate.as_ref().map(|known| json!(known.thumbprint_hex()))),
        ("federated_credential", federated.as_ref().map(federation::to_json)),
        ("api", api.as_ref().map(|api| json!({ "identifier": api.identifier, "scopes": api.scopes }))),
    ];
    for (name, value) in parts {
        if let Some(value) = value {
            shown[name] = value;
        }
    }
    shown
}
