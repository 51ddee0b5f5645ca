//! What a person chooses on the way: an account, and whether to consent.

use super::super::Entra;
use super::super::consent::ConsentQuestion;
use super::super::page;
use super::SignIn;
use crate::directory::Principal;
use crate::message::Answer;

/// The parameters of an authorization request that the forms carry from page to page.
const CARRIED: &[&str] = &[
    "client_id",
    "response_type",
    "redirect_uri",
    "response_mode",
    "scope",
    "resource",
    "state",
    "nonce",
    "prompt",
    "login_hint",
    "domain_hint",
    "claims",
    "code_challenge",
    "code_challenge_method",
];

/// A sign-in that waits for the user's choice.
pub(super) struct Choice<'a> {
    pub(super) entra: &'a Entra,
    pub(super) segment: &'a str,
    pub(super) sign_in: &'a SignIn<'a>,
}

impl Choice<'_> {
    /// Picks an account: the hinted one to confirm, or every account of the endpoint's tenants.
    pub(super) fn account_page(&self) -> Answer {
        let client = &self.sign_in.client.client.name;
        let form = self.form_start(CARRIED.iter());
        if let Some(principal) = self.sign_in.hinted(self.entra) {
            let another = self.form_start(CARRIED.iter().filter(|name| **name != "prompt"));
            return page::account_to_confirm(client, &principal, &form, &another);
        }
        page::accounts(client, &form, self.sign_in.offered(&self.entra.directory).into_iter())
    }

    /// Asks the chosen user for consent to what is read in their name.
    pub(super) fn consent_page(&self, principal: &Principal, question: &ConsentQuestion) -> Answer {
        page::consent(&self.sign_in.client.client.name, principal, question, &self.form_start(CARRIED.iter()))
    }

    fn form_start<'n>(&self, names: impl Iterator<Item = &'n &'n str>) -> String {
        page::form_of(&format!("/{}/oauth2/v2.0/authorize", self.segment), names, self.sign_in.fields)
    }
}
