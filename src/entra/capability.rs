//! The `claims` parameter of an exchange: what a challenge asks for, and what this client is able to.
//!
//! `cp1` says that this service handles claims challenges; Graph then issues tokens that it can take back at once
//! (continuous access evaluation).
//! Source: <https://learn.microsoft.com/entra/identity-platform/claims-challenge>.

use std::collections::BTreeSet;

use connector_actors::identity::TenantId;
use serde_json::{Map, Value, json};

/// For which tenants the capability `cp1` is declared. A switch per tenant: where a tenant enforces a location policy on
/// the address of this service, its users could read nothing with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ClaimsCapability {
    #[default]
    Undeclared,
    DeclaredForAll,
    DeclaredFor(BTreeSet<TenantId>),
}

impl ClaimsCapability {
    fn is_declared_for(&self, tenant: TenantId) -> bool {
        match self {
            Self::Undeclared => false,
            Self::DeclaredForAll => true,
            Self::DeclaredFor(tenants) => tenants.contains(&tenant),
        }
    }

    /// What goes into `claims`; `None`: the parameter is left out. A challenge goes along in any case.
    pub(super) fn claims(&self, tenant: TenantId, challenge: Option<&str>) -> Option<String> {
        if !self.is_declared_for(tenant) {
            return challenge.map(str::to_owned);
        }
        let mut claims = match challenge.map(serde_json::from_str::<Map<String, Value>>) {
            None => Map::new(),
            Some(Ok(claims)) => claims,
            // Entra, or Graph, has written it: that it can't be merged is no reason to keep it back.
            Some(Err(_)) => return challenge.map(str::to_owned),
        };
        let access_token = claims.entry("access_token").or_insert_with(|| json!({}));
        if let Value::Object(access_token) = access_token {
            access_token.insert("xms_cc".to_owned(), json!({ "values": ["cp1"] }));
        }
        Some(Value::Object(claims).to_string())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    const TENANT: TenantId = TenantId::from_uuid(Uuid::from_u128(1));
    const OTHER: TenantId = TenantId::from_uuid(Uuid::from_u128(2));
    const CHALLENGE: &str = r#"{"access_token":{"acrs":{"essential":true,"value":"c25"}}}"#;

    /// If this failed, a challenge would be lost beside the capability, or a tenant with a location policy be shut out.
    #[rstest]
    #[case::nothing(ClaimsCapability::Undeclared, None, None)]
    #[case::challenge_alone(ClaimsCapability::Undeclared, Some(CHALLENGE), Some(CHALLENGE))]
    #[case::another_tenants(ClaimsCapability::DeclaredFor(BTreeSet::from([OTHER])), None, None)]
    #[case::capability(
        ClaimsCapability::DeclaredFor(BTreeSet::from([TENANT])),
        None,
        Some(r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#)
    )]
    #[case::both(
        ClaimsCapability::DeclaredForAll,
        Some(CHALLENGE),
        Some(r#"{"access_token":{"acrs":{"essential":true,"value":"c25"},"xms_cc":{"values":["cp1"]}}}"#)
    )]
    #[case::a_challenge_of_another_form(ClaimsCapability::DeclaredForAll, Some("[]"), Some("[]"))]
    fn challenge_and_capability_go_together(
        #[case] capability: ClaimsCapability,
        #[case] challenge: Option<&str>,
        #[case] expected: Option<&str>,
    ) {
        let claims = capability.claims(TENANT, challenge);
        let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(claims.as_deref().map(parsed), expected.map(parsed));
    }
}
