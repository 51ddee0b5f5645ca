//! The grants of the token endpoint, one a file.

pub(crate) mod authorization_code;
pub(crate) mod client_credentials;
pub(crate) mod device_code;
pub(crate) mod on_behalf_of;
pub(crate) mod refresh_token;

use serde_json::{Value, json};
use uuid::Uuid;

use super::Entra;
use super::mint::{self, Subject};
use super::refresh_tokens::RefreshGrant;
use super::refusal::Refusal;
use super::scopes::AskedScopes;
use super::token::TokenRequest;
use crate::directory::Principal;

/// What a public client receives for a code or a refresh token.
struct ConnectorTokens<'a> {
    subject: Subject<'a>,
    client: Uuid,
    scopes: &'a AskedScopes,
    nonce: Option<&'a str>,
    /// When the refresh tokens of a single-page application end, however often they are renewed.
    fixed_until: Option<i64>,
    handles_challenges: bool,
}

impl ConnectorTokens<'_> {
    fn to_response(&self, entra: &Entra, request: &TokenRequest<'_>) -> Result<Value, Refusal> {
        let Self { subject, client, scopes, .. } = self;
        let scope = entra.directory.connector.scope;
        let access = mint::connector_claims(entra, subject, *client, scope, self.handles_challenges);
        let mut response = json!({
            "token_type": "Bearer",
            "scope": scopes.granted(&[scope]),
            "expires_in": subject.lifetime_s,
            "ext_expires_in": subject.lifetime_s,
            "access_token": entra.sign(&access)?,
        });
        if scopes.asks_openid("offline_access") {
            let grant = RefreshGrant {
                client: *client,
                tenant: subject.principal.tenant().id,
                user: subject.principal.user().id,
                session: subject.session,
                scopes: (*scopes).clone(),
                fixed_until: self.fixed_until,
                handles_challenges: self.handles_challenges,
            };
            response["refresh_token"] = entra.refresh_tokens.issue(grant, request.now)?.into();
            if let Some(until) = self.fixed_until {
                response["refresh_token_expires_in"] = (until - request.now).into();
            }
        }
        if scopes.asks_openid("openid") {
            let claims = mint::id_claims(subject, *client, self.nonce);
            response["id_token"] = entra.sign(&claims)?.into();
        }
        Ok(request.with_client_info(response, subject))
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
