use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::time::{sleep, timeout};

use super::{LeaseWait, SessionError};
use crate::claims::ClaimsChallenge;
use crate::clock::Clock;
use crate::ports::{AadstsCode, Block, ExchangeError, ExchangeFault, TenantLimits, ThrottledBy};
use crate::tenant_size::TenantSize;
use crate::testing::{FakeEntra, Script, World, arrival, principal, tenant};

const ROOMY: TenantLimits =
    TenantLimits { concurrent_calls: 2_000, concurrent_calls_per_session: 2_000, size: TenantSize::UNKNOWN };

/// Entra would throttle the application for the first user with many tool calls.
/// Fact 19: one flight is shared by all who wait for it.
#[actix_rt::test]
async fn a_thousand_callers_of_a_cold_user_make_one_exchange() {
    let world = World::with_limits(ROOMY);
    let callers = (0..1_000).map(async |caller| {
        arrival(caller).await;
        world.token(principal(1, 1)).await
    });
    let tokens = join_all(callers).await;

    assert_eq!(world.entra.exchanges(), 1);
    println!("1,000 callers of one cold user: {} exchange", world.entra.exchanges());
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    assert_eq!(world.actors.census().sessions, 1);
}

/// Every call would pay for a mailbox round trip.
#[actix_rt::test]
async fn a_warm_call_waits_for_nothing() {
    let world = World::start();
    world.token(principal(1, 1)).await;

    assert!(world.token(principal(1, 1)).now_or_never().is_some());
    assert_eq!(world.entra.exchanges(), 1);
}

/// One impatient caller would take the exchange away from everybody, or hang beyond its deadline.
#[actix_rt::test]
async fn a_caller_past_its_deadline_leaves_and_the_exchange_goes_on() {
    let world = World::start();
    let hurried = world.call_within(principal(1, 1), FakeEntra::TAKES / 2);
    let patient = world.call(principal(1, 1));
    let (hurried_visit, patient_visit) =
        (world.actors.visit(&hurried).await.unwrap(), world.actors.visit(&patient).await.unwrap());
    let (of_hurried, of_patient) = (LeaseWait::default(), LeaseWait::default());
    let (left, stayed) =
        tokio::join!(hurried_visit.lease(&hurried, &of_hurried), patient_visit.lease(&patient, &of_patient));

    assert_eq!(left.unwrap_err(), SessionError::DeadlineExceeded);
    assert!(stayed.is_ok());
    let exchange = of_hurried.exchange().expect("who leaves knows what it waited for");
    assert!(Arc::ptr_eq(&exchange, &of_patient.exchange().unwrap()), "both waited for one exchange");
    assert_eq!(exchange.cause(), Some(of_hurried.span()), "the first has caused it");
    assert_eq!(exchange.trace_id(), of_hurried.span().trace_id);
    assert_eq!(world.entra.exchanges(), 1);
}

/// If this failed, a call that waits because a renewal came too late would look like one of a cold session, and one that
/// is answered at once like one that waited.
#[actix_rt::test]
async fn who_waits_for_a_renewal_knows_that_no_call_caused_it() {
    let world = World::start();
    world.entra.takes_from_now_on(Duration::from_secs(400));
    let first = world.call_within(principal(1, 1), Duration::from_secs(500));
    let visit = world.actors.visit(&first).await.unwrap();
    let wait = LeaseWait::default();
    visit.lease(&first, &wait).await.unwrap();
    assert_eq!(wait.exchange().unwrap().cause(), Some(wait.span()));
    let published = LeaseWait::default();
    assert!(visit.lease(&first, &published).await.is_ok());
    assert!(published.exchange().is_none(), "nothing was waited for");

    // The renewal is still under way when the lease ends.
    sleep(Duration::from_secs(500)).await;
    let second = world.call_within(principal(1, 1), Duration::from_secs(500));
    let wait = LeaseWait::default();
    visit.lease(&second, &wait).await.unwrap();
    let renewal = wait.exchange().unwrap();
    assert_eq!(renewal.cause(), None);
    assert_ne!(renewal.trace_id(), wait.span().trace_id);
}

/// A client that gives up and comes back would begin the exchange anew each time.
#[actix_rt::test]
async fn an_exchange_outlives_the_only_caller_who_waited_for_it() {
    let world = World::start();
    assert!(timeout(FakeEntra::TAKES / 2, world.token(principal(1, 1))).await.is_err());
    sleep(FakeEntra::TAKES).await;

    assert!(world.token(principal(1, 1)).now_or_never().is_some());
    assert_eq!(world.entra.exchanges(), 1);
}

/// Callers would wait for a broken adapter until their deadline.
#[actix_rt::test]
async fn an_exchange_that_panics_answers_its_callers() {
    let world = World::start();
    world.entra.next(Script::Panic);
    let call = world.call(principal(1, 1));
    let visit = world.actors.visit(&call).await.unwrap();

    let broken_off = ExchangeError::Unavailable(ExchangeFault::BrokenOff);
    assert_eq!(
        visit.lease(&call, &LeaseWait::default()).await.unwrap_err(),
        SessionError::Exchange(broken_off)
    );
    assert!(
        visit.lease(&call, &LeaseWait::default()).await.is_ok(),
        "the session did not survive its adapter"
    );
}

/// A bug that one user's data trips over would take the tenant down, or leave that user without a session.
#[actix_rt::test]
async fn a_crashed_session_is_created_anew_and_its_neighbour_does_not_notice() {
    let world = World::start();
    let neighbours = world.token(principal(1, 2)).await;
    world.jitter.break_next();
    world.token(principal(1, 1)).await;

    assert_eq!(world.entra.exchanges(), 3, "one for the neighbour, one lost in the crash, one after it");
    assert_eq!(world.token(principal(1, 2)).await, neighbours);
    assert_eq!(world.entra.exchanges(), 3);
    assert_eq!(world.actors.census().sessions, 2);
}

/// One user's client could occupy the whole tenant.
#[actix_rt::test]
async fn calls_beyond_a_sessions_permits_wait_for_one_to_end() {
    let world = World::start();
    let call = world.call_within(principal(1, 1), Duration::from_secs(5));
    let first = world.actors.visit(&call).await.unwrap();
    let _second = world.actors.visit(&call).await.unwrap();
    assert!(world.actors.visit(&call).now_or_never().is_none());

    let (third, ()) = tokio::join!(world.actors.visit(&call), async {
        sleep(Duration::from_secs(1)).await;
        drop(first);
    });
    assert!(third.is_ok());
    assert_eq!(world.actors.visit(&call).await.unwrap_err(), SessionError::DeadlineExceeded);
}

/// The memory of everyone who ever signed in would stay.
#[actix_rt::test]
async fn an_idle_session_ends() {
    let world = World::start();
    world.token(principal(1, 1)).await;
    assert_eq!(world.actors.census().sessions, 1);
    sleep(Duration::from_secs(16 * 60)).await;

    assert_eq!(world.actors.census().sessions, 0);
    world.token(principal(1, 1)).await;
    assert_eq!(world.entra.exchanges(), 2);
}

/// A long call would lose its session under its hands.
#[actix_rt::test]
async fn a_session_with_a_call_in_it_does_not_idle() {
    let world = World::start();
    let call = world.call(principal(1, 1));
    let visit = world.actors.visit(&call).await.unwrap();
    sleep(Duration::from_secs(31 * 60)).await;
    assert_eq!(world.actors.census().sessions, 1);

    drop(visit);
    sleep(Duration::from_secs(31 * 60)).await;
    assert_eq!(world.actors.census().sessions, 0);
}

/// A user who works would wait for Entra every quarter of an hour, and each time that Entra hiccups.
#[actix_rt::test]
async fn a_working_user_never_waits_for_a_renewal() {
    let world = World::start();
    world.token(principal(1, 1)).await;
    for minute in 0..40 {
        if minute == 10 {
            world.entra.next(Script::Refuse(ExchangeError::Unavailable(ExchangeFault::TimedOut)));
        }
        sleep(Duration::from_secs(60)).await;
        assert!(world.token(principal(1, 1)).now_or_never().is_some(), "waited in minute {minute}");
    }
    assert!(world.entra.exchanges() > 3, "nothing was renewed");
}

/// A refused user's client would ask Entra with each of its retries.
#[actix_rt::test]
async fn a_refusal_answers_the_next_call_at_once() {
    let world = World::start();
    let refusal = ExchangeError::Blocked(Block::Policy, AadstsCode(53_003));
    world.entra.next(Script::Refuse(refusal.clone()));
    let call = world.call(principal(1, 1));
    let visit = world.actors.visit(&call).await.unwrap();

    assert_eq!(
        visit.lease(&call, &LeaseWait::default()).await.unwrap_err(),
        SessionError::Exchange(refusal.clone())
    );
    assert_eq!(visit.lease(&call, &LeaseWait::default()).await.unwrap_err(), SessionError::Exchange(refusal));
    assert_eq!(world.entra.exchanges(), 1);
}

/// A claims challenge of Graph would never reach Entra, or would be met twice by two calls of one user.
#[actix_rt::test]
async fn a_rejected_lease_is_replaced_once_with_the_claims() {
    let world = World::start();
    let call = world.call(principal(1, 1));
    let (one, other) = (world.actors.visit(&call).await.unwrap(), world.actors.visit(&call).await.unwrap());
    let rejected = one.lease(&call, &LeaseWait::default()).await.unwrap();
    let claims = ClaimsChallenge::new(r#"{"access_token":{}}"#);
    let (wait, others_wait) = (LeaseWait::default(), LeaseWait::default());
    let (first, second) = tokio::join!(
        one.replace(&call, &rejected, Some(claims.clone()), &wait),
        other.replace(&call, &rejected, Some(claims.clone()), &others_wait),
    );

    assert!(Arc::ptr_eq(&first.unwrap(), &second.unwrap()));
    assert_eq!(world.entra.exchanges(), 2);
    assert_eq!(world.entra.last_request().claims.as_ref(), Some(claims.json()));
    assert_eq!(world.entra.last_request().correlation_id, call.correlation_id);
}

/// An outage of Entra would be answered with twice as many exchanges as the set rate lets out, and more than a fifth of
/// them be repetition.
#[actix_rt::test]
async fn second_attempts_keep_to_the_rate_and_to_what_may_be_repeated() {
    let world = World::start();
    world.entra.goes_down();
    let calls = (1..=1_500).map(|user| {
        let world = &world;
        async move {
            arrival(user).await;
            let call = world.call(principal(1, user.into()));
            let visit = world.actors.visit(&call).await.unwrap();
            visit.lease(&call, &LeaseWait::default()).await.unwrap_err()
        }
    });
    join_all(calls).await;

    let (most, attempts) = (world.entra.most_in_a_second(), world.entra.attempts());
    assert!(most <= 500, "{most} in a second");
    assert_eq!(world.entra.exchanges(), 1_500);
    assert!(attempts > 1_500 && attempts <= 1_810, "{attempts} attempts");
}

/// A restart, or a Monday morning, would end in a storm on Entra, or in errors for whoever comes last.
#[actix_rt::test]
async fn ten_thousand_users_whose_leases_end_together_are_served_at_the_set_rate() {
    let limits =
        TenantLimits { concurrent_calls: 20_000, concurrent_calls_per_session: 2, size: TenantSize::UNKNOWN };
    let world = World::with_limits(limits);
    let token = |user: u64| world.token(principal(1 + u128::from(user % 2), user.into()));
    let everybody = async || join_all((0..10_000).map(token)).await.len();
    let everybody_arrives = async || {
        let users = (0..10_000).map(async |user| {
            arrival(user).await;
            token(user).await
        });
        join_all(users).await.len()
    };
    assert_eq!(everybody_arrives().await, 10_000);
    assert_eq!(world.entra.exchanges(), 10_000);

    // Everybody works on: the leases are renewed, all within seconds of each other, and nobody notices.
    for _ in 0..5 {
        sleep(Duration::from_secs(150)).await;
        assert_eq!(everybody().now_or_never(), Some(10_000), "a call waited for a renewal");
    }
    assert_eq!(world.entra.exchanges(), 20_000);
    // Nobody works until all leases have ended; then everybody comes within a twentieth of a second.
    sleep(Duration::from_secs(901)).await;
    assert_eq!(everybody_arrives().await, 10_000);
    assert_eq!(world.entra.exchanges(), 30_000);

    let most = world.entra.most_in_a_second();
    assert!(most <= 500, "{most} exchanges in one second");
    println!("10,000 users: {most} exchanges in the busiest second, no call failed");
}

/// The tenant's other users would go on asking while Entra throttles the application there, and make it last.
#[actix_rt::test]
async fn entras_throttling_is_remembered_for_the_tenant_and_no_other() {
    let world = World::start();
    let throttled = |retry_after| ExchangeError::Throttled {
        by: ThrottledBy::Entra,
        retry_after: Some(Duration::from_secs(retry_after)),
    };
    world.entra.next(Script::Refuse(throttled(60)));
    let refused = async |tenant_number, user| {
        let call = world.call(principal(tenant_number, user));
        let visit = world.actors.visit(&call).await.unwrap();
        visit.lease(&call, &LeaseWait::default()).await.err()
    };
    assert_eq!(refused(1, 1).await, Some(SessionError::Exchange(throttled(60))));
    sleep(Duration::from_secs(20)).await;
    let Some(SessionError::Exchange(ExchangeError::Throttled { retry_after: Some(left), .. })) =
        refused(1, 2).await
    else {
        panic!("another user of the tenant was not told to wait")
    };
    assert!((39..=40).contains(&left.as_millis().div_ceil(1_000)), "{left:?}");
    assert_eq!(world.entra.exchanges(), 1);
    assert_eq!(refused(2, 1).await, None);
    sleep(Duration::from_secs(40)).await;
    assert_eq!(refused(1, 2).await, None);
}

/// Those who wait for a session that was ended would hold up everybody else's sign-in.
#[actix_rt::test]
async fn the_places_of_those_who_have_left_go_to_the_next() {
    let limits =
        TenantLimits { concurrent_calls: 20_000, concurrent_calls_per_session: 2, size: TenantSize::UNKNOWN };
    let world = World::with_limits(limits);
    let world = &world;
    let crowd = join_all((0..5_000).map(|user| async move {
        arrival(user).await;
        let call = world.call(principal(1, user.into()));
        world.actors.visit(&call).await.unwrap().lease(&call, &LeaseWait::default()).await.is_ok()
    }));
    let (_, waited) = tokio::join!(crowd, async {
        sleep(Duration::from_secs(1)).await;
        world.actors.end_tenant(tenant(1));
        let began = world.clock.instant();
        join_all((0..400).map(|user| async move {
            arrival(user).await;
            world.token(principal(2, user.into())).await
        }))
        .await;
        world.clock.instant().duration_since(began)
    });
    assert!(waited < Duration::from_secs(2), "{waited:?}");
}
