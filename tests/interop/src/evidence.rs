//! What the simulated Entra ID has seen of a sign-in, so that nobody has to take a client's word for it.

use serde_json::Value;
use thiserror::Error;
use url::form_urlencoded;

use crate::world::World;

/// What a sign-in lacked.
#[derive(Debug, Error)]
pub(crate) enum EvidenceError {
    #[error("the simulator's record: {0}")]
    Record(#[from] reqwest::Error),
    #[error("the simulator's record is no JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("nobody was sent to the sign-in page with {0}")]
    Authorize(&'static str),
    #[error("no code was redeemed with {0}")]
    Redeem(&'static str),
}

/// Forgets what was seen so far.
pub(crate) async fn forget(world: &World) -> Result<(), EvidenceError> {
    world.http().delete(log_of(world)).send().await?.error_for_status()?;
    Ok(())
}

/// A code was asked for with an S256 challenge and our resource, and redeemed with the verifier and no secret.
pub(crate) async fn of_sign_in(world: &World) -> Result<(), EvidenceError> {
    let body = world.http().get(log_of(world)).send().await?.error_for_status()?.bytes().await?;
    let log: Vec<Value> = serde_json::from_slice(&body)?;
    let pages: Vec<Vec<(String, String)>> =
        log.iter().filter(|seen| is(seen, "/authorize")).map(asked).collect();
    let has = |name: &str, value: &str| {
        pages.iter().any(|page| page.iter().any(|(key, text)| key == name && text == value))
    };
    if !has("code_challenge_method", "S256") {
        return Err(EvidenceError::Authorize("an S256 challenge"));
    }
    if !has("resource", world.connector_url()) {
        return Err(EvidenceError::Authorize("the connector as resource"));
    }
    let redeemed = log
        .iter()
        .find(|seen| is(seen, "/token") && seen["form"]["grant_type"] == "authorization_code")
        .ok_or(EvidenceError::Redeem("anything"))?;
    if !redeemed["form"]["code_verifier"].is_string() {
        return Err(EvidenceError::Redeem("a verifier"));
    }
    if redeemed["form"]["client_secret"].is_string() {
        return Err(EvidenceError::Redeem("no secret"));
    }
    Ok(())
}

fn log_of(world: &World) -> String {
    format!("{}/_sim/requests", world.simulator_url())
}

fn is(seen: &Value, endpoint: &str) -> bool {
    seen["service"] == "entra" && seen["path"].as_str().is_some_and(|path| path.ends_with(endpoint))
}

/// Parameters of the address, and fields of the form where the page was submitted.
fn asked(seen: &Value) -> Vec<(String, String)> {
    let query = seen["query"].as_str().unwrap_or_default();
    let form = seen["form"].as_object().into_iter().flatten();
    let form = form.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    form_urlencoded::parse(query.as_bytes()).into_owned().chain(form).collect()
}
