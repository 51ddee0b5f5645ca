//! Tokens without the browser, for tests: right ones, and every wrong one.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::keys::{KeyName, KeyPair};
use super::mint::{self, Claims, Holder, Subject};
use super::refusal::Refusal;
use super::{Entra, jws};
use crate::directory::Principal;
use crate::origins::Origin;

/// What kind of token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// An access token of a user for the connector.
    Access,
    /// An access token of an application itself for the connector: no user, no scope.
    Application,
    /// An id token for the client.
    Id,
    /// An access token of a user for Graph.
    Graph,
}

impl TokenKind {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "access" => Some(Self::Access),
            "application" => Some(Self::Application),
            "id" => Some(Self::Id),
            "graph" => Some(Self::Graph),
            _ => None,
        }
    }
}

/// Who signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signer {
    /// Whoever signs tokens of that kind.
    Usual,
    Key(KeyName),
    /// HMAC with the active key's certificate as the secret: what a validator accepts that takes the algorithm
    /// from the token and the key from the key set.
    PublicKeyAsSecret,
    /// Nobody: the signature is empty.
    Nobody,
}

impl Signer {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "hs256" => Some(Self::PublicKeyAsSecret),
            "none" => Some(Self::Nobody),
            name => KeyName::parse(name).map(Self::Key),
        }
    }
}

/// A JSON object with changes to it.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Each member takes the place of the usual one, `null` takes it away.
    pub(crate) overrides: Map<String, Value>,
    /// Members that are written once more, behind the others.
    pub(crate) again: Map<String, Value>,
}

impl Changes {
    /// The text of `object` with these changes.
    fn apply(self, mut object: Map<String, Value>) -> Result<String, Refusal> {
        for (name, value) in self.overrides {
            if value.is_null() {
                object.remove(&name);
            } else {
                object.insert(name, value);
            }
        }
        let text = |members: &Map<String, Value>| {
            let text = serde_json::to_string(members).map_err(|_| Refusal::CannotSign)?;
            Ok::<_, Refusal>(text[1..text.len() - 1].to_owned())
        };
        let parts = [text(&object)?, text(&self.again)?];
        let filled: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        Ok(format!("{{{}}}", filled.join(",")))
    }
}

/// What a test wants to hold.
pub(crate) struct TokenOrder<'a> {
    pub(crate) kind: TokenKind,
    pub(crate) principal: Principal,
    pub(crate) client: Uuid,
    /// Short names, separated by spaces.
    pub(crate) scopes: Option<String>,
    /// Seconds from now; none or negative gives a token that has expired.
    pub(crate) lifetime_s: i64,
    pub(crate) claims: Changes,
    /// Takes the place of all claims, whatever it is.
    pub(crate) payload: Option<String>,
    pub(crate) header: Changes,
    pub(crate) signer: Signer,
    /// Whose issuer the token names.
    pub(crate) origin: &'a Origin,
}

impl Entra {
    pub(crate) fn mint_to_order(&self, order: TokenOrder<'_>) -> Result<String, Refusal> {
        let claims = self.claims_to_order(&order);
        let payload = match order.payload {
            Some(payload) => payload,
            None => order.claims.apply(claims)?,
        };
        let key = match (order.signer, order.kind) {
            (Signer::Key(name), _) => self.keys.named(name),
            (Signer::Usual, TokenKind::Graph) => &self.keys.graph,
            _ => self.keys.active(),
        };
        let header = order.header.apply(usual_header(order.signer, key))?;
        jws::assemble(&header, &payload, |signed| match order.signer {
            Signer::Nobody => Ok(String::new()),
            Signer::PublicKeyAsSecret => Ok(hmac_by_certificate(key, signed)),
            Signer::Usual | Signer::Key(_) => jws::sign_bytes(signed, &key.private, rsa_algorithm(&header)),
        })
    }

    fn claims_to_order(&self, order: &TokenOrder<'_>) -> Claims {
        let subject = Subject {
            principal: order.principal.clone(),
            session: Uuid::new_v4(),
            now: Timestamp::now().as_second(),
            lifetime_s: order.lifetime_s,
            issued_at: Timestamp::now().as_second(),
            origin: order.origin,
        };
        let connector = self.directory.connector.client_id;
        let scopes = |usual: &str| order.scopes.clone().unwrap_or_else(|| usual.to_owned());
        match order.kind {
            TokenKind::Access => {
                let scopes = scopes(self.directory.connector.scope);
                let holder =
                    Holder { id: order.client, name: "", credential_class: "0", handles_challenges: false };
                mint::api_claims(&subject, connector, holder, &scopes)
            }
            TokenKind::Application => {
                let Subject { principal, origin, now, lifetime_s, .. } = subject;
                let (id, tenant, credential_class) = (order.client, principal.tenant().id, "1");
                let application = mint::Application { id, credential_class, tenant, origin, now, lifetime_s };
                mint::application_claims(&application, connector, &[mint::CONNECTOR_ROLE])
            }
            TokenKind::Id => mint::id_claims(&subject, order.client, None),
            TokenKind::Graph => {
                let scopes = scopes(&self.granted_scopes(&order.principal).join(" "));
                let holder = Holder {
                    id: connector,
                    name: mint::CONNECTOR_NAME,
                    credential_class: "1",
                    handles_challenges: false,
                };
                mint::graph_claims(&subject, super::scopes::GRAPH_URI, holder, &scopes)
            }
        }
    }
}

fn usual_header(signer: Signer, key: &KeyPair) -> Map<String, Value> {
    let algorithm = match signer {
        Signer::Usual | Signer::Key(_) => "RS256",
        Signer::PublicKeyAsSecret => "HS256",
        Signer::Nobody => "none",
    };
    Map::from_iter([
        ("typ".to_owned(), json!("JWT")),
        ("alg".to_owned(), json!(algorithm)),
        ("kid".to_owned(), json!(key.id())),
    ])
}

/// The algorithm that the header names, if an RSA key can sign by it: a wrong algorithm is then the only flaw.
fn rsa_algorithm(header: &str) -> Algorithm {
    let header: Value = serde_json::from_str(header).unwrap_or_default();
    match header["alg"].as_str() {
        Some("RS384") => Algorithm::RS384,
        Some("RS512") => Algorithm::RS512,
        Some("PS256") => Algorithm::PS256,
        Some("PS384") => Algorithm::PS384,
        Some("PS512") => Algorithm::PS512,
        _ => Algorithm::RS256,
    }
}

fn hmac_by_certificate(key: &KeyPair, signed: &[u8]) -> String {
    let secret = hmac::Key::new(hmac::HMAC_SHA256, key.certificate.to_pem().as_bytes());
    URL_SAFE_NO_PAD.encode(hmac::sign(&secret, signed))
}
