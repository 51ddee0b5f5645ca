//! A simulator on a free port, and a client that follows nothing by itself.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use m365_simulator::{Simulator, SimulatorOptions, TlsOptions};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Response};
use serde_json::{Value, json};
use url::Url;
use url::form_urlencoded::Serializer;

/// The connector's MCP URL in these tests.
pub(crate) const MCP: &str = "http://127.0.0.1:8080/mcp";
pub(crate) const VERIFIER: &str = "a-verifier-of-a-good-size-0123456789-0123456789";
pub(crate) const REDIRECT: &str = "http://127.0.0.1:52311/callback";
pub(crate) const ON_BEHALF_OF: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Name and value pairs of a query or a form.
pub(crate) type Pairs = Vec<(String, String)>;

pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) http: Client,
    /// What every address of this client begins with.
    base: String,
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) async fn read(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The parameters of a redirect's query.
    pub(crate) fn redirected(&self) -> Pairs {
        assert_eq!(self.status, 302, "{}", self.text);
        let location = Url::parse(self.header("location")).unwrap();
        location.query_pairs().into_owned().collect()
    }

    /// The AADSTS number of a refusal, wherever it stands.
    pub(crate) fn aadsts(&self) -> u64 {
        let location = self.header("location");
        let text = if location.is_empty() { &self.text } else { location };
        let (_, rest) = text.split_once("AADSTS").unwrap_or_else(|| panic!("no refusal: {text}"));
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap()
    }
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_with(Self::options()).await
    }

    /// What a simulator of these tests is started with.
    pub(crate) fn options() -> SimulatorOptions {
        SimulatorOptions { connector_app_id_uris: vec![MCP.to_owned()], ..SimulatorOptions::default() }
    }

    pub(crate) async fn start_with(options: SimulatorOptions) -> Self {
        let simulator = Simulator::start(options).await.unwrap();
        let http =
            Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(20)).build().unwrap();
        let base = simulator.base_url().to_owned();
        Self { simulator, http, base }
    }

    /// A client that trusts the simulator's CA and no other, and asks over HTTPS by that name.
    pub(crate) async fn start_secure(name: &str) -> Self {
        let options = SimulatorOptions { tls: Some(TlsOptions::default()), ..Self::options() };
        let world = Self::start_with(options).await;
        let ca = Certificate::from_pem(world.simulator.ca_certificate_pem().unwrap().as_bytes()).unwrap();
        let http = Client::builder().tls_certs_only([ca]).redirect(Policy::none()).build().unwrap();
        let base = world.simulator.secure_base_url().unwrap().replace("localhost", name);
        Self { http, base, ..world }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        Reply::read(self.http.get(self.url(path)).send().await.unwrap()).await
    }

    pub(crate) async fn get_as(&self, bearer: &str, path: &str) -> Reply {
        Reply::read(self.http.get(self.url(path)).bearer_auth(bearer).send().await.unwrap()).await
    }

    pub(crate) async fn send(&self, method: reqwest::Method, path: &str) -> Reply {
        Reply::read(self.http.request(method, self.url(path)).send().await.unwrap()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        Reply::read(self.http.delete(self.url(path)).send().await.unwrap()).await
    }

    pub(crate) async fn post_json(&self, path: &str, body: Value) -> Reply {
        Reply::read(self.http.post(self.url(path)).body(body.to_string()).send().await.unwrap()).await
    }

    pub(crate) async fn post_form(&self, path: &str, fields: &[(String, String)]) -> Reply {
        self.send_form(self.http.post(self.url(path)), fields).await
    }

    pub(crate) async fn send_form(
        &self,
        request: reqwest::RequestBuilder,
        fields: &[(String, String)],
    ) -> Reply {
        let request =
            request.header("content-type", "application/x-www-form-urlencoded").body(encode(fields));
        Reply::read(request.send().await.unwrap()).await
    }

    /// Id of the first tenant.
    pub(crate) fn tenant(&self) -> String {
        self.simulator.directory().tenants[0].id.to_string()
    }

    /// Principal name of the first user of the first tenant.
    pub(crate) fn upn(&self) -> String {
        self.simulator.directory().tenants[0].users[0].upn.clone()
    }

    pub(crate) fn client_id(&self) -> String {
        self.simulator.directory().clients[0].id.to_string()
    }

    pub(crate) fn connector_id(&self) -> String {
        self.simulator.directory().connector.client_id.to_string()
    }

    /// An authorization request that ends in a code.
    pub(crate) fn authorization(&self) -> Pairs {
        pairs(&[
            ("client_id", &self.client_id()),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT),
            ("scope", &format!("{MCP}/access_as_user openid offline_access")),
            ("resource", MCP),
            ("state", "a state & more"),
            ("code_challenge", &challenge(VERIFIER)),
            ("code_challenge_method", "S256"),
            ("user", &self.upn()),
        ])
    }

    pub(crate) async fn authorize(&self, tenant: &str, fields: &[(String, String)]) -> Reply {
        self.get(&format!("/{tenant}/oauth2/v2.0/authorize?{}", encode(fields))).await
    }

    pub(crate) async fn code(&self) -> String {
        let reply = self.authorize(&self.tenant(), &self.authorization()).await;
        value(&reply.redirected(), "code")
    }

    /// A token request that redeems `code`.
    pub(crate) fn redemption(&self, code: &str) -> Pairs {
        pairs(&[
            ("client_id", &self.client_id()),
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
            ("resource", MCP),
        ])
    }

    pub(crate) async fn token(&self, tenant: &str, fields: &[(String, String)]) -> Reply {
        self.post_form(&format!("/{tenant}/oauth2/v2.0/token"), fields).await
    }

    /// An access token for the connector, minted by the control API.
    pub(crate) async fn assertion(&self, claims: Value) -> String {
        let order = json!({ "tenant": self.tenant(), "user": self.upn(), "claims": claims });
        let reply = self.post_json("/_sim/token", order).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// An On-Behalf-Of request with the client secret.
    pub(crate) fn exchange(&self, assertion: &str) -> Pairs {
        let secret = self.simulator.connector_credentials().client_secret;
        pairs(&[
            ("client_id", &self.connector_id()),
            ("client_secret", &secret),
            ("grant_type", ON_BEHALF_OF),
            ("requested_token_use", "on_behalf_of"),
            ("scope", "https://graph.microsoft.com/.default"),
            ("assertion", assertion),
        ])
    }

    /// A Graph token of the first user.
    pub(crate) async fn graph_token(&self) -> String {
        let assertion = self.assertion(json!({})).await;
        let reply = self.token(&self.tenant(), &self.exchange(&assertion)).await;
        reply.json()["access_token"].as_str().unwrap_or_else(|| panic!("{}", reply.text)).to_owned()
    }

    /// The published keys.
    pub(crate) async fn keys(&self) -> Vec<Value> {
        let keys = self.get(&format!("/{}/discovery/v2.0/keys", self.tenant())).await.json();
        keys["keys"].as_array().unwrap().clone()
    }
}

pub(crate) fn pairs(fields: &[(&str, &str)]) -> Pairs {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Sets a field; an empty value takes it away.
pub(crate) fn with(mut fields: Pairs, name: &str, value: &str) -> Pairs {
    fields.retain(|(present, _)| present != name);
    if !value.is_empty() {
        fields.push((name.to_owned(), value.to_owned()));
    }
    fields
}

pub(crate) fn value(fields: &[(String, String)], name: &str) -> String {
    fields.iter().find(|(present, _)| present == name).map_or_else(String::new, |(_, value)| value.clone())
}

pub(crate) fn encode(fields: &[(String, String)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

pub(crate) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

/// Part 0 (header) or 1 (claims) of a token.
pub(crate) fn token_part(token: &str, part: usize) -> Value {
    let encoded = token.split('.').nth(part).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(encoded).unwrap()).unwrap()
}

/// Whether a token verifies by that published key.
pub(crate) fn verifies(token: &str, key: &Value) -> bool {
    let component = |name: &str| key[name].as_str().unwrap().to_owned();
    let key = jsonwebtoken::DecodingKey::from_rsa_components(&component("n"), &component("e")).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &key, jsonwebtoken::Algorithm::RS256).unwrap()
}
