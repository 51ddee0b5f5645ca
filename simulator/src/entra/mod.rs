//! The simulated Entra ID: discovery, sign-in, tokens.

mod authority;
mod authorize;
mod client_authentication;
mod codes;
mod consent;
mod discovery;
mod grants;
pub(crate) mod jws;
mod keys;
mod mint;
mod opaque;
mod page;
mod refresh_tokens;
mod refusal;
mod refused_on_demand;
mod routes;
pub(crate) mod scopes;
mod token;
mod token_override;

use std::io;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use uuid::Uuid;

pub(crate) use keys::{CONNECTOR_KEY_AND_CERTIFICATE, KeyName, KeyState};
pub(crate) use refusal::outage;
pub(crate) use refused_on_demand::{is_refusal, refused};
pub(crate) use routes::{correlation, is_entra_path, subject_of_token};
pub(crate) use token_override::{Changes, Signer, TokenKind, TokenOrder};

use crate::directory::Directory;
use crate::directory::random::SplitMix64;
use crate::record::Service;
use codes::CodeStore;
use consent::Consents;
use keys::Keys;
use refresh_tokens::RefreshTokens;
use refusal::Refusal;
use scopes::{Api, AskedScopes, Identifiers};

/// Entra ID of one simulator.
pub(crate) struct Entra {
    directory: Arc<Directory>,
    /// The simulator's origin, without a slash at the end.
    base_url: String,
    keys: Keys,
    codes: CodeStore,
    refresh_tokens: RefreshTokens,
    consents: Consents,
    app_id_uris: RwLock<Vec<String>>,
    lifetimes: Mutex<SplitMix64>,
}

impl Entra {
    pub(crate) fn new(
        directory: Arc<Directory>,
        base_url: String,
        app_id_uris: Vec<String>,
        seed: u64,
    ) -> io::Result<Self> {
        Ok(Self {
            directory,
            base_url,
            keys: Keys::load()?,
            codes: CodeStore::default(),
            refresh_tokens: RefreshTokens::new()?,
            consents: Consents::default(),
            app_id_uris: RwLock::new(app_id_uris),
            lifetimes: Mutex::new(SplitMix64::derived(seed, b"token lifetimes")),
        })
    }

    /// Registers one more App ID URI for the connector.
    pub(crate) fn add_app_id_uri(&self, uri: String) {
        let mut uris = self.app_id_uris.write().unwrap_or_else(PoisonError::into_inner);
        if !uris.contains(&uri) {
            uris.push(uri);
        }
    }

    /// The App ID URIs of the connector's registration, oldest first.
    pub(crate) fn app_id_uris(&self) -> Vec<String> {
        self.app_id_uris.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many users a tenant has, and whose mailbox in it is named so.
    pub(crate) fn known_of(&self, tenant: Uuid, owner: Option<&str>) -> (u32, Option<Uuid>) {
        let Some(tenant) = self.directory.tenant_by_id(tenant) else { return (0, None) };
        let users = u32::try_from(tenant.users.len()).unwrap_or(u32::MAX);
        let shared = &tenant.shared_mailbox;
        let mailbox = owner.and_then(|owner| {
            let is_shared =
                shared.upn.eq_ignore_ascii_case(owner) || Uuid::try_parse(owner).ok() == Some(shared.id);
            let user = || self.directory.user(tenant.id, owner).map(|user| user.id);
            if is_shared { Some(shared.id) } else { user() }
        });
        (users, mailbox)
    }

    fn issuer(&self, tenant: Uuid) -> String {
        format!("{}/{tenant}/v2.0", self.base_url)
    }

    fn with_identifiers<T>(&self, ask: impl FnOnce(&Identifiers<'_>) -> T) -> T {
        let app_id_uris = self.app_id_uris.read().unwrap_or_else(PoisonError::into_inner);
        ask(&Identifiers {
            connector: self.directory.connector.client_id,
            connector_scope: self.directory.connector.scope,
            app_id_uris: &app_id_uris,
            base_url: &self.base_url,
        })
    }

    fn parse_scopes(&self, scope: &str, resource: Option<&str>) -> Result<AskedScopes, Refusal> {
        self.with_identifiers(|identifiers| identifiers.parse(scope, resource))
    }

    /// Refuses a `resource` that is not an identifier of `api`.
    fn check_resource(&self, resource: &str, api: Api) -> Result<(), Refusal> {
        let named = self.with_identifiers(|identifiers| identifiers.resource_api(resource))?;
        if named == api { Ok(()) } else { Err(Refusal::ResourceMismatch) }
    }

    /// The next access token's lifetime in seconds: 60 to 90 minutes, as the seed has it.
    fn next_lifetime_s(&self) -> i64 {
        let mut lifetimes = self.lifetimes.lock().unwrap_or_else(PoisonError::into_inner);
        3_600 + i64::try_from(lifetimes.below(1_801)).unwrap_or_default()
    }

    pub(crate) fn key_state(&self) -> KeyState {
        self.keys.state()
    }

    pub(crate) fn set_key_state(&self, state: KeyState) {
        self.keys.set_state(state);
    }

    /// A key's public half, as a key set has it.
    pub(crate) fn public_key(&self, name: KeyName) -> serde_json::Value {
        self.keys.to_jwk(name, &self.base_url)
    }

    /// Whether a token was signed with the key of Graph tokens.
    pub(crate) fn is_graph_token(&self, token: &jws::Jws<'_>) -> bool {
        token.header_text("alg") == Some("RS256")
            && token.is_signed_by(&self.keys.graph.public, jsonwebtoken::Algorithm::RS256)
    }

    /// Whether Graph takes tokens of that audience.
    pub(crate) fn is_graph_audience(&self, audience: &str) -> bool {
        [scopes::GRAPH_URI, scopes::GRAPH_APP_ID, &self.base_url].contains(&audience)
    }
}

impl Service {
    /// The service that a path belongs to: everything that is not Entra's is Graph's.
    pub(crate) fn of_path(segments: &[&str]) -> Self {
        if is_entra_path(segments) { Self::Entra } else { Self::Graph }
    }
}
