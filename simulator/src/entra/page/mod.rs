//! The pages that a person sees when signing in: plain forms, no cookies, no scripts but the one that
//! `form_post` needs.

mod admin_consent;
mod device;
mod html;

use std::sync::Arc;

use super::consent::ConsentQuestion;
use super::refusal::Refusal;
use crate::directory::{Principal, Tenant, User};
use crate::message::{Answer, Fields};
pub(crate) use admin_consent::{admin_consent, administrators};
pub(crate) use device::{VERIFICATION_PATH, device_accounts, device_code, device_consent, device_done};
use html::{escape, hidden, initials, page};

/// Every account of these tenants, for a sign-in to `client`. `form` starts the form, in HTML.
pub(crate) fn accounts(client: &str, form: &str, tenants: impl Iterator<Item = Arc<Tenant>>) -> Answer {
    account_picker(&format!("to continue to <b>{}</b>", escape(client)), form, tenants)
}

/// The account that a sign-in to `client` has hinted at; `another` starts the form that offers all of them.
pub(crate) fn account_to_confirm(client: &str, principal: &Principal, form: &str, another: &str) -> Answer {
    let content = format!(
        "<h1>Sign in</h1><p>to <b>{}</b>, {}</p>{form}{}</form>{another}\
         <button class=plain name=prompt value=select_account>Use another account</button></form>",
        escape(client),
        escape(&principal.tenant().name),
        account_button(principal.user()),
    );
    Answer::html(200, page("Sign in", &content))
}

/// Asks for consent to what `client` wants to read in the person's name. `form` starts the form, in HTML.
pub(crate) fn consent(client: &str, principal: &Principal, question: &ConsentQuestion, form: &str) -> Answer {
    let through = if question.is_of_connector() { ", through the Microsoft 365 connector," } else { "" };
    let ask = format!(
        "<h1>Permissions requested</h1><p><b>{}</b> wants to read in your name{through} at {}:</p>",
        escape(client),
        escape(&principal.tenant().name),
    );
    consent_form(principal, &ask, &question.permissions, form, "Accept")
}

/// The start of a form that is sent to `path` and carries those of the fields that have these names.
pub(crate) fn form_of<'n>(path: &str, names: impl Iterator<Item = &'n &'n str>, fields: &Fields) -> String {
    let mut form = format!("<form method=post action=\"{}\">", escape(path));
    for name in names {
        if let Some(value) = fields.get(name) {
            form.push_str(&hidden(name, value));
        }
    }
    form
}

/// Every account of these tenants. `purpose` and `form`, which starts the form, are HTML.
fn account_picker(purpose: &str, form: &str, tenants: impl Iterator<Item = Arc<Tenant>>) -> Answer {
    let mut content = format!("<h1>Pick an account</h1><p>{purpose}</p>{form}");
    for tenant in tenants {
        content.push_str(&tenant_heading(&tenant));
        tenant.users.iter().for_each(|user| content.push_str(&account_button(user)));
    }
    content.push_str("</form>");
    Answer::html(200, page("Sign in", &content))
}

fn tenant_heading(tenant: &Tenant) -> String {
    format!("<h2>{}</h2>", escape(&tenant.name))
}

/// Lists permissions for yes or no. `ask` and `form`, which starts the form, are HTML.
fn consent_form(principal: &Principal, ask: &str, permissions: &[String], form: &str, agree: &str) -> Answer {
    let upn = &principal.user().upn;
    let listed: Vec<String> = permissions.iter().map(|name| escape(name)).collect();
    let content = format!(
        "<p class=who>{}</p>{ask}<ul><li>{}</li></ul>{form}{}\
         <div class=row><button class=plain name=consent value=no>Cancel</button>\
         <button class=primary name=consent value=yes>{agree}</button></div></form>",
        escape(upn),
        listed.join("</li><li>"),
        hidden("user", upn),
    );
    Answer::html(200, page("Permissions requested", &content))
}

/// The principal name is unique in every tenant, an object id is not.
fn account_button(user: &User) -> String {
    format!(
        "<button class=account name=user value=\"{upn}\"><i>{initials}</i><span>{name}<small>{upn}</small>\
         </span></button>",
        upn = escape(&user.upn),
        initials = escape(&initials(&user.given_name, &user.surname)),
        name = escape(&user.name),
    )
}

/// An error that is shown instead of being sent to an address that nobody vouches for.
pub(crate) fn refused(refusal: &Refusal) -> Answer {
    let content = format!(
        "<h1>Sorry, but we're having trouble signing you in.</h1><p class=error>{}</p>",
        escape(&refusal.description())
    );
    Answer::html(400, page("Sign in", &content))
}

/// Sends the parameters to the client by a form that submits itself (OAuth 2.0 Form Post Response Mode).
pub(crate) fn form_post(redirect_uri: &str, parameters: &[(&str, &str)]) -> Answer {
    let fields: String = parameters.iter().map(|(name, value)| hidden(name, value)).collect();
    let content = format!(
        "<h1>Working…</h1><form method=post action=\"{}\">{fields}<button class=primary>Continue</button></form>\
         <script>document.forms[0].submit()</script>",
        escape(redirect_uri)
    );
    Answer::html(200, page("Working…", &content))
}

pub(crate) fn signed_out() -> Answer {
    Answer::html(200, page("Signed out", "<h1>You signed out of your account</h1>"))
}

/// Where `error_uri` of an error leads.
pub(crate) fn error_lookup(code: &str) -> Answer {
    let content = format!("<h1>AADSTS{}</h1><p>See Microsoft's list of error codes.</p>", escape(code));
    Answer::html(200, page("Error", &content))
}
