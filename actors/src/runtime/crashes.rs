//! What becomes of the two actors that everybody shares when they crash.

use std::time::Duration;

use tokio::time::sleep;

use crate::ports::ExchangeError;
use crate::session::{LeaseWait, SessionError};
use crate::testing::{World, principal, tenant};
use crate::throttle::{GateKey, GateRequest, GateSubject, ThrottleScope, ThrottleSignal, Workload};

/// After one fault, exchanges would go out without a pace, or nobody get a token any more.
#[actix_rt::test]
async fn a_pace_that_crashes_is_made_anew() {
    let world = World::start();
    world.token(principal(1, 1)).await;
    world.jitter.break_next();
    world.actors.shared.environment.pace().heed(tenant(2), None);
    sleep(Duration::from_millis(1)).await;
    world.token(principal(1, 2)).await;
    // The new one takes its orders.
    world.actors.shared.environment.pace().heed(tenant(2), Some(Duration::from_secs(60)));
    let call = world.call(principal(2, 1));
    let visit = world.actors.visit(&call).await.unwrap();
    let refused = visit.lease(&call, &LeaseWait::default()).await.unwrap_err();
    assert!(matches!(refused, SessionError::Exchange(ExchangeError::Throttled { .. })), "{refused:?}");
    assert_eq!(world.entra.exchanges(), 2);
}

/// Memory would grow from one fault on.
#[actix_rt::test]
async fn a_throttle_that_crashes_is_made_anew() {
    let world = World::start();
    let person = principal(1, 1);
    let subject = GateSubject::User(person.user);
    let key = GateKey { tenant: person.tenant, subject, workload: Workload::Outlook };
    let request = GateRequest::plain(key, person.user);
    world.jitter.break_next();
    world.actors.learn(&request, ThrottleSignal::Unspecified, ThrottleScope::Request);
    sleep(Duration::from_millis(1)).await;
    assert!(world.actors.census().gate_keys > 0);
    sleep(Duration::from_secs(60 * 60)).await;
    assert_eq!(world.actors.census().gate_keys, 0);
}
