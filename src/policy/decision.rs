//! The decision itself: pure, total, and the only one of its kind.

use connector_actors::identity::Principal;

use super::tenant::TenantPolicy;

/// Something that may be refused.
#[derive(Debug, Clone, Copy)]
pub enum Question<'a> {
    /// May this principal call at all?
    Enter(&'a Principal),
    /// May users of the tenant use this tool?
    UseTool { name: &'a str },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Allow,
    Refuse(Refusal),
}

/// Why policy says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The client application is not on the tenant's list.
    ClientNotAllowed,
    /// The principal belongs to another tenant than the policy that was asked.
    ForeignTenant,
    /// The tenant's administrator has switched the tool off.
    ToolSwitchedOff,
}

/// Answers `question` by `policy`.
pub fn decide(policy: &TenantPolicy, question: &Question<'_>) -> Decision {
    match question {
        Question::Enter(principal) if principal.tenant != policy.id => {
            Decision::Refuse(Refusal::ForeignTenant)
        }
        Question::Enter(principal) if !policy.clients.contains(&principal.client) => {
            Decision::Refuse(Refusal::ClientNotAllowed)
        }
        Question::UseTool { name } if policy.denied_tools.contains(*name) => {
            Decision::Refuse(Refusal::ToolSwitchedOff)
        }
        Question::Enter(_) | Question::UseTool { .. } => Decision::Allow,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use connector_actors::identity::{ClientId, ObjectId, TenantId};
    use connector_actors::ports::TenantLimits;
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    const CONTOSO: TenantId = TenantId::from_uuid(Uuid::from_u128(1));
    const FABRIKAM: TenantId = TenantId::from_uuid(Uuid::from_u128(2));
    const KNOWN_CLIENT: ClientId = ClientId::from_uuid(Uuid::from_u128(3));
    const STRANGER: ClientId = ClientId::from_uuid(Uuid::from_u128(4));

    fn contoso() -> TenantPolicy {
        TenantPolicy {
            id: CONTOSO,
            name: "Contoso".to_owned(),
            domains: vec!["contoso.example".to_owned()],
            clients: BTreeSet::from([KNOWN_CLIENT]),
            denied_tools: BTreeSet::from(["read_resource".to_owned()]),
            limits: TenantLimits { concurrent_calls: 8, concurrent_calls_per_session: 4 },
        }
    }

    /// If this failed, a client or a tool that an administrator refuses would get through, or the reverse.
    #[rstest]
    #[case::known_client(CONTOSO, KNOWN_CLIENT, Decision::Allow)]
    #[case::unknown_client(CONTOSO, STRANGER, Decision::Refuse(Refusal::ClientNotAllowed))]
    #[case::foreign_tenant(FABRIKAM, KNOWN_CLIENT, Decision::Refuse(Refusal::ForeignTenant))]
    fn a_principal_enters_by_its_own_tenants_client_list(
        #[case] tenant: TenantId,
        #[case] client: ClientId,
        #[case] expected: Decision,
    ) {
        let principal = Principal { tenant, user: ObjectId::from_uuid(Uuid::from_u128(9)), client };
        assert_eq!(decide(&contoso(), &Question::Enter(&principal)), expected);
    }

    /// If this failed, switching a tool off would switch off another one or none.
    #[rstest]
    #[case::switched_off("read_resource", Decision::Refuse(Refusal::ToolSwitchedOff))]
    #[case::left_on("get_me", Decision::Allow)]
    fn a_denied_tool_is_refused_and_no_other(#[case] name: &str, #[case] expected: Decision) {
        assert_eq!(decide(&contoso(), &Question::UseTool { name }), expected);
    }
}
