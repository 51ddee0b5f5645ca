//! The grants of the token endpoint, one a file.

pub(crate) mod authorization_code;
pub(crate) mod client_credentials;
pub(crate) mod device_code;
pub(crate) mod on_behalf_of;
pub(crate) mod refresh_token;

use serde_json::{Value, json};
use uuid::Uuid;

use super::Entra;
use super::access::Basis;
use super::client_authentication::TokenClient;
use super::mint::{self, Holder, Subject};
use super::refresh_tokens::RefreshGrant;
use super::refusal::Refusal;
use super::scopes::{Api, AskedScopes};
use super::token_request::TokenRequest;
use crate::directory::Principal;

/// What a client receives in somebody's name.
struct Tokens<'a> {
    subject: Subject<'a>,
    holder: Holder<'a>,
    asked: &'a AskedScopes,
    /// Short names of the scopes that were granted at the API.
    granted: Vec<String>,
    nonce: Option<&'a str>,
    /// When the refresh tokens of a single-page application end, however often they are renewed.
    fixed_until: Option<i64>,
}

impl Tokens<'_> {
    fn into_response(mut self, entra: &Entra, request: &TokenRequest<'_>) -> Result<Value, Refusal> {
        let is_long_lived = self.asked.api == Api::Graph && self.holder.handles_challenges;
        if is_long_lived {
            self.subject.lifetime_s = entra.next_long_lifetime_s();
        }
        let Self { subject, holder, asked, .. } = &self;
        let mut response = json!({
            "token_type": "Bearer",
            "scope": asked.granted(&self.granted),
            "expires_in": subject.lifetime_s,
            "ext_expires_in": subject.lifetime_s,
            "access_token": self.access_token(entra)?,
        });
        if is_long_lived {
            // Half of the lifetime, as far as anybody outside knows.
            response["refresh_in"] = (subject.lifetime_s / 2).into();
        }
        if asked.asks_openid("offline_access") {
            let grant = RefreshGrant {
                client: holder.id,
                tenant: subject.principal.tenant().id,
                user: subject.principal.user().id,
                session: subject.session,
                scopes: (*asked).clone(),
                fixed_until: self.fixed_until,
                handles_challenges: holder.handles_challenges,
            };
            response["refresh_token"] = entra.refresh_tokens.issue(grant, request.now)?.into();
            if let Some(until) = self.fixed_until {
                response["refresh_token_expires_in"] = (until - request.now).into();
            }
        }
        if asked.asks_openid("openid") {
            response["id_token"] = entra.sign(&mint::id_claims(subject, holder.id, self.nonce))?.into();
        }
        Ok(request.with_client_info(response, subject))
    }

    fn access_token(&self, entra: &Entra) -> Result<String, Refusal> {
        let audience = match self.asked.api {
            // As in reality the token carries every granted scope of the resource, whichever were named.
            Api::Graph => {
                let granted = self.granted.iter().map(String::as_str);
                let scopes = granted.chain(self.asked.openid_of_token()).collect::<Vec<_>>().join(" ");
                let identifier = &self.asked.identifier;
                let claims = mint::graph_claims(&self.subject, identifier, self.holder, &scopes);
                return entra.sign_for_graph(&claims);
            }
            Api::Connector => entra.directory.connector.client_id,
            Api::Application(id) => id,
        };
        entra.sign(&mint::api_claims(&self.subject, audience, self.holder, &self.granted.join(" ")))
    }
}

/// A sign-in whose grant is being redeemed, whichever way it came.
struct SignedIn<'a> {
    tenant: Uuid,
    user: Uuid,
    session: Uuid,
    /// The application that it was for.
    client: Uuid,
    asked: &'a AskedScopes,
    nonce: Option<&'a str>,
    /// When the refresh tokens of a single-page application end.
    fixed_until: Option<i64>,
    handles_challenges: bool,
}

impl SignedIn<'_> {
    /// Whether whoever asks is the application that the sign-in was for, at an endpoint of its tenant.
    fn check_client(&self, request: &TokenRequest<'_>) -> Result<(), Refusal> {
        if request.client.id() != self.client {
            return Err(Refusal::GrantOfAnotherClient);
        }
        if request.authority.admits(self.tenant) { Ok(()) } else { Err(Refusal::CodeOfAnotherTenant) }
    }

    /// The tokens of the sign-in, once whoever asks is the one that it was for; `spend` makes sure that nobody else gets
    /// them.
    fn redeem(
        &self,
        entra: &Entra,
        request: &TokenRequest<'_>,
        spend: impl FnOnce() -> Result<(), Refusal>,
    ) -> Result<Value, Refusal> {
        let TokenClient::Application(client, credential) = &request.client else {
            return Err(Refusal::GrantOfAnotherClient);
        };
        self.check_client(request)?;
        let subject = entra.subject(self.tenant, self.user, self.session, request)?;
        entra.admit_renewal(&subject, Basis::of_refresh(*credential))?;
        let granted = request.kept(entra.granted_at_sign_in(client, self.asked, &subject.principal)?);
        spend()?;
        let tokens = Tokens {
            subject,
            holder: request.client.holder(self.handles_challenges),
            asked: self.asked,
            granted,
            nonce: self.nonce,
            fixed_until: self.fixed_until,
        };
        tokens.into_response(entra, request)
    }
}

impl Entra {
    /// Who a grant is about; both are known while the directory does not change.
    fn subject<'a>(
        &self,
        tenant: Uuid,
        user: Uuid,
        session: Uuid,
        request: &TokenRequest<'a>,
    ) -> Result<Subject<'a>, Refusal> {
        let not_found = || Refusal::UserNotFound(user.to_string());
        let tenant = self.directory.tenant_by_id(tenant).ok_or_else(not_found)?;
        let principal = Principal::find(tenant, |known| known.id == user).ok_or_else(not_found)?;
        let (now, origin) = (request.now, request.origin);
        Ok(Subject { principal, session, now, lifetime_s: self.next_lifetime_s(), issued_at: now, origin })
    }
}
