//! The decision itself: pure, total, and the only one of its kind.

use connector_actors::identity::{AccountKind, Principal};
use thiserror::Error;

use super::network::AllowedTenants;
use super::tenant::{GuestRule, TenantPolicy};

/// Something that may be refused.
#[derive(Debug, Clone, Copy)]
pub enum Question<'a> {
    /// May this principal, whose token says this of the account, call at all?
    Enter { principal: &'a Principal, account: AccountKind },
    /// May users of the tenant be served on a network that allows these?
    CallFrom { network: &'a AllowedTenants<'a> },
    /// May users of the tenant use this tool?
    UseTool { name: &'a str },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Allow,
    Refuse(Refusal),
}

/// Why policy says no. The texts are for whoever connects a client; none of them holds anything of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The client application is not on the tenant's list.
    #[error("the tenant's administrator does not allow this client application")]
    ClientNotAllowed,
    /// The principal belongs to another tenant than the policy that was asked.
    #[error("the account belongs to another tenant")]
    ForeignTenant,
    /// The user is the tenant's guest, and the tenant lets no guests in.
    #[error("the tenant lets no guests in: its administrator can allow them in the connector's policy")]
    GuestNotAllowed,
    /// The tenant lets no guests in, and the token does not say whether its user is one.
    #[error(
        "the tenant lets no guests in, and the access token does not say whether this account is one: the \
         connector's operator has to add the optional claim acct to the access tokens of its registration, or the \
         tenant's administrator has to allow guests"
    )]
    AccountUnstated,
    /// The network that the request came through allows other tenants.
    #[error(
        "the network that this request came through does not allow this tenant: its administrator sets which"
    )]
    TenantRestricted,
    /// The tenant's administrator has switched the tool off.
    #[error("the tenant's administrator has switched this tool off")]
    ToolSwitchedOff,
}

impl Refusal {
    /// A stable name, for clients and logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::ClientNotAllowed => "client_not_allowed",
            Self::ForeignTenant => "foreign_tenant",
            Self::GuestNotAllowed => "guest_not_allowed",
            Self::AccountUnstated => "account_unstated",
            Self::TenantRestricted => "tenant_restricted",
            Self::ToolSwitchedOff => "tool_switched_off",
        }
    }
}

/// Answers `question` by `policy`.
pub fn decide(policy: &TenantPolicy, question: &Question<'_>) -> Decision {
    match question {
        Question::Enter { principal, account } => enter(policy, principal, *account),
        Question::CallFrom { network } if !network.lists(policy) => {
            Decision::Refuse(Refusal::TenantRestricted)
        }
        Question::UseTool { name } if policy.denied_tools.contains(*name) => {
            Decision::Refuse(Refusal::ToolSwitchedOff)
        }
        Question::CallFrom { .. } | Question::UseTool { .. } => Decision::Allow,
    }
}

fn enter(policy: &TenantPolicy, principal: &Principal, account: AccountKind) -> Decision {
    if principal.tenant != policy.id {
        return Decision::Refuse(Refusal::ForeignTenant);
    }
    if !policy.clients.contains(&principal.client) {
        return Decision::Refuse(Refusal::ClientNotAllowed);
    }
    match (policy.guests, account) {
        (GuestRule::Allow, _) | (GuestRule::Refuse, AccountKind::Member) => Decision::Allow,
        (GuestRule::Refuse, AccountKind::Guest) => Decision::Refuse(Refusal::GuestNotAllowed),
        (GuestRule::Refuse, AccountKind::Unstated) => Decision::Refuse(Refusal::AccountUnstated),
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
            guests: GuestRule::Refuse,
            denied_tools: BTreeSet::from(["read_resource".to_owned()]),
            content: crate::policy::ContentPolicy::default(),
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
        let principal = principal(tenant, client);
        let question = Question::Enter { principal: &principal, account: AccountKind::Member };
        assert_eq!(decide(&contoso(), &question), expected);
    }

    fn principal(tenant: TenantId, client: ClientId) -> Principal {
        Principal { tenant, user: ObjectId::from_uuid(Uuid::from_u128(9)), client }
    }

    /// If this failed, people from outside would read where the administrator lets none in, or be shut out where
    /// they are welcome. What a token does not say must never pass for membership.
    #[rstest]
    #[case::member_where_guests_are_refused(GuestRule::Refuse, AccountKind::Member, Decision::Allow)]
    #[case::guest_where_guests_are_refused(
        GuestRule::Refuse,
        AccountKind::Guest,
        Decision::Refuse(Refusal::GuestNotAllowed)
    )]
    #[case::unstated_where_guests_are_refused(
        GuestRule::Refuse,
        AccountKind::Unstated,
        Decision::Refuse(Refusal::AccountUnstated)
    )]
    #[case::member_where_guests_are_allowed(GuestRule::Allow, AccountKind::Member, Decision::Allow)]
    #[case::guest_where_guests_are_allowed(GuestRule::Allow, AccountKind::Guest, Decision::Allow)]
    #[case::unstated_where_guests_are_allowed(GuestRule::Allow, AccountKind::Unstated, Decision::Allow)]
    fn guests_enter_where_the_tenant_lets_them(
        #[case] guests: GuestRule,
        #[case] account: AccountKind,
        #[case] expected: Decision,
    ) {
        let policy = TenantPolicy { guests, ..contoso() };
        let principal = principal(CONTOSO, KNOWN_CLIENT);
        assert_eq!(decide(&policy, &Question::Enter { principal: &principal, account }), expected);
    }

    /// If this failed, a guest's client that nobody allowed would get in with the guests.
    #[test]
    fn a_guest_needs_an_allowed_client_too() {
        let policy = TenantPolicy { guests: GuestRule::Allow, ..contoso() };
        let principal = principal(CONTOSO, STRANGER);
        let question = Question::Enter { principal: &principal, account: AccountKind::Guest };
        assert_eq!(decide(&policy, &question), Decision::Refuse(Refusal::ClientNotAllowed));
    }

    /// If this failed, a network's rule would let other tenants through, or keep its own out.
    #[rstest]
    #[case::by_id("00000000-0000-0000-0000-000000000001", Decision::Allow)]
    #[case::by_domain("Contoso.Example", Decision::Allow)]
    #[case::among_others("00000000-0000-0000-0000-000000000002, contoso.example", Decision::Allow)]
    #[case::other_id("00000000-0000-0000-0000-000000000002", Decision::Refuse(Refusal::TenantRestricted))]
    #[case::other_domain("fabrikam.example", Decision::Refuse(Refusal::TenantRestricted))]
    #[case::subdomain("mail.contoso.example", Decision::Refuse(Refusal::TenantRestricted))]
    #[case::domain_above("example.example", Decision::Refuse(Refusal::TenantRestricted))]
    fn a_network_lets_its_own_tenants_through(#[case] list: &str, #[case] expected: Decision) {
        let network = AllowedTenants::parse(list).unwrap();
        assert_eq!(decide(&contoso(), &Question::CallFrom { network: &network }), expected);
    }

    /// If this failed, switching a tool off would switch off another one or none.
    #[rstest]
    #[case::switched_off("read_resource", Decision::Refuse(Refusal::ToolSwitchedOff))]
    #[case::left_on("get_me", Decision::Allow)]
    fn a_denied_tool_is_refused_and_no_other(#[case] name: &str, #[case] expected: Decision) {
        assert_eq!(decide(&contoso(), &Question::UseTool { name }), expected);
    }
}
