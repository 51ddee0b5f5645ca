//! The decision itself: pure, total, and the only one of its kind.

use connector_actors::identity::{AccountKind, GroupMembership, Principal};
use thiserror::Error;

use super::network::AllowedTenants;
use super::rules::AccessRules;
use super::service::Service;
use super::tenant::{GuestRule, TenantPolicy};

/// Something that may be refused.
#[derive(Debug, Clone, Copy)]
pub enum Question<'a> {
    /// May this principal, whose token says this of the account, call at all?
    Enter { principal: &'a Principal, account: AccountKind, groups: &'a GroupMembership },
    /// May users of the tenant be served on a network that allows these?
    CallFrom { network: &'a AllowedTenants<'a> },
    /// May users of the tenant use this tool?
    UseTool { name: &'a str },
    /// May users of the tenant read what this uri of the connector names?
    Read { uri: &'a str },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Allow,
    Refuse(Refusal),
}

impl Question<'_> {
    /// A stable name, for traces.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Enter { .. } => "enter",
            Self::CallFrom { .. } => "call_from",
            Self::UseTool { .. } => "use_tool",
            Self::Read { .. } => "read",
        }
    }
}

impl Decision {
    /// `allow`, or the refusal's code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Refuse(refusal) => refusal.code(),
        }
    }
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
    #[error(
        "the tenant's administrator has blocked this user, or a group of this user's, from the connector"
    )]
    UserBlocked,
    #[error(
        "the tenant's administrator lets certain users and groups use the connector, and this user is none of them"
    )]
    UserNotAllowed,
    /// The policy asks for groups, and the token does not say of which the user is.
    #[error(
        "the tenant lets users in by their groups, and the access token does not say of which this user is: the \
         connector's operator has to add the optional claim groups to the access tokens of its registration"
    )]
    GroupsUnstated,
    /// The policy asks for groups, and the user is of more than fit a token.
    #[error(
        "the tenant lets users in by their groups, and this user is of more groups than fit an access token: the \
         connector's operator has to have its registration emit the groups assigned to the application alone, or the \
         tenant's administrator has to name the user instead"
    )]
    GroupsTooMany,
    /// The network that the request came through allows other tenants.
    #[error(
        "the network that this request came through does not allow this tenant: its administrator sets which"
    )]
    TenantRestricted,
    /// The tenant's administrator has switched the tool off.
    #[error("the tenant's administrator has switched this tool off")]
    ToolSwitchedOff,
    /// The tenant's administrator has switched the service off, with all of its tools.
    #[error("the tenant's administrator has switched this service off")]
    ServiceSwitchedOff,
}

impl Refusal {
    /// A stable name, for clients and logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::ClientNotAllowed => "client_not_allowed",
            Self::ForeignTenant => "foreign_tenant",
            Self::GuestNotAllowed => "guest_not_allowed",
            Self::AccountUnstated => "account_unstated",
            Self::UserBlocked => "user_blocked",
            Self::UserNotAllowed => "user_not_allowed",
            Self::GroupsUnstated => "groups_unstated",
            Self::GroupsTooMany => "groups_too_many",
            Self::TenantRestricted => "tenant_restricted",
            Self::ToolSwitchedOff => "tool_switched_off",
            Self::ServiceSwitchedOff => "service_switched_off",
        }
    }
}

/// Answers `question` by `policy`.
pub fn decide(policy: &TenantPolicy, question: &Question<'_>) -> Decision {
    let answer = match question {
        Question::Enter { principal, account, groups } => enter(policy, principal, *account, groups),
        Question::CallFrom { network } if !network.lists(policy) => Err(Refusal::TenantRestricted),
        Question::CallFrom { .. } => Ok(()),
        Question::UseTool { name } if policy.denied_tools.contains(*name) => Err(Refusal::ToolSwitchedOff),
        Question::UseTool { name } => read_from(&policy.rules, Service::of_tool(name)),
        Question::Read { uri } => read_from(&policy.rules, Service::of_uri(uri)),
    };
    match answer {
        Ok(()) => Decision::Allow,
        Err(refusal) => Decision::Refuse(refusal),
    }
}

fn read_from(rules: &AccessRules, service: Option<Service>) -> Result<(), Refusal> {
    match service {
        Some(service) if rules.denied_services.contains(&service) => Err(Refusal::ServiceSwitchedOff),
        _ => Ok(()),
    }
}

fn enter(
    policy: &TenantPolicy,
    principal: &Principal,
    account: AccountKind,
    groups: &GroupMembership,
) -> Result<(), Refusal> {
    if principal.tenant != policy.id {
        return Err(Refusal::ForeignTenant);
    }
    if !policy.clients.contains(&principal.client) {
        return Err(Refusal::ClientNotAllowed);
    }
    match (policy.guests, account) {
        (GuestRule::Allow, _) | (GuestRule::Refuse, AccountKind::Member) => {}
        (GuestRule::Refuse, AccountKind::Guest) => return Err(Refusal::GuestNotAllowed),
        (GuestRule::Refuse, AccountKind::Unstated) => return Err(Refusal::AccountUnstated),
    }
    user_may_enter(&policy.rules, principal, groups)
}

/// A block goes before everything that allows. What a token does not say of groups neither allows nor spares a block.
fn user_may_enter(
    rules: &AccessRules,
    principal: &Principal,
    groups: &GroupMembership,
) -> Result<(), Refusal> {
    if rules.blocked_users.contains(&principal.user) {
        return Err(Refusal::UserBlocked);
    }
    let is_named = rules.allowed_users.contains(&principal.user);
    if !rules.ask_for_groups() || (is_named && rules.blocked_groups.is_empty()) {
        return if is_named || rules.are_open() { Ok(()) } else { Err(Refusal::UserNotAllowed) };
    }
    let groups = match groups {
        GroupMembership::Stated(groups) => groups,
        GroupMembership::TooMany => return Err(Refusal::GroupsTooMany),
        GroupMembership::Unstated => return Err(Refusal::GroupsUnstated),
    };
    if groups.iter().any(|group| rules.blocked_groups.contains(group)) {
        return Err(Refusal::UserBlocked);
    }
    let is_member = groups.iter().any(|group| rules.allowed_groups.contains(group));
    if is_named || is_member || rules.are_open() { Ok(()) } else { Err(Refusal::UserNotAllowed) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use connector_actors::identity::{ClientId, GroupId, ObjectId, TenantId};
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    const CONTOSO: TenantId = TenantId::from_uuid(Uuid::from_u128(1));
    const FABRIKAM: TenantId = TenantId::from_uuid(Uuid::from_u128(2));
    const KNOWN_CLIENT: ClientId = ClientId::from_uuid(Uuid::from_u128(3));
    const STRANGER: ClientId = ClientId::from_uuid(Uuid::from_u128(4));

    fn contoso() -> TenantPolicy {
        TenantPolicy {
            clients: BTreeSet::from([KNOWN_CLIENT]),
            denied_tools: BTreeSet::from(["read_resource".to_owned()]),
            ..TenantPolicy::contoso()
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
        let question = Question::Enter {
            principal: &principal,
            account: AccountKind::Member,
            groups: &GroupMembership::Unstated,
        };
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
        assert_eq!(
            decide(
                &policy,
                &Question::Enter { principal: &principal, account, groups: &GroupMembership::Unstated }
            ),
            expected
        );
    }

    /// If this failed, a guest's client that nobody allowed would get in with the guests.
    #[test]
    fn a_guest_needs_an_allowed_client_too() {
        let policy = TenantPolicy { guests: GuestRule::Allow, ..contoso() };
        let principal = principal(CONTOSO, STRANGER);
        let question = Question::Enter {
            principal: &principal,
            account: AccountKind::Guest,
            groups: &GroupMembership::Unstated,
        };
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

    const ENGINEERS: GroupId = GroupId::from_uuid(Uuid::from_u128(20));
    const TRAINEES: GroupId = GroupId::from_uuid(Uuid::from_u128(21));

    /// The user of the tests is number 9.
    fn user(number: u128) -> BTreeSet<ObjectId> {
        BTreeSet::from([ObjectId::from_uuid(Uuid::from_u128(number))])
    }

    fn open() -> AccessRules {
        AccessRules::default()
    }

    fn blocked(number: u128) -> AccessRules {
        AccessRules { blocked_users: user(number), ..open() }
    }

    fn allowed(number: u128) -> AccessRules {
        AccessRules { allowed_users: user(number), ..open() }
    }

    fn engineers() -> AccessRules {
        AccessRules { allowed_groups: BTreeSet::from([ENGINEERS]), ..open() }
    }

    fn no_trainees() -> AccessRules {
        AccessRules { blocked_groups: BTreeSet::from([TRAINEES]), ..open() }
    }

    fn of(groups: &[GroupId]) -> GroupMembership {
        GroupMembership::stated(groups.iter().copied())
    }

    /// If this failed, somebody whom the administrator has blocked would read, or somebody allowed be shut out.
    #[rstest]
    #[case::open(open(), of(&[]), None)]
    #[case::blocked(blocked(9), of(&[]), Some(Refusal::UserBlocked))]
    #[case::another_blocked(blocked(8), of(&[]), None)]
    #[case::named(allowed(9), GroupMembership::Unstated, None)]
    #[case::not_named(allowed(8), of(&[ENGINEERS]), Some(Refusal::UserNotAllowed))]
    #[case::member(engineers(), of(&[TRAINEES, ENGINEERS]), None)]
    #[case::no_member(engineers(), of(&[TRAINEES]), Some(Refusal::UserNotAllowed))]
    #[case::member_of_blocked(no_trainees(), of(&[ENGINEERS, TRAINEES]), Some(Refusal::UserBlocked))]
    #[case::free_of_blocked(no_trainees(), of(&[ENGINEERS]), None)]
    #[case::block_before_allow(
        AccessRules { allowed_users: user(9), ..blocked(9) }, of(&[]), Some(Refusal::UserBlocked)
    )]
    #[case::group_block_before_name(
        AccessRules { allowed_users: user(9), ..no_trainees() }, of(&[TRAINEES]), Some(Refusal::UserBlocked)
    )]
    #[case::named_beside_groups(AccessRules { allowed_users: user(9), ..engineers() }, GroupMembership::TooMany, None)]
    #[case::silent_token(engineers(), GroupMembership::Unstated, Some(Refusal::GroupsUnstated))]
    #[case::silent_token_and_a_block(no_trainees(), GroupMembership::Unstated, Some(Refusal::GroupsUnstated))]
    #[case::overage(engineers(), GroupMembership::TooMany, Some(Refusal::GroupsTooMany))]
    fn users_enter_by_name_and_by_group(
        #[case] rules: AccessRules,
        #[case] groups: GroupMembership,
        #[case] refusal: Option<Refusal>,
    ) {
        let policy = TenantPolicy { rules, ..contoso() };
        let principal = principal(CONTOSO, KNOWN_CLIENT);
        let question =
            Question::Enter { principal: &principal, account: AccountKind::Member, groups: &groups };
        assert_eq!(decide(&policy, &question), refusal.map_or(Decision::Allow, Decision::Refuse));
    }

    /// If this failed, a service that is switched off would be read through one of its tools, or through a uri.
    #[rstest]
    #[case::tool(Question::UseTool { name: "outlook_email_search" }, Decision::Refuse(Refusal::ServiceSwitchedOff))]
    #[case::folders(Question::UseTool { name: "outlook_list_folders" }, Decision::Refuse(Refusal::ServiceSwitchedOff))]
    #[case::uri(Question::Read { uri: "mail:///messages/x" }, Decision::Refuse(Refusal::ServiceSwitchedOff))]
    #[case::other_uri(Question::Read { uri: "file:///x" }, Decision::Allow)]
    #[case::neighbour(Question::UseTool { name: "outlook_calendar_search" }, Decision::Allow)]
    #[case::oneself(Question::UseTool { name: "get_me" }, Decision::Allow)]
    fn a_service_goes_with_all_that_reads_it(#[case] question: Question<'_>, #[case] expected: Decision) {
        let rules = AccessRules { denied_services: BTreeSet::from([Service::Mail]), ..open() };
        assert_eq!(decide(&TenantPolicy { rules, ..contoso() }, &question), expected);
    }
}
