use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use rstest::rstest;
use tokio::time::sleep;

use super::{Actors, Census};
use crate::clock::{Clock, SystemClock};
use crate::jitter::{Jitter, RandomJitter};
use crate::ports::{Ports, TenantLimits};
use crate::revocation::Subject;
use crate::session::SessionReport;
use crate::session::{LeaseWait, SessionError};
use crate::settings::ActorSettings;
use crate::tenant::AdmissionError;
use crate::tenant_size::{TenantSize, UserCount};
use crate::testing::{FakeEntra, FakeRegistry, World, call_at, principal, tenant};
use crate::throttle::{GateKey, GateRequest, GateSubject, Workload};

const NOBODY: Census = Census { tenants: 0, sessions: 0, gate_keys: 0 };

/// A tenant would starve the others, or its permits would leak away.
#[actix_rt::test]
async fn a_tenant_has_as_many_calls_at_once_as_it_may_and_no_more() {
    let world = World::with_limits(TenantLimits {
        concurrent_calls: 2,
        concurrent_calls_per_session: 2,
        size: TenantSize::UNKNOWN,
    });
    let first = world.actors.admit(tenant(1)).unwrap();
    let _second = world.actors.admit(tenant(1)).unwrap();
    assert_eq!(world.actors.admit(tenant(1)).unwrap_err(), AdmissionError::TenantBusy);
    assert!(world.actors.admit(tenant(2)).is_ok(), "a busy tenant keeps another one out");

    drop(first);
    assert!(world.actors.admit(tenant(1)).is_ok());
}

/// Tokens of made-up tenants would fill the memory.
#[actix_rt::test]
async fn of_an_unknown_tenant_nothing_is_kept() {
    let world = World::start();
    assert_eq!(world.actors.admit(tenant(99)).unwrap_err(), AdmissionError::UnknownTenant);
    let call = world.call(principal(99, 1));
    assert_eq!(world.actors.visit(&call).await.unwrap_err(), SessionError::UnknownTenant);

    assert_eq!(world.actors.census(), NOBODY);
}

/// Users of two tenants that happen to have the same object id would read each other's mail.
#[actix_rt::test]
async fn the_same_user_id_in_two_tenants_is_two_users() {
    let world = World::start();
    let (one, other) = tokio::join!(world.token(principal(1, 5)), world.token(principal(2, 5)));

    assert!(one.starts_with(&tenant(1).to_string()), "{one}");
    assert!(other.starts_with(&tenant(2).to_string()), "{other}");
    assert_eq!(world.actors.census(), Census { tenants: 2, sessions: 2, gate_keys: 0 });
}

/// A tenant that is switched off would go on reading until its leases end.
#[actix_rt::test]
async fn ending_a_tenant_ends_its_sessions_and_calls_and_no_others() {
    let world = World::start();
    world.token(principal(2, 1)).await;
    let call = world.call(principal(1, 1));
    let visit = world.actors.visit(&call).await.unwrap();
    let wait = LeaseWait::default();
    let (answer, ()) = tokio::join!(visit.lease(&call, &wait), async {
        sleep(FakeEntra::TAKES / 2).await;
        world.actors.end_tenant(tenant(1));
    });

    assert_eq!(answer.unwrap_err(), SessionError::Ended);
    assert!(visit.cancellation().is_cancelled());
    assert_eq!(world.actors.census(), Census { tenants: 1, sessions: 1, gate_keys: 0 });
    world.token(principal(1, 1)).await;
    assert_eq!(world.actors.census().tenants, 2, "the tenant could not come back");
}

/// A revoked user would read on with the leases there are, or a colleague be cut off too.
#[rstest]
#[case::user(Subject::User(tenant(1), principal(1, 1).user))]
#[case::client(Subject::Client(principal(1, 1)))]
#[actix_rt::test]
async fn revoked_sessions_end_at_once_with_their_leases_and_no_others(#[case] revoked: Subject) {
    let world = World::start();
    let (call, colleague) = (world.call(principal(1, 1)), world.call(principal(1, 2)));
    let visit = world.actors.visit(&call).await.unwrap();
    let others = world.actors.visit(&colleague).await.unwrap();
    visit.lease(&call, &LeaseWait::default()).await.unwrap();
    others.lease(&colleague, &LeaseWait::default()).await.unwrap();
    world.actors.revoke_sessions(&revoked);

    assert!(visit.cancellation().is_cancelled());
    assert_eq!(
        visit.lease(&call, &LeaseWait::default()).now_or_never().unwrap().unwrap_err(),
        SessionError::Ended
    );
    assert!(others.lease(&colleague, &LeaseWait::default()).now_or_never().unwrap().is_ok());
    let exchanges = world.entra.exchanges();
    world.token(principal(1, 1)).await;
    assert_eq!(world.entra.exchanges(), exchanges + 1, "the session's leases have outlived it");
}

/// A revoked user's calls would read on when their session has crashed under them, with the leases that they hold.
#[actix_rt::test]
async fn revocation_reaches_the_calls_of_a_session_that_has_crashed() {
    let world = World::start();
    let (call, colleague) = (world.call(principal(1, 1)), world.call(principal(1, 2)));
    let others = world.actors.visit(&colleague).await.unwrap();
    let visit = world.actors.visit(&call).await.unwrap();
    world.jitter.break_next();
    visit.lease(&call, &LeaseWait::default()).await.unwrap();
    assert_eq!(world.entra.exchanges(), 2, "the session has not crashed");
    assert!(!visit.cancellation().is_cancelled(), "the call has not outlived its session");
    world.actors.revoke_sessions(&Subject::User(tenant(1), principal(1, 1).user));

    assert!(visit.cancellation().is_cancelled());
    assert!(!others.cancellation().is_cancelled());
}

/// A tenant would be served on for as long as its sessions take to hear of their end.
#[actix_rt::test]
async fn from_the_end_of_a_tenant_on_no_warm_call_is_served() {
    let world = World::start();
    let call = world.call(principal(1, 1));
    let visit = world.actors.visit(&call).await.unwrap();
    let lease = visit.lease(&call, &LeaseWait::default()).await.unwrap();
    world.actors.end_tenant(tenant(1));

    assert_eq!(
        visit.lease(&call, &LeaseWait::default()).now_or_never().unwrap().unwrap_err(),
        SessionError::Ended
    );
    let replaced = visit.replace(&call, &lease, None, &LeaseWait::default()).now_or_never();
    assert_eq!(replaced.unwrap().unwrap_err(), SessionError::Ended);
    let next = world.actors.visit(&call).await.unwrap();
    assert!(!next.cancellation().is_cancelled(), "the call has entered the session that ends");
    assert!(next.lease(&call, &LeaseWait::default()).await.is_ok());
}

/// A process that stops would leave calls behind that nobody ends, or let new ones in.
#[actix_rt::test]
async fn draining_ends_everything() {
    let world = World::start();
    world.token(principal(1, 1)).await;
    let call = world.call(principal(2, 1));
    let visit = world.actors.visit(&call).await.unwrap();
    world.actors.drain().await;

    assert_eq!(world.actors.census(), NOBODY);
    assert!(visit.cancellation().is_cancelled());
    assert_eq!(visit.lease(&call, &LeaseWait::default()).await.unwrap_err(), SessionError::Ended);
    assert_eq!(world.actors.admit(tenant(1)).unwrap_err(), AdmissionError::Draining);
    assert_eq!(world.actors.visit(&call).await.unwrap_err(), SessionError::Ended);
}

/// The service would run on one thread, or hang when it stops: the other tests have no threads of their own.
#[actix_rt::test]
async fn actors_on_their_own_threads_serve_and_drain() {
    let ports = Ports {
        exchange: Arc::new(FakeEntra::default()),
        clock: Arc::new(SystemClock),
        registry: Arc::new(FakeRegistry::of([tenant(1), tenant(2)], World::LIMITS)),
        jitter: Arc::new(RandomJitter),
    };
    let settings = ActorSettings { shards: 2.try_into().unwrap(), ..ActorSettings::default() };
    let actors = Actors::start(settings, ports);
    for tenant_number in [1, 2] {
        let principal = principal(tenant_number, 1);
        let call = call_at(&SystemClock, SystemClock.now(), principal, Duration::from_secs(30));
        let visit = actors.visit(&call).await.unwrap();
        visit.lease(&call, &LeaseWait::default()).await.unwrap();
    }
    assert_eq!(actors.census().sessions, 2);
    actors.drain().await;

    assert_eq!(actors.census(), NOBODY);
}

/// Renewals of a whole tenant would fall into one second.
#[test]
fn chance_is_spread_between_zero_and_one() {
    let drawn: Vec<f64> = (0..1_000).map(|_| RandomJitter.fraction()).collect();
    let mean = drawn.iter().sum::<f64>() / 1_000.0;

    assert!(drawn.iter().all(|fraction| (0.0..1.0).contains(fraction)));
    assert!((0.4..0.6).contains(&mean), "{mean}");
    assert!(drawn.iter().any(|fraction| *fraction < 0.1) && drawn.iter().any(|fraction| *fraction > 0.9));
}

/// Sessions that end while calls come would send them to an actor that is gone.
#[actix_rt::test]
async fn calls_at_the_moment_of_idling_are_all_served() {
    let world = World::start();
    for millisecond in 0..40 {
        world.token(principal(1, 1)).await;
        sleep(Duration::from_secs(15 * 60) - Duration::from_millis(20) + Duration::from_millis(millisecond))
            .await;
    }
    world.token(principal(1, 1)).await;
}

/// A call that enters in the moment in which its session is found idle would be sent to an actor that stops.
#[actix_rt::test]
async fn a_session_that_a_call_has_just_entered_is_not_ended() {
    let world = World::start();
    let call = world.call(principal(1, 1));
    let visit = world.actors.visit(&call).await.unwrap();
    let session = world.actors.shared.sessions.open_session(&call.principal).unwrap();
    let supervisor = world.actors.tenant(tenant(1)).unwrap();
    supervisor.address().do_send(SessionReport::Idle(call.principal, Arc::clone(&session)));
    sleep(Duration::from_millis(1)).await;

    assert!(session.is_open());
    assert!(visit.lease(&call, &LeaseWait::default()).await.is_ok());
}

/// Calls that wait for a permit would wait for a session that is gone until their deadline.
#[actix_rt::test]
async fn calls_that_wait_for_a_session_that_ends_enter_the_next_one() {
    let world = World::start();
    let call = world.call(principal(1, 1));
    let _first = world.actors.visit(&call).await.unwrap();
    let _second = world.actors.visit(&call).await.unwrap();
    let (third, ()) = tokio::join!(world.actors.visit(&call), async {
        sleep(Duration::from_secs(1)).await;
        world.actors.end_tenant(tenant(1));
    });

    let third = third.unwrap();
    assert!(!third.cancellation().is_cancelled());
    assert!(third.lease(&call, &LeaseWait::default()).await.is_ok());
}

/// A tenant's administrator would have to wait for a restart, or every call of the moment would be lost.
#[actix_rt::test]
async fn other_limits_are_in_force_at_once_and_end_no_call() {
    let limits = |concurrent_calls| TenantLimits {
        concurrent_calls,
        concurrent_calls_per_session: 2,
        size: TenantSize::UNKNOWN,
    };
    let world = World::with_limits(limits(3));
    let mut calls: Vec<_> = (0..3).map(|_| world.actors.admit(tenant(1)).unwrap()).collect();
    world.actors.set_limits(tenant(1), limits(1));
    sleep(Duration::from_millis(1)).await;
    calls.truncate(1);
    sleep(Duration::from_millis(1)).await;
    assert_eq!(world.actors.admit(tenant(1)).unwrap_err(), AdmissionError::TenantBusy);
    drop(calls);
    let first = world.actors.admit(tenant(1)).unwrap();
    assert_eq!(world.actors.admit(tenant(1)).unwrap_err(), AdmissionError::TenantBusy);

    world.actors.set_limits(tenant(1), limits(2));
    let _second = world.actors.admit(tenant(1)).unwrap();
    assert_eq!(world.actors.admit(tenant(1)).unwrap_err(), AdmissionError::TenantBusy);
    drop(first);
}

/// A user who keeps working would be held to the old limit for as long as the session lives; or, when it is lowered, the
/// session be taken for an empty one and ended under a call.
#[actix_rt::test]
async fn sessions_that_there_are_take_other_limits() {
    let limits = |per_session| TenantLimits {
        concurrent_calls: 10,
        concurrent_calls_per_session: per_session,
        size: TenantSize::UNKNOWN,
    };
    let world = World::with_limits(limits(1));
    let call = world.call_within(principal(1, 1), Duration::from_secs(1));
    let first = world.actors.visit(&call).await.unwrap();
    assert!(world.actors.enter(&call).is_none(), "the session is full");
    world.actors.set_limits(tenant(1), limits(2));
    sleep(Duration::from_millis(1)).await;
    let second = world.actors.enter(&call).expect("there is room for a second call");
    assert!(world.actors.enter(&call).is_none());

    world.actors.set_limits(tenant(1), limits(1));
    sleep(Duration::from_millis(1)).await;
    drop(second);
    assert!(world.actors.enter(&call).is_none(), "the first is in it still");
    sleep(Duration::from_secs(60 * 60)).await;
    assert!(!first.cancellation().is_cancelled(), "a session with a call in it does not idle");
    drop(first);
    assert!(world.actors.enter(&call).is_some());
}

/// A tenant would keep the limits that were taken back while its first call was under way.
#[actix_rt::test]
async fn limits_that_change_during_the_first_call_are_the_ones_that_hold() {
    let limits = |concurrent_calls| TenantLimits {
        concurrent_calls,
        concurrent_calls_per_session: 2,
        size: TenantSize::UNKNOWN,
    };
    let world = World::with_limits(limits(2));
    world.registry.afterwards(limits(1));
    let _first = world.actors.admit(tenant(1)).unwrap();
    sleep(Duration::from_millis(1)).await;
    let second = world.actors.admit(tenant(1));
    assert_eq!(second.unwrap_err(), AdmissionError::TenantBusy);
}

/// One user's data could make a session crash as fast as its client asks, and take the shard's time from everybody.
#[actix_rt::test]
async fn a_session_that_crashes_again_and_again_is_restored_after_a_pause() {
    let world = World::start();
    let (clumsy, neighbour) = (principal(1, 1), principal(1, 2));
    let before = world.token(neighbour).await;
    let crash = async || {
        world.jitter.break_next();
        let call = world.call(clumsy);
        let visit = world.actors.visit(&call).await?;
        visit.lease(&call, &LeaseWait::default()).await.map(drop)
    };
    // Each call asks once for the successor, and the first two have one at once.
    for _ in 0..2 {
        crash().await.unwrap();
        world.actors.revoke_sessions(&Subject::Client(clumsy));
        sleep(Duration::from_millis(1)).await;
    }
    let refused = crash().await.unwrap_err();
    assert!(matches!(refused, SessionError::Restoring { .. }), "{refused:?}");
    assert_eq!(world.token(neighbour).await, before, "the neighbour's session has not been touched");
    sleep(Duration::from_secs(1)).await;
    world.token(clumsy).await;
}

/// A tenant's size would hold after a restart alone; or one that was ended would keep what its file said before.
#[actix_rt::test]
async fn the_gate_holds_a_tenant_to_the_size_that_the_registry_states() {
    let limits = |users| {
        let users = NonZeroU32::new(users).map(UserCount::new);
        TenantLimits { size: TenantSize { users, licences: None }, ..World::LIMITS }
    };
    let world = World::with_limits(limits(900));
    let passing = || {
        let asked = (1..500).take_while(|user| {
            let principal = principal(1, *user);
            let subject = GateSubject::User(principal.user);
            let key = GateKey { tenant: principal.tenant, subject, workload: Workload::Directory };
            let request = GateRequest::plain(key, principal.user);
            let passed = world.actors.gate().pass(&request, world.clock.instant()).now_or_never();
            passed.is_some_and(|passed| passed.is_ok())
        });
        asked.count()
    };
    let _call = world.actors.admit(tenant(1)).unwrap();
    assert_eq!(passing(), 144, "a fiftieth of 7,200");
    world.actors.set_limits(tenant(1), limits(300));
    sleep(Duration::from_secs(10)).await;
    assert_eq!(passing(), 90, "a fiftieth of 4,500");
    world.actors.end_tenant(tenant(1));
    sleep(Duration::from_secs(10)).await;
    assert_eq!(passing(), 63, "a fiftieth of 3,150");
    let _call = world.actors.admit(tenant(1)).unwrap();
    sleep(Duration::from_secs(10)).await;
    assert_eq!(passing(), 144, "the registry's word again");
}
