//! The authorize endpoint: who signs in, whether they consent, and the way back to the client.
//!
//! No cookie is ever set: who signs in is chosen on the page each time. A test client may skip the page by
//! sending `user` (object id or principal name), and `consent=yes` or `no`, with the authorization request.

mod choice;
mod request;
mod return_address;

use std::net::IpAddr;

use jiff::Timestamp;

use super::Entra;
use super::challenge;
use super::codes::CodeGrant;
use super::page;
use super::refusal::Refusal;
use crate::directory::Principal;
use crate::message::{Answer, Request};
use choice::Choice;
use request::Prompt;
pub(crate) use request::SignIn;
use return_address::ReturnAddress;
pub(crate) use return_address::platform_of;

/// Whoever signs in with an address of this domain has a personal account.
const PERSONAL_DOMAIN: &str = "outlook.example";

/// Answers GET and POST alike: the parameters are read from the form, then from the query.
pub(crate) fn answer(entra: &Entra, segment: &str, request: &Request<'_>) -> Answer {
    let fields = request.form_and_query();
    let parsed = ReturnAddress::check(entra, segment, &fields);
    let (authority, client, return_address) = match parsed {
        Ok(parsed) => parsed,
        // Without a trusted address there is nowhere to send the error: it is shown here.
        Err(refusal) => return page::refused(&refusal),
    };
    SignIn::parse(entra, authority, client, &fields)
        .and_then(|sign_in| proceed(entra, segment, &sign_in, &return_address, request.peer))
        .unwrap_or_else(|refusal| return_address.refuse(&refusal))
}

/// The next step: choose an account, consent, or return with a code.
fn proceed(
    entra: &Entra,
    segment: &str,
    sign_in: &SignIn<'_>,
    return_address: &ReturnAddress<'_>,
    peer: Option<IpAddr>,
) -> Result<Answer, Refusal> {
    if sign_in.prompt == Prompt::None {
        return Err(Refusal::NotSignedIn);
    }
    let choice = Choice { entra, segment, sign_in };
    let Some(chosen) = sign_in.fields.get("user") else { return Ok(choice.account_page()) };
    let Some(principal) = sign_in.authority.user(&entra.directory, chosen) else {
        return Ok(page::refused(&unknown_account(chosen)));
    };
    if let Err(refusal) = entra.admit_sign_in(&principal, peer) {
        return Ok(page::refused(&refusal));
    }
    let question = entra.consent_question(&sign_in.client, &sign_in.scopes);
    let asks_consent = sign_in.prompt == Prompt::Consent || !entra.is_consented(&question, &principal);
    match sign_in.fields.get("consent") {
        _ if !asks_consent => {}
        _ if entra.needs_administrator(&question, &principal) => {
            return Ok(page::refused(&Refusal::AdminConsentRequired));
        }
        Some("yes") => entra.remember_consent(&question, &principal),
        Some(_) => return Err(Refusal::ConsentDeclined),
        None => return Ok(choice.consent_page(&principal, &question)),
    }
    Ok(return_with_code(entra, sign_in, return_address, &principal))
}

/// Personal accounts are not in any directory of ours.
fn unknown_account(chosen: &str) -> Refusal {
    match chosen.rsplit_once('@') {
        Some((_, PERSONAL_DOMAIN)) => Refusal::PersonalAccount(chosen.to_owned()),
        _ => Refusal::UserNotFound(chosen.to_owned()),
    }
}

fn return_with_code(
    entra: &Entra,
    sign_in: &SignIn<'_>,
    return_address: &ReturnAddress<'_>,
    principal: &Principal,
) -> Answer {
    // Choosing an account on a page that carries a challenge is the step-up: nobody has a second factor here.
    let now = Timestamp::now().as_second();
    let session = entra.sessions.begin(now, challenge::policies(sign_in.fields.get("claims")));
    let grant = CodeGrant {
        client: sign_in.client.id(),
        redirect_uri: return_address.redirect_uri.to_owned(),
        platform: return_address.platform,
        challenge: sign_in.challenge.clone(),
        tenant: principal.tenant().id,
        user: principal.user().id,
        scopes: sign_in.scopes.clone(),
        resource: sign_in.resource.map(str::to_owned),
        session,
        nonce: sign_in.fields.get("nonce").map(str::to_owned),
        handles_challenges: sign_in.handles_challenges,
    };
    let code = entra.codes.issue(grant, now);
    return_address.send(&[("code", &code), ("session_state", &session.to_string())])
}
