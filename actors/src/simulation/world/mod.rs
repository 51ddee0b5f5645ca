//! Users, tenants, sessions and calls of one schedule, and what happens to them.

mod admission;
mod answers;
mod calls;
mod happenings;
mod invited;
mod policies;
mod sessions;
mod tenants;
mod tokens;

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::admission::Places;
use self::happenings::Happening;
use self::policies::Policies;
use self::tenants::Tenant;
use self::tokens::{Token, Tokens};
use super::books::{Books, Broken, hold};
use super::chance::Chance;
use super::graph::Weather;
use super::played::Played;
use super::policy::PROCESS_CALLS;
use super::sabotage::Sabotage;
use crate::assertion::Assertion;
use crate::clock::{Clock, Timestamp};
use crate::exchange::{Pace, Ticket};
use crate::identity::{Principal, TenantId};
use crate::lease::Lease;
use crate::permits::Permits;
use crate::ports::{ExchangeError, ExchangedToken};
use crate::retry_budget::RetryBudget;
use crate::revocation::Subject;
use crate::session::{Generation, Rejection, SessionDirectory, SessionHandle, SessionMachine, Witness};
use crate::settings::{ActorSettings, Allowance};
use crate::testing::EPOCH;
use crate::throttle::{Gate, GatePermit, GateRequest, Learn, Learned, Waiting};

/// Slow enough for callers to wait for their turn.
const EXCHANGES_PER_SECOND: u32 = 20;
/// Few enough for a user with many tokens to use them up.
const EXCHANGES_OF_A_USER: Allowance = Allowance { at_once: 8, one_more_every: Duration::from_secs(10) };
const ATTEMPTS: u32 = 3;

/// An exchange on its way.
#[derive(Debug)]
struct Flight {
    session: usize,
    generation: Generation,
    /// A call has caused it: it was taken from the user's budget.
    is_caused: bool,
    outcome: Option<Result<ExchangedToken, ExchangeError>>,
}

struct Session {
    principal: Principal,
    machine: SessionMachine<usize>,
    witness: Witness,
    handle: Arc<SessionHandle>,
    tickets: Vec<(Generation, Ticket)>,
    life: Life,
}

impl Session {
    /// Whether calls go on in it that `subject` covers.
    fn is_spared_by(&self, subject: &Subject) -> bool {
        let goes_on = matches!(self.life, Life::Open | Life::Crashed);
        goes_on && subject.covers(&self.principal) && !self.handle.cancellation().is_cancelled()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Open,
    Crashed,
    Idle,
    Revoked,
    Drained,
}

struct Call {
    principal: Principal,
    token: Token,
    assertion: Assertion,
    /// What it still asks for: one thing, or a batch.
    items: Vec<GateRequest>,
    /// How many of them, from the first on, are at the gate or at Graph.
    together: usize,
    session: Option<usize>,
    /// Among the calls of the process and of its tenant.
    places: Option<Places>,
    /// Among the calls in its session.
    place: Option<OwnedSemaphorePermit>,
    deadline: Instant,
    lease: Option<Arc<Lease>>,
    has_replaced: bool,
    attempt: u32,
    has_successor: bool,
    /// What it still has to say when there is a successor.
    rejected: Option<Rejection>,
    waiting: Option<Waiting>,
    permit: Option<GatePermit>,
    is_over: bool,
}

/// The clock of the gate: virtual time, in milliseconds since the schedule began.
#[derive(Debug)]
struct VirtualClock {
    origin: Instant,
    millis: AtomicU64,
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        EPOCH + Duration::from_millis(self.millis.load(Ordering::Relaxed))
    }

    fn instant(&self) -> Instant {
        self.origin + Duration::from_millis(self.millis.load(Ordering::Relaxed))
    }
}

pub(super) struct World {
    chance: Chance,
    clock: Arc<VirtualClock>,
    settings: ActorSettings,
    weather: Weather,
    /// What is done wrong, so that the books can show that they notice.
    sabotage: Option<Sabotage>,
    /// When, then by chance, which.
    agenda: BinaryHeap<Reverse<(u64, u64, usize)>>,
    happenings: Vec<Happening>,
    pace: Pace<usize>,
    gate: Gate,
    learned: Learned,
    process: Permits,
    /// For what a change of a limit leaves to be done as calls end; and whether there may be something.
    runtime: OnceCell<Runtime>,
    is_unsettled: bool,
    policies: Policies,
    tenants: HashMap<TenantId, Tenant>,
    directory: SessionDirectory,
    sessions: Vec<Session>,
    retries: Arc<RetryBudget>,
    ending: CancellationToken,
    is_draining: bool,
    flights: Vec<Flight>,
    calls: Vec<Call>,
    at_gate: Vec<usize>,
    /// What the throttle actor is told.
    refusals: Vec<Learn>,
    tokens: Tokens,
    books: Books,
    played: Played,
    /// When, and which.
    told: Vec<(u64, usize)>,
}

type Kept = Result<(), Broken>;

impl Call {
    /// What is at the gate, or at Graph.
    fn part(&self) -> &[GateRequest] {
        self.items.get(..self.together).unwrap_or_default()
    }
}

impl World {
    pub(super) fn begin(seed: u64, sabotage: Option<Sabotage>) -> Self {
        let mut chance = Chance::of(seed);
        let clock = Arc::new(VirtualClock { origin: Instant::now(), millis: AtomicU64::new(0) });
        let mut settings = ActorSettings::default();
        settings.exchanges.per_user = EXCHANGES_OF_A_USER;
        let weather = Weather::of(&mut chance);
        let mut throttle = settings.throttle;
        if sabotage == Some(Sabotage::GateLetsTooManyPass) {
            throttle.outlook_concurrency = throttle.default_concurrency;
        }
        let gate = Gate::new(throttle, Arc::clone(&clock) as Arc<dyn Clock>);
        let per_second = EXCHANGES_PER_SECOND.try_into().unwrap_or(std::num::NonZeroU32::MIN);
        let books = Books::new(&settings, EXCHANGES_PER_SECOND, clock.instant());
        let retries = Arc::new(RetryBudget::new(clock.now()));
        let mut world = Self {
            chance,
            clock,
            settings,
            weather,
            sabotage,
            agenda: BinaryHeap::new(),
            happenings: Vec::new(),
            pace: Pace::new(per_second),
            gate,
            learned: Learned::default(),
            process: Permits::new(PROCESS_CALLS),
            runtime: OnceCell::new(),
            is_unsettled: false,
            policies: Policies::default(),
            tenants: HashMap::new(),
            directory: SessionDirectory::default(),
            sessions: Vec::new(),
            retries,
            ending: CancellationToken::new(),
            is_draining: false,
            flights: Vec::new(),
            calls: Vec::new(),
            at_gate: Vec::new(),
            refusals: Vec::new(),
            tokens: Tokens::default(),
            books,
            played: Played::default(),
            told: Vec::new(),
        };
        world.invite();
        world
    }

    fn put(&mut self, at: u64, happening: Happening) {
        self.happenings.push(happening);
        let order = self.chance.draw();
        self.agenda.push(Reverse((at, order, self.happenings.len() - 1)));
    }

    fn put_after(&mut self, after: Duration, happening: Happening) {
        // Rounded up: whoever comes too early would only come again.
        let millis = u64::try_from(after.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
        self.put(self.millis() + millis, happening);
    }

    fn put_at(&mut self, at: Instant, happening: Happening) {
        self.put_after(at.saturating_duration_since(self.instant()), happening);
    }

    fn millis(&self) -> u64 {
        self.clock.millis.load(Ordering::Relaxed)
    }

    fn instant(&self) -> Instant {
        self.clock.instant()
    }

    fn suffers(&self, sabotage: Sabotage) -> bool {
        self.sabotage == Some(sabotage)
    }

    pub(super) fn played(&self) -> Played {
        self.played
    }

    pub(super) fn latest(&self, count: usize) -> Vec<String> {
        let from = self.told.len().saturating_sub(count);
        let tell = |(at, which): &(u64, usize)| format!("{at:>8} ms {:?}", self.happenings[*which]);
        self.told.iter().skip(from).map(tell).collect()
    }

    /// Lets the next thing happen; false when there is none.
    pub(super) fn go_on(&mut self) -> Result<bool, Broken> {
        let Some(Reverse((at, _, which))) = self.agenda.pop() else { return Ok(false) };
        let happening = self.happenings[which];
        self.clock.millis.store(at, Ordering::Relaxed);
        self.told.push((at, which));
        let mut story = DefaultHasher::new();
        (self.played.story, at, format!("{happening:?}")).hash(&mut story);
        self.played.story = story.finish();
        self.played.happenings += 1;
        self.happen(happening)?;
        self.settle();
        self.answer_bells()?;
        Ok(true)
    }

    /// Everything is over: nothing may be left.
    pub(super) fn rest(&mut self) -> Kept {
        hold(self.calls.iter().all(|call| call.is_over), Broken::Overdue)?;
        self.settle();
        let is_empty = |permits: &Permits| permits.in_use() == 0;
        let are_empty = self.tenants.values().all(|tenant| is_empty(&tenant.permits));
        hold(are_empty && is_empty(&self.process), Broken::Remembered)?;
        hold(self.directory.count() == 0 && self.pace.waiting() == 0, Broken::Remembered)?;
        self.sessions.clear();
        self.sweep(Duration::from_secs(24 * 3_600));
        let remembers_nobody = |tenant: &Tenant| tenant.supervision.users() == 0;
        hold(self.tenants.values().all(remembers_nobody), Broken::Remembered)?;
        self.gate.forget_idle(self.instant() + Duration::from_secs(24 * 3_600));
        hold(self.gate.keys() == 0, Broken::Remembered)
    }

    fn is_at(&self, call: usize, attempt: u32) -> bool {
        !self.calls[call].is_over && self.calls[call].attempt == attempt
    }
}
