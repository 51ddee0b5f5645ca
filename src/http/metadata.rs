//! What a client needs to find the sign-in: RFC 9728 metadata of this resource, and the façade that names
//! Entra's endpoints in the form of RFC 8414.
//!
//! The façade exists because Entra's own multi-tenant document has a templated issuer and does not state that it
//! takes PKCE with S256: clients that check either refuse it. It is a document; no token passes through it.
//! Everything is built from `public_url`, never from a request's Host. Below each address of a tenant the documents
//! stand once more, with a sign-in at that tenant; they follow from its ID alone, and do not say whether it is served.

use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use connector_actors::identity::TenantId;
use serde_json::{Value, json};
use thiserror::Error;

use super::address::Address;
use super::public_url::PublicUrl;
use crate::entra::Cloud;

/// Which issuer the metadata of a tenant's own address names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantIssuer {
    /// A façade of ours for that tenant, which states PKCE with S256.
    Facade,
    /// The tenant's own at Entra.
    Entra,
}

/// A text that names no kind of issuer.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("must be \"facade\" or \"entra\"")]
pub struct NotATenantIssuer;

impl FromStr for TenantIssuer {
    type Err = NotATenantIssuer;

    fn from_str(text: &str) -> Result<Self, NotATenantIssuer> {
        match text {
            "facade" => Ok(Self::Facade),
            "entra" => Ok(Self::Entra),
            _ => Err(NotATenantIssuer),
        }
    }
}

/// The metadata documents and the challenges that point to them.
#[derive(Debug)]
pub(crate) struct Metadata {
    public_url: PublicUrl,
    /// Entra's origin, without a closing slash.
    authority: String,
    /// The one scope of this API, fully qualified.
    scope: String,
    tenant_issuer: TenantIssuer,
    /// Of the common address, serialised once.
    protected_resource: Bytes,
    /// `None` where a tenant's own issuer is named directly.
    authorization_server: Option<Bytes>,
}

impl Metadata {
    pub(crate) fn new(
        public_url: &PublicUrl,
        cloud: &Cloud,
        scope: &str,
        issuer_tenant: Option<TenantId>,
        tenant_issuer: TenantIssuer,
    ) -> Self {
        let mut metadata = Self {
            public_url: public_url.clone(),
            authority: cloud.authority.as_str().trim_end_matches('/').to_owned(),
            scope: format!("{public_url}/{scope}"),
            tenant_issuer,
            protected_resource: Bytes::new(),
            authorization_server: None,
        };
        let issuer =
            issuer_tenant.map_or_else(|| public_url.origin(), |tenant| metadata.entra_issuer(tenant));
        metadata.protected_resource = metadata.resource_of(&issuer);
        if issuer_tenant.is_none() {
            metadata.authorization_server = Some(metadata.facade(&issuer, "organizations", "common"));
        }
        metadata
    }

    /// The scheme of the address that clients know.
    pub(super) fn scheme(&self) -> &'static str {
        self.public_url.scheme()
    }

    /// RFC 9728. The resource is `public_url` at every address: it is what Entra knows the API by.
    pub(super) fn protected_resource(&self, address: Address) -> Bytes {
        match (address, self.tenant_issuer) {
            (Address::Common, _) => self.protected_resource.clone(),
            (Address::Tenant(tenant), TenantIssuer::Facade) => self.resource_of(&self.facade_issuer(tenant)),
            (Address::Tenant(tenant), TenantIssuer::Entra) => self.resource_of(&self.entra_issuer(tenant)),
        }
    }

    /// RFC 8414. `None` where Entra's own documents are named.
    pub(super) fn authorization_server(&self, address: Address) -> Option<Bytes> {
        match (address, self.tenant_issuer) {
            (Address::Common, _) => self.authorization_server.clone(),
            (Address::Tenant(tenant), TenantIssuer::Facade) => {
                let id = tenant.to_string();
                Some(self.facade(&self.facade_issuer(tenant), &id, &id))
            }
            (Address::Tenant(_), TenantIssuer::Entra) => None,
        }
    }

    fn resource_of(&self, issuer: &str) -> Bytes {
        serialised(&json!({
            "resource": self.public_url.as_str(),
            "authorization_servers": [issuer],
            "scopes_supported": [self.scope],
            "bearer_methods_supported": ["header"],
            "resource_name": "Microsoft 365 connector",
        }))
    }

    /// `sign_in` and `keys`: whose endpoints at Entra are named.
    fn facade(&self, issuer: &str, sign_in: &str, keys: &str) -> Bytes {
        let authority = &self.authority;
        serialised(&json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{authority}/{sign_in}/oauth2/v2.0/authorize"),
            "token_endpoint": format!("{authority}/{sign_in}/oauth2/v2.0/token"),
            "jwks_uri": format!("{authority}/{keys}/discovery/v2.0/keys"),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "scopes_supported": [self.scope],
        }))
    }

    fn facade_issuer(&self, tenant: TenantId) -> String {
        format!("{}/{tenant}", self.public_url.origin())
    }

    fn entra_issuer(&self, tenant: TenantId) -> String {
        format!("{}/{tenant}/v2.0", self.authority)
    }

    fn resource_metadata_url(&self, address: Address) -> String {
        let (origin, path) = (self.public_url.origin(), self.public_url.path());
        match address {
            Address::Common => format!("{origin}{PROTECTED_RESOURCE}{path}"),
            Address::Tenant(tenant) => format!("{origin}{PROTECTED_RESOURCE}{path}/{tenant}"),
        }
    }

    /// The value of `WWW-Authenticate` for a request without a token (RFC 6750 section 3: no error then).
    pub(super) fn challenge(&self, address: Address) -> String {
        format!("Bearer {}", self.parameters(address))
    }

    /// The value of `WWW-Authenticate` for a token that is not accepted. `description` is one of our own fixed
    /// sentences and holds neither quotes nor anything of the request.
    pub(super) fn challenge_with(&self, address: Address, error: &str, description: &str) -> String {
        format!("Bearer {}, {}", self.parameters(address), error_parameters(error, description))
    }

    /// The value of `WWW-Authenticate` that sends a user of `tenant` through a further step of the sign-in. It has
    /// the form of Microsoft's own challenges, for clients that know those: an empty realm, the address to sign in
    /// at, and `claims` in base64.
    pub(super) fn challenge_for_claims(
        &self,
        address: Address,
        tenant: TenantId,
        claims: &str,
        description: &str,
    ) -> String {
        format!(
            r#"Bearer realm="", authorization_uri="{}/{tenant}/oauth2/v2.0/authorize", {}, {}, claims="{}""#,
            self.authority,
            self.parameters(address),
            error_parameters("insufficient_claims", description),
            STANDARD.encode(claims),
        )
    }

    fn parameters(&self, address: Address) -> String {
        format!(r#"resource_metadata="{}", scope="{}""#, self.resource_metadata_url(address), self.scope)
    }
}

fn error_parameters(error: &str, description: &str) -> String {
    debug_assert!(!description.contains(['"', '\\']), "the description would break the header");
    format!(r#"error="{error}", error_description="{description}""#)
}

fn serialised(document: &Value) -> Bytes {
    document.to_string().into()
}

/// RFC 9728 section 3.1: the path of the resource follows the well-known one.
pub(crate) const PROTECTED_RESOURCE: &str = "/.well-known/oauth-protected-resource";

/// RFC 8414 section 3: the path of the issuer follows the well-known one.
pub(crate) const AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, an operator's word for the issuer of tenants' addresses would mean the other one, or be taken
    /// whatever it is.
    #[rstest]
    #[case::facade("facade", Ok(TenantIssuer::Facade))]
    #[case::entra("entra", Ok(TenantIssuer::Entra))]
    #[case::another_case("Entra", Err(NotATenantIssuer))]
    #[case::empty("", Err(NotATenantIssuer))]
    fn the_issuer_of_tenants_addresses_has_two_names(
        #[case] text: &str,
        #[case] expected: Result<TenantIssuer, NotATenantIssuer>,
    ) {
        assert_eq!(text.parse(), expected);
    }

    /// If this failed, requests would be measured under a scheme that no client uses.
    #[rstest]
    #[case::behind_tls("https://connector.example/mcp", "https")]
    #[case::loopback("http://127.0.0.1:8080/mcp", "http")]
    fn the_scheme_is_that_of_the_public_address(#[case] public_url: &str, #[case] expected: &str) {
        let cloud = Cloud::custom("https://login.example", "https://graph.example/v1.0", None).unwrap();
        let facade = TenantIssuer::Facade;
        let metadata = Metadata::new(&public_url.parse().unwrap(), &cloud, "access_as_user", None, facade);
        assert_eq!(metadata.scheme(), expected);
    }
}
