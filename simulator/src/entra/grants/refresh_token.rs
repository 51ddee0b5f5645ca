//! Refresh tokens: each use returns a new one, and the old one stays good.

use serde_json::Value;
use uuid::Uuid;

use super::super::Entra;
use super::super::access::Basis;
use super::super::challenge::declares_cp1;
use super::super::client_authentication::TokenClient;
use super::super::refresh_tokens::RefreshGrant;
use super::super::refusal::Refusal;
use super::super::scopes::AskedScopes;
use super::super::token_request::TokenRequest;
use super::ConnectorTokens;
use super::on_behalf_of::graph_response;

/// Exchanges a refresh token for new tokens.
pub(crate) fn redeem(entra: &Entra, request: &TokenRequest<'_>) -> Result<Value, Refusal> {
    let grant = entra.refresh_tokens.open(request.required("refresh_token")?, request.now)?;
    if client_id(entra, request) != grant.client {
        return Err(Refusal::GrantOfAnotherClient);
    }
    if !request.authority.admits(grant.tenant) {
        return Err(Refusal::InvalidGrant);
    }
    let subject = entra.subject(grant.tenant, grant.user, grant.session, request)?;
    let scopes = asked_scopes(entra, request, &grant)?;
    match request.client {
        TokenClient::Connector(credential) => {
            let basis = Basis::ConfidentialRefresh;
            graph_response(entra, request, subject, &scopes, (credential, basis))
        }
        TokenClient::Public(client) => {
            entra.admit_renewal(&subject)?;
            let tokens = ConnectorTokens {
                subject,
                client: client.id,
                scopes: &scopes,
                nonce: None,
                fixed_until: grant.fixed_until,
                handles_challenges: grant.handles_challenges || declares_cp1(request.fields.get("claims")),
            };
            tokens.to_response(entra, request)
        }
    }
}

fn client_id(entra: &Entra, request: &TokenRequest<'_>) -> Uuid {
    match request.client {
        TokenClient::Public(client) => client.id,
        TokenClient::Connector(_) => entra.directory.connector.client_id,
    }
}

/// What the refresh asks for, or what was asked for first; always for the API that was consented to.
fn asked_scopes(
    entra: &Entra,
    request: &TokenRequest<'_>,
    grant: &RefreshGrant,
) -> Result<AskedScopes, Refusal> {
    let resource = request.fields.get("resource");
    if let Some(resource) = resource {
        entra.check_resource(resource, grant.scopes.api)?;
    }
    let Some(scope) = request.fields.get("scope") else { return Ok(grant.scopes.clone()) };
    let asked = entra.parse_scopes(scope, resource)?;
    if asked.api != grant.scopes.api {
        return Err(Refusal::ResourceNotRegistered(asked.identifier));
    }
    Ok(asked.with_openid_of(&grant.scopes))
}
