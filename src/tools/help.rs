//! Addresses that really help: where somebody can mend what an error is about.

use connector_actors::identity::{ClientId, TenantId};

/// What an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HelpLink {
    /// Where an administrator consents to the connector for the whole organisation.
    AdminConsent,
    /// Where an administrator sees policies, sign-ins, accounts and who is assigned to the connector.
    AdminCentre,
    /// Where users look after their second factors.
    SecurityInfo,
    /// Where users see which terms of use they have accepted.
    TermsOfUse,
    /// Where users bring their devices under the organisation's management, and see what is wrong with one.
    Devices,
    /// Where users choose a new password.
    PasswordReset,
}

/// What the addresses are made from: the cloud's sign-in address and this service's registration, and nothing of a
/// request.
#[derive(Debug, Clone)]
pub struct HelpLinks {
    authority: String,
    client_id: ClientId,
}

/// The sign-in addresses of the clouds whose pages are known.
const PUBLIC_CLOUD: &str = "https://login.microsoftonline.com";
const US_GOVERNMENT: &str = "https://login.microsoftonline.us";
const CHINA: &str = "https://login.partner.microsoftonline.cn";

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
            HelpLink::TermsOfUse if self.authority == PUBLIC_CLOUD => {
                Some(format!("https://myaccount.microsoft.com/termsofuse/myacceptances?tenantId={tenant}"))
            }
            page => self.page(page).map(str::to_owned),
        }
    }

    /// The pages that are the same for everybody.
    ///
    /// Sources: <https://learn.microsoft.com/entra/identity/authentication/concept-registration-mfa-sspr-combined>,
    /// <https://learn.microsoft.com/intune/intune-service/fundamentals/intune-us-government-endpoints>,
    /// <https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure>,
    /// <https://learn.microsoft.com/azure/azure-portal/azure-portal-safelist-urls>.
    fn page(&self, link: HelpLink) -> Option<&'static str> {
        match (link, self.authority.as_str()) {
            (HelpLink::AdminCentre, PUBLIC_CLOUD) => Some("https://entra.microsoft.com"),
            (HelpLink::AdminCentre, US_GOVERNMENT) => Some("https://entra.microsoft.us"),
            (HelpLink::AdminCentre, CHINA) => Some("https://entra.microsoftonline.cn"),
            (HelpLink::SecurityInfo, PUBLIC_CLOUD) => Some("https://mysignins.microsoft.com/security-info"),
            (HelpLink::SecurityInfo, US_GOVERNMENT) => Some("https://mysignins.microsoft.us/security-info"),
            (HelpLink::Devices, PUBLIC_CLOUD) => Some("https://portal.manage.microsoft.com"),
            (HelpLink::Devices, US_GOVERNMENT) => Some("https://portal.manage.microsoft.us"),
            (HelpLink::PasswordReset, PUBLIC_CLOUD) => Some("https://passwordreset.microsoftonline.com"),
            (HelpLink::PasswordReset, US_GOVERNMENT) => Some("https://passwordreset.microsoftonline.us"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
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
    }

    /// If this failed, somebody in a national cloud would be sent to a page where nobody knows them.
    #[rstest]
    #[case::public(PUBLIC_CLOUD, &[HelpLink::AdminCentre, HelpLink::SecurityInfo, HelpLink::TermsOfUse, HelpLink::Devices, HelpLink::PasswordReset], ".com")]
    #[case::us_government(US_GOVERNMENT, &[HelpLink::AdminCentre, HelpLink::SecurityInfo, HelpLink::Devices, HelpLink::PasswordReset], ".us")]
    #[case::china(CHINA, &[HelpLink::AdminCentre], ".cn")]
    #[case::another("https://login.example", &[], "")]
    fn a_page_is_of_the_cloud_that_the_account_is_in(
        #[case] authority: &str,
        #[case] known: &[HelpLink],
        #[case] ending: &str,
    ) {
        let tenant = TenantId::from_uuid(Uuid::from_u128(1));
        let links = HelpLinks::new(authority, ClientId::from_uuid(Uuid::nil()));
        for link in [
            HelpLink::AdminCentre,
            HelpLink::SecurityInfo,
            HelpLink::TermsOfUse,
            HelpLink::Devices,
            HelpLink::PasswordReset,
        ] {
            let url = links.url(link, tenant).map(|url| url::Url::parse(&url).unwrap());
            assert_eq!(url.is_some(), known.contains(&link), "{link:?}");
            assert!(url.is_none_or(|url| url.host_str().unwrap().ends_with(ending)), "{link:?}");
        }
    }
}
