//! Authorization code with PKCE (RFC 6749 section 4.1, RFC 7636).

use serde_json::Value;

use super::super::Entra;
use super::super::challenge::declares_cp1;
use super::super::client_authentication::TokenClient;
use super::super::codes::CodeGrant;
use super::super::refresh_tokens::SINGLE_PAGE_LIFETIME_S;
use super::super::refusal::Refusal;
use super::super::token_request::TokenRequest;
use super::ConnectorTokens;
use crate::directory::Platform;

/// Spends a code. A request that is refused leaves the code as it was.
pub(crate) fn redeem(entra: &Entra, request: &TokenRequest<'_>) -> Result<Value, Refusal> {
    let code = request.required("code")?;
    let redirect_uri = request.required("redirect_uri")?;
    let grant = entra.codes.find(code, request.now)?;
    check_client(&grant, request)?;
    if grant.redirect_uri != redirect_uri {
        return Err(Refusal::RedirectDiffers);
    }
    grant.challenge.check(request.fields.get("code_verifier"))?;
    check_scope(entra, &grant, request)?;
    let subject = entra.subject(grant.tenant, grant.user, grant.session, request)?;
    entra.admit_renewal(&subject)?;
    entra.codes.redeem(code)?;
    let tokens = ConnectorTokens {
        subject,
        client: grant.client,
        scopes: &grant.scopes,
        nonce: grant.nonce.as_deref(),
        fixed_until: match grant.platform {
            Platform::Native => None,
            Platform::SinglePage => Some(request.now + SINGLE_PAGE_LIFETIME_S),
        },
        handles_challenges: grant.handles_challenges || declares_cp1(request.fields.get("claims")),
    };
    tokens.to_response(entra, request)
}

fn check_client(grant: &CodeGrant, request: &TokenRequest<'_>) -> Result<(), Refusal> {
    match request.client {
        TokenClient::Public(client) if client.id == grant.client => {}
        _ => return Err(Refusal::GrantOfAnotherClient),
    }
    if request.authority.admits(grant.tenant) { Ok(()) } else { Err(Refusal::CodeOfAnotherTenant) }
}

/// `scope` and `resource` may be repeated here, for the same API as before.
fn check_scope(entra: &Entra, grant: &CodeGrant, request: &TokenRequest<'_>) -> Result<(), Refusal> {
    let resource = request.fields.get("resource");
    if resource.is_some() && grant.resource.is_some() && resource != grant.resource.as_deref() {
        return Err(Refusal::ResourceMismatch);
    }
    if let Some(resource) = resource {
        entra.check_resource(resource, grant.scopes.api)?;
    }
    if let Some(scope) = request.fields.get("scope") {
        entra.parse_scopes(scope, resource.or(grant.resource.as_deref()))?.for_public_client()?;
    }
    Ok(())
}
