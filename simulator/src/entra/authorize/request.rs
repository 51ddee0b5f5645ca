//! The authorization request, checked.

use std::sync::Arc;

use super::super::Entra;
use super::super::applications::Application;
use super::super::authority::Authority;
use super::super::challenge::declares_cp1;
use super::super::pkce::CodeChallenge;
use super::super::refusal::Refusal;
use super::super::scopes::AskedScopes;
use crate::directory::{Directory, Principal, Tenant};
use crate::message::Fields;

/// The parameter `prompt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prompt {
    /// Nothing was asked.
    Unset,
    /// No page may be shown.
    None,
    Login,
    SelectAccount,
    Consent,
}

/// A request that may go on to the page.
pub(crate) struct SignIn<'a> {
    pub(crate) authority: Authority,
    pub(crate) client: Arc<Application>,
    pub(crate) fields: &'a Fields,
    pub(crate) prompt: Prompt,
    /// A public client must have one.
    pub(crate) challenge: Option<CodeChallenge>,
    pub(crate) scopes: AskedScopes,
    pub(crate) resource: Option<&'a str>,
    pub(crate) handles_challenges: bool,
}

impl<'a> SignIn<'a> {
    pub(crate) fn parse(
        entra: &Entra,
        authority: Authority,
        client: Arc<Application>,
        fields: &'a Fields,
    ) -> Result<Self, Refusal> {
        let response_type = fields.get("response_type").ok_or(Refusal::MissingParameter("response_type"))?;
        if response_type != "code" {
            return Err(Refusal::UnsupportedResponseType(response_type.to_owned()));
        }
        let challenge = CodeChallenge::parse(fields)?;
        if challenge.is_none() && client.credentials.is_public() {
            return Err(Refusal::ChallengeMissing);
        }
        let resource = fields.get("resource");
        let scope = fields.get("scope").ok_or(Refusal::MissingParameter("scope"))?;
        let scopes = entra.scopes_of_client(&client, scope, resource)?;
        Ok(Self {
            authority,
            client,
            fields,
            prompt: prompt(fields)?,
            challenge,
            scopes,
            resource,
            handles_challenges: declares_cp1(fields.get("claims")),
        })
    }

    /// The tenants whose accounts are offered: the one that `domain_hint` names where the endpoint is also for it.
    pub(crate) fn offered(&self, directory: &Directory) -> Vec<Arc<Tenant>> {
        let hinted = self.fields.get("domain_hint").and_then(|domain| directory.tenant_id(domain));
        match hinted.filter(|tenant| self.authority.admits(*tenant)) {
            Some(tenant) => directory.tenant_by_id(tenant).into_iter().collect(),
            None => self.authority.tenants(directory).collect(),
        }
    }

    /// The account that `login_hint` names, unless the user is to choose.
    pub(crate) fn hinted(&self, entra: &Entra) -> Option<Principal> {
        if self.prompt == Prompt::SelectAccount {
            return None;
        }
        self.authority.user(&entra.directory, self.fields.get("login_hint")?)
    }
}

fn prompt(fields: &Fields) -> Result<Prompt, Refusal> {
    match fields.get("prompt") {
        None => Ok(Prompt::Unset),
        Some("none") => Ok(Prompt::None),
        Some("login") => Ok(Prompt::Login),
        Some("select_account") => Ok(Prompt::SelectAccount),
        Some("consent") => Ok(Prompt::Consent),
        Some(_) => Err(Refusal::WrongParameter("prompt")),
    }
}
