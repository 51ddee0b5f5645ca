//! Federated credentials: an assertion of a registered issuer authenticates the connector, and a managed identity
//! whose tokens are such assertions.

use std::sync::{PoisonError, RwLock};

use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Value, json};
use uuid::Uuid;

use super::federated_credential::FederatedCredential;
use super::jws::Jws;
use super::mint::{self, Claims};
use super::refusal::Refusal;
use super::{Entra, opaque};
use crate::directory::random::SplitMix64;
use crate::message::{Answer, Fields, Request};
use crate::origins::Origin;

/// What assertions are for: the audience that Microsoft recommends.
pub(crate) const TOKEN_EXCHANGE: &str = "api://AzureADTokenExchange";
/// Seconds for which a managed identity's token is good.
const LIFETIME_S: i64 = 86_400;
/// The secret of the App Service form, which stands in the environment there.
pub(crate) const IDENTITY_HEADER: &str = "simulated-identity-header";

/// The workload that the connector is thought to run as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ManagedIdentity {
    pub(crate) tenant: Uuid,
    /// Object id of its service principal: the subject of its tokens.
    pub(crate) principal: Uuid,
    pub(crate) client: Uuid,
}

/// The registered credentials, and the identity that satisfies the first of them.
#[derive(Debug)]
pub(crate) struct Federation {
    pub(crate) identity: ManagedIdentity,
    added: RwLock<Vec<FederatedCredential>>,
}

impl Federation {
    pub(crate) fn new(tenant: Uuid, seed: u64) -> Self {
        let random = &mut SplitMix64::derived(seed, b"managed identity");
        let identity = ManagedIdentity { tenant, principal: random.uuid(), client: random.uuid() };
        Self { identity, added: RwLock::default() }
    }

    pub(crate) fn add(&self, credential: FederatedCredential) {
        self.added.write().unwrap_or_else(PoisonError::into_inner).push(credential);
    }

    /// Forgets every credential but that of the managed identity.
    pub(crate) fn clear(&self) {
        self.added.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The credentials as they are at `origin`: the managed identity's issuer is the tenant's there.
    pub(crate) fn credentials(&self, origin: &Origin) -> Vec<FederatedCredential> {
        let own = FederatedCredential {
            issuer: mint::issuer(origin, self.identity.tenant),
            subject: self.identity.principal.to_string(),
            audience: TOKEN_EXCHANGE.to_owned(),
            keys: None,
        };
        let added = self.added.read().unwrap_or_else(PoisonError::into_inner);
        std::iter::once(own).chain(added.iter().cloned()).collect()
    }
}

/// Whether a client assertion is another issuer's: it names its key by `kid` alone.
pub(super) fn is_federated(assertion: &Jws<'_>) -> bool {
    let names = |name| assertion.header_text(name).is_some();
    names("kid") && !names("x5t") && !names("x5t#S256")
}

impl Entra {
    /// The connector's credentials, at every origin.
    pub(super) fn federation_of_connector(&self) -> Vec<FederatedCredential> {
        self.origins.all().flat_map(|origin| self.federation.credentials(origin)).collect()
    }

    /// Checks an assertion of another issuer: one of the registered credentials, and RS256 by a key of its issuer. Which
    /// part of the credentials does not fit has a number of its own.
    pub(super) fn check_federated(
        &self,
        assertion: &Jws<'_>,
        registered: &[FederatedCredential],
        now: i64,
    ) -> Result<(), Refusal> {
        if assertion.text("scp").is_some() {
            return Err(Refusal::FederatedUserToken);
        }
        let shown = |claim| assertion.text(claim).unwrap_or_default();
        let mut left: Vec<&FederatedCredential> = registered.iter().collect();
        let mut keep = |fits: &dyn Fn(&FederatedCredential) -> bool| {
            left.retain(|credential| fits(credential));
            left.first().copied()
        };
        keep(&|known| known.issuer == shown("iss"))
            .ok_or_else(|| Refusal::FederatedIssuer(shown("iss").to_owned()))?;
        keep(&|known| known.audience == shown("aud"))
            .ok_or_else(|| Refusal::FederatedAudience(shown("aud").to_owned()))?;
        let credential = keep(&|known| known.subject == shown("sub"))
            .ok_or_else(|| Refusal::FederatedSubject(shown("sub").to_owned()))?;
        let kid = assertion.header_text("kid").unwrap_or_default();
        let key = self.key_of_issuer(credential, kid).ok_or_else(|| Refusal::FederatedKey(kid.to_owned()))?;
        if assertion.header_text("alg") != Some("RS256") || !assertion.is_signed_by(key, Algorithm::RS256) {
            return Err(Refusal::ClientAssertionInvalid("its signature is wrong"));
        }
        let in_time = assertion.seconds("exp").is_some_and(|exp| exp > now)
            && assertion.seconds("nbf").is_none_or(|nbf| nbf <= now);
        if in_time { Ok(()) } else { Err(Refusal::ClientAssertionTime) }
    }

    fn key_of_issuer<'a>(
        &'a self,
        credential: &'a FederatedCredential,
        kid: &str,
    ) -> Option<&'a DecodingKey> {
        match &credential.keys {
            Some(keys) => keys.find(kid),
            None => self.keys.published(kid).map(|name| &self.keys.named(name).certificate.public),
        }
    }

    /// A managed identity's token, as the metadata service of a virtual machine gives it out.
    pub(crate) fn instance_metadata_token(&self, request: &Request<'_>, now: i64) -> Answer {
        let fields = Fields::parse(request.query.as_bytes());
        if request.header("metadata") != Some("true") {
            return refused("invalid_request", "Required metadata header not specified");
        }
        let granted = fields.get("api-version").ok_or("Required query variable 'api-version' is missing");
        match granted.and_then(|_| self.managed_token(request, &fields, now)) {
            Ok(token) => Answer::json(200, &token),
            Err(reason) => refused("invalid_request", reason),
        }
    }

    /// The same as App Service gives it out, to whoever knows the secret of its environment.
    pub(crate) fn app_service_token(&self, request: &Request<'_>, now: i64) -> Answer {
        if request.header("x-identity-header") != Some(IDENTITY_HEADER) {
            let body = json!({ "statusCode": 401, "message": "X-IDENTITY-HEADER is missing or wrong" });
            return Answer::json(401, &body);
        }
        let fields = Fields::parse(request.query.as_bytes());
        match self.managed_token(request, &fields, now) {
            Ok(token) => Answer::json(200, &token),
            Err(reason) => Answer::json(400, &json!({ "statusCode": 400, "message": reason })),
        }
    }

    fn managed_token(&self, request: &Request<'_>, fields: &Fields, now: i64) -> Result<Value, &'static str> {
        let identity = self.federation.identity;
        let resource = fields.get("resource").ok_or("Required query variable 'resource' is missing")?;
        if resource != TOKEN_EXCHANGE {
            return Err("The identity may ask for 'api://AzureADTokenExchange' alone");
        }
        if fields.get("client_id").is_some_and(|id| id != identity.client.to_string()) {
            return Err("Identity not found");
        }
        let claims = identity_claims(identity, request.origin, resource, now);
        let token = self.sign(&claims).map_err(|_| "The token could not be signed")?;
        // All numbers are text here, in reality too.
        Ok(json!({
            "access_token": token,
            "client_id": identity.client,
            "expires_in": LIFETIME_S.to_string(),
            "expires_on": (now + LIFETIME_S).to_string(),
            "ext_expires_in": LIFETIME_S.to_string(),
            "not_before": now.to_string(),
            "resource": resource,
            "token_type": "Bearer",
        }))
    }
}

fn identity_claims(identity: ManagedIdentity, origin: &Origin, audience: &str, now: i64) -> Claims {
    let claims = json!({
        "aud": audience,
        "iss": mint::issuer(origin, identity.tenant),
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME_S,
        "azp": identity.client,
        "azpacr": "2",
        "idtyp": "app",
        "oid": identity.principal,
        "sub": identity.principal,
        "tid": identity.tenant,
        "uti": opaque::token_id(),
        "ver": "2.0",
    });
    match claims {
        Value::Object(claims) => claims,
        _ => Claims::new(),
    }
}

fn refused(error: &str, description: &str) -> Answer {
    Answer::json(400, &json!({ "error": error, "error_description": description }))
}
