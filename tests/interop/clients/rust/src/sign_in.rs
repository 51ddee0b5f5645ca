//! The client's own sign-in: it finds the metadata, makes the challenge, and redeems the code. What a person does at the
//! browser is done here.

use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use rmcp::transport::auth::{AuthorizationManager, AuthorizationRequest, OAuthState};
use serde::Deserialize;
use url::Url;

/// As the runner writes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct World {
    pub(crate) connector_url: String,
    client_id: String,
    redirect_uri: String,
}

/// Signs `user` in, as a client with an ID that is registered beforehand.
pub(crate) async fn sign_in(
    world: &World,
    user: &str,
) -> Result<AuthorizationManager, Box<dyn std::error::Error>> {
    let mut state = OAuthState::new(&world.connector_url, None).await?;
    let request = AuthorizationRequest::new(&world.redirect_uri).with_preregistered_client(&world.client_id);
    state.start_authorization(request).await?;
    let redirect = at_the_browser(&state.get_authorization_url().await?, user).await?;
    if !redirect.as_str().starts_with(&world.redirect_uri) {
        return Err(format!("sent to {redirect}").into());
    }
    state.handle_callback_url(redirect.as_str()).await?;
    state.into_authorization_manager().ok_or_else(|| "not signed in".into())
}

/// Opens the page, chooses the account and consents, and reads the redirect instead of following it.
async fn at_the_browser(page: &str, user: &str) -> Result<Url, Box<dyn std::error::Error>> {
    let mut page = Url::parse(page)?;
    page.query_pairs_mut().append_pair("user", user).append_pair("consent", "yes");
    let browser = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build()?;
    let answer = browser.get(page).send().await?;
    let location = answer.headers().get(LOCATION);
    let location = location.ok_or_else(|| format!("the sign-in page answered {}", answer.status()))?;
    Ok(Url::parse(location.to_str()?)?)
}
