//! What somebody sees who signs in for a device.

use std::sync::Arc;

use super::super::consent::user_consentable;
use super::super::device::VERIFICATION_PATH;
use super::html::{escape, hidden, page};
use super::{account_button, form_of};
use crate::directory::{Principal, Tenant};
use crate::message::{Answer, Fields};

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
    let mut content = "<h1>Pick an account</h1><p>to sign in on your device</p>".to_owned();
    content.push_str(&form_of(VERIFICATION_PATH, CARRIED.iter(), fields));
    for tenant in tenants {
        content.push_str("<h2>");
        content.push_str(&escape(&tenant.name));
        content.push_str("</h2>");
        tenant.users.iter().for_each(|user| content.push_str(&account_button(user)));
    }
    content.push_str("</form>");
    Answer::html(200, page("Sign in", &content))
}

/// Whether this person wants to sign in there: a code may come from somebody who wants their tokens.
pub(crate) fn device_consent(principal: &Principal, client: &str, fields: &Fields) -> Answer {
    let user = principal.user();
    let content = format!(
        "<p class=who>{}</p><h1>Are you trying to sign in to {}?</h1><p>Only continue if you use it now on another \
         device, and trust it to read in your name:</p><ul><li>{}</li></ul>{}{}\
         <div class=row><button class=plain name=consent value=no>Cancel</button>\
         <button class=primary name=consent value=yes>Continue</button></div></form>",
        escape(&user.upn),
        escape(client),
        user_consentable().collect::<Vec<_>>().join("</li><li>"),
        form_of(VERIFICATION_PATH, CARRIED.iter(), fields),
        hidden("user", &user.upn),
    );
    Answer::html(200, page("Sign in", &content))
}

pub(crate) fn device_done(words: &str) -> Answer {
    Answer::html(200, page("Sign in", &format!("<h1>{}</h1>", escape(words))))
}
