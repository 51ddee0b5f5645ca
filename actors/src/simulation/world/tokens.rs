//! The tokens that users come with, and which of them are refused.

use std::collections::HashMap;
use std::time::Duration;

use super::super::books::{Broken, hold};
use super::super::chance::Chance;
use super::super::sabotage::Sabotage;
use crate::clock::Timestamp;
use crate::identity::Principal;
use crate::revocation::{BACKDATING, RecentTokens, Revocation, RevocationTable, Subject, TokenMarks};

/// One token of one device: it was used as soon as it was issued.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) id: String,
    issued_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

impl Token {
    fn marks<'t>(&'t self, principal: &'t Principal) -> TokenMarks<'t> {
        TokenMarks { principal, issued_at: self.issued_at, id: &self.id }
    }
}

/// What devices hold, and what has been revoked.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    held: HashMap<(Principal, u64), Token>,
    issued: u64,
    recent: RecentTokens,
    revocations: Vec<Revocation>,
    table: RevocationTable,
}

impl Tokens {
    /// Whether a call that came with this token may not go on.
    pub(super) fn refuse(&self, token: &Token, who: &Principal) -> bool {
        self.table.refuses(token.marks(who))
    }

    /// The token that a device comes with. One that is over, or refused, sends its user to sign in
    /// again; what comes of that must be taken.
    pub(super) fn present(
        &mut self,
        who: Principal,
        device: u64,
        now: Timestamp,
        chance: &mut Chance,
    ) -> Result<Token, Broken> {
        let known = self.held.get(&(who, device));
        if let Some(token) = known.filter(|token| now < token.expires_at)
            && !self.table.refuses(token.marks(&who))
        {
            return Ok(token.clone());
        }
        self.issued += 1;
        let backdating =
            if chance.happens(80) { BACKDATING.as_secs() } else { chance.below(BACKDATING.as_secs()) };
        let token = Token {
            id: format!("uti-{}", self.issued),
            issued_at: Timestamp::from_unix_seconds(now.unix_seconds() - backdating),
            expires_at: now + Duration::from_secs(10 + 400 * device),
        };
        self.recent.note(token.marks(&who), now);
        hold(!self.table.refuses(token.marks(&who)), Broken::FreshTokenRefused)?;
        self.held.insert((who, device), token.clone());
        Ok(token)
    }

    /// Revokes, as a running connector decides it. Of the tokens that were used, none that is meant may pass any more.
    pub(super) fn revoke(
        &mut self,
        subject: &Subject,
        now: Timestamp,
        sabotage: Option<Sabotage>,
    ) -> Result<(), Broken> {
        let issued_before = match sabotage {
            Some(Sabotage::RevocationIsForgotten) => Timestamp::from_unix_seconds(0),
            Some(Sabotage::RevocationReachesTooFar) => now + BACKDATING,
            _ => self.recent.cutoff(now),
        };
        self.revocations.push(Revocation {
            subject: subject.clone(),
            at: now,
            issued_before,
            tokens: self.recent.of(subject, now),
        });
        self.table = RevocationTable::of(&self.revocations);
        let is_refused =
            |(who, token): (&Principal, &Token)| !subject.covers(who) || self.table.refuses(token.marks(who));
        let mut held = self.held.iter().map(|((who, _), token)| (who, token));
        hold(held.all(is_refused), Broken::RevokedTokenTaken)
    }
}
