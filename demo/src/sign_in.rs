//! Signing in as a client does: from the first refusal to an access token, with a person's choices on the sign-in
//! page submitted as the page's own form would.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::{ACCEPT, CONTENT_TYPE, LOCATION, WWW_AUTHENTICATE};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use thiserror::Error;
use url::Url;

/// Registered for the first client, on any port (RFC 8252 section 7.3). Nothing listens there: the redirect is
/// read, not followed.
const REDIRECT_URI: &str = "http://127.0.0.1:49152/callback";

/// Why there is no token.
#[derive(Debug, Error)]
pub enum SignInError {
    #[error("sign-in could not reach a server: {0}")]
    Http(#[from] reqwest::Error),
    #[error("{document} lacks {member}")]
    Incomplete { document: &'static str, member: &'static str },
    #[error("the sign-in page answered {status}")]
    Page { status: StatusCode },
    #[error("Entra refused: {0}")]
    Refused(String),
    #[error("the machine has no randomness")]
    Randomness,
}

/// What discovery found.
#[derive(Debug, Clone)]
pub struct SignIn {
    resource_metadata: String,
    resource: String,
    scope: String,
    authorization_endpoint: String,
    token_endpoint: String,
}

impl SignIn {
    /// Calls without a token, and follows the challenge to the authorization server's metadata.
    pub async fn discover(http: &Client, connector_url: &str) -> Result<Self, SignInError> {
        let request = http
            .post(connector_url)
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json, text/event-stream");
        let refused = request.body("{}").send().await?;
        let resource_metadata = challenge_parameter(&refused, "resource_metadata")
            .ok_or(SignInError::Incomplete { document: "the challenge", member: "resource_metadata" })?;
        let resource = document(http.get(&resource_metadata)).await?;
        let issuer =
            text("resource metadata", &resource["authorization_servers"][0], "authorization_servers")?;
        let server = document(http.get(server_metadata(&issuer)?)).await?;
        Ok(Self {
            resource: text("resource metadata", &resource["resource"], "resource")?,
            scope: text("resource metadata", &resource["scopes_supported"][0], "scopes_supported")?,
            authorization_endpoint: text(
                "server metadata",
                &server["authorization_endpoint"],
                "authorization_endpoint",
            )?,
            token_endpoint: text("server metadata", &server["token_endpoint"], "token_endpoint")?,
            resource_metadata,
        })
    }

    pub fn resource_metadata(&self) -> &str {
        &self.resource_metadata
    }

    pub fn authorization_endpoint(&self) -> &str {
        &self.authorization_endpoint
    }

    /// Signs `user` in by the authorization code flow with PKCE, consenting where that is asked for.
    pub async fn sign_in(&self, http: &Client, client_id: &str, user: &str) -> Result<String, SignInError> {
        let verifier = random_text()?;
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        let state = random_text()?;
        let asked = [
            ("client_id", client_id),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT_URI),
            ("response_mode", "query"),
            ("scope", &self.scope),
            ("resource", &self.resource),
            ("state", &state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let page = http.get(with_query(&self.authorization_endpoint, &asked)?).send().await?;
        if page.status() != StatusCode::OK {
            return Err(SignInError::Page { status: page.status() });
        }
        let code = self.choose(http, &asked, user, &state).await?;
        self.redeem(http, client_id, &code, &verifier).await
    }

    /// Submits the page's form: the account, then consent when the page asks for it.
    async fn choose(
        &self,
        http: &Client,
        asked: &[(&str, &str)],
        user: &str,
        state: &str,
    ) -> Result<String, SignInError> {
        let mut fields = asked.to_vec();
        fields.push(("user", user));
        let mut answer = post_form(http, &self.authorization_endpoint, &fields).send().await?;
        if answer.status() == StatusCode::OK {
            fields.push(("consent", "yes"));
            answer = post_form(http, &self.authorization_endpoint, &fields).send().await?;
        }
        let status = answer.status();
        let location = answer.headers().get(LOCATION).and_then(|location| location.to_str().ok());
        let redirect =
            location.and_then(|location| Url::parse(location).ok()).ok_or(SignInError::Page { status })?;
        let parameter = |name: &str| {
            redirect.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        if parameter("state").as_deref() != Some(state) {
            return Err(SignInError::Incomplete { document: "the redirect", member: "our state" });
        }
        parameter("code")
            .ok_or_else(|| SignInError::Refused(parameter("error_description").unwrap_or_default()))
    }

    async fn redeem(
        &self,
        http: &Client,
        client_id: &str,
        code: &str,
        verifier: &str,
    ) -> Result<String, SignInError> {
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", client_id),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", verifier),
            ("resource", &self.resource),
        ];
        let answer = document(post_form(http, &self.token_endpoint, &fields)).await?;
        match answer["error_description"].as_str() {
            Some(description) => Err(SignInError::Refused(description.to_owned())),
            None => text("the token response", &answer["access_token"], "access_token"),
        }
    }
}

/// RFC 8414 section 3: the issuer's path, if it has one, follows the well-known one.
fn server_metadata(issuer: &str) -> Result<Url, SignInError> {
    let unusable =
        || SignInError::Incomplete { document: "resource metadata", member: "a usable authorization server" };
    let mut url = Url::parse(issuer).map_err(|_| unusable())?;
    let path = format!("/.well-known/oauth-authorization-server{}", url.path().trim_end_matches('/'));
    url.set_path(&path);
    Ok(url)
}

fn with_query(endpoint: &str, fields: &[(&str, &str)]) -> Result<Url, SignInError> {
    Url::parse_with_params(endpoint, fields)
        .map_err(|_| SignInError::Incomplete { document: "server metadata", member: "a usable endpoint" })
}

fn post_form(http: &Client, endpoint: &str, fields: &[(&str, &str)]) -> RequestBuilder {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    http.post(endpoint).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body.finish())
}

async fn document(request: RequestBuilder) -> Result<Value, SignInError> {
    let body = request.send().await?.bytes().await?;
    serde_json::from_slice(&body)
        .map_err(|_| SignInError::Incomplete { document: "an answer", member: "JSON" })
}

fn text(document: &'static str, value: &Value, member: &'static str) -> Result<String, SignInError> {
    value.as_str().map(ToOwned::to_owned).ok_or(SignInError::Incomplete { document, member })
}

fn challenge_parameter(response: &Response, name: &str) -> Option<String> {
    let challenge = response.headers().get(WWW_AUTHENTICATE)?.to_str().ok()?;
    let (_, rest) = challenge.split_once(&format!("{name}=\""))?;
    rest.split_once('"').map(|(value, _)| value.to_owned())
}

fn random_text() -> Result<String, SignInError> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| SignInError::Randomness)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
