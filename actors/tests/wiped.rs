//! Every block of memory is looked at as it is freed: none that held a token or a key holds any of it still.
//!
//! Nothing here is `unsafe`. The allocator says which block it has freed, and what lies there is read as a debugger would
//! read it, from `/proc/self/mem`: of a freed block, the system's allocator writes over the first few bytes alone.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a test that meets what it did not expect should end there and say so"
)]

use std::alloc::System;
use std::fs::File;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connector_actors::assertion::{AssertionHash, PresentedToken};
use connector_actors::clock::{Clock, SystemClock, Timestamp};
use connector_actors::graph_token::GraphToken;
use connector_actors::identity::{ClientId, ObjectId, Principal, TenantId};
use connector_actors::lease::{GrantedScopes, Lease, LeaseOwner};
use connector_actors::ports::{
    ExchangeError, ExchangeRequest, ExchangedToken, SecondTurn, TenantLimits, TenantRegistry, TokenExchange,
};
use connector_actors::vault::{KeyId, LeaseSealer, MasterKey, SealedLease, SealingKeys};
use connector_actors::{ActorSettings, Actors, Call, LeaseWait, Ports, RandomJitter, TenantSize};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use rstest::rstest;
use tokio_util::sync::CancellationToken;
use tracking_allocator::{AllocationGroupId, AllocationRegistry, AllocationTracker, Allocator};
use uuid::Uuid;

#[global_allocator]
static ALLOCATOR: Allocator<System> = Allocator::system();

/// What the secrets of one test are made of, over and over: text, and the bytes that it encodes in base64url. No two tests
/// have the same, for what one leaves behind lies in the memory that the next one is given.
#[derive(Clone, Copy)]
struct Mark {
    text: [u8; 16],
    encoded: [u8; 12],
}

impl Mark {
    fn new(number: usize) -> Self {
        let (mut text, mut encoded) = (*b"canary_-00000000", [0; 12]);
        for (at, digit) in text[8..].iter_mut().rev().enumerate() {
            *digit += u8::try_from(number >> (3 * at) & 7).unwrap();
        }
        assert_eq!(URL_SAFE_NO_PAD.decode_slice(text, &mut encoded), Ok(12));
        Self { text, encoded }
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        let holds = |mark: &[u8]| bytes.windows(mark.len()).any(|window| window == mark);
        holds(&self.text) || holds(&self.encoded)
    }

    /// Such a text: parts of so many marks, with dots between them, and an end. It is never freed, and made without a copy
    /// that is.
    fn text(&self, parts: &[usize], end: &str) -> &'static str {
        let room = parts.iter().sum::<usize>() * self.text.len() + parts.len() - 1 + end.len();
        let mut text = String::with_capacity(room);
        for (at, times) in parts.iter().enumerate() {
            text.push_str(if at == 0 { "" } else { "." });
            (0..*times).for_each(|_| text.push_str(str::from_utf8(&self.text).unwrap()));
        }
        text.push_str(end);
        text.leak()
    }
}

/// The secrets of one test.
struct Secrets {
    mark: Mark,
    jwt: &'static str,
    /// No JWT, which shows in the last character.
    almost_a_jwt: &'static str,
    /// Text of a token that is no JWT.
    opaque: &'static str,
    key: [u8; 32],
}

impl Secrets {
    fn of(mark: Mark) -> Self {
        Self {
            mark,
            jwt: mark.text(&[20, 60, 20], ""),
            almost_a_jwt: mark.text(&[20, 60, 20], "="),
            opaque: mark.text(&[60], ""),
            key: std::array::from_fn(|at| mark.encoded[at % mark.encoded.len()]),
        }
    }
}

/// What is looked for, and in how many freed blocks it still stood.
static LOOKED_FOR: Mutex<Option<Mark>> = Mutex::new(None);
static FOUND: AtomicUsize = AtomicUsize::new(0);

/// Looks at what is freed.
struct Watch(File);

/// In bytes, how much is looked at in one go.
const WINDOW: usize = 16 * 1024;
/// So much of it again with the next: more than a mark is long.
const OVERLAP: usize = 16;

impl AllocationTracker for Watch {
    fn allocated(&self, _: usize, _: usize, _: usize, _: AllocationGroupId) {}

    fn deallocated(&self, address: usize, size: usize, _: usize, _: AllocationGroupId, _: AllocationGroupId) {
        let Some(mark) = *LOOKED_FOR.lock().unwrap_or_else(PoisonError::into_inner) else { return };
        let mut window = [0; WINDOW];
        for at in (0..size).step_by(WINDOW - OVERLAP) {
            let window = &mut window[..WINDOW.min(size - at)];
            // What has gone back to the system can't be read by anybody.
            if self.0.read_exact_at(window, (address + at) as u64).is_ok() && mark.is_in(window) {
                FOUND.fetch_add(1, Ordering::SeqCst);
                return;
            }
        }
    }
}

/// In how many of the blocks that are freed during `life` a mark still stands.
fn found_after(life: impl FnOnce(&Secrets)) -> usize {
    static TURN: Mutex<usize> = Mutex::new(0);
    let mut turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    if *turn == 0 {
        let watch = Watch(File::open("/proc/self/mem").unwrap());
        assert!(AllocationRegistry::set_global_tracker(watch).is_ok());
        AllocationRegistry::enable_tracking();
    }
    *turn += 1;
    let mark = Mark::new(*turn);
    let secrets = Secrets::of(mark);
    *LOOKED_FOR.lock().unwrap() = Some(mark);
    FOUND.store(0, Ordering::SeqCst);
    life(&secrets);
    *LOOKED_FOR.lock().unwrap() = None;
    FOUND.load(Ordering::SeqCst)
}

/// All below would hold of anything: nothing would be found that is there to be found.
#[rstest]
#[case::a_text(|secrets: &Secrets| drop(black_box(secrets.opaque.to_owned())))]
#[case::what_it_encodes(|secrets: &Secrets| drop(black_box(secrets.mark.encoded.repeat(20))))]
#[case::a_key(|secrets: &Secrets| drop(black_box(Box::new(secrets.key))))]
#[case::a_text_that_moved_as_it_grew(|secrets: &Secrets| {
    let mut text = secrets.opaque.to_owned();
    text.push_str(secrets.jwt);
    std::mem::forget(black_box(text));
})]
#[case::a_text_on_another_thread(|secrets: &Secrets| {
    let text = secrets.opaque;
    std::thread::spawn(|| drop(black_box(text.to_owned()))).join().unwrap();
})]
fn what_is_not_wiped_is_found(#[case] life: fn(&Secrets)) {
    assert!(found_after(life) > 0);
}

/// Tokens would lie about in memory long after the session that held them, for a core dump or the next reader to find.
#[rstest]
#[case::an_assertion(|secrets: &Secrets| assertion(secrets.jwt))]
#[case::one_that_is_no_jwt(|secrets: &Secrets| assertion(secrets.opaque))]
#[case::one_that_is_none_at_the_last(|secrets: &Secrets| assertion(secrets.almost_a_jwt))]
#[case::a_graph_token(graph_token)]
#[case::a_lease(lease)]
#[case::a_lease_that_was_sealed(sealed)]
#[case::a_lease_that_was_opened(opened)]
#[case::a_lease_that_was_not_opened(not_opened)]
#[case::keys(keys)]
#[case::a_session(session)]
fn what_is_let_go_is_wiped(#[case] life: fn(&Secrets)) {
    assert_eq!(found_after(life), 0);
}

fn in_an_hour() -> Timestamp {
    SystemClock.now() + Duration::from_secs(3_600)
}

fn presented(text: &str) -> PresentedToken<'_> {
    PresentedToken::new(text, AssertionHash::of(text), in_an_hour())
}

fn assertion(text: &str) {
    let assertion = presented(text).to_assertion();
    let another = assertion.clone();
    assert_eq!(*assertion.expose_token(), text);
    drop(assertion);
    assert_eq!(*another.expose_token(), text);
}

fn token(text: &str) -> GraphToken {
    GraphToken::parse(text).unwrap()
}

fn graph_token(secrets: &Secrets) {
    let token = token(secrets.opaque);
    let header = token.clone().authorization().clone();
    assert_eq!(token.expose(), secrets.opaque);
    drop(token);
    assert!(secrets.mark.is_in(header.as_bytes()), "a request still sends it");
}

fn owner(secrets: &Secrets) -> LeaseOwner {
    let principal = Principal {
        tenant: TenantId::from_uuid(Uuid::from_u128(1)),
        user: ObjectId::from_uuid(Uuid::from_u128(2)),
        client: ClientId::from_uuid(Uuid::from_u128(3)),
    };
    LeaseOwner { principal, assertion: AssertionHash::of(secrets.jwt) }
}

fn a_lease(secrets: &Secrets) -> Lease {
    Lease::new(owner(secrets), token(secrets.opaque), GrantedScopes::parse("Mail.Read"), in_an_hour())
}

fn lease(secrets: &Secrets) {
    let lease = Arc::new(a_lease(secrets));
    let another = Arc::clone(&lease);
    drop(lease);
    assert_eq!(another.expose_token(), secrets.opaque);
}

fn master_key(id: u32, secrets: &Secrets) -> MasterKey {
    MasterKey::new(KeyId(id), &secrets.key)
}

/// A sealer that has had many keys, as a list that grew.
fn sealer(secrets: &Secrets) -> LeaseSealer {
    let mut former = Vec::new();
    for id in 2..20 {
        former.push(master_key(id, secrets));
    }
    LeaseSealer::new(SealingKeys::new(master_key(1, secrets), former))
}

fn keys(secrets: &Secrets) {
    let sealer = black_box(sealer(secrets));
    assert!(!secrets.mark.is_in(format!("{sealer:?}").as_bytes()));
}

fn sealed(secrets: &Secrets) {
    let sealed = sealer(secrets).seal(&a_lease(secrets)).unwrap();
    assert!(!secrets.mark.is_in(sealed.as_bytes()));
}

fn opened(secrets: &Secrets) {
    let sealer = sealer(secrets);
    let lease = sealer.open(owner(secrets), &sealer.seal(&a_lease(secrets)).unwrap()).unwrap();
    assert_eq!(lease.expose_token(), secrets.opaque);
}

/// By its last byte alone.
fn not_opened(secrets: &Secrets) {
    let sealer = sealer(secrets);
    let mut bytes = sealer.seal(&a_lease(secrets)).unwrap().as_bytes().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    assert!(sealer.open(owner(secrets), &SealedLease::from_bytes(bytes)).is_err());
}

/// Entra, to whom the right assertion must come; and a registry that lets one call in.
#[derive(Debug)]
struct World {
    jwt: &'static str,
    opaque: &'static str,
}

impl TokenExchange for World {
    fn exchange(
        &self,
        request: ExchangeRequest,
        _: SecondTurn,
    ) -> BoxFuture<'static, Result<ExchangedToken, ExchangeError>> {
        assert_eq!(*request.assertion.expose_token(), self.jwt);
        let scopes = GrantedScopes::parse("Mail.Read");
        let expires_in = Duration::from_secs(3_600);
        ready(Ok(ExchangedToken { token: token(self.opaque), scopes, expires_in, refresh_in: None })).boxed()
    }
}

impl TenantRegistry for World {
    fn limits(&self, _: TenantId) -> Option<TenantLimits> {
        Some(TenantLimits { concurrent_calls: 1, concurrent_calls_per_session: 1, size: TenantSize::UNKNOWN })
    }
}

/// From the first call to the end of the process, with a lease that Graph refused in between.
fn session(secrets: &Secrets) {
    let world = Arc::new(World { jwt: secrets.jwt, opaque: secrets.opaque });
    actix_rt::System::new().block_on(async {
        let ports = Ports {
            exchange: Arc::clone(&world) as Arc<dyn TokenExchange>,
            clock: Arc::new(SystemClock),
            registry: world,
            jitter: Arc::new(RandomJitter),
        };
        let settings = ActorSettings { shards: NonZeroUsize::MIN, ..ActorSettings::default() };
        let actors = Actors::start(settings, ports);
        let call = Call {
            principal: owner(secrets).principal,
            token: presented(secrets.jwt),
            deadline: SystemClock.instant() + Duration::from_secs(30),
            correlation_id: Uuid::from_u128(4),
            cancel: CancellationToken::new(),
        };
        let visit = actors.visit(&call).await.unwrap();
        let lease = visit.lease(&call, &LeaseWait::default()).await.unwrap();
        let newer = visit.replace(&call, &lease, None, &LeaseWait::default()).await.unwrap();
        assert!(!Arc::ptr_eq(&lease, &newer));
        assert_eq!(newer.expose_token(), secrets.opaque);
        drop((visit, lease, newer));
        actors.drain().await;
    });
}
