//! Users, tenants, sessions and calls of one schedule, and what happens to them.

mod calls;
mod invited;
mod sessions;
mod tenants;
mod tokens;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::tenants::Tenant;
use self::tokens::Tokens;
use super::books::{Books, Broken, hold};
use super::chance::Chance;
use super::graph::{Weather, items};
use super::played::Played;
use super::sabotage::Sabotage;
use crate::assertion::Assertion;
use crate::clock::{Clock, Timestamp};
use crate::exchange::{Pace, Ticket};
use crate::identity::{Principal, TenantId};
use crate::lease::Lease;
use crate::ports::{ExchangeError, ExchangedToken};
use crate::retry_budget::RetryBudget;
use crate::revocation::Subject;
use crate::session::{Generation, Rejection, SessionDirectory, SessionHandle, SessionMachine, Witness};
use crate::settings::{ActorSettings, Allowance};
use crate::testing::{EPOCH, assertion};
use crate::throttle::{Gate, GatePermit, GateRequest, Waiting};

/// Slow enough for callers to wait for their turn.
const EXCHANGES_PER_SECOND: u32 = 20;
/// Few enough for a user with many tokens to use them up.
const EXCHANGES_OF_A_USER: Allowance = Allowance { at_once: 8, one_more_every: Duration::from_secs(10) };
const ATTEMPTS: u32 = 3;

/// Something that is going to happen.
#[derive(Debug, Clone, Copy)]
enum Happening {
    CallComes(Principal, u64),
    CallerLeaves(usize),
    /// A call looks for its session.
    Enters(usize),
    /// A supervisor is asked for the session of a call.
    Opens(usize),
    OwnerHears(Report),
    /// A session's actor hears of its end.
    Stops(usize),
    /// Entra answers a flight.
    ExchangeEnds(usize),
    Wake(usize),
    PaceOpens,
    GateTurn(usize),
    GraphAnswers {
        call: usize,
        attempt: u32,
    },
    TryAgain {
        call: usize,
        attempt: u32,
    },
    Crash(Principal),
    Revoke(Principal),
    RevokeTenant(Principal),
    Sweep,
    Drain,
    Deadline(usize),
}

/// What a session's actor says to its owner.
#[derive(Debug, Clone, Copy)]
enum Report {
    Idle(usize),
    Crashed(Principal),
}

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
    assertion: Assertion,
    /// What it still asks for: one thing, or a batch.
    items: Vec<GateRequest>,
    /// How many of them, from the first on, are at the gate or at Graph.
    together: usize,
    session: Option<usize>,
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
    tenants: HashMap<TenantId, Tenant>,
    directory: SessionDirectory,
    sessions: Vec<Session>,
    retries: Arc<RetryBudget>,
    ending: CancellationToken,
    is_draining: bool,
    flights: Vec<Flight>,
    calls: Vec<Call>,
    at_gate: Vec<usize>,
    tokens: Tokens,
    books: Books,
    played: Played,
    told: Vec<(u64, Happening)>,
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
            tenants: HashMap::new(),
            directory: SessionDirectory::default(),
            sessions: Vec::new(),
            retries,
            ending: CancellationToken::new(),
            is_draining: false,
            flights: Vec::new(),
            calls: Vec::new(),
            at_gate: Vec::new(),
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
        let millis = u64::try_from(after.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX);
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
        self.told.iter().skip(from).map(|(at, happening)| format!("{at:>8} ms {happening:?}")).collect()
    }

    /// Lets the next thing happen; false when there is none.
    pub(super) fn go_on(&mut self) -> Result<bool, Broken> {
        let Some(Reverse((at, _, which))) = self.agenda.pop() else { return Ok(false) };
        let happening = self.happenings[which];
        self.clock.millis.store(at, Ordering::Relaxed);
        self.told.push((at, happening));
        let mut story = DefaultHasher::new();
        (self.played.story, at, format!("{happening:?}")).hash(&mut story);
        self.played.story = story.finish();
        self.played.happenings += 1;
        self.happen(happening)?;
        self.answer_bells()?;
        Ok(true)
    }

    /// Everything is over: nothing may be left.
    pub(super) fn rest(&mut self) -> Kept {
        hold(self.calls.iter().all(|call| call.is_over), Broken::Overdue)?;
        hold(self.directory.count() == 0 && self.pace.waiting() == 0, Broken::Remembered)?;
        self.sessions.clear();
        self.sweep(Duration::from_secs(24 * 3_600));
        let remembers_nobody = |tenant: &Tenant| tenant.supervision.users() == 0;
        hold(self.tenants.values().all(remembers_nobody), Broken::Remembered)?;
        self.gate.forget_idle(self.instant() + Duration::from_secs(24 * 3_600));
        hold(self.gate.keys() == 0, Broken::Remembered)
    }

    fn happen(&mut self, happening: Happening) -> Kept {
        match happening {
            Happening::CallComes(who, device) => self.call_comes(who, device),
            Happening::CallerLeaves(call) => {
                self.played.left += u64::from(!self.calls[call].is_over);
                self.end(call);
                Ok(())
            }
            Happening::Enters(call) => self.enter(call),
            Happening::Opens(call) => self.opens(call),
            Happening::OwnerHears(report) => self.owner_hears(report),
            Happening::Stops(session) => {
                self.stops(session);
                Ok(())
            }
            Happening::ExchangeEnds(flight) => self.exchange_ends(flight),
            Happening::Wake(session) => self.wake(session),
            Happening::PaceOpens => {
                let told = self.pace.release(self.instant());
                self.tell(told)
            }
            Happening::GateTurn(call) => self.try_gate(call),
            Happening::GraphAnswers { call, attempt } => self.graph_answers(call, attempt),
            Happening::TryAgain { call, attempt } if self.is_at(call, attempt) => self.enter_gate(call),
            Happening::TryAgain { .. } => Ok(()),
            Happening::Crash(who) => {
                self.crash(who);
                Ok(())
            }
            Happening::Revoke(who) => self.revoke(&Subject::Client(who)),
            Happening::RevokeTenant(who) => self.revoke(&Subject::Tenant(who.tenant)),
            Happening::Sweep => {
                self.sweep(Duration::ZERO);
                Ok(())
            }
            Happening::Drain => {
                self.drain();
                Ok(())
            }
            Happening::Deadline(call) => {
                self.try_gate(call)?;
                self.end(call);
                Ok(())
            }
        }
    }

    fn is_at(&self, call: usize, attempt: u32) -> bool {
        !self.calls[call].is_over && self.calls[call].attempt == attempt
    }

    fn call_comes(&mut self, who: Principal, device: u64) -> Kept {
        let mut deadline = self.instant() + self.chance.millis(1_000, 30_000);
        if self.suffers(Sabotage::CallsOutliveTheirLease) {
            deadline += Duration::from_secs(3_600);
        }
        let now = self.clock.now();
        let (name, expires_at) = self.tokens.present(who, device, now, &mut self.chance)?;
        let items = items(&who, &mut self.chance);
        self.played.batches += u64::from(items.len() > 1);
        let call = self.calls.len();
        self.calls.push(Call {
            principal: who,
            assertion: assertion(&name, expires_at),
            items,
            together: 0,
            session: None,
            place: None,
            deadline,
            lease: None,
            has_replaced: false,
            attempt: 0,
            has_successor: false,
            rejected: None,
            waiting: None,
            permit: None,
            is_over: false,
        });
        self.played.calls += 1;
        self.put_at(deadline, Happening::Deadline(call));
        if self.chance.happens(15) {
            let after = self.chance.millis(0, 5_000);
            self.put_after(after, Happening::CallerLeaves(call));
        }
        self.enter(call)
    }
}
