//! Whose traces a call may be a part of.

use std::net::IpAddr;
use std::str::FromStr;

use connector_actors::identity::ClientId;
use ipnet::IpNet;
use thiserror::Error;

/// The callers whose `traceparent` is the parent of what their calls do here, and decides whether that is kept. Everybody
/// else's is linked, and decides nothing. Nobody is trusted unless an operator says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedTraceParents {
    clients: Vec<ClientId>,
    networks: Vec<IpNet>,
}

/// One of those who are trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrustedCaller {
    /// Whoever is signed in with this application (`azp` of the token).
    Client(ClientId),
    /// Whoever connects from here: without a proxy between, a client; otherwise the proxy.
    Network(IpNet),
}

/// Why a text names nobody.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{0:?} must be the Application (client) ID of a client, or a network such as 10.1.0.0/16")]
pub struct NotACaller(String);

impl FromStr for TrustedCaller {
    type Err = NotACaller;

    fn from_str(text: &str) -> Result<Self, NotACaller> {
        let client = text.parse().map(Self::Client).ok();
        client.or_else(|| text.parse().map(Self::Network).ok()).ok_or_else(|| NotACaller(text.to_owned()))
    }
}

impl FromIterator<TrustedCaller> for TrustedTraceParents {
    fn from_iter<I: IntoIterator<Item = TrustedCaller>>(callers: I) -> Self {
        let mut trusted = Self::default();
        for caller in callers {
            match caller {
                TrustedCaller::Client(client) => trusted.clients.push(client),
                TrustedCaller::Network(network) => trusted.networks.push(network),
            }
        }
        trusted
    }
}

impl TrustedTraceParents {
    /// Whether a call by this client over a connection from `peer` may be a part of its caller's trace.
    pub(super) fn include(&self, client: ClientId, peer: Option<IpAddr>) -> bool {
        self.clients.contains(&client)
            || peer.is_some_and(|peer| {
                let peer = peer.to_canonical();
                self.networks.iter().any(|network| network.contains(&peer))
            })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const CLIENT: &str = "11111111-2222-4333-8444-555555555555";
    const OTHER: &str = "99999999-2222-4333-8444-555555555555";

    fn trusted(callers: &[&str]) -> TrustedTraceParents {
        callers.iter().map(|caller| caller.parse::<TrustedCaller>().unwrap()).collect()
    }

    /// If this failed, somebody whom nobody trusts could write into other people's traces, or decide what is kept.
    #[rstest]
    #[case::nobody(&[], "127.0.0.1", false)]
    #[case::the_client(&[CLIENT], "192.0.2.1", true)]
    #[case::another_client(&[OTHER], "192.0.2.1", false)]
    #[case::the_network(&["192.0.2.0/24"], "192.0.2.1", true)]
    #[case::the_network_as_ipv6_has_it(&["192.0.2.0/24"], "::ffff:192.0.2.1", true)]
    #[case::another_network(&["198.51.100.0/24"], "192.0.2.1", false)]
    #[case::either(&[OTHER, "2001:db8::/32"], "2001:db8::1", true)]
    fn a_caller_is_trusted_by_client_or_by_network(
        #[case] callers: &[&str],
        #[case] peer: &str,
        #[case] is_trusted: bool,
    ) {
        let (client, peer) = (CLIENT.parse().unwrap(), peer.parse().unwrap());
        assert_eq!(trusted(callers).include(client, Some(peer)), is_trusted);
    }

    /// If this failed, an operator's slip would go unnoticed until traces are missing.
    #[rstest]
    #[case("claude")]
    #[case("10.0.0.0/33")]
    #[case("")]
    fn what_is_neither_client_nor_network_is_refused_by_name(#[case] text: &str) {
        let error = text.parse::<TrustedCaller>().unwrap_err().to_string();
        assert!(error.starts_with(&format!("{text:?} must be")), "{error}");
    }
}
