//! Addresses that really help: where somebody can mend what an error is about.

use connector_actors::identity::{ClientId, TenantId};

/// What an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HelpLink {
    /// Where an administrator consents to the connector for the whole organisation.
    AdminConsent,
    /// Where users look after their second factors.
    SecurityInfo,
}

/// What the addresses are made from: the cloud's sign-in address and this service's registration, and nothing of a
/// request.
#[derive(Debug, Clone)]
pub struct HelpLinks {
    authority: String,
    client_id: ClientId,
}

/// The public cloud's sign-in host, whose users' pages are the ones that are known.
const PUBLIC_CLOUD: &str = "https://login.microsoftonline.com";

/// Source: <https://learn.microsoft.com/entra/identity/authentication/concept-registration-mfa-sspr-combined>.
const SECURITY_INFO: &str = "https://mysignins.microsoft.com/security-info";

impl HelpLinks {
    /// `authority`: Entra's origin.
    pub fn new(authority: &str, client_id: ClientId) -> Self {
        Self { authority: authority.trim_end_matches('/').to_owned(), client_id }
    }

    /// The address for a user or administrator of `tenant`; `None` where the cloud has none that is known.
    ///
    /// Source of the consent address:
    /// <https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent>.
    pub fn url(&self, link: HelpLink, tenant: TenantId) -> Option<String> {
        match link {
            HelpLink::AdminConsent => {
                Some(format!("{}/{tenant}/adminconsent?client_id={}", self.authority, self.client_id))
            }
            HelpLink::SecurityInfo => (self.authority == PUBLIC_CLOUD).then(|| SECURITY_INFO.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    /// If this failed, an administrator would consent to another application, or in another organisation.
    #[test]
    fn the_consent_address_names_tenant_and_application() {
        let tenant = TenantId::from_uuid(Uuid::from_u128(1));
        let links =
            HelpLinks::new("https://login.microsoftonline.com/", ClientId::from_uuid(Uuid::from_u128(2)));
        assert_eq!(
            links.url(HelpLink::AdminConsent, tenant).as_deref(),
            Some(
                "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000001/adminconsent?client_id=00000000-0000-0000-0000-000000000002"
            )
        );
        assert!(links.url(HelpLink::SecurityInfo, tenant).is_some());
        let other = HelpLinks::new("https://login.microsoftonline.us", ClientId::from_uuid(Uuid::nil()));
        assert_eq!(other.url(HelpLink::SecurityInfo, tenant), None, "a page of another cloud");
    }
}
