//! Who may have a token: account, assignment, consent and Conditional Access, in the order in which Entra looks.

use std::net::IpAddr;
use std::sync::Arc;

use uuid::Uuid;

use super::Entra;
use super::accounts::{Account, Device};
use super::authority::Authority;
use super::challenge;
use super::client_authentication::Credential;
use super::mint::Subject;
use super::policies::{AccessPolicy, DeviceRule, Mfa, TokenLimit};
use super::refusal::Refusal;
use super::scopes::AskedScopes;
use super::sessions::Session;
use super::token_request::TokenRequest;
use crate::directory::{Principal, User};

/// Which of a person's tokens a request builds on: what was revoked depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Basis {
    /// The access token that an API presents.
    Assertion,
    /// A refresh token of a confidential client.
    ConfidentialRefresh,
    /// A refresh token of a public client.
    PublicRefresh,
}

impl Basis {
    /// A refresh token of a client that proves itself so, or not at all.
    pub(crate) fn of_refresh(credential: Option<Credential>) -> Self {
        credential.map_or(Self::PublicRefresh, |_| Self::ConfidentialRefresh)
    }
}

/// Why Graph does not take a token any longer that it evaluates continuously.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccessEnded {
    /// The claims that a new token must have, as JSON.
    pub(crate) claims: String,
    pub(crate) reason: &'static str,
}

impl AccessEnded {
    /// Revoked at that time, in seconds since 1970.
    pub(crate) fn revoked_at(at: i64) -> Self {
        Self { claims: challenge::not_before(at), reason: "TokenIssuedBeforeRevocationTimestamp" }
    }
}

impl Entra {
    /// The tenants that an endpoint for applications answers for. A tenant of another cloud is none of them.
    pub(crate) fn application_authority(&self, segment: &str) -> Result<Authority, Refusal> {
        let authority = Authority::of_applications(segment, &self.directory)?;
        if let Authority::Tenant(id) = authority {
            self.check_cloud(id)?;
        }
        Ok(authority)
    }

    fn check_cloud(&self, tenant: Uuid) -> Result<(), Refusal> {
        match self.policies.of(tenant).cloud.instance() {
            Some(cloud) => Err(Refusal::OtherCloud { tenant, cloud }),
            None => Ok(()),
        }
    }

    /// Whether that person may sign in at a page asked for from `peer`.
    pub(crate) fn admit_sign_in(&self, principal: &Principal, peer: Option<IpAddr>) -> Result<(), Refusal> {
        self.check_cloud(principal.tenant().id)?;
        let (account, policy) = self.state_of(principal);
        check_account(&account, &policy, principal.user())?;
        check_place(&policy, peer)?;
        check_device(&account, &policy)
    }

    /// Whether the grant of a sign-in may be redeemed or renewed.
    pub(crate) fn admit_renewal(&self, subject: &Subject<'_>, basis: Basis) -> Result<(), Refusal> {
        let (account, policy) = self.state_of(&subject.principal);
        check_account(&account, &policy, subject.principal.user())?;
        self.check_revocation(basis, &account, subject, None)
    }

    /// Whether an API may have a token for Graph in the subject's name, where it was `granted` that much.
    pub(crate) fn admit_exchange(
        &self,
        request: &TokenRequest<'_>,
        subject: &Subject<'_>,
        (asked, granted): (&AskedScopes, &[String]),
        basis: Basis,
    ) -> Result<(), Refusal> {
        let (account, policy) = self.state_of(&subject.principal);
        check_account(&account, &policy, subject.principal.user())?;
        self.check_revocation(basis, &account, subject, request.fields.get("claims"))?;
        if granted.is_empty() || !asked.names.iter().all(|name| granted.contains(name)) {
            return Err(Refusal::NotConsented(request.client.id()));
        }
        check_place(&policy, request.peer)?;
        check_device(&account, &policy)?;
        let session = self
            .sessions
            .find(subject.session)
            .unwrap_or_else(|| Session { signed_in_at: subject.issued_at, ..Session::default() });
        check_session(&session, &account, &policy, request.now)?;
        if let Some(TokenLimit { requests, per_s }) = policy.token_limit {
            let tenant = subject.principal.tenant().id;
            let counted = self.token_load.count(tenant, per_s.into(), request.now);
            if counted.times > requests {
                return Err(Refusal::TooManyRequests { wait_s: counted.left_s });
            }
        }
        let identical = ["grant_type", "assertion", "refresh_token", "scope", "claims"]
            .map(|name| request.fields.get(name).unwrap_or_default());
        if self.loops.is_one_too_many(&identical, policy.loop_limit, request.now) {
            return Err(Refusal::LoopDetected);
        }
        Ok(())
    }

    /// Whether a token that is evaluated continuously is still good, from `peer`.
    pub(crate) fn evaluate_continuously(
        &self,
        tenant: Uuid,
        user: Uuid,
        session: Option<Uuid>,
        peer: Option<IpAddr>,
    ) -> Result<(), AccessEnded> {
        let (account, policy) = (self.accounts.of(tenant, user), self.policies.of(tenant));
        let order = session.and_then(|id| self.sessions.find(id)).unwrap_or_default().order;
        if !account.enabled || order < account.continuous.order {
            return Err(AccessEnded::revoked_at(account.continuous.at));
        }
        if policy.block || !policy.trusts(peer) {
            let claims = challenge::of_policy(policy.id);
            return Err(AccessEnded { claims, reason: "LocationConditionEvaluationSatisfied" });
        }
        Ok(())
    }

    fn state_of(&self, principal: &Principal) -> (Account, Arc<AccessPolicy>) {
        (self.account(principal), self.policies.of(principal.tenant().id))
    }

    /// A challenge that demands a newer sign-in is answered as one, everything else as a grant that is no longer good.
    fn check_revocation(
        &self,
        basis: Basis,
        account: &Account,
        subject: &Subject<'_>,
        claims: Option<&str>,
    ) -> Result<(), Refusal> {
        let order = self.sessions.find(subject.session).unwrap_or_default().order;
        let challenged = basis == Basis::Assertion && challenge::demands_newer(claims);
        if challenged && order < account.continuous.order {
            return Err(Refusal::SignInOutdated(challenge::not_before(account.continuous.at)));
        }
        let revoked = match basis {
            Basis::PublicRefresh => account.public,
            Basis::Assertion | Basis::ConfidentialRefresh => account.confidential,
        };
        if order < revoked.order { Err(Refusal::GrantRevoked) } else { Ok(()) }
    }
}

fn check_account(account: &Account, policy: &AccessPolicy, user: &User) -> Result<(), Refusal> {
    if !account.enabled {
        return Err(Refusal::UserDisabled);
    }
    if policy.assignment_required && !account.assigned {
        return Err(Refusal::NotAssigned(user.upn.clone()));
    }
    Ok(())
}

fn check_place(policy: &AccessPolicy, peer: Option<IpAddr>) -> Result<(), Refusal> {
    if policy.block || !policy.trusts(peer) {
        return Err(Refusal::BlockedByPolicy(challenge::of_policy(policy.id)));
    }
    Ok(())
}

fn check_device(account: &Account, policy: &AccessPolicy) -> Result<(), Refusal> {
    match (policy.device, account.device) {
        (DeviceRule::Any, _)
        | (DeviceRule::Compliant, Device::Compliant)
        | (DeviceRule::Joined, Device::Joined | Device::Compliant) => Ok(()),
        (DeviceRule::Compliant, _) => Err(Refusal::DeviceNotCompliant(challenge::of_policy(policy.id))),
        (DeviceRule::Joined, _) => Err(Refusal::DeviceNotJoined(challenge::of_policy(policy.id))),
    }
}

fn check_session(
    session: &Session,
    account: &Account,
    policy: &AccessPolicy,
    now: i64,
) -> Result<(), Refusal> {
    let age = now.saturating_sub(session.signed_in_at);
    if policy.sign_in_frequency_s > 0 && age >= policy.sign_in_frequency_s {
        return Err(Refusal::SignInTooOld);
    }
    let satisfied = session.satisfied.contains(&policy.id);
    match account.mfa.unwrap_or(policy.mfa) {
        Mfa::StepUp if !satisfied => Err(Refusal::MfaRequired(challenge::of_policy(policy.id))),
        Mfa::Registration if !satisfied => Err(Refusal::MfaRegistration(challenge::of_policy(policy.id))),
        _ => Ok(()),
    }
}
