//! Where what others wrote comes from: the one rule for mail, files, meetings and Teams.

use memchr::{memchr_iter, memrchr};
use schemars::JsonSchema;
use serde::Serialize;

use uuid::Uuid;

use crate::policy::{Author, TenantPolicy};

/// Whether an author belongs to the user's organisation: by the tenant of the account where that is known, else by the
/// domain of the address, compared with the tenant's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Origin {
    Internal,
    External,
    Unknown,
}

/// What stands in the principal name of a guest, before the domain of whoever has invited, behind its first sign.
/// Source: <https://learn.microsoft.com/entra/external-id/user-properties>.
const GUEST: &[u8] = b"ext#";

impl Origin {
    /// By the address alone. A guest's account stands in a domain of the tenant's own, and belongs to somebody from outside.
    pub(super) fn of(address: Option<&str>, policy: &TenantPolicy) -> Self {
        if address.is_some_and(is_guest) {
            return Self::External;
        }
        let domain = address.and_then(|address| {
            let sign = memrchr(b'@', address.as_bytes())?;
            Some(address[sign + 1..].trim())
        });
        match domain {
            None | Some("") => Self::Unknown,
            Some(domain) if policy.domains.iter().any(|own| own.eq_ignore_ascii_case(domain)) => {
                Self::Internal
            }
            Some(_) => Self::External,
        }
    }

    /// By the tenant that an account belongs to.
    pub(super) fn of_tenant(tenant: Option<&str>, policy: &TenantPolicy) -> Self {
        let Some(tenant) = tenant.filter(|tenant| !tenant.is_empty()) else { return Self::Unknown };
        let is_own = Uuid::try_parse(tenant).is_ok_and(|tenant| tenant == *policy.id.as_uuid());
        if is_own { Self::Internal } else { Self::External }
    }

    /// By the tenant, and where that is not known by the address.
    pub(super) fn of_account(tenant: Option<&str>, address: Option<&str>, policy: &TenantPolicy) -> Self {
        match Self::of_tenant(tenant, policy) {
            Self::Internal if address.is_some_and(is_guest) => Self::External,
            Self::Unknown => Self::of(address, policy),
            known => known,
        }
    }

    /// Of a person in Teams, by the kind of the identity. Whoever has no account in a tenant comes from outside, whatever
    /// tenant the meeting was in. Source: <https://learn.microsoft.com/graph/api/resources/teamworkuseridentity>.
    pub(super) fn of_identity(kind: Option<&str>, tenant: Option<&str>, policy: &TenantPolicy) -> Self {
        match kind {
            None | Some("aadUser" | "onPremiseAadUser") => Self::of_tenant(tenant, policy),
            Some(_) => Self::External,
        }
    }
}

fn is_guest(principal_name: &str) -> bool {
    let name = principal_name.as_bytes();
    memchr_iter(b'#', name).any(|sign| {
        name[sign + 1..].get(..GUEST.len()).is_some_and(|behind| behind.eq_ignore_ascii_case(GUEST))
    })
}

impl From<Origin> for Author {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::Internal => Self::Internal,
            Origin::External => Self::External,
            Origin::Unknown => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, a stranger's mail would pass for a colleague's.
    #[rstest]
    #[case::own("adele@contoso.example", Origin::Internal)]
    #[case::own_in_capitals("Adele@CONTOSO.example", Origin::Internal)]
    #[case::stranger("adele@fabrikam.example", Origin::External)]
    #[case::lookalike("adele@contoso.example.evil.example", Origin::External)]
    #[case::subdomain("adele@mail.contoso.example", Origin::External)]
    #[case::two_signs("contoso.example@evil.example", Origin::External)]
    #[case::exchange_name("/O=EXCHANGELABS/CN=ADELE", Origin::Unknown)]
    #[case::no_domain("adele@", Origin::Unknown)]
    #[case::guest("lee_fabrikam.example#EXT#@contoso.example", Origin::External)]
    fn the_domain_decides(#[case] address: &str, #[case] expected: Origin) {
        assert_eq!(Origin::of(Some(address), &TenantPolicy::contoso()), expected);
    }

    const OWN: Option<&str> = Some("00000000-0000-0000-0000-000000000001");
    const OTHER: Option<&str> = Some("00000000-0000-0000-0000-000000000002");

    /// If this failed, a guest or a stranger in a meeting would pass for a colleague.
    #[rstest]
    #[case::own_tenant(OWN, Some("adele@fabrikam.example"), Origin::Internal)]
    #[case::other_tenant(OTHER, Some("adele@contoso.example"), Origin::External)]
    #[case::guest(OWN, Some("lee_fabrikam.example#EXT#@contoso.example"), Origin::External)]
    #[case::address_alone(None, Some("adele@contoso.example"), Origin::Internal)]
    #[case::no_tenant(Some(""), Some("lee@fabrikam.example"), Origin::External)]
    #[case::name_alone(None, None, Origin::Unknown)]
    fn the_tenant_goes_before_the_address(
        #[case] tenant: Option<&str>,
        #[case] address: Option<&str>,
        #[case] expected: Origin,
    ) {
        assert_eq!(Origin::of_account(tenant, address, &TenantPolicy::contoso()), expected);
    }

    /// If this failed, who joined without an account would be as good as the tenant that the meeting was in.
    #[rstest]
    #[case::member(Some("aadUser"), OWN, Origin::Internal)]
    #[case::not_said(None, OWN, Origin::Internal)]
    #[case::nothing_known(Some("aadUser"), None, Origin::Unknown)]
    #[case::other_tenant(Some("aadUser"), OTHER, Origin::External)]
    #[case::federated(Some("federatedUser"), OWN, Origin::External)]
    #[case::anonymous(Some("anonymousGuest"), OWN, Origin::External)]
    fn an_identity_without_an_account_is_external(
        #[case] kind: Option<&str>,
        #[case] tenant: Option<&str>,
        #[case] expected: Origin,
    ) {
        assert_eq!(Origin::of_identity(kind, tenant, &TenantPolicy::contoso()), expected);
    }
}
