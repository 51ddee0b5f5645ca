//! Where the answer of a sign-in goes, and how.

use std::sync::Arc;

use url::Url;
use url::form_urlencoded::Serializer;
use uuid::Uuid;

use super::super::Entra;
use super::super::applications::Application;
use super::super::authority::Authority;
use super::super::page;
use super::super::refusal::Refusal;
use crate::directory::{Client, Platform};
use crate::message::{Answer, Fields};

/// The parameter `response_mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

/// A redirect address that belongs to the client of the request.
pub(crate) struct ReturnAddress<'a> {
    pub(crate) redirect_uri: &'a str,
    pub(crate) platform: Platform,
    mode: ResponseMode,
    state: Option<&'a str>,
}

impl<'a> ReturnAddress<'a> {
    /// Checks tenant, client and redirect address: what fails here must never be redirected.
    pub(crate) fn check(
        entra: &Entra,
        segment: &str,
        fields: &'a Fields,
    ) -> Result<(Authority, Arc<Application>, Self), Refusal> {
        let authority = entra.application_authority(segment)?;
        let client_id = fields.get("client_id").ok_or(Refusal::MissingParameter("client_id"))?;
        let client = Uuid::try_parse(client_id)
            .ok()
            .and_then(|id| entra.applications.find(id))
            .ok_or_else(|| Refusal::ClientNotFound(client_id.to_owned()))?;
        let redirect_uri = fields.get("redirect_uri").ok_or(Refusal::MissingParameter("redirect_uri"))?;
        let platform = platform_of(&client.client, redirect_uri)
            .ok_or_else(|| Refusal::RedirectMismatch(redirect_uri.to_owned()))?;
        let mode = match fields.get("response_mode") {
            None | Some("query") => ResponseMode::Query,
            Some("fragment") => ResponseMode::Fragment,
            Some("form_post") => ResponseMode::FormPost,
            Some(_) => return Err(Refusal::WrongParameter("response_mode")),
        };
        Ok((authority, client, Self { redirect_uri, platform, mode, state: fields.get("state") }))
    }

    pub(crate) fn refuse(&self, refusal: &Refusal) -> Answer {
        self.send(&[("error", refusal.oauth_error()), ("error_description", &refusal.description())])
    }

    /// Sends the user's browser back to the client with these parameters and the client's `state`.
    pub(crate) fn send(&self, parameters: &[(&str, &str)]) -> Answer {
        let state = self.state.map(|state| ("state", state));
        let parameters: Vec<(&str, &str)> = parameters.iter().copied().chain(state).collect();
        if self.mode == ResponseMode::FormPost {
            return page::form_post(self.redirect_uri, &parameters);
        }
        let encoded = Serializer::new(String::new()).extend_pairs(&parameters).finish();
        let separator = match self.mode {
            ResponseMode::Fragment => '#',
            _ if self.redirect_uri.contains('?') => '&',
            _ => '?',
        };
        Answer::redirect(format!("{}{separator}{encoded}", self.redirect_uri))
    }
}

/// What an address is registered for; nothing where it is not.
pub(crate) fn platform_of(client: &Client, address: &str) -> Option<Platform> {
    let is_among = |registered: &[String]| registered.iter().any(|uri| is_same_address(uri, address));
    if is_among(&client.redirect_uris) {
        return Some(Platform::Native);
    }
    is_among(&client.spa_redirect_uris).then_some(Platform::SinglePage)
}

/// Equal character for character, but for the port of a loopback address (RFC 8252, section 7.3).
fn is_same_address(registered: &str, asked: &str) -> bool {
    registered == asked || is_same_but_for_port(registered, asked).unwrap_or(false)
}

fn is_same_but_for_port(registered: &str, asked: &str) -> Option<bool> {
    let (registered, mut asked) = (Url::parse(registered).ok()?, Url::parse(asked).ok()?);
    let is_loopback =
        asked.scheme() == "http" && matches!(asked.host_str()?, "127.0.0.1" | "localhost" | "[::1]");
    if !is_loopback {
        return Some(false);
    }
    asked.set_port(registered.port()).ok()?;
    Some(asked == registered)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// An address that matches by mistake hands a user's code to a stranger; one that fails by mistake keeps a
    /// desktop client, which listens on any port, from ever signing in.
    #[rstest]
    #[case("http://127.0.0.1/callback", "http://127.0.0.1:52311/callback", true)]
    #[case("http://localhost:33418/", "http://localhost:1/", true)]
    #[case("http://localhost/", "http://localhost:8000", true)]
    #[case("http://[::1]/callback", "http://[::1]:9/callback", true)]
    #[case("https://claude.ai/api/mcp/auth_callback", "https://claude.ai/api/mcp/auth_callback", true)]
    #[case("http://127.0.0.1/callback", "http://localhost:52311/callback", false)]
    #[case("http://127.0.0.1/callback", "http://127.0.0.1:52311/other", false)]
    #[case("http://127.0.0.1/callback", "http://127.0.0.1:52311/callback?next=1", false)]
    #[case("http://127.0.0.1/callback", "http://127.0.0.1:52311/callback#part", false)]
    #[case("http://127.0.0.1/callback", "http://user@127.0.0.1:52311/callback", false)]
    #[case("http://127.0.0.1/callback", "http://127.0.0.1.evil.example/callback", false)]
    #[case("https://claude.ai/api/mcp/auth_callback", "https://claude.ai:444/api/mcp/auth_callback", false)]
    #[case("https://claude.ai/api/mcp/auth_callback", "https://claude.ai/api/mcp/auth_callback/", false)]
    fn redirect_addresses_are_equal_but_for_a_loopback_port(
        #[case] registered: &str,
        #[case] asked: &str,
        #[case] same: bool,
    ) {
        assert_eq!(is_same_address(registered, asked), same);
    }
}
