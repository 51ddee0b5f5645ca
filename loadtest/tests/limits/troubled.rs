//! Users whom limits of their own refuse, of which the connector knows nothing; and what that costs the others.

use std::fmt;
use std::time::Duration;

use crate::figures::Figures;
use crate::scenario::Scenario;

/// From then on nobody is refused any more.
const TROUBLED_UNTIL: Duration = Duration::from_secs(660);
/// By then the gate has made up its mind.
const SETTLED: Duration = Duration::from_secs(60);
/// So long after the last refusal, nothing of them is left.
const RECOVERED: Duration = Duration::from_secs(TROUBLED_UNTIL.as_secs() + 300);
const ENDS: Duration = Duration::from_secs(RECOVERED.as_secs() + 120);

/// The first users of a tenant. Somebody else uses up what each may ask for in a window of time, as soon as that begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Troubled {
    pub(crate) users: usize,
    pub(crate) window: Duration,
    /// Each one's windows begin so much earlier than those of the one before.
    pub(crate) apart: Duration,
}

impl Troubled {
    /// How long Graph tells that user to stay away: whole seconds, at least until the window ends. `None` where it does not
    /// refuse.
    pub(crate) fn retry_after(&self, user: usize, now: Duration) -> Option<Duration> {
        if user >= self.users || now >= TROUBLED_UNTIL {
            return None;
        }
        let earlier = self.apart * u32::try_from(user).unwrap();
        let gone = (now + earlier).as_nanos() % self.window.as_nanos();
        let left = self.window.saturating_sub(Duration::from_nanos(u64::try_from(gone).unwrap()));
        Some(Duration::from_secs(left.as_secs() + u64::from(left.subsec_nanos() > 0)))
    }

    /// The same scenario, long enough for the trouble and what follows.
    pub(crate) fn within(self, scenario: &Scenario) -> Scenario {
        Scenario { troubled: Some(self), lasts: ENDS, crowds: scenario.crowds.clone(), ..*scenario }
    }

    /// What the trouble has cost a tenant of so many users.
    pub(crate) fn price(&self, figures: &Figures, users: usize) -> Price {
        let (others, time) = (self.users..users, SETTLED..TROUBLED_UNTIL);
        Price {
            share: figures.share_of(&others, &time),
            least: figures.least(&others, &time),
            silence: figures.longest_silence(&others, &time),
            afterwards: figures.share_of(&(0..users), &(RECOVERED..ENDS)),
        }
    }
}

impl fmt::Display for Troubled {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { users, window, apart } = self;
        write!(out, "own limits refuse {users} for {window:?}, {apart:.1?} apart")
    }
}

/// What the others have in the meantime, and all of them afterwards.
#[derive(Debug)]
pub(crate) struct Price {
    /// Of the configured share.
    pub(crate) share: f64,
    /// What the one who has the least has of an equal part.
    pub(crate) least: f64,
    /// The longest time in which Graph carries out nothing for any of them.
    pub(crate) silence: Duration,
    /// Of the configured share, five minutes after the last refusal.
    pub(crate) afterwards: f64,
}

impl fmt::Display for Price {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { share, least, silence, afterwards } = self;
        let (share, afterwards) = (share * 100.0, afterwards * 100.0);
        write!(
            out,
            "the others have {share:.1} % of the share, none less than {least:.2} of an equal part, nothing for \
             {silence:.1?} at most; {afterwards:.1} % afterwards"
        )
    }
}
