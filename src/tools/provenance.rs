//! Where a message comes from.

use memchr::memrchr;
use schemars::JsonSchema;
use serde::Serialize;

use crate::policy::{Author, TenantPolicy};

/// By the domain of the sender's address, compared with the tenant's own; unknown where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Origin {
    Internal,
    External,
    Unknown,
}

impl Origin {
    pub(super) fn of(address: Option<&str>, policy: &TenantPolicy) -> Self {
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
    use std::collections::BTreeSet;

    use connector_actors::identity::TenantId;
    use connector_actors::ports::TenantLimits;
    use rstest::rstest;
    use uuid::Uuid;

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
    fn the_domain_decides(#[case] address: &str, #[case] expected: Origin) {
        let policy = TenantPolicy {
            id: TenantId::from_uuid(Uuid::nil()),
            name: "Contoso".to_owned(),
            domains: vec!["contoso.example".to_owned()],
            clients: BTreeSet::new(),
            guests: crate::policy::GuestRule::Refuse,
            denied_tools: BTreeSet::new(),
            content: crate::policy::ContentPolicy::default(),
            limits: TenantLimits { concurrent_calls: 1, concurrent_calls_per_session: 1 },
            rules: crate::policy::AccessRules::default(),
        };
        assert_eq!(Origin::of(Some(address), &policy), expected);
    }
}
