//! Refresh tokens: each use returns a new one, and the old one stays good.

use serde_json::Value;

use super::super::Entra;
use super::super::access::Basis;
use super::super::challenge::declares_cp1;
use super::super::client_authentication::TokenClient;
use super::super::refresh_tokens::RefreshGrant;
use super::super::refusal::Refusal;
use super::super::scopes::AskedScopes;
use super::super::token_request::TokenRequest;
use super::SignedIn;
use super::on_behalf_of::graph_response;

/// Exchanges a refresh token for new tokens.
pub(crate) fn redeem(entra: &Entra, request: &TokenRequest<'_>) -> Result<Value, Refusal> {
    let grant = entra.refresh_tokens.open(request.required("refresh_token")?, request.now)?;
    if request.client.id() != grant.client {
        return Err(Refusal::GrantOfAnotherClient);
    }
    if !request.authority.admits(grant.tenant) {
        return Err(Refusal::InvalidGrant);
    }
    let asked = asked_scopes(entra, request, &grant)?;
    if matches!(request.client, TokenClient::Connector(..)) {
        let subject = entra.subject(grant.tenant, grant.user, grant.session, request)?;
        return graph_response(entra, request, subject, &asked, Basis::ConfidentialRefresh);
    }
    let signed_in = SignedIn {
        tenant: grant.tenant,
        user: grant.user,
        session: grant.session,
        client: grant.client,
        asked: &asked,
        nonce: None,
        fixed_until: grant.fixed_until,
        handles_challenges: grant.handles_challenges || declares_cp1(request.fields.get("claims")),
    };
    signed_in.redeem(entra, request, || Ok(()))
}

/// What the refresh asks for, or what was asked for first. The connector and the directory's clients stay at the API that
/// they were registered for.
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
    let asked = match &request.client {
        TokenClient::Application(client, _) => entra.scopes_of_client(client, scope, resource)?,
        TokenClient::Connector(..) => {
            let asked = entra.parse_scopes(scope, resource)?;
            if asked.api != grant.scopes.api {
                return Err(Refusal::ResourceNotRegistered(asked.identifier));
            }
            asked
        }
    };
    Ok(asked.with_openid_of(&grant.scopes))
}
