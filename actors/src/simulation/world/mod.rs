//! Users, tenants, sessions and calls of one schedule, and what happens to them.

mod calls;
mod sessions;
mod tokens;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use self::tokens::Tokens;
use super::books::{Books, Broken, hold};
use super::chance::Chance;
use super::graph::{Weather, request};
use super::played::Played;
use super::sabotage::Sabotage;
use crate::assertion::Assertion;
use crate::clock::{Clock, Timestamp};
use crate::exchange::{Pace, Ticket};
use crate::identity::Principal;
use crate::lease::Lease;
use crate::ports::{ExchangeError, ExchangedToken};
use crate::revocation::Subject;
use crate::session::{Generation, Published, SessionMachine, Witness};
use crate::settings::ActorSettings;
use crate::testing::{EPOCH, assertion, principal};
use crate::throttle::{Gate, GatePermit, GateRequest, Waiting};

/// Slow enough for callers to wait for their turn.
const EXCHANGES_PER_SECOND: u32 = 20;
/// Callers come during so long a time.
const OPEN_FOR_MILLIS: u64 = 40_000;
const ATTEMPTS: u32 = 3;

/// Something that is going to happen.
#[derive(Debug, Clone, Copy)]
enum Happening {
    CallComes(Principal, u64),
    CallerLeaves(usize),
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
    Deadline(usize),
}

/// An exchange on its way.
#[derive(Debug)]
struct Flight {
    session: usize,
    generation: Generation,
    outcome: Option<Result<ExchangedToken, ExchangeError>>,
}

struct Session {
    principal: Principal,
    machine: SessionMachine<usize>,
    witness: Witness,
    published: Published,
    tickets: Vec<(Generation, Ticket)>,
    life: Life,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Open,
    Crashed,
    Idle,
    Revoked,
}

struct Call {
    principal: Principal,
    assertion: Assertion,
    request: GateRequest,
    session: usize,
    deadline: Instant,
    lease: Option<Arc<Lease>>,
    has_replaced: bool,
    attempt: u32,
    has_successor: bool,
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
    sessions: Vec<Session>,
    current: HashMap<Principal, usize>,
    flights: Vec<Flight>,
    calls: Vec<Call>,
    at_gate: Vec<usize>,
    tokens: Tokens,
    books: Books,
    played: Played,
    told: Vec<(u64, Happening)>,
}

type Kept = Result<(), Broken>;

impl World {
    pub(super) fn begin(seed: u64, sabotage: Option<Sabotage>) -> Self {
        let mut chance = Chance::of(seed);
        let clock = Arc::new(VirtualClock { origin: Instant::now(), millis: AtomicU64::new(0) });
        let settings = ActorSettings::default();
        let weather = Weather::of(&mut chance);
        let mut throttle = settings.throttle;
        if sabotage == Some(Sabotage::GateLetsTooManyPass) {
            throttle.outlook_concurrency = throttle.default_concurrency;
        }
        let gate = Gate::new(throttle, Arc::clone(&clock) as Arc<dyn Clock>);
        let per_second = EXCHANGES_PER_SECOND.try_into().unwrap_or(std::num::NonZeroU32::MIN);
        let books = Books::new(settings.throttle, EXCHANGES_PER_SECOND);
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
            sessions: Vec::new(),
            current: HashMap::new(),
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

    /// Puts what comes from outside on the agenda.
    fn invite(&mut self) {
        let (tenants, users) = (1 + self.chance.below(2), 1 + self.chance.below(3));
        let somebody = |chance: &mut Chance| {
            principal(u128::from(chance.below(tenants)), u128::from(chance.below(users)))
        };
        // Now and then a crowd, or nobody would ever find a mailbox taken.
        let crowd = if self.chance.happens(10) { 60 } else { 0 };
        for _ in 0..5 + crowd + self.chance.below(25) {
            let who = somebody(&mut self.chance);
            let device = self.chance.below(3);
            // Some come at one moment.
            let resolution = self.chance.pick(&[1, 10_000]);
            let at = self.chance.below(OPEN_FOR_MILLIS) / resolution * resolution;
            self.put(at, Happening::CallComes(who, device));
        }
        for _ in 0..self.chance.below(3) {
            let who = somebody(&mut self.chance);
            let at = self.chance.below(OPEN_FOR_MILLIS);
            let trouble = [Happening::Crash(who), Happening::Revoke(who), Happening::RevokeTenant(who)];
            let trouble = self.chance.pick(&trouble);
            self.put(at, trouble);
        }
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
        hold(self.current.is_empty() && self.pace.waiting() == 0, Broken::Remembered)?;
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
            Happening::Crash(who) => self.crash(who),
            Happening::Revoke(who) => self.revoke(&Subject::Client(who)),
            Happening::RevokeTenant(who) => self.revoke(&Subject::Tenant(who.tenant)),
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
        let request = request(&who, &mut self.chance);
        let session = self.session_of(who);
        let call = self.calls.len();
        self.calls.push(Call {
            principal: who,
            assertion: assertion(&name, expires_at),
            request,
            session,
            deadline,
            lease: None,
            has_replaced: false,
            attempt: 0,
            has_successor: false,
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
        self.want_lease(call, None)
    }
}
