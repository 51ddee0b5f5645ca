//! The test keys: what signs tokens, what is published, and the connector's certificate.

use std::io;
use std::sync::{PoisonError, RwLock};

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::authority::{Authority, PERSONAL_TENANT};
use super::certificate::Certificate;

macro_rules! pem {
    ($name:literal) => {
        (
            include_str!(concat!("../../keys/", $name, ".key.pem")),
            include_str!(concat!("../../keys/", $name, ".crt.pem")),
        )
    };
}

const SIGNING_FIRST: (&str, &str) = pem!("signing-first");
const SIGNING_SECOND: (&str, &str) = pem!("signing-second");
const SIGNING_PERSONAL: (&str, &str) = pem!("signing-personal");
const GRAPH: (&str, &str) = pem!("graph");
const CONNECTOR: (&str, &str) = pem!("connector");

/// The connector's private key (PKCS #8) and certificate, both PEM.
pub(crate) const CONNECTOR_KEY_AND_CERTIFICATE: (&str, &str) = CONNECTOR;

/// The issuer that stands for every work tenant.
pub(crate) const ISSUER_TEMPLATE: &str = "{tenantid}";

/// A key that the control API can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyName {
    /// Signs at the start.
    First,
    /// Published beside the first one, for the next rotation.
    Second,
    /// For personal accounts alone; tenants publish it on demand.
    Personal,
    /// Signs tokens for Graph; never published, so that whoever tries to validate such a token is caught.
    Graph,
}

impl KeyName {
    pub(crate) const EVERY: [Self; 4] = [Self::First, Self::Second, Self::Personal, Self::Graph];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
            Self::Personal => "personal",
            Self::Graph => "graph",
        }
    }

    /// A key that Entra could publish, by its name.
    pub(crate) fn parse_publishable(name: &str) -> Option<Self> {
        Self::parse(name).filter(|key| key.issuer_tenant().is_some())
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|key| key.as_str() == name)
    }

    /// Whom the key may sign for, as a published key's issuer has it; `None` for a key that is never published.
    pub(crate) fn issuer_tenant(self) -> Option<&'static str> {
        match self {
            Self::First | Self::Second => Some(ISSUER_TEMPLATE),
            Self::Personal => Some(PERSONAL_TENANT),
            Self::Graph => None,
        }
    }
}

/// Which key signs, and which are in the key set, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyState {
    pub(crate) active: KeyName,
    pub(crate) published: Vec<KeyName>,
}

impl Default for KeyState {
    fn default() -> Self {
        Self { active: KeyName::First, published: vec![KeyName::First, KeyName::Second] }
    }
}

/// A key pair with its certificate.
pub(crate) struct KeyPair {
    pub(crate) private: EncodingKey,
    pub(crate) certificate: Certificate,
    modulus: String,
    exponent: String,
}

/// Every key of the simulated Entra.
pub(crate) struct Keys {
    first: KeyPair,
    second: KeyPair,
    personal: KeyPair,
    pub(crate) graph: KeyPair,
    /// The connector's certificate credential.
    pub(crate) connector: KeyPair,
    state: RwLock<KeyState>,
}

impl Keys {
    pub(crate) fn load() -> io::Result<Self> {
        Ok(Self {
            first: KeyPair::load(SIGNING_FIRST)?,
            second: KeyPair::load(SIGNING_SECOND)?,
            personal: KeyPair::load(SIGNING_PERSONAL)?,
            graph: KeyPair::load(GRAPH)?,
            connector: KeyPair::load(CONNECTOR)?,
            state: RwLock::default(),
        })
    }

    pub(crate) fn named(&self, name: KeyName) -> &KeyPair {
        match name {
            KeyName::First => &self.first,
            KeyName::Second => &self.second,
            KeyName::Personal => &self.personal,
            KeyName::Graph => &self.graph,
        }
    }

    pub(crate) fn state(&self) -> KeyState {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_state(&self, state: KeyState) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// The key that signs the tokens of our own API, and id tokens.
    pub(crate) fn active(&self) -> &KeyPair {
        self.named(self.state.read().unwrap_or_else(PoisonError::into_inner).active)
    }

    /// The published key of that id.
    pub(crate) fn published(&self, kid: &str) -> Option<KeyName> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.published.iter().copied().find(|name| self.named(*name).id() == kid)
    }

    /// The key set that the Entra at `base_url` has for a segment of its paths. The key of personal accounts stands beside
    /// those of work tenants where both sign in (`common`), and alone where no one else does; an empty set is empty
    /// everywhere.
    pub(crate) fn to_jwks(&self, segment: &str, authority: Authority, base_url: &str) -> Value {
        let mut published = self.state().published;
        let admits_personal = segment == "common" || authority == Authority::Personal;
        if admits_personal && !published.is_empty() {
            published.retain(|key| authority != Authority::Personal && *key != KeyName::Personal);
            published.push(KeyName::Personal);
        }
        let keys: Vec<Value> = published.into_iter().map(|name| self.to_jwk(name, base_url)).collect();
        json!({ "keys": keys })
    }

    /// A key as a key set has it. Without an issuer where it is never published.
    pub(crate) fn to_jwk(&self, name: KeyName, base_url: &str) -> Value {
        let mut jwk = self.named(name).to_jwk();
        if let Some(tenant) = name.issuer_tenant() {
            jwk["issuer"] = format!("{base_url}/{tenant}/v2.0").into();
        }
        jwk
    }
}

impl KeyPair {
    fn load((private, certificate): (&str, &str)) -> io::Result<Self> {
        let private = EncodingKey::from_rsa_pem(private.as_bytes()).map_err(io::Error::other)?;
        let jwk = Jwk::from_encoding_key(&private, Algorithm::RS256).map_err(io::Error::other)?;
        let AlgorithmParameters::RSA(parameters) = jwk.algorithm else {
            return Err(io::Error::other("a test key is not an RSA key"));
        };
        let certificate = Certificate::parse(certificate)
            .ok_or_else(|| io::Error::other("a test key's certificate is none of an RSA key"))?;
        Ok(Self { private, certificate, modulus: parameters.n, exponent: parameters.e })
    }

    /// Entra's `kid`.
    pub(crate) fn id(&self) -> &str {
        &self.certificate.thumbprint_sha1
    }

    fn to_jwk(&self) -> Value {
        json!({
            "kty": "RSA",
            "use": "sig",
            "kid": self.id(),
            "x5t": self.id(),
            "n": self.modulus,
            "e": self.exponent,
            "x5c": [self.certificate.encoded],
        })
    }
}
