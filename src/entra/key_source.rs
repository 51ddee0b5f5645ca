//! Where the signing keys come from: the key set that discovery names. Discovery is asked again after a while, and after
//! a failure.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use connector_actors::clock::Clock;
use connector_observability::emit;
use connector_observability::event::jwks::JwksAddressKept;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use thiserror::Error;
use tokio::time::Instant;
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

/// Where discovery said that the keys are.
#[derive(Debug)]
struct KeyAddress {
    url: Url,
    /// From then on discovery is asked again before keys are fetched.
    stale_at: Instant,
}

/// Entra itself. Each of the at most two requests of an attempt is bounded by the client's time limit. Attempts follow
/// each other one by one.
#[derive(Debug)]
pub(super) struct KeySource {
    client: Client,
    clock: Arc<dyn Clock>,
    discovery_url: String,
    address_good_for: Duration,
    /// Of the last discovery that succeeded. It stays when it is stale: while discovery can't be had, it serves.
    address: ArcSwapOption<KeyAddress>,
}

impl KeySource {
    /// `address_good_for` is the time after which an address is looked up again.
    pub(super) fn new(
        client: Client,
        cloud: &Cloud,
        address_good_for: Duration,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let discovery_url = cloud.discovery_url();
        Self { client, clock, discovery_url, address_good_for, address: ArcSwapOption::empty() }
    }

    async fn find_and_fetch(&self) -> Result<KeySet, KeyFetchFault> {
        let url = self.find_keys().await?;
        let fetched = self.fetch_from(&url).await;
        if fetched.is_err() {
            self.remember(url, self.clock.instant());
        }
        fetched
    }

    async fn fetch_from(&self, url: &Url) -> Result<KeySet, KeyFetchFault> {
        Ok(KeySet::parse(&self.get(url.as_str()).await?)?)
    }

    /// The address hardly ever changes, so that most attempts are one request.
    async fn find_keys(&self) -> Result<Url, KeyFetchFault> {
        let (last, now) = (self.address.load_full(), self.clock.instant());
        if let Some(last) = &last
            && now < last.stale_at
        {
            return Ok(last.url.clone());
        }
        let url = match (self.discover().await, last) {
            (Ok(url), _) => url,
            (Err(fault), Some(last)) => {
                emit(JwksAddressKept { reason: fault.reason() });
                last.url.clone()
            }
            (Err(fault), None) => return Err(fault),
        };
        self.remember(url.clone(), now + self.address_good_for);
        Ok(url)
    }

    async fn discover(&self) -> Result<Url, KeyFetchFault> {
        let document = self.get(&self.discovery_url).await?;
        let discovery: Discovery =
            serde_json::from_slice(&document).map_err(|_| KeyFetchFault::BadDiscovery)?;
        let url = Url::parse(&discovery.jwks_uri).map_err(|_| KeyFetchFault::BadDiscovery)?;
        if is_secure(&url) { Ok(url) } else { Err(KeyFetchFault::BadDiscovery) }
    }

    fn remember(&self, url: Url, stale_at: Instant) {
        self.address.store(Some(Arc::new(KeyAddress { url, stale_at })));
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
        self.find_and_fetch().boxed()
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
