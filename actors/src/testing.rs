//! Doubles of the ports, and a small world to put them in.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::assertion::{Assertion, AssertionHash, PresentedToken};
use crate::call::Call;
use crate::clock::{Clock, Timestamp};
use crate::graph_token::GraphToken;
use crate::identity::{ClientId, ObjectId, Principal, TenantId};
use crate::jitter::Jitter;
use crate::lease::GrantedScopes;
use crate::ports::{
    ExchangeError, ExchangeFault, ExchangeRequest, ExchangedToken, Ports, SecondTurn, TenantLimits,
    TenantRegistry, TokenExchange,
};
use crate::runtime::Actors;
use crate::session::LeaseWait;
use crate::settings::ActorSettings;
use crate::tenant_size::TenantSize;

pub(crate) const EPOCH: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

pub(crate) fn tenant(number: u128) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn principal(tenant_number: u128, user_number: u128) -> Principal {
    Principal {
        tenant: tenant(tenant_number),
        user: ObjectId::from_uuid(Uuid::from_u128(user_number)),
        client: ClientId::from_uuid(Uuid::from_u128(7)),
    }
}

pub(crate) fn assertion(name: &str, expires_at: Timestamp) -> Assertion {
    Assertion::new(name, AssertionHash::of(name), expires_at)
}

/// When the `nth` of a crowd comes: two hundred in each millisecond, so that no mailbox gets more than that at once.
pub(crate) async fn arrival(nth: u64) {
    sleep(Duration::from_millis(nth / 200)).await;
}

pub(crate) fn graph_token(name: &str) -> GraphToken {
    GraphToken::parse(name).unwrap()
}

pub(crate) fn exchanged_token(name: &str) -> ExchangedToken {
    ExchangedToken {
        token: graph_token(name),
        scopes: GrantedScopes::parse("Mail.Read"),
        expires_in: Duration::from_secs(3_600),
        refresh_in: None,
    }
}

/// A call of this user, with an assertion of a day that was issued at `issued`.
pub(crate) fn call_at(
    clock: &dyn Clock,
    issued: Timestamp,
    principal: Principal,
    time: Duration,
) -> Call<'static> {
    let token: &str = format!("{}/{}", principal.tenant, principal.user).leak();
    let expires_at = issued + Duration::from_secs(24 * 3_600);
    Call {
        principal,
        token: PresentedToken::new(token, AssertionHash::of(token), expires_at),
        deadline: clock.instant() + time,
        correlation_id: Uuid::new_v4(),
        cancel: CancellationToken::new(),
    }
}

/// A clock that follows tokio's time, so that a test with paused time owns both of its readings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RuntimeClock {
    epoch: Timestamp,
    started: Instant,
}

impl RuntimeClock {
    pub(crate) fn starting_at(epoch: Timestamp) -> Self {
        Self { epoch, started: Instant::now() }
    }
}

impl Clock for RuntimeClock {
    fn now(&self) -> Timestamp {
        self.epoch + self.started.elapsed()
    }

    fn instant(&self) -> Instant {
        Instant::now()
    }
}

/// What Entra does with the next exchange.
#[derive(Debug)]
pub(crate) enum Script {
    Refuse(ExchangeError),
    Panic,
}

/// What Entra answers while it is down.
const DOWN: ExchangeError = ExchangeError::Unavailable(ExchangeFault::ServerError(503));

/// An Entra that takes 100 ms and grants, unless it is scripted to do otherwise.
#[derive(Debug, Default)]
pub(crate) struct FakeEntra {
    asked: Mutex<Vec<ExchangeRequest>>,
    asked_at: Arc<Mutex<Vec<Instant>>>,
    is_down: AtomicBool,
    script: Mutex<VecDeque<Script>>,
    takes: Mutex<Option<Duration>>,
}

impl FakeEntra {
    pub(crate) const TAKES: Duration = Duration::from_millis(100);

    pub(crate) fn next(&self, script: Script) {
        self.script.lock().unwrap().push_back(script);
    }

    pub(crate) fn takes_from_now_on(&self, time: Duration) {
        *self.takes.lock().unwrap() = Some(time);
    }

    /// From now on it fails, and is asked a second time where that is let.
    pub(crate) fn goes_down(&self) {
        self.is_down.store(true, Ordering::SeqCst);
    }

    /// How often it was asked, second attempts included.
    pub(crate) fn attempts(&self) -> usize {
        self.asked_at.lock().unwrap().len()
    }

    pub(crate) fn exchanges(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// The largest number of exchanges that began within one second of each other.
    pub(crate) fn most_in_a_second(&self) -> usize {
        let times = self.asked_at.lock().unwrap();
        let mut first = 0;
        let mut most = 0;
        for (last, time) in times.iter().enumerate() {
            while times[first] + Duration::from_secs(1) <= *time {
                first += 1;
            }
            most = most.max(last + 1 - first);
        }
        most
    }

    pub(crate) fn last_request(&self) -> ExchangeRequest {
        self.asked.lock().unwrap().last().unwrap().clone()
    }
}

impl TokenExchange for FakeEntra {
    fn exchange(
        &self,
        request: ExchangeRequest,
        second: SecondTurn,
    ) -> BoxFuture<'static, Result<ExchangedToken, ExchangeError>> {
        let Principal { tenant, user, .. } = request.principal;
        self.asked_at.lock().unwrap().push(Instant::now());
        let mut asked = self.asked.lock().unwrap();
        asked.push(request);
        let token = exchanged_token(&format!("{tenant}/{user}/{}", asked.len()));
        let script = self.script.lock().unwrap().pop_front();
        let takes = self.takes.lock().unwrap().unwrap_or(Self::TAKES);
        let (is_down, asked_at) = (self.is_down.load(Ordering::SeqCst), Arc::clone(&self.asked_at));
        async move {
            sleep(takes).await;
            if is_down {
                if second.comes().await {
                    asked_at.lock().unwrap().push(Instant::now());
                    sleep(takes).await;
                }
                return Err(DOWN);
            }
            match script {
                None => Ok(token),
                Some(Script::Refuse(error)) => Err(error),
                Some(Script::Panic) => panic!("the adapter is broken, as scripted"),
            }
        }
        .boxed()
    }
}

/// Always zero; breaks whoever asks next when it is told to.
#[derive(Debug, Default)]
pub(crate) struct FakeJitter {
    breaks: AtomicBool,
}

impl FakeJitter {
    pub(crate) fn break_next(&self) {
        self.breaks.store(true, Ordering::SeqCst);
    }
}

impl Jitter for FakeJitter {
    fn fraction(&self) -> f64 {
        assert!(!self.breaks.swap(false, Ordering::SeqCst), "the actor is broken, as scripted");
        0.0
    }
}

#[derive(Debug, Default)]
pub(crate) struct FakeRegistry {
    limits: HashMap<TenantId, TenantLimits>,
    /// Of all tenants, from the second question on.
    afterwards: OnceLock<TenantLimits>,
    has_been_asked: AtomicBool,
}

impl FakeRegistry {
    pub(crate) fn of(tenants: impl IntoIterator<Item = TenantId>, limits: TenantLimits) -> Self {
        let limits = tenants.into_iter().map(|tenant| (tenant, limits)).collect();
        Self { limits, ..Self::default() }
    }

    /// Says this from the second question on.
    pub(crate) fn afterwards(&self, limits: TenantLimits) {
        self.afterwards.get_or_init(|| limits);
    }
}

impl TenantRegistry for FakeRegistry {
    fn limits(&self, tenant: TenantId) -> Option<TenantLimits> {
        let first = self.limits.get(&tenant).copied()?;
        let now = self.has_been_asked.swap(true, Ordering::SeqCst).then(|| self.afterwards.get().copied());
        Some(now.flatten().unwrap_or(first))
    }
}

/// Actors on the test's own thread, with paused time and two tenants, 1 and 2, of 2,000 calls each, 2 a session.
pub(crate) struct World {
    pub(crate) actors: Actors,
    pub(crate) entra: Arc<FakeEntra>,
    pub(crate) jitter: Arc<FakeJitter>,
    pub(crate) registry: Arc<FakeRegistry>,
    pub(crate) clock: RuntimeClock,
}

impl World {
    pub(crate) const LIMITS: TenantLimits =
        TenantLimits { concurrent_calls: 2_000, concurrent_calls_per_session: 2, size: TenantSize::UNKNOWN };

    /// Pauses time, too: call it first.
    pub(crate) fn start() -> Self {
        Self::with_limits(Self::LIMITS)
    }

    pub(crate) fn with_limits(limits: TenantLimits) -> Self {
        tokio::time::pause();
        let entra = Arc::new(FakeEntra::default());
        let jitter = Arc::new(FakeJitter::default());
        let clock = RuntimeClock::starting_at(EPOCH);
        let registry = Arc::new(FakeRegistry::of([tenant(1), tenant(2)], limits));
        let ports = Ports {
            exchange: Arc::clone(&entra) as Arc<dyn TokenExchange>,
            clock: Arc::new(clock),
            registry: Arc::clone(&registry) as Arc<dyn TenantRegistry>,
            jitter: Arc::clone(&jitter) as Arc<dyn Jitter>,
        };
        let actors = Actors::start_here(ActorSettings::default(), ports);
        Self { actors, entra, jitter, registry, clock }
    }

    /// A call of this user, with 30 s to go.
    pub(crate) fn call(&self, principal: Principal) -> Call<'static> {
        self.call_within(principal, Duration::from_secs(30))
    }

    pub(crate) fn call_within(&self, principal: Principal, time: Duration) -> Call<'static> {
        call_at(&self.clock, EPOCH, principal, time)
    }

    /// A whole call: in, a lease, out. The Graph token it would have used.
    pub(crate) async fn token(&self, principal: Principal) -> String {
        let call = self.call(principal);
        let visit = self.actors.visit(&call).await.unwrap();
        visit.lease(&call, &LeaseWait::default()).await.unwrap().expose_token().to_owned()
    }
}
