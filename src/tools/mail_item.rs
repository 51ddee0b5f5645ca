//! What policy asks of mail, and what it withholds of it.

use super::provenance::Origin;
use super::review::Reviewable;
use crate::graph::{MailFolder, Message};
use crate::policy::{ItemFacts, TenantPolicy};

impl Reviewable for Message<'_> {
    fn facts(&self, policy: &TenantPolicy) -> ItemFacts<'_> {
        let sender = self.from.as_ref().and_then(|from| from.email_address.as_ref()?.address.as_deref());
        ItemFacts { mail_from: Some(Origin::of(sender, policy).into()), ..ItemFacts::default() }
    }

    fn withhold(&mut self) {
        self.body = None;
        self.body_preview = None;
        self.attachments = None;
    }
}

/// A name and numbers: there is nothing to withhold.
impl Reviewable for MailFolder<'_> {
    fn facts(&self, _: &TenantPolicy) -> ItemFacts<'_> {
        ItemFacts::default()
    }

    fn withhold(&mut self) {}
}
