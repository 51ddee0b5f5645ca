//! Admits or refuses a request by every limit that applies to it.

use std::collections::HashMap;
use std::time::Duration;

use super::applied::{Applied, longest_wait};
use super::egress::Egress;
use super::headers::{self, Gauge, Header};
use super::holder::{Holder, Key};
use super::limits::{Limit, Refused, SHAREPOINT_MINUTE, Scope, Unit};
use super::meter::{Allowance, Meter};
use super::request::RequestFacts;
use super::settings::Settings;
use super::target::Target;
use super::workload::Workload;

/// At so many meters those that nobody uses any more are forgotten for the first time.
const FIRST_SWEEP: usize = 4_096;
/// More meters than this are never kept.
const MOST_METERS: usize = 200_000;

/// Whether a request may pass.
#[derive(Debug)]
#[must_use]
pub enum Admission {
    Admitted(Pass),
    Refused(Throttled),
}

/// A request that may pass.
#[derive(Debug, Default)]
pub struct Pass {
    /// What its answer tells of throttling; lower-case names.
    pub headers: Vec<Header>,
    /// To be given back with [`Throttling::release`] once it is answered, where requests at once are counted.
    pub permit: Option<Permit>,
    /// To be told to [`Throttling::sent`] with the size of the answer, where bytes are counted.
    pub egress: Option<Egress>,
}

/// A place among the requests that one holder has under way.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that is not released is taken for ever"]
pub struct Permit(Holder);

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Too many within a time.
    Rate(Limit),
    /// Too many at once.
    Concurrency,
}

/// A request that may not pass.
#[derive(Debug)]
pub struct Throttled {
    pub workload: Workload,
    pub reason: Reason,
    /// When it would pass at the earliest.
    pub wait: Duration,
    /// What its answer tells, `retry-after` included unless the service leaves it out; lower-case names.
    pub headers: Vec<Header>,
}

/// What is used of one allowance.
#[derive(Debug)]
struct Account {
    meter: Box<dyn Meter>,
    /// Until when it holds what somebody else has used.
    told_until: Duration,
}

/// Everything that is counted.
#[derive(Debug)]
pub struct Throttling {
    settings: Settings,
    accounts: HashMap<Key, Account>,
    under_way: HashMap<Holder, u32>,
    next_sweep: usize,
}

impl Throttling {
    pub fn new(settings: Settings) -> Self {
        Self { settings, accounts: HashMap::new(), under_way: HashMap::new(), next_sweep: FIRST_SWEEP }
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Applies other settings. What was counted is forgotten, but for the requests under way.
    pub fn change(&mut self, settings: Settings) {
        self.settings = settings;
        self.accounts.clear();
        self.next_sweep = FIRST_SWEEP;
    }

    /// How many meters are kept.
    pub fn len(&self) -> usize {
        self.accounts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// Measures a request against every limit that applies, and counts it. `now` is the time since any fixed moment.
    pub fn admit(&mut self, facts: &RequestFacts<'_>, now: Duration) -> Admission {
        let Some(target) = Target::of(facts) else {
            return Admission::Admitted(Pass::default());
        };
        self.sweep(now);
        let together =
            target.concurrency().map(|most| (Holder::of(concurrent_scope(&target), facts, &target), most));
        if let Some((holder, most)) = together
            && self.under_way.get(&holder).is_some_and(|count| *count >= most)
        {
            return Admission::Refused(too_many_at_once(&target, facts));
        }
        let applied = self.applied(target.limits(), &target, facts, now);
        if let Some(refusing) = longest_wait(&applied) {
            return Admission::Refused(self.refuse(&target, facts, refusing, &applied, now));
        }
        for one in applied.iter().filter(|one| one.limit.unit != Unit::ByteOut) {
            self.charge(target.workload, one.key, one.allowance, one.cost, now);
            if one.limit.unit == Unit::Meeting {
                let (meeting, once) = (Key::of_meeting(&one.limit, facts, &target), one.allowance.once());
                self.charge(target.workload, meeting, once, 1, now);
            }
        }
        let told = applied.iter().find(|one| is_told_of(&target, &one.limit));
        let headers = headers::admitted(&target, told.map(|one| self.gauge(one, now)));
        let permit = together.map(|(holder, _)| {
            *self.under_way.entry(holder).or_default() += 1;
            Permit(holder)
        });
        Admission::Admitted(Pass { headers, permit, egress: Egress::of(target.workload, &applied) })
    }

    /// Gives a place back.
    #[expect(clippy::needless_pass_by_value, reason = "a permit is good for one release")]
    pub fn release(&mut self, permit: Permit) {
        if let Some(count) = self.under_way.get_mut(&permit.0) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.under_way.remove(&permit.0);
            }
        }
    }

    /// The limits that this request uses something of.
    pub(super) fn applied(
        &mut self,
        limits: Vec<Limit>,
        target: &Target,
        facts: &RequestFacts<'_>,
        now: Duration,
    ) -> Vec<Applied> {
        let mut applied = Vec::with_capacity(limits.len());
        for limit in limits {
            let allowance = limit.allowance(facts.tenant_users).scaled(self.settings.scale);
            let cost = self.cost(&limit, target, facts, now).min(allowance.units);
            if cost == 0 {
                continue;
            }
            let key = Key::of(&limit, facts, target);
            if let Some(foreign) = self.settings.foreign.filter(|foreign| foreign.uses(limit.scope)) {
                let account = self.account(target.workload, key, allowance, now);
                foreign.catch_up(account.meter.as_mut(), allowance, account.told_until, now);
                account.told_until = account.told_until.max(now);
            }
            let wait = self.meter(&key).map_or(Duration::ZERO, |meter| meter.wait(cost, now));
            applied.push(Applied { limit, allowance, key, cost, wait });
        }
        applied
    }

    fn cost(&self, limit: &Limit, target: &Target, facts: &RequestFacts<'_>, now: Duration) -> u64 {
        match limit.unit {
            _ if limit.scope == Scope::AppResource && target.resource.is_none() => 0,
            Unit::Request | Unit::ByteOut => 1,
            Unit::ResourceUnit => target.cost,
            Unit::ByteIn => facts.body.len() as u64,
            Unit::Meeting => {
                let known = self.meter(&Key::of_meeting(limit, facts, target));
                u64::from(known.is_none_or(|meter| meter.used(now) == 0))
            }
        }
    }

    fn meter(&self, key: &Key) -> Option<&dyn Meter> {
        self.accounts.get(key).map(|account| account.meter.as_ref())
    }

    /// The account of `key`, which begins with what somebody else has used within the allowance's time.
    fn account(&mut self, workload: Workload, key: Key, allowance: Allowance, now: Duration) -> &mut Account {
        let algorithm = self.settings.algorithm(workload);
        self.accounts.entry(key).or_insert_with(|| Account {
            meter: algorithm.meter(allowance),
            told_until: now.saturating_sub(allowance.per),
        })
    }

    pub(super) fn charge(
        &mut self,
        workload: Workload,
        key: Key,
        allowance: Allowance,
        cost: u64,
        now: Duration,
    ) {
        self.account(workload, key, allowance, now).meter.charge(cost, now);
    }

    pub(super) fn refuse(
        &mut self,
        target: &Target,
        facts: &RequestFacts<'_>,
        refusing: &Applied,
        applied: &[Applied],
        now: Duration,
    ) -> Throttled {
        for one in applied.iter().filter(|one| one.limit.refused == Refused::Counts) {
            self.charge(target.workload, one.key, one.allowance, one.cost, now);
        }
        // A refusal that counted has made the wait longer.
        let wait = self.meter(&refusing.key).map_or(refusing.wait, |meter| meter.wait(refusing.cost, now));
        let gauge = self.gauge(refusing, now);
        let minute = is_minute(&refusing.limit).then_some(gauge);
        let told = Some((gauge, refusing.limit));
        let headers = headers::refused(target, facts, told, wait, minute);
        Throttled { workload: target.workload, reason: Reason::Rate(refusing.limit), wait, headers }
    }

    fn gauge(&self, one: &Applied, now: Duration) -> Gauge {
        let meter = self.meter(&one.key);
        Gauge {
            scope: one.limit.scope,
            used: meter.map_or(0, |meter| meter.used(now)),
            units: one.allowance.units,
            reset: meter.map_or(Duration::ZERO, |meter| meter.reset(now)),
        }
    }

    /// Forgets meters that are as good as new; the next time when there are twice as many as are left. Beyond the bound
    /// it forgets all of them: that many holders at once are a flood, not a measurement.
    fn sweep(&mut self, now: Duration) {
        if self.accounts.len() < self.next_sweep {
            return;
        }
        self.accounts.retain(|_, account| !account.meter.reset(now).is_zero());
        if self.accounts.len() >= MOST_METERS {
            self.accounts.clear();
        }
        self.next_sweep = (self.accounts.len() * 2).clamp(FIRST_SWEEP, MOST_METERS);
        self.accounts.shrink_to(self.next_sweep);
    }
}

/// How long somebody waits who has too many requests under way: nobody knows when one of them ends.
const AT_ONCE_WAIT: Duration = Duration::from_secs(1);

fn too_many_at_once(target: &Target, facts: &RequestFacts<'_>) -> Throttled {
    let headers = headers::refused(target, facts, None, AT_ONCE_WAIT, None);
    Throttled { workload: target.workload, reason: Reason::Concurrency, wait: AT_ONCE_WAIT, headers }
}

/// Whose requests at once are counted together.
const fn concurrent_scope(target: &Target) -> Scope {
    match target.workload {
        Workload::Outlook => Scope::AppMailbox,
        _ => Scope::AppUser,
    }
}

fn is_minute(limit: &Limit) -> bool {
    *limit == SHAREPOINT_MINUTE
}

/// Whether the service tells in headers how far this limit is used.
fn is_told_of(target: &Target, limit: &Limit) -> bool {
    match target.workload {
        Workload::Directory => limit.scope == Scope::AppTenant && limit.unit == Unit::ResourceUnit,
        Workload::SharePoint => is_minute(limit),
        _ => false,
    }
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
