//! What an administrator sees who is asked to consent for everybody.

use std::sync::Arc;

use super::html::{escape, hidden, page};
use super::{account_button, form_of};
use crate::directory::{Principal, Tenant};
use crate::message::{Answer, Fields};

/// The parameters that the forms carry from page to page.
const CARRIED: &[&str] = &["client_id", "redirect_uri", "scope", "state"];

/// Picks the administrator: the first member of every tenant.
pub(crate) fn administrators(
    tenants: impl Iterator<Item = Arc<Tenant>>,
    path: &str,
    fields: &Fields,
) -> Answer {
    let mut content = "<h1>Pick an administrator</h1><p>to consent for an organization</p>".to_owned();
    content.push_str(&form_of(path, CARRIED.iter(), fields));
    for tenant in tenants {
        content.push_str("<h2>");
        content.push_str(&escape(&tenant.name));
        content.push_str("</h2>");
        tenant.users.first().into_iter().for_each(|user| content.push_str(&account_button(user)));
    }
    content.push_str("</form>");
    Answer::html(200, page("Sign in", &content))
}

pub(crate) fn admin_consent(principal: &Principal, scopes: &[&str], path: &str, fields: &Fields) -> Answer {
    let content = format!(
        "<p class=who>{}</p><h1>Permissions requested</h1><p>Review for <b>{}</b>. The Microsoft 365 connector \
         wants to read in the name of everybody there:</p><ul><li>{}</li></ul>{}{}\
         <div class=row><button class=plain name=consent value=no>Cancel</button>\
         <button class=primary name=consent value=yes>Accept</button></div></form>",
        escape(&principal.user().upn),
        escape(&principal.tenant().name),
        scopes.join("</li><li>"),
        form_of(path, CARRIED.iter(), fields),
        hidden("user", &principal.user().upn),
    );
    Answer::html(200, page("Permissions requested", &content))
}
