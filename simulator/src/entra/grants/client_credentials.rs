//! Client credentials (RFC 6749, section 4.4): an application asks for a token of its own, without a user.
//!
//! The connector has no use for one. It may have one so that what must not take such a token can be tried.

use serde_json::{Value, json};

use super::super::Entra;
use super::super::authority::Authority;
use super::super::client_authentication::{Credential, TokenClient};
use super::super::mint::{self, CONNECTOR_ROLE};
use super::super::refusal::Refusal;
use super::super::scopes::Api;
use super::super::token_request::TokenRequest;

/// A token for the application itself, at the endpoint of one tenant.
pub(crate) fn issue(entra: &Entra, request: &TokenRequest<'_>) -> Result<Value, Refusal> {
    let credential_class =
        request.client.credential().map(Credential::class).ok_or(Refusal::CredentialMissing)?;
    let Authority::Tenant(tenant) = request.authority else {
        return Err(Refusal::NeedsTenantEndpoint(request.segment.to_owned()));
    };
    let scope = request.required("scope")?;
    let asked = entra.parse_scopes(scope, request.fields.get("resource"))?;
    if !asked.default {
        return Err(Refusal::ApplicationScope(scope.to_owned()));
    }
    let lifetime_s = entra.next_lifetime_s();
    let application = mint::Application {
        id: request.client.id(),
        credential_class,
        tenant,
        origin: request.origin,
        now: request.now,
        lifetime_s,
    };
    let token = match asked.api {
        Api::Connector => {
            let audience = entra.directory.connector.client_id;
            let roles: &[&str] = match request.client {
                TokenClient::Connector(..) => &[CONNECTOR_ROLE],
                TokenClient::Application(..) => &[],
            };
            entra.sign(&mint::application_claims(&application, audience, roles))?
        }
        Api::Application(id) => entra.sign(&mint::application_claims(&application, id, &[]))?,
        Api::Graph => {
            let roles = entra.consents.granted_to_application(request.client.id(), tenant);
            let roles = request.kept(roles.into_iter().collect());
            entra.sign_for_graph(&mint::graph_application_claims(&application, &asked.identifier, &roles))?
        }
    };
    Ok(json!({
        "token_type": "Bearer",
        "expires_in": lifetime_s,
        "ext_expires_in": lifetime_s,
        "access_token": token,
    }))
}
