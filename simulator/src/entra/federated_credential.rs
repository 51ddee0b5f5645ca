//! What a federated credential is made of.

use std::sync::Arc;

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, JwkSet};
use serde_json::Value;

/// A credential of an application's registration. Its texts are compared character for character, letter case included.
#[derive(Clone, Debug)]
pub(crate) struct FederatedCredential {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) audience: String,
    /// The keys of its issuer; without, those that the simulated Entra publishes.
    pub(crate) keys: Option<Arc<IssuerKeys>>,
}

/// The key set that another issuer publishes.
#[derive(Debug)]
pub(crate) struct IssuerKeys(Vec<(String, DecodingKey)>);

impl IssuerKeys {
    /// `None` when that is no set of RSA keys (RFC 7517, section 5), each with its `kid`.
    pub(crate) fn parse(jwks: Value) -> Option<Self> {
        let set: JwkSet = serde_json::from_value(jwks).ok()?;
        let keys = set.keys.into_iter().map(|key| {
            let id =
                key.common.key_id.clone().filter(|_| matches!(key.algorithm, AlgorithmParameters::RSA(_)));
            Some((id?, DecodingKey::from_jwk(&key).ok()?))
        });
        keys.collect::<Option<Vec<_>>>().filter(|keys| !keys.is_empty()).map(Self)
    }

    pub(crate) fn find(&self, kid: &str) -> Option<&DecodingKey> {
        self.0.iter().find(|(id, _)| id == kid).map(|(_, key)| key)
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(id, _)| id.as_str())
    }
}
