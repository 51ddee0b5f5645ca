//! Device code (RFC 8628, section 3.4).

use serde_json::Value;

use super::super::Entra;
use super::super::refusal::Refusal;
use super::super::token_request::TokenRequest;
use super::SignedIn;

/// Answers a question of the device: with tokens once somebody has signed in for it.
pub(crate) fn redeem(entra: &Entra, request: &TokenRequest<'_>) -> Result<Value, Refusal> {
    let code = request.required("device_code")?;
    let (asked, by) = entra.device_codes.ask(code, request.now)?;
    let signed_in = SignedIn {
        tenant: by.tenant,
        user: by.user,
        session: by.session,
        client: asked.client,
        asked: &asked.scopes,
        nonce: None,
        fixed_until: None,
        handles_challenges: asked.handles_challenges,
    };
    signed_in.redeem(entra, request, || entra.device_codes.redeem(code))
}
