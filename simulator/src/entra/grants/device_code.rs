//! Device code (RFC 8628, section 3.4).

use serde_json::Value;

use super::super::Entra;
use super::super::client_authentication::TokenClient;
use super::super::refusal::Refusal;
use super::super::token::TokenRequest;
use super::ConnectorTokens;

/// Answers a question of the device: with tokens once somebody has signed in for it.
pub(crate) fn redeem(entra: &Entra, request: &TokenRequest<'_>) -> Result<Value, Refusal> {
    let code = request.required("device_code")?;
    let (asked, signed_in) = entra.device_codes.ask(code, request.now)?;
    match request.client {
        TokenClient::Public(client) if client.id == asked.client => {}
        _ => return Err(Refusal::GrantOfAnotherClient),
    }
    if !request.authority.admits(signed_in.tenant) {
        return Err(Refusal::CodeOfAnotherTenant);
    }
    let subject = entra.subject(signed_in.tenant, signed_in.user, signed_in.session, request)?;
    entra.admit_renewal(&subject)?;
    entra.device_codes.redeem(code)?;
    let tokens = ConnectorTokens {
        subject,
        client: asked.client,
        scopes: &asked.scopes,
        nonce: None,
        fixed_until: None,
        handles_challenges: asked.handles_challenges,
    };
    tokens.to_response(entra, request)
}
