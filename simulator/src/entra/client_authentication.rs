//! Who a token request comes from: public clients show nothing, others a secret, a certificate or another issuer's token.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dashmap::DashMap;
use uuid::Uuid;

use super::applications::Application;
use super::certificate::Certificate;
use super::federated_credential::FederatedCredential;
use super::jws::Jws;
use super::mint::{CONNECTOR_NAME, Holder};
use super::refusal::Refusal;
use super::{Entra, federation};
use crate::message::{Fields, Request};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The authority of the public cloud, which assertions may name as their audience wherever they are sent.
const PUBLIC_CLOUD: &str = "https://login.microsoftonline.com";
/// Clock difference that is forgiven, in seconds.
const SKEW_S: i64 = 300;

/// The client of a token request, authenticated as its registration demands.
#[derive(Clone, Debug)]
pub(crate) enum TokenClient {
    /// Without a proof where it is a public client.
    Application(Arc<Application>, Option<Credential>),
    /// The connector, by its id.
    Connector(Uuid, Credential),
}

impl TokenClient {
    pub(crate) fn id(&self) -> Uuid {
        match self {
            Self::Application(application, _) => application.id(),
            Self::Connector(id, _) => *id,
        }
    }

    pub(crate) fn credential(&self) -> Option<Credential> {
        match self {
            Self::Application(_, credential) => *credential,
            Self::Connector(_, credential) => Some(*credential),
        }
    }

    /// What tokens say of whoever holds them.
    pub(crate) fn holder(&self, handles_challenges: bool) -> Holder<'_> {
        let name = match self {
            Self::Application(application, _) => &application.client.name,
            Self::Connector(..) => CONNECTOR_NAME,
        };
        let credential_class = self.credential().map_or("0", Credential::class);
        Holder { id: self.id(), name, credential_class, handles_challenges }
    }
}

/// What a client has proved itself with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Credential {
    Secret,
    Certificate,
    /// A token of another issuer.
    Federated,
}

impl Credential {
    /// The value of `azpacr` and `appidacr`.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Secret => "1",
            Self::Certificate | Self::Federated => "2",
        }
    }
}

/// What a registration can be proved by.
struct Registered<'a> {
    id: Uuid,
    secret: Option<&'a str>,
    certificate: Option<&'a Certificate>,
    federated: Vec<FederatedCredential>,
}

/// The client assertions that were shown, by their `jti`.
///
/// Microsoft's own clients show one assertion again and again until it expires, so that Entra can't refuse a second
/// use; whoever wants to know that theirs does not do so switches the refusal on.
#[derive(Debug, Default)]
pub(crate) struct SpentAssertions {
    single_use: AtomicBool,
    /// Until when each is good.
    spent: DashMap<String, i64>,
}

impl SpentAssertions {
    pub(crate) fn set_single_use(&self, single_use: bool) {
        self.single_use.store(single_use, Ordering::Relaxed);
    }

    fn spend(&self, jws: &Jws<'_>, now: i64) -> Result<(), Refusal> {
        if !self.single_use.load(Ordering::Relaxed) {
            return Ok(());
        }
        let id = jws.text("jti").ok_or(Refusal::ClientAssertionInvalid("it has no 'jti'"))?;
        self.spent.retain(|_, until| *until > now);
        let until = jws.seconds("exp").unwrap_or(now).saturating_add(SKEW_S);
        match self.spent.insert(id.to_owned(), until) {
            None => Ok(()),
            Some(_) => Err(Refusal::ClientAssertionInvalid("its 'jti' was used before")),
        }
    }
}

struct Presented {
    client_id: String,
    secret: Option<String>,
    assertion: Option<String>,
}

impl Presented {
    fn read(request: &Request<'_>, fields: &Fields) -> Result<Self, Refusal> {
        let basic = basic(request);
        let assertion = fields.get("client_assertion").map(str::to_owned);
        if assertion.is_some() && fields.get("client_assertion_type") != Some(JWT_BEARER) {
            return Err(Refusal::WrongParameter("client_assertion_type"));
        }
        let (basic_id, basic_secret) = basic.unzip();
        let client_id = fields.get("client_id").map(str::to_owned).or(basic_id);
        Ok(Self {
            client_id: client_id.ok_or(Refusal::MissingParameter("client_id"))?,
            secret: fields.get("client_secret").map(str::to_owned).or(basic_secret),
            assertion,
        })
    }
}

/// User and password of HTTP Basic; both are form-encoded inside (RFC 6749, section 2.3.1).
fn basic(request: &Request<'_>) -> Option<(String, String)> {
    let (scheme, encoded) = request.header("authorization")?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = pair.split_once(':')?;
    Some((form_decoded(user), form_decoded(password)))
}

fn form_decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

impl Entra {
    /// Authenticates the client of a token request at the endpoint of `segment`.
    pub(crate) fn authenticate(
        &self,
        request: &Request<'_>,
        fields: &Fields,
        segment: &str,
        now: i64,
    ) -> Result<TokenClient, Refusal> {
        let presented = Presented::read(request, fields)?;
        let not_found = || Refusal::ClientNotFound(presented.client_id.clone());
        let id = Uuid::try_parse(&presented.client_id).map_err(|_| not_found())?;
        let connector = &self.directory.connector;
        if id == connector.client_id {
            let registered = Registered {
                id,
                secret: Some(&connector.client_secret),
                certificate: Some(&self.keys.connector.certificate),
                federated: self.federation_of_connector(),
            };
            let credential = self.prove(&presented, &registered, segment, now)?;
            return Ok(TokenClient::Connector(id, credential));
        }
        let application = self.applications.find(id).ok_or_else(not_found)?;
        let credentials = &application.credentials;
        if credentials.is_public() {
            if presented.secret.is_some() || presented.assertion.is_some() {
                return Err(Refusal::PublicWithCredential);
            }
            return Ok(TokenClient::Application(application, None));
        }
        let registered = Registered {
            id,
            secret: credentials.secret.as_deref(),
            certificate: credentials.certificate.as_ref(),
            federated: credentials.federated.iter().cloned().collect(),
        };
        let credential = self.prove(&presented, &registered, segment, now)?;
        Ok(TokenClient::Application(Arc::clone(&application), Some(credential)))
    }

    fn prove(
        &self,
        presented: &Presented,
        registered: &Registered<'_>,
        segment: &str,
        now: i64,
    ) -> Result<Credential, Refusal> {
        if let Some(assertion) = &presented.assertion {
            let jws = Jws::parse(assertion).ok_or(Refusal::ClientAssertionInvalid("it is not a JWT"))?;
            if federation::is_federated(&jws) {
                self.check_federated(&jws, &registered.federated, now)?;
                return Ok(Credential::Federated);
            }
            let no_key = Refusal::ClientAssertionInvalid("its key is not registered for the application");
            registered.certificate.ok_or(no_key)?.check(&jws)?;
            self.check_client_assertion_claims(&jws, registered.id, segment, now)?;
            return Ok(Credential::Certificate);
        }
        match &presented.secret {
            Some(secret) if Some(secret.as_str()) == registered.secret => Ok(Credential::Secret),
            Some(_) => Err(Refusal::WrongSecret(registered.id)),
            None => Err(Refusal::CredentialMissing),
        }
    }

    /// Whether an audience names the token endpoint of `segment` or its issuer, at any of our origins or at that of
    /// the real service.
    fn is_endpoint(&self, audience: &str, segment: &str) -> bool {
        let origins = self.origins.all().map(|origin| origin.base.as_str()).chain([PUBLIC_CLOUD]);
        let mut paths = origins.filter_map(|origin| audience.strip_prefix(origin)?.strip_prefix('/'));
        let named = |path: &str| {
            let (named, endpoint) = path.split_once('/')?;
            (named == segment && ["oauth2/v2.0/token", "oauth2/token", "v2.0"].contains(&endpoint))
                .then_some(())
        };
        paths.any(|path| named(path).is_some())
    }

    fn check_client_assertion_claims(
        &self,
        jws: &Jws<'_>,
        client: Uuid,
        segment: &str,
        now: i64,
    ) -> Result<(), Refusal> {
        let (issuer, subject) = (jws.text("iss"), jws.text("sub"));
        if issuer != subject {
            return Err(Refusal::ClientAssertionSubject);
        }
        if issuer != Some(&client.to_string()) {
            return Err(Refusal::ClientAssertionOfAnotherClient);
        }
        if !jws.text("aud").is_some_and(|audience| self.is_endpoint(audience, segment)) {
            return Err(Refusal::ClientAssertionAudience);
        }
        let begun = jws.seconds("nbf").is_none_or(|nbf| nbf <= now + SKEW_S);
        let unexpired = jws.seconds("exp").is_some_and(|exp| exp > now - SKEW_S);
        if !begun || !unexpired {
            return Err(Refusal::ClientAssertionTime);
        }
        self.client_assertions.spend(jws, now)
    }
}
