//! The claims of every kind of token, and their signing.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::refusal::Refusal;
use super::{Entra, jws, opaque};
use crate::directory::Principal;
use crate::origins::Origin;

/// Entra dates its tokens back by five minutes.
pub(crate) const BACKDATED_S: i64 = 300;

/// Claims of a token, in the making.
pub(crate) type Claims = Map<String, Value>;

/// Who a token is about and from when on.
pub(crate) struct Subject<'a> {
    pub(crate) principal: Principal,
    /// The sign-in session (`sid`), inherited by every token of a chain.
    pub(crate) session: Uuid,
    /// Seconds since 1970.
    pub(crate) now: i64,
    /// Seconds from `now` until the token expires; none or negative makes one that has expired.
    pub(crate) lifetime_s: i64,
    /// When the user signed in, as far as what is shown says: seconds since 1970.
    pub(crate) issued_at: i64,
    /// Where it was asked for: its issuer.
    pub(crate) origin: &'a Origin,
}

impl Subject<'_> {
    fn claims(&self, audience: &str) -> Claims {
        let (tenant, user, now) = (self.principal.tenant(), self.principal.user(), self.now);
        let claims = json!({
            "aud": audience,
            "iss": issuer(self.origin, tenant.id),
            "iat": now - BACKDATED_S,
            "nbf": now - BACKDATED_S,
            "exp": now.saturating_add(self.lifetime_s),
            "name": user.name,
            "oid": user.id,
            "preferred_username": user.mail(),
            "rh": format!("1.{}.", opaque::text()),
            "sid": self.session,
            "sub": pairwise(tenant.id, user.id, audience),
            "tid": tenant.id,
            "uti": opaque::token_id(),
            "ver": "2.0",
        });
        let mut claims = match claims {
            Value::Object(claims) => claims,
            _ => Claims::new(),
        };
        if let Some(guest) = &user.guest {
            claims.insert("idp".to_owned(), json!(sts_issuer(guest.home_tenant)));
        }
        claims
    }

    /// The optional claim `acct`: 0 for a member, 1 for a guest.
    fn account_status(&self) -> u8 {
        u8::from(self.principal.user().guest.is_some())
    }
}

/// What the connector is called where a token names whoever holds it.
pub(crate) const CONNECTOR_NAME: &str = "Microsoft 365 connector";
/// The role that applications are assigned at the connector's API.
pub(crate) const CONNECTOR_ROLE: &str = "Everything.Read.All";
/// The role that everybody has in a directory, in the claim `wids`.
const DEFAULT_USER_ROLE: &str = "b79fbf4d-3ef9-4689-8143-76b194e85509";

/// The issuer of a tenant at `origin`.
pub(crate) fn issuer(origin: &Origin, tenant: Uuid) -> String {
    format!("{}/{tenant}/v2.0", origin.base)
}

/// The issuer of a tenant in version 1.0 form, which also names it as an identity provider.
fn sts_issuer(tenant: Uuid) -> String {
    format!("https://sts.windows.net/{tenant}/")
}

/// The subject of a user at one audience: the same user has another one at every audience.
fn pairwise(tenant: Uuid, user: Uuid, audience: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, format!("{tenant}|{user}|{audience}").as_bytes()))
}

/// Who holds a token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holder<'a> {
    pub(crate) id: Uuid,
    pub(crate) name: &'a str,
    /// How it proved itself: the value of `azpacr` and `appidacr`.
    pub(crate) credential_class: &'static str,
    /// It declared the capability `cp1`.
    pub(crate) handles_challenges: bool,
}

/// Claims of a v2.0 access token for the API of the application `audience`.
pub(crate) fn api_claims(subject: &Subject<'_>, audience: Uuid, holder: Holder<'_>, scopes: &str) -> Claims {
    let mut claims = subject.claims(&audience.to_string());
    claims.insert("acct".to_owned(), json!(subject.account_status()));
    claims.insert("azp".to_owned(), json!(holder.id));
    claims.insert("azpacr".to_owned(), json!(holder.credential_class));
    claims.insert("scp".to_owned(), json!(scopes));
    if holder.handles_challenges {
        claims.insert("xms_cc".to_owned(), json!(["cp1"]));
    }
    claims
}

/// Claims of a v2.0 access token for the API of the application `audience` that another one holds for itself, with the
/// roles that it was assigned there.
pub(crate) fn application_claims(application: &Application<'_>, audience: Uuid, roles: &[&str]) -> Claims {
    let mut claims = application.claims(&audience.to_string());
    claims.insert("azp".to_owned(), json!(application.id));
    claims.insert("azpacr".to_owned(), json!(application.credential_class));
    if !roles.is_empty() {
        claims.insert("roles".to_owned(), json!(roles));
    }
    claims
}

/// Claims of a token for Graph that an application holds for itself, with the roles that administrators gave it.
pub(crate) fn graph_application_claims(
    application: &Application<'_>,
    audience: &str,
    roles: &[String],
) -> Claims {
    let mut claims = application.claims(audience);
    for (name, value) in [
        ("appid", json!(application.id)),
        ("appidacr", json!(application.credential_class)),
        ("iss", json!(sts_issuer(application.tenant))),
        ("ver", json!("1.0")),
    ] {
        claims.insert(name.to_owned(), value);
    }
    if !roles.is_empty() {
        claims.insert("roles".to_owned(), json!(roles));
    }
    claims
}

/// An application that asks for itself, at one tenant.
#[derive(Clone, Copy)]
pub(crate) struct Application<'a> {
    pub(crate) id: Uuid,
    /// How it proved itself: the value of `azpacr` and `appidacr`.
    pub(crate) credential_class: &'static str,
    pub(crate) tenant: Uuid,
    pub(crate) origin: &'a Origin,
    /// Seconds since 1970.
    pub(crate) now: i64,
    pub(crate) lifetime_s: i64,
}

impl Application<'_> {
    /// The service principal stands where the user would; object and subject are one.
    fn claims(&self, audience: &str) -> Claims {
        let claims = json!({
            "aud": audience,
            "iss": issuer(self.origin, self.tenant),
            "iat": self.now - BACKDATED_S,
            "nbf": self.now - BACKDATED_S,
            "exp": self.now.saturating_add(self.lifetime_s),
            "idtyp": "app",
            "oid": self.id,
            "rh": format!("1.{}.", opaque::text()),
            "sub": self.id,
            "tid": self.tenant,
            "uti": opaque::token_id(),
            "ver": "2.0",
        });
        match claims {
            Value::Object(claims) => claims,
            _ => Claims::new(),
        }
    }
}

/// Claims of an id token for a client.
pub(crate) fn id_claims(subject: &Subject<'_>, client: Uuid, nonce: Option<&str>) -> Claims {
    let mut claims = subject.claims(&client.to_string());
    if let Some(nonce) = nonce {
        claims.insert("nonce".to_owned(), json!(nonce));
    }
    claims
}

/// Claims of an access token for Graph: the v1.0 form, which only Graph itself reads.
pub(crate) fn graph_claims(
    subject: &Subject<'_>,
    audience: &str,
    holder: Holder<'_>,
    scopes: &str,
) -> Claims {
    let mut claims = subject.claims(audience);
    claims.remove("preferred_username");
    let (tenant, user) = (subject.principal.tenant(), subject.principal.user());
    let v1 = json!({
        "acct": subject.account_status(),
        "acr": "1",
        "amr": ["pwd"],
        "aio": opaque::text(),
        "app_displayname": holder.name,
        "appid": holder.id,
        "appidacr": holder.credential_class,
        "idtyp": "user",
        "iss": sts_issuer(tenant.id),
        "scp": scopes,
        "unique_name": user.mail(),
        "upn": user.upn,
        "ver": "1.0",
        "wids": [DEFAULT_USER_ROLE],
    });
    if let Value::Object(v1) = v1 {
        claims.extend(v1);
    }
    if holder.handles_challenges {
        claims.insert("xms_cc".to_owned(), json!(["cp1"]));
    }
    claims
}

impl Entra {
    /// Signs with the active published key.
    pub(crate) fn sign(&self, claims: &Claims) -> Result<String, Refusal> {
        let key = self.keys.active();
        jws::sign(&json!({ "typ": "JWT", "alg": "RS256", "kid": key.id() }), claims, &key.private)
    }

    /// Signs with the key that is in no key set. Like the real one's, the header carries a nonce.
    pub(crate) fn sign_for_graph(&self, claims: &Claims) -> Result<String, Refusal> {
        let key = &self.keys.graph;
        let kid = key.id();
        let header = json!({ "typ": "JWT", "nonce": opaque::text(), "alg": "RS256", "x5t": kid, "kid": kid });
        jws::sign(&header, claims, &key.private)
    }
}
