//! The simulated Entra ID: discovery, sign-in, tokens.

mod access;
mod accounts;
mod admin_consent;
mod applications;
mod authority;
mod authorize;
mod certificate;
mod challenge;
mod client_authentication;
mod codes;
mod consent;
mod consents;
mod correlation;
mod cross_origin;
mod device;
mod device_codes;
mod discovery;
mod error_body;
mod federated_credential;
mod federation;
mod grants;
pub(crate) mod jws;
mod keys;
mod logout;
mod loops;
mod mint;
mod opaque;
mod page;
mod pkce;
mod policies;
mod refresh_tokens;
mod refusal;
mod refused_on_demand;
mod routes;
pub(crate) mod scopes;
mod sessions;
mod token;
mod token_override;
mod token_request;
mod windows;

use std::io;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::Timestamp;
use uuid::Uuid;

pub(crate) use access::AccessEnded;
pub(crate) use accounts::{Account, Device, RevocationCause};
pub(crate) use applications::{Application, Applications, Credentials, ExposedApi, Reach, Taken};
pub(crate) use certificate::Certificate;
pub(crate) use correlation::correlation;
pub(crate) use error_body::outage;
pub(crate) use federated_credential::{FederatedCredential, IssuerKeys};
pub(crate) use federation::{Federation, IDENTITY_HEADER, TOKEN_EXCHANGE};
pub(crate) use keys::{CONNECTOR_KEY_AND_CERTIFICATE, KeyName, KeyState};
pub(crate) use policies::{AccessPolicy, Cloud, DeviceRule, Mfa, TokenLimit};
pub(crate) use refused_on_demand::{is_refusal, refused};
pub(crate) use routes::{is_entra_path, subject_of_token};
pub(crate) use token_override::{Changes, Signer, TokenKind, TokenOrder};

use crate::directory::random::SplitMix64;
use crate::directory::{Directory, Principal, Tenant};
use crate::origins::{Origin, Origins};
use crate::record::Service;
use accounts::{Accounts, Revoked};
use client_authentication::SpentAssertions;
use codes::CodeStore;
use consents::{AdminConsent, Consents};
use device_codes::DeviceCodes;
use keys::Keys;
use loops::Loops;
use policies::Policies;
use refresh_tokens::RefreshTokens;
use refusal::Refusal;
use scopes::{Api, AskedScopes, Identifiers};
use sessions::Sessions;
use windows::Windows;

/// Entra ID of one simulator.
pub(crate) struct Entra {
    directory: Arc<Directory>,
    origins: Arc<Origins>,
    keys: Keys,
    codes: CodeStore,
    device_codes: DeviceCodes,
    refresh_tokens: RefreshTokens,
    sessions: Sessions,
    accounts: Accounts,
    policies: Policies,
    loops: Loops,
    /// Exchanges by tenant.
    token_load: Windows<Uuid>,
    federation: Federation,
    applications: Applications,
    consents: Consents,
    client_assertions: SpentAssertions,
    app_id_uris: RwLock<Vec<String>>,
    lifetimes: Mutex<SplitMix64>,
}

impl Entra {
    pub(crate) fn new(
        directory: Arc<Directory>,
        origins: Arc<Origins>,
        app_id_uris: Vec<String>,
        seed: u64,
    ) -> io::Result<Self> {
        let applications = Applications::of(&directory, seed);
        let home = directory.tenants.first().map(|tenant| tenant.id).unwrap_or_default();
        Ok(Self {
            directory,
            origins,
            keys: Keys::load()?,
            codes: CodeStore::default(),
            device_codes: DeviceCodes::default(),
            refresh_tokens: RefreshTokens::new()?,
            sessions: Sessions::default(),
            accounts: Accounts::default(),
            policies: Policies::default(),
            loops: Loops::default(),
            token_load: Windows::default(),
            federation: Federation::new(home, seed),
            applications,
            consents: Consents::default(),
            client_assertions: SpentAssertions::default(),
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

    pub(crate) fn tenant(&self, id: Uuid) -> Option<Arc<Tenant>> {
        self.directory.tenant_by_id(id)
    }

    /// The object id of a user of a tenant, by object id, principal name or address.
    pub(crate) fn user(&self, tenant: Uuid, named: &str) -> Option<Uuid> {
        self.directory.user(tenant, named).map(|principal| principal.user().id)
    }

    /// How many users a tenant has, and whose mailbox in it is named so.
    pub(crate) fn known_of(&self, tenant: Uuid, owner: Option<&str>) -> (u32, Option<Uuid>) {
        let users = self.directory.user_count(tenant).unwrap_or_default();
        let mailbox = owner.and_then(|owner| self.mailbox_named(tenant, owner));
        (u32::try_from(users).unwrap_or(u32::MAX), mailbox)
    }

    fn mailbox_named(&self, tenant: Uuid, owner: &str) -> Option<Uuid> {
        let known = self.directory.tenant_by_id(tenant)?;
        let shared = &known.shared_mailbox;
        let is_shared =
            shared.upn.eq_ignore_ascii_case(owner) || Uuid::try_parse(owner).ok() == Some(shared.id);
        if is_shared { Some(shared.id) } else { self.user(tenant, owner) }
    }

    /// Whether that is the issuer of a tenant, at any of our origins.
    fn is_issuer(&self, issuer: &str, tenant: Uuid) -> bool {
        self.origins.all().any(|origin| issuer == mint::issuer(origin, tenant))
    }

    fn with_identifiers<T>(&self, ask: impl FnOnce(&Identifiers<'_>) -> T) -> T {
        let app_id_uris = self.app_id_uris.read().unwrap_or_else(PoisonError::into_inner);
        ask(&Identifiers {
            connector: self.directory.connector.client_id,
            connector_scope: self.directory.connector.scope,
            app_id_uris: &app_id_uris,
            origins: &self.origins,
            applications: &self.applications,
        })
    }

    fn parse_scopes(&self, scope: &str, resource: Option<&str>) -> Result<AskedScopes, Refusal> {
        self.with_identifiers(|identifiers| identifiers.parse(scope, resource))
    }

    /// What a client asks for, where it may. Only those that may ask for Graph can sign somebody in and ask for no API.
    fn scopes_of_client(
        &self,
        client: &Application,
        scope: &str,
        resource: Option<&str>,
    ) -> Result<AskedScopes, Refusal> {
        match self.parse_scopes(scope, resource) {
            Err(Refusal::NoResource) if client.reach == Reach::Every => {
                Ok(AskedScopes::of_sign_in_alone(scope))
            }
            asked => asked?.for_client(client),
        }
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

    /// That of a token that its service evaluates continuously: 20 to 28 hours.
    fn next_long_lifetime_s(&self) -> i64 {
        let mut lifetimes = self.lifetimes.lock().unwrap_or_else(PoisonError::into_inner);
        72_000 + i64::try_from(lifetimes.below(28_801)).unwrap_or_default()
    }

    pub(crate) fn policy(&self, tenant: Uuid) -> Arc<AccessPolicy> {
        self.policies.of(tenant)
    }

    /// Puts a policy in force under the tenant's own id. What was consented to is forgotten when it is withdrawn.
    pub(crate) fn set_policy(&self, tenant: Uuid, mut policy: AccessPolicy) -> Arc<AccessPolicy> {
        if policy.consent_withdrawn && !self.policies.of(tenant).consent_withdrawn {
            self.accounts.forget_consents(tenant);
            self.consents.forget_tenant(tenant);
            policy.admin_consent.clear();
        }
        self.policies.change(tenant, |known| *known = AccessPolicy { id: known.id, ..policy })
    }

    pub(crate) fn clear_policy(&self, tenant: Uuid) {
        self.policies.clear(tenant);
    }

    pub(crate) fn account(&self, principal: &Principal) -> Account {
        self.accounts.of(principal.tenant().id, principal.user().id)
    }

    /// Changes an account. Whoever is disabled by it loses what is evaluated continuously, at once.
    pub(crate) fn change_account(&self, principal: &Principal, change: impl FnOnce(&mut Account)) {
        let now = self.revoked_now();
        self.accounts.change(principal.tenant().id, principal.user().id, |account| {
            let was_enabled = account.enabled;
            change(account);
            if was_enabled && !account.enabled {
                account.continuous = now;
            }
        });
    }

    pub(crate) fn revoke(&self, principal: &Principal, cause: RevocationCause) {
        let now = self.revoked_now();
        let (tenant, user) = (principal.tenant().id, principal.user().id);
        self.accounts.change(tenant, user, |account| account.revoke(cause, now));
    }

    fn revoked_now(&self) -> Revoked {
        Revoked { order: self.sessions.next_order(), at: Timestamp::now().as_second() }
    }

    pub(crate) fn connector_id(&self) -> Uuid {
        self.directory.connector.client_id
    }

    /// Whether some API is asked for by that identifier.
    pub(crate) fn is_named(&self, identifier: &str) -> bool {
        self.with_identifiers(|identifiers| identifiers.api(identifier).is_some())
    }

    pub(crate) fn applications(&self) -> &Applications {
        &self.applications
    }

    /// Removes a registered application, and what was consented to for it; `false` where there is none of that id.
    pub(crate) fn remove_application(&self, id: Uuid) -> bool {
        self.consents.forget(id);
        self.applications.remove(id)
    }

    /// An administrator of a tenant consents to everything that an application is registered for.
    pub(crate) fn consent_as_administrator(&self, application: &Application, tenant: Uuid) {
        let consent = AdminConsent {
            delegated: application.permissions.iter().cloned().collect(),
            application: application.app_permissions.iter().cloned().collect(),
        };
        self.consents.by_administrator(application.id(), tenant, consent);
    }

    pub(crate) fn federation(&self) -> &Federation {
        &self.federation
    }

    /// Whether a client assertion is good once only.
    pub(crate) fn set_single_use_assertions(&self, single_use: bool) {
        self.client_assertions.set_single_use(single_use);
    }

    /// SHA-256 of the connector's certificate, in hexadecimal, as Microsoft's libraries are told it.
    pub(crate) fn connector_thumbprint(&self) -> String {
        self.keys.connector.certificate.thumbprint_hex()
    }

    pub(crate) fn key_state(&self) -> KeyState {
        self.keys.state()
    }

    pub(crate) fn set_key_state(&self, state: KeyState) {
        self.keys.set_state(state);
    }

    /// A key's public half, as a key set has it.
    pub(crate) fn public_key(&self, name: KeyName, origin: &Origin) -> serde_json::Value {
        self.keys.to_jwk(name, &origin.base)
    }

    /// Whether a token was signed with the key of Graph tokens.
    pub(crate) fn is_graph_token(&self, token: &jws::Jws<'_>) -> bool {
        token.header_text("alg") == Some("RS256")
            && token.is_signed_by(&self.keys.graph.certificate.public, jsonwebtoken::Algorithm::RS256)
    }

    /// Whether Graph takes tokens of that audience.
    pub(crate) fn is_graph_audience(&self, audience: &str) -> bool {
        [scopes::GRAPH_URI, scopes::GRAPH_APP_ID].contains(&audience) || self.origins.contains(audience)
    }
}

impl Service {
    /// The service that a path belongs to: everything that is not Entra's is Graph's.
    pub(crate) fn of_path(segments: &[&str]) -> Self {
        if is_entra_path(segments) { Self::Entra } else { Self::Graph }
    }
}
