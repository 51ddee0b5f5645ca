//! Which Graph scopes the connector has in a user's name.

use super::Entra;
use crate::directory::{EVERY_SCOPE, Principal, Tenant};

/// Scopes that only an administrator can consent to.
const ADMIN_CONSENT: &[&str] = &[
    "MailboxFolder.Read",
    "MailboxItem.Read",
    "ChatMember.Read",
    "ChannelMessage.Read.All",
    "OnlineMeetingTranscript.Read.All",
    "OnlineMeetingRecording.Read.All",
    "OnlineMeetingAiInsight.Read.All",
];

/// The scopes that a user can consent to alone.
pub(crate) fn user_consentable() -> impl Iterator<Item = &'static str> {
    EVERY_SCOPE.iter().copied().filter(|scope| !ADMIN_CONSENT.contains(scope))
}

impl Entra {
    pub(crate) fn has_consented(&self, principal: &Principal) -> bool {
        !self.granted_scopes(principal).is_empty()
    }

    /// The user has consented on the sign-in page, to what a user can.
    pub(crate) fn remember_consent(&self, principal: &Principal) {
        let mut scopes = self.own_scopes(principal);
        let new = user_consentable().filter(|scope| !scopes.contains(scope)).collect::<Vec<_>>();
        scopes.extend(new);
        let (tenant, user) = (principal.tenant().id, principal.user().id);
        self.accounts.change(tenant, user, |account| account.consent = Some(scopes));
    }

    /// An administrator has consented for everybody of a tenant.
    pub(crate) fn remember_admin_consent(&self, tenant: &Tenant, scopes: &[&'static str]) {
        self.policies.change(tenant.id, |policy| {
            for scope in scopes {
                if !policy.admin_consent.contains(scope) {
                    policy.admin_consent.push(scope);
                }
            }
        });
    }

    /// The Graph scopes granted to the connector for that user, as short names.
    pub(crate) fn granted_scopes(&self, principal: &Principal) -> Vec<&'static str> {
        let mut scopes = self.own_scopes(principal);
        for scope in &self.policies.of(principal.tenant().id).admin_consent {
            if !scopes.contains(scope) {
                scopes.push(scope);
            }
        }
        scopes
    }

    /// What the user alone has consented to: lately, or as the directory has it.
    fn own_scopes(&self, principal: &Principal) -> Vec<&'static str> {
        if let Some(consent) = self.account(principal).consent {
            return consent;
        }
        if self.policies.of(principal.tenant().id).consent_withdrawn {
            return Vec::new();
        }
        principal.user().consent.scopes().to_vec()
    }
}
