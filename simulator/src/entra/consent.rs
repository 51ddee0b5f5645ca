//! Which Graph scopes the connector has in a user's name.

use dashmap::DashSet;
use uuid::Uuid;

use super::Entra;
use crate::directory::{Consent, EVERY_SCOPE, Tenant, User};

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

/// The users who have consented on the sign-in page, by tenant and object id.
pub(crate) type Consents = DashSet<(Uuid, Uuid)>;

/// The scopes that a user can consent to alone.
pub(crate) fn user_consentable() -> impl Iterator<Item = &'static str> {
    EVERY_SCOPE.iter().copied().filter(|scope| !ADMIN_CONSENT.contains(scope))
}

impl Entra {
    pub(crate) fn has_consented(&self, tenant: &Tenant, user: &User) -> bool {
        user.consent != Consent::None || self.consents.contains(&(tenant.id, user.id))
    }

    pub(crate) fn remember_consent(&self, tenant: &Tenant, user: &User) {
        self.consents.insert((tenant.id, user.id));
    }

    /// The Graph scopes granted to the connector for that user, as short names.
    pub(crate) fn granted_scopes(&self, tenant: &Tenant, user: &User) -> Vec<&'static str> {
        if user.consent == Consent::None && self.has_consented(tenant, user) {
            return user_consentable().collect();
        }
        user.consent.scopes().to_vec()
    }
}
