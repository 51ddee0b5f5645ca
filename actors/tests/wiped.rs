//! None of the memory that is freed holds a token or a key still: what this crate lets go is wiped.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a test that meets what it did not expect should end there and say so"
)]

mod freed_memory;

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

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
use uuid::Uuid;

use self::freed_memory::{Mark, found_of};

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

fn found_after(life: impl FnOnce(&Secrets)) -> usize {
    let secrets = Secrets::of(Mark::fresh());
    found_of(secrets.mark, || life(&secrets))
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
