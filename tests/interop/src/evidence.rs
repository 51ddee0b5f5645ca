//! What the simulated Entra ID has seen of a sign-in, so that nobody has to take a client's word for it.

use serde_json::Value;
use thiserror::Error;
use url::form_urlencoded;

use crate::world::World;

/// What [`of_sign_in`] looks for.
pub(crate) const SENTENCE: &str = "Entra saw PKCE, the resource and the scope, and no secret";

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

/// A code was asked for at `authority`, and redeemed, as [`SignIn`] says.
pub(crate) async fn of_sign_in(world: &World, authority: &str) -> Result<(), EvidenceError> {
    let body = world.http().get(log_of(world)).send().await?.error_for_status()?.bytes().await?;
    let log: Vec<Value> = serde_json::from_slice(&body)?;
    SignIn { authority, resource: world.connector_url(), scope: &world.scope() }.shows_in(&log)
}

/// A sign-in as the connector's metadata and its challenge want it: one page with an S256 challenge, the resource and the
/// scope, and a code that is redeemed for the resource with the verifier and nothing that only a confidential client has.
#[derive(Debug)]
struct SignIn<'a> {
    /// With what the path of the page begins.
    authority: &'a str,
    resource: &'a str,
    scope: &'a str,
}

impl SignIn<'_> {
    fn shows_in(&self, log: &[Value]) -> Result<(), EvidenceError> {
        let pages = log.iter().filter(|seen| is(seen, "/authorize"));
        let lacks: Vec<_> = pages.map(|page| self.lack_of_page(page)).collect();
        if !lacks.contains(&None) {
            return Err(EvidenceError::Authorize(lacks.into_iter().flatten().last().unwrap_or("anything")));
        }
        let redeemed = log
            .iter()
            .find(|seen| is(seen, "/token") && seen["form"]["grant_type"] == "authorization_code")
            .ok_or(EvidenceError::Redeem("anything"))?;
        self.lack_of_form(&redeemed["form"]).map_or(Ok(()), |lack| Err(EvidenceError::Redeem(lack)))
    }

    fn lack_of_page(&self, page: &Value) -> Option<&'static str> {
        if !page["path"].as_str().is_some_and(|path| path.starts_with(&format!("/{}/", self.authority))) {
            return Some("the authority that the metadata names");
        }
        let parameters = asked(page);
        let texts = |name: &'static str| {
            parameters.iter().filter(move |(key, _)| key == name).map(|(_, text)| text.as_str())
        };
        if !texts("code_challenge_method").any(|method| method == "S256") {
            return Some("an S256 challenge");
        }
        if !texts("resource").any(|resource| resource == self.resource) {
            return Some("the connector as resource");
        }
        if !texts("scope").flat_map(str::split_ascii_whitespace).any(|scope| scope == self.scope) {
            return Some("the scope that the connector asks for");
        }
        None
    }

    fn lack_of_form(&self, form: &Value) -> Option<&'static str> {
        if !form["code_verifier"].is_string() {
            return Some("a verifier");
        }
        if form["resource"] != self.resource {
            return Some("the connector as resource");
        }
        if form.get("client_secret").is_some() || form.get("client_assertion").is_some() {
            return Some("neither secret nor assertion");
        }
        None
    }
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

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    const SIGN_IN: SignIn<'_> = SignIn {
        authority: "organizations",
        resource: "https://c.example/mcp",
        scope: "https://c.example/mcp/s",
    };

    const PAGE: &str =
        "code_challenge_method=S256&resource=https://c.example/mcp&scope=https://c.example/mcp/s%20openid";

    fn page(query: &str) -> Value {
        json!({ "service": "entra", "path": "/organizations/oauth2/v2.0/authorize", "query": query })
    }

    fn redeemed(change: &Value) -> Value {
        let mut form = json!({
            "grant_type": "authorization_code", "code_verifier": "v", "resource": "https://c.example/mcp",
        });
        for (name, value) in change.as_object().unwrap() {
            form[name] = value.clone();
        }
        json!({ "service": "entra", "path": "/organizations/oauth2/v2.0/token", "form": form })
    }

    fn lack(log: &[Value]) -> Option<String> {
        SIGN_IN.shows_in(log).err().map(|error| error.to_string())
    }

    /// If this failed, a client would pass that asks in two pieces, or for something else, and Entra would refuse it.
    #[rstest]
    #[case::whole(&[PAGE], None)]
    #[case::whole_at_last(&["scope=x", PAGE], None)]
    #[case::in_two_pieces(
        &["code_challenge_method=S256&scope=https://c.example/mcp/s", "resource=https://c.example/mcp"],
        Some("an S256 challenge")
    )]
    #[case::of_another_resource(
        &["code_challenge_method=S256&resource=https://c.example/mcp/x&scope=https://c.example/mcp/s"],
        Some("the connector as resource")
    )]
    #[case::of_a_longer_scope(
        &["code_challenge_method=S256&resource=https://c.example/mcp&scope=https://c.example/mcp/s2"],
        Some("the scope that the connector asks for")
    )]
    #[case::nothing(&[], Some("anything"))]
    fn one_page_has_all_of_it(#[case] pages: &[&str], #[case] lacks: Option<&str>) {
        let mut log: Vec<_> = pages.iter().map(|query| page(query)).collect();
        log.push(redeemed(&json!({})));
        let expected = lacks.map(|lack| format!("nobody was sent to the sign-in page with {lack}"));
        assert_eq!(lack(&log), expected);
    }

    /// If this failed, a client would pass that was sent to another sign-in than the metadata's.
    #[test]
    fn the_page_is_that_of_the_authority() {
        let log = [page(PAGE), redeemed(&json!({}))];
        let elsewhere = SignIn { authority: "common", ..SIGN_IN }.shows_in(&log).unwrap_err().to_string();
        assert!(elsewhere.ends_with("the authority that the metadata names"), "{elsewhere}");
    }

    /// If this failed, a client would pass that has its code redeemed for nothing, or holds a secret.
    #[rstest]
    #[case::whole(json!({}), None)]
    #[case::without_a_verifier(json!({ "code_verifier": null }), Some("a verifier"))]
    #[case::without_a_resource(json!({ "resource": null }), Some("the connector as resource"))]
    #[case::with_a_secret(json!({ "client_secret": "s" }), Some("neither secret nor assertion"))]
    #[case::with_an_assertion(json!({ "client_assertion": "a" }), Some("neither secret nor assertion"))]
    fn the_code_is_redeemed_for_the_resource(#[case] change: Value, #[case] lacks: Option<&str>) {
        let expected = lacks.map(|lack| format!("no code was redeemed with {lack}"));
        assert_eq!(lack(&[page(PAGE), redeemed(&change)]), expected);
    }
}
