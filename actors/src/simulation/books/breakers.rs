//! Services that fail: when each is left alone, and who tries whether it is back.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::{Broken, hold};
use crate::identity::TenantId;
use crate::throttle::{BreakerState, GateRequest, Outcome, Workload};

/// What came is judged by spans of this length, each of which begins with the first that comes after the one before.
const SPAN: Duration = Duration::from_secs(10);
/// Failures in it, at the least, that say something.
const ENOUGH: usize = 20;
/// Requests that may try at once whether a service is back, and as many have to succeed.
const PROBES: usize = 3;

#[derive(Debug, Default)]
pub(in crate::simulation) struct Breakers {
    services: HashMap<Workload, Service>,
    /// What is under way: by call, how often its services had been left alone when it was sent.
    under_way: HashMap<usize, Vec<(Workload, Pass)>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    Ordinary,
    Tries { after: u32 },
}

#[derive(Debug, Default)]
struct Service {
    state: State,
    since: Option<Instant>,
    /// What came in the present span, and whether it was a failure.
    came: Vec<(TenantId, Outcome)>,
    /// How often it has been left alone since it was last back, and ever.
    in_a_row: u32,
    ever: u32,
}

#[derive(Debug, Default, Clone, Copy)]
enum State {
    #[default]
    Asked,
    LeftAlone {
        until: Instant,
    },
    Tried {
        under_way: usize,
        good: usize,
    },
}

impl Service {
    fn begins(&mut self, now: Instant) -> Result<Pass, Broken> {
        let under_way = match self.state {
            State::Asked => return Ok(Pass::Ordinary),
            State::LeftAlone { until } => {
                hold(until <= now, Broken::AskedWhileItFails)?;
                0
            }
            State::Tried { under_way, .. } => under_way,
        };
        let good = if let State::Tried { good, .. } = self.state { good } else { 0 };
        self.state = State::Tried { under_way: under_way + 1, good };
        hold(under_way < PROBES, Broken::TooManyProbes)?;
        Ok(Pass::Tries { after: self.ever })
    }

    fn ends(&mut self, pass: Pass, tenant: TenantId, outcomes: &[Outcome], now: Instant) {
        let State::Tried { under_way, good } = self.state else {
            let has_failed = outcomes.contains(&Outcome::Failed);
            let whole = [if has_failed { Outcome::Failed } else { Outcome::Answered }];
            // A batch that was sent to try is good or bad as a whole, also where it comes late.
            let has_tried = pass != Pass::Ordinary && !outcomes.is_empty();
            let came = if has_tried { &whole } else { outcomes };
            return came.iter().for_each(|outcome| self.comes(tenant, *outcome, now));
        };
        if pass != (Pass::Tries { after: self.ever }) {
            return;
        }
        if outcomes.contains(&Outcome::Failed) {
            return self.leave_alone(now);
        }
        let good = good + usize::from(!outcomes.is_empty());
        self.state = State::Tried { under_way: under_way - 1, good };
        if good == PROBES {
            *self = Self { ever: self.ever, ..Self::default() };
        }
    }

    /// Something comes of a service that nobody doubts.
    fn comes(&mut self, tenant: TenantId, outcome: Outcome, now: Instant) {
        if !matches!(self.state, State::Asked) {
            return;
        }
        if self.since.is_none_or(|since| since + SPAN <= now) {
            self.came.clear();
            self.since = Some(now);
        }
        self.came.push((tenant, outcome));
        if outcome == Outcome::Failed && self.is_down() {
            self.leave_alone(now);
        }
    }

    /// Enough has failed, at least half of what came, and for more tenants than were served.
    fn is_down(&self) -> bool {
        let mut tenants: HashMap<TenantId, (usize, usize)> = HashMap::new();
        for (tenant, outcome) in &self.came {
            let (failed, answered) = tenants.entry(*tenant).or_default();
            *(if *outcome == Outcome::Failed { failed } else { answered }) += 1;
        }
        let failed: usize = tenants.values().map(|(failed, _)| failed).sum();
        let failing = tenants.values().filter(|(failed, answered)| failed >= answered).count();
        failed >= ENOUGH && 2 * failed >= self.came.len() && 2 * failing > tenants.len()
    }

    /// 5, 10, 20, 40, 60, 60, … seconds.
    fn leave_alone(&mut self, now: Instant) {
        let seconds = (5 << self.in_a_row.min(4)).min(60);
        self.state = State::LeftAlone { until: now + Duration::from_secs(seconds) };
        self.in_a_row += 1;
        self.ever += 1;
        (self.since, self.came) = (None, Vec::new());
    }

    fn expected(&self, now: Instant) -> BreakerState {
        match self.state {
            State::Asked => BreakerState::Closed,
            State::LeftAlone { until } if now < until => BreakerState::Open,
            State::LeftAlone { .. } | State::Tried { .. } => BreakerState::HalfOpen,
        }
    }
}

impl Breakers {
    /// One request is sent, or a batch as a whole.
    pub(in crate::simulation) fn begins(
        &mut self,
        call: usize,
        items: &[GateRequest],
        now: Instant,
    ) -> Result<(), Broken> {
        let is_asked = |workload: &Workload| items.iter().any(|item| item.key.workload == *workload);
        let mut passes = Vec::new();
        for workload in Workload::ALL.into_iter().filter(is_asked) {
            passes.push((workload, self.services.entry(workload).or_default().begins(now)?));
        }
        self.under_way.insert(call, passes);
        Ok(())
    }

    /// It has ended: `outcomes` says how, for each of the services that it asked.
    pub(in crate::simulation) fn ends(
        &mut self,
        call: usize,
        tenant: TenantId,
        outcomes: impl Fn(Workload) -> Vec<Outcome>,
        now: Instant,
    ) {
        for (workload, pass) in self.under_way.remove(&call).unwrap_or_default() {
            self.services.entry(workload).or_default().ends(pass, tenant, &outcomes(workload), now);
        }
    }

    /// It says nothing: its caller has gone.
    pub(in crate::simulation) fn is_given_up(&mut self, call: usize, tenant: TenantId, now: Instant) {
        self.ends(call, tenant, |_| Vec::new(), now);
    }

    /// Whether each service is left alone that should be, and no other.
    pub(in crate::simulation) fn agree(
        &self,
        states: impl Iterator<Item = (Workload, BreakerState)>,
        now: Instant,
    ) -> Result<(), Broken> {
        let doubt = |state| BreakerState::ALL.iter().position(|known| *known == state);
        for (workload, state) in states {
            let service = self.services.get(&workload);
            let expected = service.map_or(BreakerState::Closed, |service| service.expected(now));
            hold(doubt(state) <= doubt(expected), Broken::LeftAloneForNothing)?;
            hold(doubt(state) >= doubt(expected), Broken::NotLeftAlone)?;
        }
        Ok(())
    }
}
