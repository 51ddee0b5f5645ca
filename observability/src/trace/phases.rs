//! Where the time of a call went.

use std::time::Duration;

/// How long a call waited for others. Requests that ran side by side count for each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phases {
    /// For a place in its session, where as many calls as may be were in it.
    pub queue: Duration,
    /// For an exchange.
    pub entra: Duration,
    /// At the gate, and between an attempt that failed and the next, whether or not a request followed.
    pub throttle: Duration,
    /// For Graph's answers.
    pub graph: Duration,
}

/// Whom a call waited for, or who worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// What is nobody else's.
    Own,
    Queue,
    Entra,
    Throttle,
    Graph,
}

impl Phase {
    const ALL: [Self; 5] = [Self::Own, Self::Queue, Self::Entra, Self::Throttle, Self::Graph];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Queue => "queue",
            Self::Entra => "entra",
            Self::Throttle => "throttle",
            Self::Graph => "graph",
        }
    }
}

impl Phases {
    /// One part of a call that took `whole`; `None` where it took no time, unless it is our own.
    pub(crate) fn part(self, phase: Phase, whole: Duration) -> Option<Duration> {
        let Self { queue, entra, throttle, graph } = self;
        let others = match phase {
            Phase::Own => {
                let own = [queue, entra, throttle, graph].into_iter().fold(whole, Duration::saturating_sub);
                return Some(own);
            }
            Phase::Queue => queue,
            Phase::Entra => entra,
            Phase::Throttle => throttle,
            Phase::Graph => graph,
        };
        (!others.is_zero()).then_some(others)
    }

    /// All parts that there are of it.
    pub(crate) fn of(self, whole: Duration) -> impl Iterator<Item = (Phase, Duration)> {
        Phase::ALL.into_iter().filter_map(move |phase| Some((phase, self.part(phase, whole)?)))
    }
}
