//! Every path of the simulated Entra.

use actix_web::http::Method;
use jiff::Timestamp;
use uuid::Uuid;

use super::discovery::MetadataVersion;
use super::jws::Jws;
use super::refusal::Refusal;
use super::{Entra, admin_consent, authorize, device, logout, page, token};
use crate::faults::Subject;
use crate::message::{Answer, Request};

enum Route<'a> {
    OpenIdConfiguration(&'a str, MetadataVersion),
    Keys(&'a str),
    Authorize(&'a str),
    Token(&'a str),
    DeviceCode(&'a str),
    DeviceLogin,
    Logout,
    AdminConsent(&'a str),
    InstanceMetadata,
    AppServiceIdentity,
    InstanceDiscovery,
    UserInfo,
    ErrorLookup,
}

impl<'a> Route<'a> {
    fn find(segments: &[&'a str]) -> Option<Self> {
        match *segments {
            ["common", "discovery", "instance"] => Some(Self::InstanceDiscovery),
            [tenant, "v2.0", ".well-known", "openid-configuration"] => {
                Some(Self::OpenIdConfiguration(tenant, MetadataVersion::V2))
            }
            [tenant, ".well-known", "openid-configuration"] => {
                Some(Self::OpenIdConfiguration(tenant, MetadataVersion::V1))
            }
            [tenant, "discovery", "v2.0", "keys"] | [tenant, "discovery", "keys"] => Some(Self::Keys(tenant)),
            [tenant, "oauth2", "v2.0", "authorize"] => Some(Self::Authorize(tenant)),
            [tenant, "oauth2", "v2.0", "token"] => Some(Self::Token(tenant)),
            [tenant, "oauth2", "v2.0", "devicecode"] => Some(Self::DeviceCode(tenant)),
            ["devicelogin"] => Some(Self::DeviceLogin),
            [_, "oauth2", "v2.0", "logout"] => Some(Self::Logout),
            [tenant, "v2.0", "adminconsent"] | [tenant, "adminconsent"] => Some(Self::AdminConsent(tenant)),
            ["metadata", "identity", "oauth2", "token"] => Some(Self::InstanceMetadata),
            ["msi", "token"] => Some(Self::AppServiceIdentity),
            ["oidc", "userinfo"] => Some(Self::UserInfo),
            ["error"] => Some(Self::ErrorLookup),
            _ => None,
        }
    }

    /// The methods of this path besides OPTIONS, as `Allow` names them; the token endpoint refuses others in its
    /// own way.
    fn methods(&self) -> Option<&'static str> {
        match self {
            Self::OpenIdConfiguration(..) | Self::Keys(_) | Self::InstanceDiscovery | Self::ErrorLookup => {
                Some("GET, HEAD")
            }
            Self::InstanceMetadata | Self::AppServiceIdentity => Some("GET"),
            Self::Authorize(_)
            | Self::AdminConsent(_)
            | Self::DeviceLogin
            | Self::Logout
            | Self::UserInfo => Some("GET, HEAD, POST"),
            Self::DeviceCode(_) => Some("POST"),
            Self::Token(_) => None,
        }
    }

    fn check_method(&self, method: &Method) -> Result<(), Refusal> {
        let Some(methods) = self.methods() else { return Ok(()) };
        if methods.split(", ").any(|allowed| allowed == method.as_str()) {
            return Ok(());
        }
        Err(Refusal::MethodNotAllowed(methods))
    }
}

/// Whether Entra answers at that path.
pub(crate) fn is_entra_path(segments: &[&str]) -> bool {
    Route::find(segments).is_some()
}

impl Entra {
    /// Answers a request whose path [`is_entra_path`].
    pub(crate) fn answer(&self, request: &Request<'_>) -> Answer {
        if *request.method == Method::OPTIONS {
            return preflight();
        }
        self.route(request)
            .unwrap_or_else(|refusal| refusal.to_answer(&request.origin.base, correlation(request)))
    }

    fn route(&self, request: &Request<'_>) -> Result<Answer, Refusal> {
        let segments = request.segments();
        let route = Route::find(&segments).ok_or(Refusal::WrongParameter("path"))?;
        route.check_method(request.method)?;
        match route {
            Route::OpenIdConfiguration(tenant, version) => {
                self.openid_configuration(tenant, version, request.origin)
            }
            Route::Keys(tenant) => self.key_set(tenant, request.origin),
            Route::Authorize(tenant) => Ok(authorize::answer(self, tenant, request)),
            Route::DeviceCode(tenant) => device::begin(self, tenant, request),
            Route::DeviceLogin => Ok(device::sign_in(self, request)),
            Route::Token(tenant) => Ok(token::answer(self, tenant, request)),
            Route::Logout => Ok(logout::answer(self, request)),
            Route::AdminConsent(tenant) => Ok(admin_consent::answer(self, tenant, request)),
            Route::InstanceMetadata => {
                Ok(self.instance_metadata_token(request, Timestamp::now().as_second()))
            }
            Route::AppServiceIdentity => Ok(self.app_service_token(request, Timestamp::now().as_second())),
            Route::InstanceDiscovery => Ok(Self::instance_discovery(request.origin)),
            Route::UserInfo => Ok(self.user_info(request)),
            Route::ErrorLookup => Ok(page::error_lookup(request.form_and_query().get("code").unwrap_or(""))),
        }
    }

    /// Claims of the user whose Graph token is shown (OpenID Connect Core, section 5.3).
    fn user_info(&self, request: &Request<'_>) -> Answer {
        let token = request.bearer().and_then(Jws::parse).filter(|token| self.is_graph_token(token));
        let Some(token) = token.filter(|token| token.seconds("exp") > Some(Timestamp::now().as_second()))
        else {
            return Answer::empty(401).header("WWW-Authenticate", "Bearer error=\"invalid_token\"");
        };
        let claims: serde_json::Map<_, _> = ["sub", "name", "upn"]
            .into_iter()
            .filter_map(|name| Some((name.replace("upn", "email"), token.claims.get(name)?.clone())))
            .collect();
        Answer::json(200, &claims.into())
    }

    /// On whose behalf a request comes, as far as it says: the tenant of its path, and whoever its assertion,
    /// code or refresh token is about.
    pub(crate) fn subject_of(&self, request: &Request<'_>) -> Subject {
        let mut subject = self.subject_of_grant(request).unwrap_or_default();
        let of_path = request.segments().first().and_then(|segment| self.directory.tenant_id(segment));
        subject.tenant = of_path.or(subject.tenant);
        subject
    }

    fn subject_of_grant(&self, request: &Request<'_>) -> Option<Subject> {
        let form = request.form();
        if let Some(assertion) = form.get("assertion") {
            return Some(subject_of_token(assertion));
        }
        if let Some(code) = form.get("code") {
            let grant = self.codes.peek(code)?;
            return Some(Subject { tenant: Some(grant.tenant), user: Some(grant.user) });
        }
        if let Some(code) = form.get("device_code") {
            let signed_in = self.device_codes.peek(code)?;
            return Some(Subject { tenant: Some(signed_in.tenant), user: Some(signed_in.user) });
        }
        let grant =
            self.refresh_tokens.open(form.get("refresh_token")?, Timestamp::now().as_second()).ok()?;
        Some(Subject { tenant: Some(grant.tenant), user: Some(grant.user) })
    }
}

/// What a token claims of its tenant and user; nothing is verified.
pub(crate) fn subject_of_token(token: &str) -> Subject {
    let Some(token) = Jws::parse(token) else { return Subject::default() };
    let id = |claim| token.text(claim).and_then(|value| Uuid::try_parse(value).ok());
    Subject { tenant: id("tid"), user: id("oid") }
}

/// The caller's `client-request-id`, wherever it was put, or a fresh one.
pub(crate) fn correlation(request: &Request<'_>) -> Uuid {
    let fields = request.form_and_query();
    let sent = request.header("client-request-id").or_else(|| fields.get("client-request-id"));
    sent.and_then(|id| Uuid::try_parse(id).ok()).unwrap_or_else(Uuid::new_v4)
}

fn preflight() -> Answer {
    Answer::empty(204)
        .header("Access-Control-Allow-Origin", "*")
        .header("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
        .header("Access-Control-Allow-Headers", "*, Authorization")
        .header("Access-Control-Max-Age", "3600")
}
