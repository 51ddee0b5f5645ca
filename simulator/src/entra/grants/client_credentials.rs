//! Client credentials (RFC 6749, section 4.4): the connector asks for a token of its own, without a user.
//!
//! The connector itself has no use for one. It is here so that what must not take such a token can be tried.

use serde_json::{Value, json};

use super::super::Entra;
use super::super::authority::Authority;
use super::super::client_authentication::TokenClient;
use super::super::mint;
use super::super::refusal::Refusal;
use super::super::scopes::Api;
use super::super::token_request::TokenRequest;

/// A token for the application itself, at the endpoint of one tenant.
pub(crate) fn issue(entra: &Entra, request: &TokenRequest<'_>) -> Result<Value, Refusal> {
    let TokenClient::Connector(credential) = request.client else {
        return Err(Refusal::CredentialMissing);
    };
    let Authority::Tenant(tenant) = request.authority else {
        return Err(Refusal::NeedsTenantEndpoint(request.segment.to_owned()));
    };
    let scope = request.required("scope")?;
    let asked = entra.parse_scopes(scope, request.fields.get("resource"))?;
    if !asked.default {
        return Err(Refusal::ApplicationScope(scope.to_owned()));
    }
    let lifetime_s = entra.next_lifetime_s();
    let application = mint::Application { tenant, origin: request.origin, now: request.now, lifetime_s };
    let client = entra.directory.connector.client_id;
    let token = match asked.api {
        Api::Connector => {
            entra.sign(&mint::application_claims(entra, &application, client, credential.class()))?
        }
        Api::Graph => {
            let claims =
                mint::graph_application_claims(&application, &asked.identifier, client, credential.class());
            entra.sign_for_graph(&claims)?
        }
    };
    Ok(json!({
        "token_type": "Bearer",
        "expires_in": lifetime_s,
        "ext_expires_in": lifetime_s,
        "access_token": token,
    }))
}
