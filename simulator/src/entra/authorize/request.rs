//! The authorization request, checked.

use super::super::Entra;
use super::super::authority::Authority;
use super::super::challenge::declares_cp1;
use super::super::refusal::Refusal;
use super::super::scopes::AskedScopes;
use crate::directory::{Client, Principal};
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
    pub(crate) client: &'a Client,
    pub(crate) fields: &'a Fields,
    pub(crate) prompt: Prompt,
    pub(crate) challenge: &'a str,
    pub(crate) scopes: AskedScopes,
    pub(crate) resource: Option<&'a str>,
    pub(crate) handles_challenges: bool,
}

impl<'a> SignIn<'a> {
    pub(crate) fn parse(
        entra: &Entra,
        authority: Authority,
        client: &'a Client,
        fields: &'a Fields,
    ) -> Result<Self, Refusal> {
        let response_type = fields.get("response_type").ok_or(Refusal::MissingParameter("response_type"))?;
        if response_type != "code" {
            return Err(Refusal::UnsupportedResponseType(response_type.to_owned()));
        }
        let challenge = challenge(fields)?;
        let resource = fields.get("resource");
        let scope = fields.get("scope").ok_or(Refusal::MissingParameter("scope"))?;
        let scopes = entra.parse_scopes(scope, resource)?.for_public_client()?;
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

/// The S256 challenge: 43 letters of base64url, the SHA-256 of the verifier. Without a method the challenge is
/// `plain` (RFC 7636, section 4.3), which is not taken.
fn challenge(fields: &Fields) -> Result<&str, Refusal> {
    let challenge = fields.get("code_challenge").ok_or(Refusal::ChallengeMissing)?;
    let method = fields.get("code_challenge_method").unwrap_or("plain");
    if method != "S256" {
        return Err(Refusal::ChallengeMethod(method.to_owned()));
    }
    let well_formed =
        challenge.bytes().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_'));
    if challenge.len() != 43 || !well_formed {
        return Err(Refusal::ChallengeSize);
    }
    Ok(challenge)
}
