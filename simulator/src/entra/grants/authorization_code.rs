//! Authorization code with PKCE (RFC 6749 section 4.1, RFC 7636).

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::super::Entra;
use super::super::challenge::declares_cp1;
use super::super::client_authentication::TokenClient;
use super::super::codes::CodeGrant;
use super::super::refusal::Refusal;
use super::super::token::TokenRequest;
use super::ConnectorTokens;

/// Spends a code. A request that is refused leaves the code as it was.
pub(crate) fn redeem(entra: &Entra, request: &TokenRequest<'_>) -> Result<Value, Refusal> {
    let code = request.required("code")?;
    let redirect_uri = request.required("redirect_uri")?;
    let grant = entra.codes.find(code, request.now)?;
    check_client(&grant, request)?;
    if grant.redirect_uri != redirect_uri {
        return Err(Refusal::RedirectDiffers);
    }
    check_verifier(&grant.challenge, request.fields.get("code_verifier"))?;
    check_scope(entra, &grant, request)?;
    let subject = entra.subject(grant.tenant, grant.user, grant.session, request)?;
    entra.admit_renewal(&subject)?;
    entra.codes.redeem(code)?;
    let tokens = ConnectorTokens {
        subject,
        client: grant.client,
        scopes: &grant.scopes,
        nonce: grant.nonce.as_deref(),
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

fn check_verifier(challenge: &str, verifier: Option<&str>) -> Result<(), Refusal> {
    let verifier = verifier.filter(|verifier| (43..=128).contains(&verifier.len()));
    let verifier = verifier.ok_or(Refusal::VerifierSize)?;
    if URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())) != challenge {
        return Err(Refusal::VerifierMismatch);
    }
    Ok(())
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
