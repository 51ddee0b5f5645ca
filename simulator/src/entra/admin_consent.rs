//! The admin consent endpoint: an administrator agrees for everybody of a tenant.
//!
//! Like the sign-in page it can be skipped by a script, with `user` (an administrator: the first member of every
//! tenant) and `consent=yes` or `no`.

use std::sync::Arc;

use url::Url;
use url::form_urlencoded::Serializer;
use uuid::Uuid;

use super::Entra;
use super::applications::{Application, Reach};
use super::authority::Authority;
use super::authorize::platform_of;
use super::page;
use super::refusal::Refusal;
use super::scopes::Api;
use crate::directory::{EVERY_SCOPE, Principal, Tenant};
use crate::message::{Answer, Fields, Request};

/// Answers GET and POST alike. What comes before the redirect address is known to be the application's is shown here.
pub(crate) fn answer(entra: &Entra, segment: &str, request: &Request<'_>) -> Answer {
    let fields = request.form_and_query();
    match AdminConsent::parse(entra, segment, &fields) {
        Ok(consent) => consent.proceed(entra, request.path),
        Err(refusal) => page::refused(&refusal),
    }
}

struct AdminConsent<'a> {
    authority: Authority,
    fields: &'a Fields,
    redirect_uri: Url,
    /// As asked, for the answer.
    scope: &'a str,
    party: Party,
}

/// Whom the consent is for.
enum Party {
    /// With the scopes that are asked for.
    Connector(Vec<&'static str>),
    /// With everything that it is registered for.
    Application(Arc<Application>),
}

impl<'a> AdminConsent<'a> {
    fn parse(entra: &Entra, segment: &str, fields: &'a Fields) -> Result<Self, Refusal> {
        if segment == "common" {
            return Err(Refusal::NeedsTenantEndpoint(segment.to_owned()));
        }
        let authority = entra.application_authority(segment)?;
        let client_id = fields.get("client_id").ok_or(Refusal::MissingParameter("client_id"))?;
        let not_found = || Refusal::ClientNotFound(client_id.to_owned());
        let client = Uuid::try_parse(client_id).map_err(|_| not_found())?;
        let redirect_uri = fields.get("redirect_uri").ok_or(Refusal::MissingParameter("redirect_uri"))?;
        let mismatch = || Refusal::RedirectMismatch(redirect_uri.to_owned());
        let scope = fields.get("scope").unwrap_or("https://graph.microsoft.com/.default");
        let (party, redirect_uri) = if client == entra.directory.connector.client_id {
            let address = registered(entra, redirect_uri).ok_or_else(mismatch)?;
            (Party::Connector(scopes(entra, scope)?), address)
        } else {
            let application = entra.applications.find(client).filter(|known| known.reach == Reach::Every);
            let application = application.ok_or_else(not_found)?;
            let address = platform_of(&application.client, redirect_uri).and(Url::parse(redirect_uri).ok());
            entra.scopes_of_client(&application, scope, None)?;
            (Party::Application(application), address.ok_or_else(mismatch)?)
        };
        Ok(Self { authority, fields, redirect_uri, scope, party })
    }

    fn proceed(&self, entra: &Entra, path: &str) -> Answer {
        let Some(chosen) = self.fields.get("user") else {
            return page::administrators(self.authority.tenants(&entra.directory), path, self.fields);
        };
        let Some(principal) = self.authority.user(&entra.directory, chosen) else {
            return page::refused(&Refusal::UserNotFound(chosen.to_owned()));
        };
        let tenant = principal.tenant();
        if tenant.users.first() != Some(principal.user()) {
            return page::refused(&Refusal::AdminConsentRequired);
        }
        match self.fields.get("consent") {
            None => self.party.page(&principal, path, self.fields),
            Some("yes") => {
                self.party.remember(entra, tenant);
                self.granted(tenant)
            }
            Some(_) => self.declined(),
        }
    }

    fn granted(&self, tenant: &Tenant) -> Answer {
        self.send(&[("tenant", &tenant.id.to_string()), ("scope", self.scope)])
    }

    /// As documented: the refusal, too, says that admin consent was the question.
    fn declined(&self) -> Answer {
        let description = Refusal::ConsentDeclined.description();
        self.send(&[("error", "consent_required"), ("error_description", &description)])
    }

    fn send(&self, parameters: &[(&str, &str)]) -> Answer {
        let mut query = Serializer::new(String::new());
        query.append_pair("admin_consent", "True").extend_pairs(parameters);
        query.extend_pairs(self.fields.get("state").map(|state| ("state", state)));
        let separator = if self.redirect_uri.query().is_some() { '&' } else { '?' };
        Answer::redirect(format!("{}{separator}{}", self.redirect_uri, query.finish()))
    }
}

impl Party {
    fn page(&self, principal: &Principal, path: &str, fields: &Fields) -> Answer {
        match self {
            Self::Connector(scopes) => {
                let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
                page::admin_consent(principal, ("The Microsoft 365 connector", &scopes), path, fields)
            }
            Self::Application(application) => {
                let asked = [&*application.permissions, &*application.app_permissions].concat();
                page::admin_consent(principal, (&application.client.name, &asked), path, fields)
            }
        }
    }

    fn remember(&self, entra: &Entra, tenant: &Tenant) {
        match self {
            Self::Connector(scopes) => entra.remember_admin_consent(tenant, scopes),
            Self::Application(application) => entra.consent_as_administrator(application, tenant.id),
        }
    }
}

/// The connector's addresses are those at the origin of one of its App ID URIs: its own pages.
fn registered(entra: &Entra, redirect_uri: &str) -> Option<Url> {
    let asked = Url::parse(redirect_uri).ok()?;
    let uris = entra.app_id_uris();
    let mut known = uris.iter().filter_map(|uri| Url::parse(uri).ok());
    known.any(|uri| uri.origin() == asked.origin()).then_some(asked)
}

fn scopes(entra: &Entra, scope: &str) -> Result<Vec<&'static str>, Refusal> {
    let asked = entra.parse_scopes(scope, None)?;
    if asked.api != Api::Graph || asked.default {
        return Ok(EVERY_SCOPE.to_vec());
    }
    let known = |name: &String| EVERY_SCOPE.iter().copied().find(|scope| *scope == name.as_str());
    asked
        .names
        .iter()
        .map(|name| {
            let unknown =
                || Refusal::ScopeNotFound { scope: name.clone(), resource: asked.identifier.clone() };
            known(name).ok_or_else(unknown)
        })
        .collect()
}
