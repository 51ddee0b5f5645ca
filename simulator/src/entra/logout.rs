//! The end of a sign-in: there is no session of the browser, so only the way back is left.

use url::Url;

use super::Entra;
use super::authorize::platform_of;
use super::page;
use crate::message::{Answer, Request};

/// Shows that the person is signed out, or goes on to `post_logout_redirect_uri` where some application has registered it
/// (OpenID Connect RP-Initiated Logout 1.0, section 2).
pub(crate) fn answer(entra: &Entra, request: &Request<'_>) -> Answer {
    let fields = request.form_and_query();
    let wanted = fields
        .get("post_logout_redirect_uri")
        .filter(|wanted| entra.applications.any(|known| platform_of(&known.client, wanted).is_some()));
    let Some(mut address) = wanted.and_then(|wanted| Url::parse(wanted).ok()) else {
        return page::signed_out();
    };
    if let Some(state) = fields.get("state") {
        address.query_pairs_mut().append_pair("state", state);
    }
    Answer::redirect(address.into())
}
