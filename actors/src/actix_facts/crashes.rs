//! What ends with a panic or a stop, and what is made of it again.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use actix::{Actor, MailboxError};
use actix_rt::Arbiter;

use super::subject::{Panic, PanicInItsOwnFuture, PanicInTheActorsFuture, Ping, Stop, Subject};

/// Fact 1: tenants would wait for actix to restart what crashed, and it never does. So sessions are made by a factory.
#[actix_rt::test]
#[expect(clippy::disallowed_types, reason = "what it does not do is the point")]
async fn a_supervisor_does_not_restart_after_a_panic() {
    let address = actix::Supervisor::start(|_| Subject::default());
    assert_eq!(address.send(Panic).await, Err(MailboxError::Closed));
    assert_eq!(address.send(Ping).await, Err(MailboxError::Closed));
}

/// Fact 2: what crashed would go on with the state that it crashed over, as often as it likes. So a session is made anew.
#[actix_rt::test]
#[expect(clippy::disallowed_types, reason = "what it keeps is the point")]
async fn a_supervisor_restarts_what_stops_with_the_same_state_and_without_a_bound() {
    let address = actix::Supervisor::start(|_| Subject::default());
    for stops in 1..=1_000 {
        assert_eq!(address.send(Ping).await, Ok(stops));
        assert_eq!(address.send(Stop).await, Ok(()));
    }
}

/// Fact 3: one user's crash would take the users of the same shard along.
#[actix_rt::test]
async fn a_panic_ends_its_actor_and_no_neighbour_on_the_arbiter() {
    let arbiter = Arbiter::new();
    let clumsy = Subject::start_in_arbiter(&arbiter.handle(), |_| Subject::default());
    let neighbour = Subject::start_in_arbiter(&arbiter.handle(), |_| Subject::default());
    assert_eq!(clumsy.send(Panic).await, Err(MailboxError::Closed));
    assert_eq!(neighbour.send(Ping).await, Ok(1));
    arbiter.stop();
}

/// Fact 4: a crashed session would stay in the directory, with its leases.
#[actix_rt::test]
async fn stopped_runs_while_a_panic_unwinds() {
    let subject = Subject::default();
    let witness = Arc::clone(&subject.stopped_while_panicking);
    let address = subject.start();
    assert_eq!(address.send(Panic).await, Err(MailboxError::Closed));
    assert!(witness.load(Ordering::SeqCst));
}

/// Fact 5: a broken adapter would end its session, where its work ran inside the actor unguarded.
#[actix_rt::test]
async fn a_panic_in_a_future_of_its_own_spares_the_actor_and_one_in_the_actors_does_not() {
    let address = Subject::default().start();
    assert_eq!(address.send(PanicInItsOwnFuture).await, Err(MailboxError::Closed));
    assert_eq!(address.send(Ping).await, Ok(1));
    assert_eq!(address.send(PanicInTheActorsFuture).await, Err(MailboxError::Closed));
    assert_eq!(address.send(Ping).await, Err(MailboxError::Closed));
}
