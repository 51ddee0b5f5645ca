//! Where the signing keys come from: discovery once, then the key set it names. After a failure it is looked up again.

use std::fmt::Debug;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use thiserror::Error;
use url::Url;

use super::cloud::{Cloud, is_secure};
use super::jwks::{JwksError, KeySet};
use super::outbound::read_answer;

/// Why there are no keys to be had at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum KeyFetchFault {
    #[error("no connection or no answer in time")]
    Unreachable,
    #[error("an answer other than 200")]
    NotOk,
    #[error("an answer that is cut off or too large")]
    Broken,
    #[error("a discovery document without a safe jwks_uri")]
    BadDiscovery,
    #[error(transparent)]
    BadKeySet(#[from] JwksError),
}

impl KeyFetchFault {
    /// A word for telemetry.
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::NotOk => "not_ok",
            Self::Broken => "broken_answer",
            Self::BadDiscovery => "bad_discovery",
            Self::BadKeySet(JwksError::NotJson) => "key_set_not_json",
            Self::BadKeySet(JwksError::NoList) => "key_set_without_list",
            Self::BadKeySet(JwksError::SecretKey) => "key_set_holds_secret",
            Self::BadKeySet(JwksError::NoUsableKey) => "no_usable_key",
        }
    }
}

/// Where a ring has its keys from.
pub(super) trait FetchKeys: Debug + Send + Sync {
    /// One attempt, bounded in time.
    fn fetch(&self) -> BoxFuture<'_, Result<KeySet, KeyFetchFault>>;
}

/// The part of the discovery document that is read.
#[derive(Deserialize)]
struct Discovery {
    jwks_uri: String,
}

/// Entra itself. Each of the at most two requests of an attempt is bounded by the client's time limit.
#[derive(Debug)]
pub(super) struct KeySource {
    client: Client,
    discovery_url: String,
    /// Known from the last discovery, until a fetch from there fails.
    jwks_uri: ArcSwapOption<Url>,
}

impl KeySource {
    pub(super) fn new(client: Client, cloud: &Cloud) -> Self {
        Self { client, discovery_url: cloud.discovery_url(), jwks_uri: ArcSwapOption::empty() }
    }

    async fn discover_and_fetch(&self) -> Result<KeySet, KeyFetchFault> {
        let jwks_uri = self.jwks_uri().await?;
        let fetched = self.fetch_from(&jwks_uri).await;
        if fetched.is_err() {
            self.jwks_uri.store(None);
        }
        fetched
    }

    async fn fetch_from(&self, jwks_uri: &Url) -> Result<KeySet, KeyFetchFault> {
        Ok(KeySet::parse(&self.get(jwks_uri.as_str()).await?)?)
    }

    /// Looked up once for as long as it serves: the address is stable, and a fetch then is one request.
    async fn jwks_uri(&self) -> Result<Arc<Url>, KeyFetchFault> {
        if let Some(known) = self.jwks_uri.load_full() {
            return Ok(known);
        }
        let document = self.get(&self.discovery_url).await?;
        let discovery: Discovery =
            serde_json::from_slice(&document).map_err(|_| KeyFetchFault::BadDiscovery)?;
        let jwks_uri = Url::parse(&discovery.jwks_uri).map_err(|_| KeyFetchFault::BadDiscovery)?;
        if !is_secure(&jwks_uri) {
            return Err(KeyFetchFault::BadDiscovery);
        }
        let jwks_uri = Arc::new(jwks_uri);
        self.jwks_uri.store(Some(Arc::clone(&jwks_uri)));
        Ok(jwks_uri)
    }

    async fn get(&self, url: &str) -> Result<Vec<u8>, KeyFetchFault> {
        let response = self.client.get(url).send().await.map_err(|_| KeyFetchFault::Unreachable)?;
        if response.status() != StatusCode::OK {
            return Err(KeyFetchFault::NotOk);
        }
        let mut body = read_answer(response).await.map_err(|_| KeyFetchFault::Broken)?;
        Ok(std::mem::take(&mut *body))
    }
}

impl FetchKeys for KeySource {
    fn fetch(&self) -> BoxFuture<'_, Result<KeySet, KeyFetchFault>> {
        self.discover_and_fetch().boxed()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, operators would read nothing, or another reason, where the keys can't be had.
    #[rstest]
    #[case(KeyFetchFault::Unreachable, "unreachable")]
    #[case(KeyFetchFault::NotOk, "not_ok")]
    #[case(KeyFetchFault::Broken, "broken_answer")]
    #[case(KeyFetchFault::BadDiscovery, "bad_discovery")]
    #[case(JwksError::NotJson.into(), "key_set_not_json")]
    #[case(JwksError::NoList.into(), "key_set_without_list")]
    #[case(JwksError::SecretKey.into(), "key_set_holds_secret")]
    #[case(JwksError::NoUsableKey.into(), "no_usable_key")]
    fn each_fault_has_a_word_of_its_own(#[case] fault: KeyFetchFault, #[case] word: &str) {
        assert_eq!(fault.reason(), word);
    }
}
