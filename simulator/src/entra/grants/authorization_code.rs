//! Authorization code with PKCE (RFC 6749 section 4.1, RFC 7636).

use serde_json::Value;

use super::super::Entra;
use super::super::challenge::declares_cp1;
use super::super::client_authentication::TokenClient;
use super::super::codes::CodeGrant;
use super::super::refresh_tokens::SINGLE_PAGE_LIFETIME_S;
use super::super::refusal::Refusal;
use super::super::token_request::TokenRequest;
use super::SignedIn;
use crate::directory::Platform;

/// Spends a code. A request that is refused leaves the code as it was.
pub(crate) fn redeem(entra: &Entra, request: &TokenRequest<'_>) -> Result<Value, Refusal> {
    let code = request.required("code")?;
    let redirect_uri = request.required("redirect_uri")?;
    let grant = entra.codes.find(code, request.now)?;
    let signed_in = SignedIn {
        tenant: grant.tenant,
        user: grant.user,
        session: grant.session,
        client: grant.client,
        asked: &grant.scopes,
        nonce: grant.nonce.as_deref(),
        fixed_until: match grant.platform {
            Platform::Native => None,
            Platform::SinglePage => Some(request.now + SINGLE_PAGE_LIFETIME_S),
        },
        handles_challenges: grant.handles_challenges || declares_cp1(request.fields.get("claims")),
    };
    signed_in.check_client(request)?;
    if grant.redirect_uri != redirect_uri {
        return Err(Refusal::RedirectDiffers);
    }
    if let Some(challenge) = &grant.challenge {
        challenge.check(request.fields.get("code_verifier"))?;
    }
    check_scope(entra, &grant, request)?;
    signed_in.redeem(entra, request, || entra.codes.redeem(code))
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
    if let (Some(scope), TokenClient::Application(client, _)) = (request.fields.get("scope"), &request.client)
    {
        entra.scopes_of_client(client, scope, resource.or(grant.resource.as_deref()))?;
    }
    Ok(())
}
