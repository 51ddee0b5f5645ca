//! What an administrator sees who is asked to consent for everybody.

use std::sync::Arc;

use super::html::{escape, page};
use super::{account_button, consent_form, form_of, tenant_heading};
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
        content.push_str(&tenant_heading(&tenant));
        tenant.users.first().into_iter().for_each(|user| content.push_str(&account_button(user)));
    }
    content.push_str("</form>");
    Answer::html(200, page("Sign in", &content))
}

/// Asks for everybody's consent to what `application` reads in their name.
pub(crate) fn admin_consent(
    principal: &Principal,
    (application, permissions): (&str, &[String]),
    path: &str,
    fields: &Fields,
) -> Answer {
    let ask = format!(
        "<h1>Permissions requested</h1><p>Review for <b>{}</b>. {} wants to read in the name of everybody there:</p>",
        escape(&principal.tenant().name),
        escape(application),
    );
    consent_form(principal, &ask, permissions, &form_of(path, CARRIED.iter(), fields), "Accept")
}
