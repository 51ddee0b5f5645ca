//! What a client reads before it does anything: metadata, keys, instances.

use serde_json::{Value, json};

use super::Entra;
use super::authority::{Authority, PERSONAL_TENANT};
use super::keys::ISSUER_TEMPLATE;
use super::policies::Cloud;
use super::refusal::Refusal;
use crate::message::Answer;
use crate::origins::Origin;

/// Which tokens a metadata document is about. The version belongs to the API that a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MetadataVersion {
    /// `ver` 1.0. Its endpoints are those of an older library, and not served.
    V1,
    V2,
}

impl MetadataVersion {
    /// What stands in its addresses.
    fn segment(self) -> &'static str {
        match self {
            Self::V1 => "",
            Self::V2 => "/v2.0",
        }
    }

    fn issuer(self, base: &str, tenant: &str) -> String {
        match self {
            Self::V1 => format!("https://sts.windows.net/{tenant}/"),
            Self::V2 => format!("{base}/{tenant}/v2.0"),
        }
    }
}

impl Entra {
    /// The OpenID configuration. As in reality it does not tell `code_challenge_methods_supported`, and on
    /// `common` and `organizations` the issuer is a template.
    pub(crate) fn openid_configuration(
        &self,
        segment: &str,
        version: MetadataVersion,
        origin: &Origin,
    ) -> Result<Answer, Refusal> {
        let authority = Authority::parse(segment, &self.directory)?;
        let base = &origin.base;
        let host = base.split_once("://").map_or(base.as_str(), |(_, host)| host);
        let issuer_tenant = match authority {
            Authority::Tenant(id) => id.to_string(),
            Authority::AnyTenant => ISSUER_TEMPLATE.to_owned(),
            Authority::Personal => PERSONAL_TENANT.to_owned(),
        };
        let cloud = match authority {
            Authority::Tenant(id) => self.policies.of(id).cloud,
            Authority::AnyTenant | Authority::Personal => Cloud::Global,
        };
        let version_path = version.segment();
        let document = json!({
            "token_endpoint": format!("{base}/{segment}/oauth2{version_path}/token"),
            "token_endpoint_auth_methods_supported":
                ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": format!("{base}/{segment}/discovery{version_path}/keys"),
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": version.issuer(base, &issuer_tenant),
            "request_uri_parameter_supported": false,
            "device_authorization_endpoint": format!("{base}/{segment}/oauth2{version_path}/devicecode"),
            "userinfo_endpoint": format!("{base}/oidc/userinfo"),
            "authorization_endpoint": format!("{base}/{segment}/oauth2{version_path}/authorize"),
            "http_logout_supported": true,
            "frontchannel_logout_supported": true,
            "end_session_endpoint": format!("{base}/{segment}/oauth2{version_path}/logout"),
            "claims_supported": [
                "sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name",
                "msgraph_host", "aud", "exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name",
                "tid", "ver", "at_hash", "c_hash", "email"
            ],
            "tenant_region_scope": match authority {
                Authority::Tenant(_) => json!("EU"),
                Authority::AnyTenant | Authority::Personal => Value::Null,
            },
            "cloud_instance_name": cloud.instance().unwrap_or(host),
            "cloud_graph_host_name": cloud.graph_host().unwrap_or(host),
            "msgraph_host": cloud.graph_host().unwrap_or(host),
        });
        Ok(readable_anywhere(Answer::json(200, &document)))
    }

    /// The key set: the published keys, each with the issuer that it signs for.
    pub(crate) fn key_set(&self, segment: &str, origin: &Origin) -> Result<Answer, Refusal> {
        let authority = Authority::parse(segment, &self.directory)?;
        Ok(readable_anywhere(Answer::json(200, &self.keys.to_jwks(segment, authority, &origin.base))))
    }

    /// Instance discovery, by which MSAL asks whether a host is an authority.
    pub(crate) fn instance_discovery(origin: &Origin) -> Answer {
        let base = &origin.base;
        let host = base.split_once("://").map_or(base.as_str(), |(_, host)| host);
        let document = json!({
            "tenant_discovery_endpoint": format!("{base}/common/v2.0/.well-known/openid-configuration"),
            "api-version": "1.1",
            "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }],
        });
        readable_anywhere(Answer::json(200, &document))
    }
}

/// Public documents can be read by the scripts of any page.
fn readable_anywhere(answer: Answer) -> Answer {
    answer.header("Access-Control-Allow-Origin", "*").header("Cache-Control", "max-age=86400, private")
}
