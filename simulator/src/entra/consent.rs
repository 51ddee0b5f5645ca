//! What applications have consent for: the connector in a user's name, and the others by users and administrators.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::Entra;
use super::applications::Application;
use super::refusal::Refusal;
use super::scopes::{Api, AskedScopes};
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
    "Acronym.Read.All",
    "Bookmark.Read.All",
    "ChannelMember.Read.All",
    "ChannelMember.ReadWrite.All",
    "ChannelMessage.ReadWrite",
    "ChannelSettings.Read.All",
    "ChannelSettings.ReadWrite.All",
    "ChatMember.ReadWrite",
    "ExternalItem.Read.All",
    "QnA.Read.All",
    "Sites.FullControl.All",
    "TeamMember.Read.All",
    "TeamMember.ReadWrite.All",
    "TeamSettings.Read.All",
    "TeamSettings.ReadWrite.All",
    "User.Read.All",
];

/// The scopes that a user can consent to alone.
pub(crate) fn user_consentable() -> impl Iterator<Item = &'static str> {
    EVERY_SCOPE.iter().copied().filter(|scope| !ADMIN_CONSENT.contains(scope))
}

/// Whom a person is asked to consent to, and what for.
#[derive(Debug)]
pub(crate) struct ConsentQuestion {
    party: Party,
    /// Delegated permissions of Graph, as the page lists them.
    pub(crate) permissions: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Party {
    Connector,
    Application(Uuid),
}

impl ConsentQuestion {
    /// Whether it is the connector that reads in the person's name.
    pub(crate) fn is_of_connector(&self) -> bool {
        self.party == Party::Connector
    }
}

impl Entra {
    /// What a sign-in at `client` asks consent for. Whoever asks for an API asks for what that needs of Graph.
    pub(crate) fn consent_question(&self, client: &Application, asked: &AskedScopes) -> ConsentQuestion {
        match asked.api {
            Api::Connector => ConsentQuestion {
                party: Party::Connector,
                permissions: user_consentable().map(str::to_owned).collect(),
            },
            Api::Graph => ConsentQuestion {
                party: Party::Application(client.id()),
                permissions: if asked.default { client.permissions.clone() } else { asked.names.clone() },
            },
            Api::Application(id) => {
                let exposing = self.applications.find(id);
                let permissions = exposing.map(|known| known.permissions.clone()).unwrap_or_default();
                ConsentQuestion { party: Party::Application(id), permissions }
            }
        }
    }

    pub(crate) fn is_consented(&self, question: &ConsentQuestion, principal: &Principal) -> bool {
        match question.party {
            Party::Connector => !self.granted_scopes(principal).is_empty(),
            Party::Application(id) => {
                self.missing(id, question, principal).is_some_and(|left| left.is_empty())
            }
        }
    }

    /// Whether only an administrator can consent.
    pub(crate) fn needs_administrator(&self, question: &ConsentQuestion, principal: &Principal) -> bool {
        if !self.policy(principal.tenant().id).user_consent {
            return true;
        }
        let Party::Application(id) = question.party else { return false };
        let missing = self.missing(id, question, principal);
        let missing = missing.unwrap_or_else(|| question.permissions.iter().collect());
        missing.iter().any(|permission| ADMIN_CONSENT.contains(&permission.as_str()))
    }

    /// The user has consented on the sign-in page, to what a user can.
    pub(crate) fn remember_consent(&self, question: &ConsentQuestion, principal: &Principal) {
        match question.party {
            Party::Connector => self.remember_consent_to_connector(principal),
            Party::Application(id) => {
                let whose = (principal.tenant().id, principal.user().id);
                self.consents.by_user(id, whose, question.permissions.iter().cloned());
            }
        }
    }

    /// Which of the permissions an application lacks; nothing where nobody has consented to it at all.
    fn missing<'q>(
        &self,
        application: Uuid,
        question: &'q ConsentQuestion,
        principal: &Principal,
    ) -> Option<BTreeSet<&'q String>> {
        let granted = self.consents.granted(application, principal.tenant().id, principal.user().id)?;
        Some(question.permissions.iter().filter(|permission| !granted.contains(*permission)).collect())
    }

    /// The short names of scopes that a token for `client` has, if everything that was asked for was consented to.
    pub(crate) fn granted_at_sign_in(
        &self,
        client: &Application,
        asked: &AskedScopes,
        principal: &Principal,
    ) -> Result<Vec<String>, Refusal> {
        let question = self.consent_question(client, asked);
        if let Party::Application(id) = question.party
            && !self.is_consented(&question, principal)
        {
            return Err(Refusal::NotConsented(id));
        }
        match asked.api {
            Api::Connector => Ok(vec![self.directory.connector.scope.to_owned()]),
            Api::Graph => Ok(self.permissions_granted(client.id(), principal)),
            Api::Application(_) if !asked.default => Ok(asked.names.clone()),
            Api::Application(id) => {
                let exposing = self.applications.find(id);
                let api = exposing.as_ref().and_then(|known| known.api.as_ref());
                Ok(api.map(|api| api.scopes.clone()).unwrap_or_default())
            }
        }
    }

    /// The delegated permissions of Graph that a registered application has in a user's name.
    pub(crate) fn permissions_granted(&self, application: Uuid, principal: &Principal) -> Vec<String> {
        let granted = self.consents.granted(application, principal.tenant().id, principal.user().id);
        granted.into_iter().flatten().collect()
    }

    fn remember_consent_to_connector(&self, principal: &Principal) {
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
