//! The device's endpoint, and the page on which somebody signs in for it.
//!
//! Like the sign-in page it can be skipped by a script, with `user_code`, `user`, and `consent=yes` or `no`.

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::challenge::{self, declares_cp1};
use super::client_authentication::TokenClient;
use super::correlation::correlation;
use super::device_codes::{DeviceRequest, INTERVAL_S, LIFETIME_S, SignedIn};
use super::error_body::traced;
use super::page::VERIFICATION_PATH;
use super::refusal::Refusal;
use super::{Entra, page};
use crate::message::{Answer, Request};

/// `/devicecode`: the device receives its code, and what to tell its user.
pub(crate) fn begin(entra: &Entra, segment: &str, request: &Request<'_>) -> Result<Answer, Refusal> {
    let fields = request.form();
    let authority = entra.application_authority(segment)?;
    let now = Timestamp::now().as_second().saturating_add(request.disturbance.clock_skew_s);
    let TokenClient::Application(client, _) = entra.authenticate(request, &fields, segment, now)? else {
        return Err(Refusal::GrantOfAnotherClient);
    };
    let scope = fields.get("scope").ok_or(Refusal::MissingParameter("scope"))?;
    let scopes = entra.scopes_of_client(&client, scope, fields.get("resource"))?;
    let handles_challenges = declares_cp1(fields.get("claims"));
    let asked = DeviceRequest { client: client.id(), authority, scopes, handles_challenges };
    let (device_code, user_code) = entra.device_codes.issue(asked, now);
    let verification_uri = format!("{}{VERIFICATION_PATH}", request.origin.base);
    let message = format!(
        "To sign in, use a web browser to open the page {verification_uri} and enter the code {user_code} to authenticate."
    );
    let body = json!({
        "user_code": user_code,
        "device_code": device_code,
        "verification_uri": verification_uri,
        "expires_in": LIFETIME_S,
        "interval": INTERVAL_S,
        "message": message,
    });
    Ok(traced(Answer::json(200, &body), Uuid::new_v4(), correlation(request)))
}

/// The page: which code, which account, and whether that is wanted.
pub(crate) fn sign_in(entra: &Entra, request: &Request<'_>) -> Answer {
    proceed(entra, request).unwrap_or_else(|refusal| page::refused(&refusal))
}

fn proceed(entra: &Entra, request: &Request<'_>) -> Result<Answer, Refusal> {
    let fields = request.form_and_query();
    let Some(user_code) = fields.get("user_code") else { return Ok(page::device_code()) };
    let now = Timestamp::now().as_second().saturating_add(request.disturbance.clock_skew_s);
    let asked = entra.device_codes.find(user_code, now)?;
    let Some(chosen) = fields.get("user") else {
        return Ok(page::device_accounts(asked.authority.tenants(&entra.directory), &fields));
    };
    let principal = asked
        .authority
        .user(&entra.directory, chosen)
        .ok_or_else(|| Refusal::UserNotFound(chosen.to_owned()))?;
    entra.admit_sign_in(&principal, request.peer)?;
    let client = entra.applications.find(asked.client);
    let client = client.ok_or_else(|| Refusal::ClientNotFound(asked.client.to_string()))?;
    let question = entra.consent_question(&client, &asked.scopes);
    let is_consented = entra.is_consented(&question, &principal);
    if !is_consented && entra.needs_administrator(&question, &principal) {
        return Err(Refusal::AdminConsentRequired);
    }
    match fields.get("consent") {
        None => Ok(page::device_consent(&principal, &client.client.name, &question, &fields)),
        Some("yes") => {
            if !is_consented {
                entra.remember_consent(&question, &principal);
            }
            let session = entra.sessions.begin(now, challenge::policies(fields.get("claims")));
            let (tenant, user) = (principal.tenant().id, principal.user().id);
            entra.device_codes.decide(user_code, Some(SignedIn { tenant, user, session }));
            Ok(page::device_done("You have signed in on your device. You may now close this window."))
        }
        Some(_) => {
            entra.device_codes.decide(user_code, None);
            Ok(page::device_done("Nobody was signed in. You may now close this window."))
        }
    }
}
