//! What a client needs to find the sign-in: RFC 9728 metadata of this resource, and the façade that names
//! Entra's endpoints in the form of RFC 8414.
//!
//! The façade exists because Entra's own multi-tenant document has a templated issuer and does not state that it
//! takes PKCE with S256: clients that check either refuse it. It is a document; no token passes through it.
//! Everything is built from `public_url`, never from a request's Host, and serialised once.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use connector_actors::identity::TenantId;
use serde_json::json;

use super::public_url::PublicUrl;
use crate::entra::Cloud;

/// The metadata documents and the challenges that point to them.
#[derive(Debug)]
pub(crate) struct Metadata {
    protected_resource: Bytes,
    /// `None` where a tenant's own issuer is named directly.
    authorization_server: Option<Bytes>,
    resource_metadata_url: String,
    scope: String,
}

impl Metadata {
    pub(crate) fn new(
        public_url: &PublicUrl,
        cloud: &Cloud,
        scope: &str,
        issuer_tenant: Option<TenantId>,
    ) -> Self {
        let authority = cloud.authority.as_str().trim_end_matches('/');
        let scope = format!("{public_url}/{scope}");
        let issuer = match issuer_tenant {
            Some(tenant) => format!("{authority}/{tenant}/v2.0"),
            None => public_url.origin(),
        };
        let protected_resource = json!({
            "resource": public_url.as_str(),
            "authorization_servers": [issuer],
            "scopes_supported": [scope],
            "bearer_methods_supported": ["header"],
            "resource_name": "Microsoft 365 connector",
        });
        let facade = issuer_tenant.is_none().then(|| {
            json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{authority}/organizations/oauth2/v2.0/authorize"),
                "token_endpoint": format!("{authority}/organizations/oauth2/v2.0/token"),
                "jwks_uri": format!("{authority}/common/discovery/v2.0/keys"),
                "response_types_supported": ["code"],
                "response_modes_supported": ["query", "fragment", "form_post"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none"],
                "scopes_supported": [scope],
            })
        });
        Self {
            protected_resource: protected_resource.to_string().into(),
            authorization_server: facade.map(|document| document.to_string().into()),
            resource_metadata_url: format!(
                "{}{}{}",
                public_url.origin(),
                PROTECTED_RESOURCE,
                public_url.path()
            ),
            scope,
        }
    }

    pub(crate) fn protected_resource(&self) -> Bytes {
        self.protected_resource.clone()
    }

    pub(crate) fn authorization_server(&self) -> Option<Bytes> {
        self.authorization_server.clone()
    }

    /// The value of `WWW-Authenticate` for a request without a token (RFC 6750 section 3: no error then).
    pub(crate) fn challenge(&self) -> String {
        format!(r#"Bearer resource_metadata="{}", scope="{}""#, self.resource_metadata_url, self.scope)
    }

    /// The value of `WWW-Authenticate` for a token that is not accepted. `description` is one of our own fixed
    /// sentences and holds neither quotes nor anything of the request.
    pub(crate) fn challenge_with(&self, error: &str, description: &str) -> String {
        debug_assert!(!description.contains(['"', '\\']), "the description would break the header");
        format!(r#"{}, error="{error}", error_description="{description}""#, self.challenge())
    }

    /// The value of `WWW-Authenticate` that sends the user through a further step of the sign-in. `claims` travels
    /// in base64, as in Microsoft's own challenges.
    pub(crate) fn challenge_for_claims(&self, claims: &str, description: &str) -> String {
        let challenge = self.challenge_with("insufficient_claims", description);
        format!(r#"{challenge}, claims="{}""#, STANDARD.encode(claims))
    }
}

/// RFC 9728 section 3.1: the path of the resource follows the well-known one.
pub(crate) const PROTECTED_RESOURCE: &str = "/.well-known/oauth-protected-resource";

/// RFC 8414 section 3.
pub(crate) const AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";
