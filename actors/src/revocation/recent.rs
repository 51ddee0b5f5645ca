//! Which tokens were used that a revocation of this moment could not tell from fresh ones by their `iat`.

use std::collections::BTreeSet;

use super::BACKDATING;
use super::store::{RecentSnapshot, RecentToken};
use super::subject::{Subject, TokenId, TokenMarks};
use crate::clock::Timestamp;
use crate::identity::Principal;

/// Tokens remembered at most. When more come, the earliest are forgotten, and a revocation reaches so much further.
const MAX_TOKENS: usize = 65_536;

/// The tokens in use whose `iat` lies less than [`BACKDATING`] back.
///
/// Entra's own tokens stay here for a second, for their `iat` lies that far back when they are issued. One that was
/// dated back by less stays for the difference.
#[derive(Debug, Default)]
pub struct RecentTokens {
    /// By `iat`, so that the earliest come first.
    tokens: BTreeSet<(u64, TokenId, PrincipalKey)>,
    /// The latest `iat` in seconds of a token that had to be forgotten before its time.
    forgotten: Option<u64>,
}

/// A principal with an order: that of its ids.
type PrincipalKey = (crate::identity::TenantId, crate::identity::ObjectId, crate::identity::ClientId);

impl RecentTokens {
    /// Takes up what the process before this one has left.
    pub fn restored(snapshot: &RecentSnapshot, now: Timestamp) -> Self {
        let forgotten = snapshot.forgotten.map(Timestamp::unix_seconds);
        let mut recent = Self { forgotten, ..Self::default() };
        for RecentToken { principal, issued_at, id } in &snapshot.tokens {
            recent.note(TokenMarks { principal, issued_at: *issued_at, id: id.as_str() }, now);
        }
        recent
    }

    /// Begins at `start` without knowing what was used before: all of that counts as forgotten.
    pub fn after_crash(start: Timestamp) -> Self {
        Self { forgotten: Some(start.unix_seconds()), ..Self::default() }
    }

    /// What the next process has to know.
    pub fn snapshot(&mut self, now: Timestamp) -> RecentSnapshot {
        self.forget_old(now);
        let token = |(issued_at, id, key): &(u64, TokenId, PrincipalKey)| {
            let (tenant, user, client) = *key;
            RecentToken {
                principal: Principal { tenant, user, client },
                issued_at: Timestamp::from_unix_seconds(*issued_at),
                id: id.clone(),
            }
        };
        RecentSnapshot {
            tokens: self.tokens.iter().map(token).collect(),
            forgotten: self.forgotten.map(Timestamp::from_unix_seconds),
        }
    }

    /// Puts down that a token was used.
    pub fn note(&mut self, token: TokenMarks<'_>, now: Timestamp) {
        self.forget_old(now);
        let issued_at = token.issued_at.unix_seconds();
        if issued_at < certainly_old(now) {
            return;
        }
        let Ok(id) = token.id.parse() else {
            // A name that can't be denied: whoever revokes has to refuse by the time alone.
            self.forgotten = self.forgotten.max(Some(issued_at));
            return;
        };
        let Principal { tenant, user, client } = *token.principal;
        self.tokens.insert((issued_at, id, (tenant, user, client)));
        if self.tokens.len() > MAX_TOKENS
            && let Some((issued_at, ..)) = self.tokens.pop_first()
        {
            self.forgotten = self.forgotten.max(Some(issued_at));
        }
    }

    /// From which `iat` on a token may be newer than a revocation of this moment, so that only its name tells.
    pub fn cutoff(&self, now: Timestamp) -> Timestamp {
        let after_forgotten = self.forgotten.map_or(0, |issued_at| issued_at + 1);
        Timestamp::from_unix_seconds(certainly_old(now).max(after_forgotten))
    }

    /// The tokens of `subject` that [`RecentTokens::cutoff`] would let pass.
    pub fn of(&self, subject: &Subject, now: Timestamp) -> Vec<TokenId> {
        let cutoff = self.cutoff(now).unix_seconds();
        let recent = self.tokens.iter().filter(|(issued_at, ..)| *issued_at >= cutoff);
        recent
            .filter(|(_, _, (tenant, user, client))| {
                subject.covers(&Principal { tenant: *tenant, user: *user, client: *client })
            })
            .map(|(_, id, _)| id.clone())
            .collect()
    }

    fn forget_old(&mut self, now: Timestamp) {
        let old = certainly_old(now);
        while self.tokens.first().is_some_and(|(issued_at, ..)| *issued_at < old) {
            self.tokens.pop_first();
        }
        self.forgotten.take_if(|issued_at| *issued_at < old);
    }
}

/// The `iat`, in seconds, before which a token was certainly issued before `now`. Whole seconds, as `iat` has them: a
/// token of this very second must not be taken for an earlier one.
fn certainly_old(now: Timestamp) -> u64 {
    now.unix_seconds().saturating_sub(BACKDATING.as_secs())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rstest::rstest;

    use super::*;
    use crate::testing::{EPOCH, principal, tenant};

    /// If this failed, a flood of tokens would grow the memory without bound, or an old one slip through the gap.
    #[test]
    fn what_had_to_be_forgotten_is_refused_by_its_time() {
        let mut recent = RecentTokens::default();
        let principal = principal(1, 1);
        for number in 0..=MAX_TOKENS {
            let id = number.to_string();
            recent.note(TokenMarks { principal: &principal, issued_at: EPOCH, id: &id }, EPOCH);
        }
        assert_eq!(recent.tokens.len(), MAX_TOKENS);
        assert_eq!(recent.cutoff(EPOCH).unix_seconds(), EPOCH.unix_seconds() + 1);
        assert!(recent.of(&Subject::Tenant(tenant(1)), EPOCH).is_empty(), "their time tells already");

        recent.note(
            TokenMarks { principal: &principal, issued_at: EPOCH + BACKDATING * 2, id: "later" },
            EPOCH + BACKDATING * 2,
        );
        assert_eq!(recent.tokens.len(), 1);
        assert_eq!(recent.cutoff(EPOCH + BACKDATING * 2), EPOCH + BACKDATING);
    }

    /// If this failed, a token of the last second before a crash would pass, or fresh sign-ins be refused for longer than five
    /// minutes.
    #[rstest]
    #[case::at_the_start(0, 1)]
    #[case::as_long_as_a_fresh_token_can_look_like_one_of_before(300, 1)]
    #[case::from_then_on(302, 2)]
    fn after_a_crash_what_was_issued_up_to_the_start_is_refused_by_its_time(
        #[case] passed: u64,
        #[case] issued: u64,
    ) {
        let cutoff = RecentTokens::after_crash(EPOCH).cutoff(EPOCH + Duration::from_secs(passed));
        assert_eq!(cutoff, EPOCH + Duration::from_secs(issued));
    }

    /// If this failed, an update of the connector would let in what was used just before it, or refuse for longer than it
    /// has to.
    #[test]
    fn the_next_process_knows_what_this_one_knew() {
        let mut recent = RecentTokens::default();
        let (first, second) = (principal(1, 1), principal(2, 1));
        let earlier = Timestamp::from_unix_seconds(EPOCH.unix_seconds() - 60);
        for (principal, issued_at, id) in
            [(&first, earlier, "no name"), (&first, EPOCH, "first"), (&second, EPOCH, "second")]
        {
            recent.note(TokenMarks { principal, issued_at, id }, EPOCH);
        }
        let next = RecentTokens::restored(&recent.snapshot(EPOCH), EPOCH);
        assert_eq!(next.cutoff(EPOCH).unix_seconds(), earlier.unix_seconds() + 1);
        assert_eq!(next.of(&Subject::Tenant(tenant(1)), EPOCH), ["first".parse().unwrap()]);
        assert_eq!(next.of(&Subject::Tenant(tenant(2)), EPOCH), ["second".parse().unwrap()]);

        let later = EPOCH + BACKDATING + Duration::from_secs(1);
        let next = RecentTokens::restored(&recent.snapshot(EPOCH), later);
        assert_eq!(next.cutoff(later).unix_seconds(), later.unix_seconds() - BACKDATING.as_secs());
        assert!(next.tokens.is_empty(), "their time tells now");
        assert_eq!(recent.snapshot(later), RecentSnapshot { tokens: Vec::new(), forgotten: None });
    }
}
