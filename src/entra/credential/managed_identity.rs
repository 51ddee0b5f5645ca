//! Tokens of the machine's managed identity, as the proof of a federated credential.
//!
//! Two forms: the metadata service of virtual machines and clusters, and the endpoint of App Service and Container Apps.
//! Sources: <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token>,
//! <https://learn.microsoft.com/azure/app-service/overview-managed-identity>,
//! <https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity>.

use std::borrow::Cow;
use std::time::Duration;

use connector_actors::clock::Timestamp;
use connector_actors::identity::ClientId;
use connector_actors::ports::{ExchangeError, ExchangeFault};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::FederatedToken;
use crate::entra::outbound::{ClientNotBuilt, read_answer};

/// The metadata service's address, on every virtual machine of Azure.
const METADATA_SERVICE: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

/// The endpoint is on the machine, or next to it.
const TIMEOUT: Duration = Duration::from_secs(3);

/// With less life left than this a token is asked for anew.
const EXPIRY_MARGIN: Duration = Duration::from_secs(300);

/// The identity that Azure gives to the machine or service that this process runs on.
#[derive(Debug, Clone)]
pub struct ManagedIdentity {
    endpoint: Endpoint,
    /// Of a user-assigned identity; `None`: the machine's own.
    client_id: Option<ClientId>,
    audience: &'static str,
}

#[derive(Debug, Clone)]
enum Endpoint {
    MetadataService(Url),
    /// The address and the secret header that the platform gives to the process.
    AppService(Url, SecretString),
}

/// An endpoint of App Service that can't be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("IDENTITY_ENDPOINT is no address")]
pub struct NotAnIdentityEndpoint;

impl ManagedIdentity {
    /// `authority` is the cloud's sign-in address: each cloud has an audience of its own for such tokens.
    pub fn of_the_machine(client_id: Option<ClientId>, authority: &Url) -> Self {
        // A constant that parses; the fallback is never met.
        let endpoint = Url::parse(METADATA_SERVICE).unwrap_or_else(|_| authority.clone());
        Self { endpoint: Endpoint::MetadataService(endpoint), client_id, audience: audience(authority) }
    }

    /// `endpoint` and `secret` are what App Service puts into `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`.
    pub fn of_app_service(
        endpoint: &str,
        secret: SecretString,
        client_id: Option<ClientId>,
        authority: &Url,
    ) -> Result<Self, NotAnIdentityEndpoint> {
        let endpoint = Url::parse(endpoint).map_err(|_| NotAnIdentityEndpoint)?;
        let endpoint = Endpoint::AppService(endpoint, secret);
        Ok(Self { endpoint, client_id, audience: audience(authority) })
    }

    #[cfg(test)]
    pub(in crate::entra) fn at(endpoint: &str, client_id: Option<ClientId>) -> Self {
        let endpoint = Endpoint::MetadataService(Url::parse(endpoint).unwrap());
        Self { endpoint, client_id, audience: "api://AzureADTokenExchange" }
    }

    pub(super) fn url(&self) -> Url {
        let (endpoint, version) = match &self.endpoint {
            Endpoint::MetadataService(url) => (url, "2018-02-01"),
            Endpoint::AppService(url, _) => (url, "2019-08-01"),
        };
        let mut url = endpoint.clone();
        let mut query = url.query_pairs_mut();
        query.append_pair("api-version", version).append_pair("resource", self.audience);
        if let Some(client_id) = self.client_id {
            query.append_pair("client_id", &client_id.to_string());
        }
        drop(query);
        url
    }
}

fn audience(authority: &Url) -> &'static str {
    match authority.host_str() {
        Some("login.microsoftonline.us") => "api://AzureADTokenExchangeUSGov",
        Some("login.partner.microsoftonline.cn") => "api://AzureADTokenExchangeChina",
        _ => "api://AzureADTokenExchange",
    }
}

/// Asks the machine for tokens, and keeps the last one while it is good. One request for all who wait.
#[derive(Debug)]
pub(super) struct ManagedIdentityClient {
    identity: ManagedIdentity,
    client: Client,
    kept: tokio::sync::Mutex<Option<FederatedToken>>,
}

/// Azure writes `expires_on` as text or number; `expires_in` is there on some platforms alone.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    access_token: Cow<'a, str>,
    expires_on: Value,
}

impl ManagedIdentityClient {
    pub(super) fn new(identity: ManagedIdentity) -> Result<Self, ClientNotBuilt> {
        let client = Client::builder().redirect(Policy::none()).timeout(TIMEOUT).no_proxy().build()?;
        Ok(Self { identity, client, kept: tokio::sync::Mutex::new(None) })
    }

    /// The kept token, or a new one. When there is no new one to be had, the kept one serves to its very end.
    pub(super) async fn token(&self, now: Timestamp) -> Result<FederatedToken, ExchangeError> {
        let mut kept = self.kept.lock().await;
        let is_good = |token: &FederatedToken, margin: Duration| {
            token.expires_at().is_some_and(|expires_at| now + margin < expires_at)
        };
        if let Some(token) = kept.as_ref().filter(|token| is_good(token, EXPIRY_MARGIN)) {
            return Ok(token.clone());
        }
        match self.ask().await {
            Ok(token) => Ok(kept.insert(token).clone()),
            Err(fault) => {
                let last = kept.as_ref().filter(|token| is_good(token, Duration::ZERO));
                last.cloned().ok_or(ExchangeError::Unavailable(fault))
            }
        }
    }

    async fn ask(&self) -> Result<FederatedToken, ExchangeFault> {
        let request = self.client.get(self.identity.url());
        let request = match &self.identity.endpoint {
            Endpoint::MetadataService(_) => request.header("Metadata", "true"),
            Endpoint::AppService(_, secret) => request.header("X-IDENTITY-HEADER", secret.expose_secret()),
        };
        let response = request.send().await.map_err(|error| {
            if error.is_timeout() { ExchangeFault::TimedOut } else { ExchangeFault::Unreachable }
        })?;
        let status = response.status();
        let body = read_answer(response).await.map_err(|_| ExchangeFault::Unintelligible)?;
        if status != StatusCode::OK {
            return Err(ExchangeFault::ServerError(status.as_u16()));
        }
        let answer: Answer<'_> = serde_json::from_slice(&body).map_err(|_| ExchangeFault::Unintelligible)?;
        let expires_on = answer.expires_on.as_u64();
        let expires_on = expires_on.or_else(|| answer.expires_on.as_str()?.parse().ok());
        let expires_at = expires_on.map(Timestamp::from_unix_seconds).ok_or(ExchangeFault::Unintelligible)?;
        Ok(FederatedToken::new(SecretString::from(answer.access_token.as_ref()), Some(expires_at)))
    }
}
