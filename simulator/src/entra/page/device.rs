//! What somebody sees who signs in for a device.

use std::sync::Arc;

use super::super::consent::ConsentQuestion;
use super::html::{escape, page};
use super::{account_picker, consent_form, form_of};
use crate::directory::{Principal, Tenant};
use crate::message::{Answer, Fields};

/// Where a person signs in for a device; it belongs to no tenant.
pub(crate) const VERIFICATION_PATH: &str = "/devicelogin";

/// The parameters that the forms carry from page to page.
const CARRIED: &[&str] = &["user_code", "claims"];

/// Asks for the code that the device shows.
pub(crate) fn device_code() -> Answer {
    let content = format!(
        "<h1>Enter code</h1><p>Enter the code displayed on your app or device.</p>\
         <form method=post action=\"{VERIFICATION_PATH}\"><input name=user_code autocomplete=off autofocus>\
         <div class=row><button class=primary>Next</button></div></form>"
    );
    Answer::html(200, page("Sign in", &content))
}

pub(crate) fn device_accounts(tenants: impl Iterator<Item = Arc<Tenant>>, fields: &Fields) -> Answer {
    account_picker("to sign in on your device", &form_of(VERIFICATION_PATH, CARRIED.iter(), fields), tenants)
}

/// Whether this person wants to sign in there: a code may come from somebody who wants their tokens.
pub(crate) fn device_consent(
    principal: &Principal,
    client: &str,
    question: &ConsentQuestion,
    fields: &Fields,
) -> Answer {
    let ask = format!(
        "<h1>Are you trying to sign in to {}?</h1><p>Only continue if you use it now on another device, and trust it to \
         read in your name:</p>",
        escape(client),
    );
    let form = form_of(VERIFICATION_PATH, CARRIED.iter(), fields);
    consent_form(principal, &ask, &question.permissions, &form, "Continue")
}

pub(crate) fn device_done(words: &str) -> Answer {
    Answer::html(200, page("Sign in", &format!("<h1>{}</h1>", escape(words))))
}
