//! What Graph asks of a token before it takes it.

use std::sync::Arc;

use crate::clock::Timestamp;

/// A claims challenge, in its parts: two that ask for the same are equal, however they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimsChallenge {
    json: Arc<str>,
    not_before: Option<Timestamp>,
    besides: Option<Arc<str>>,
}

impl ClaimsChallenge {
    /// Asks for what `json`, in canonical form, says, and for no newer token.
    pub fn new(json: impl Into<Arc<str>>) -> Self {
        let json = json.into();
        Self { besides: Some(Arc::clone(&json)), not_before: None, json }
    }

    /// `json` asks for a token that is not older than `not_before` (`nbf`), and for what `besides` says, if for anything.
    pub fn newer(json: impl Into<Arc<str>>, not_before: Timestamp, besides: Option<Arc<str>>) -> Self {
        Self { json: json.into(), not_before: Some(not_before), besides }
    }

    /// The whole, as Entra is asked for it.
    pub fn json(&self) -> &Arc<str> {
        &self.json
    }

    /// Whether a token satisfies this that was won by an exchange which began at `begun` and asked for `asked_for`: it
    /// is not older than what this asks for, and has all the rest.
    pub(crate) fn is_met(&self, asked_for: &Self, begun: Timestamp) -> bool {
        let is_new_enough = self.not_before.is_none_or(|not_before| not_before <= begun);
        let has_the_rest = self.besides.is_none() || self.besides == asked_for.besides;
        self.json == asked_for.json || (is_new_enough && has_the_rest)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const BEGUN: u64 = 1_800_000_000;

    fn asking(not_before: Option<u64>, besides: Option<&str>) -> ClaimsChallenge {
        let json = format!("{not_before:?} {besides:?}");
        match (not_before, besides) {
            (Some(seconds), besides) => {
                ClaimsChallenge::newer(json, Timestamp::from_unix_seconds(seconds), besides.map(Into::into))
            }
            (None, besides) => ClaimsChallenge::new(besides.unwrap_or_default()),
        }
    }

    /// If this failed, a location policy would be asked about for ever, since each of its challenges names another time;
    /// or a user be told that nothing helps before Entra was asked.
    #[rstest]
    #[case::the_same((None, Some("c1")), (None, Some("c1")), true)]
    #[case::another((None, Some("c2")), (None, Some("c1")), false)]
    #[case::older_than_the_token((Some(BEGUN), None), (Some(BEGUN - 9), None), true)]
    #[case::newer_than_the_token((Some(BEGUN + 1), None), (Some(BEGUN - 9), None), false)]
    #[case::the_same_in_the_future((Some(BEGUN + 1), None), (Some(BEGUN + 1), None), true)]
    #[case::old_with_the_same((Some(BEGUN), Some("c1")), (None, Some("c1")), true)]
    #[case::old_with_another((Some(BEGUN), Some("c2")), (None, Some("c1")), false)]
    #[case::without_the_time((None, Some("c1")), (Some(BEGUN), Some("c1")), true)]
    fn a_challenge_is_met_by_a_token_that_was_asked_for_as_much(
        #[case] challenge: (Option<u64>, Option<&str>),
        #[case] asked_for: (Option<u64>, Option<&str>),
        #[case] is_met: bool,
    ) {
        let (challenge, asked_for) = (asking(challenge.0, challenge.1), asking(asked_for.0, asked_for.1));
        assert_eq!(challenge.is_met(&asked_for, Timestamp::from_unix_seconds(BEGUN)), is_met);
    }
}
