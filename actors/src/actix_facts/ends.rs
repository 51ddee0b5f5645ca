//! What keeps an actor alive, and what its end takes along.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix::{Actor, MailboxError};
use actix_rt::Arbiter;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::subject::{EndlessStep, Finish, NeverFinish, Ping, SlowStep, Stop, Subject, Tell, Ticking};

/// Fact 10: a session would end with its last address, or be thought to. So its end is explicit.
#[actix_rt::test]
async fn pending_work_keeps_an_actor_alive_without_an_address() {
    tokio::time::pause();
    let address = Subject::default().start();
    let (told, hears) = oneshot::channel();
    address.do_send(Tell(told));
    drop(address);
    assert_eq!(hears.await, Ok(()));
}

/// Fact 10, of timers: as above.
#[actix_rt::test]
async fn a_timer_keeps_an_actor_alive_without_an_address() {
    tokio::time::pause();
    let ticks = Arc::new(AtomicUsize::new(0));
    drop(Ticking { every: Duration::from_secs(1), ticks: Arc::clone(&ticks) }.start());
    sleep(Duration::from_millis(60_500)).await;
    assert_eq!(ticks.load(Ordering::SeqCst), 60);
}

/// Fact 11: a session would ask an owner to end it that is over itself. So it knows its owner weakly, and asks whether it is
/// there.
#[actix_rt::test]
async fn a_weak_address_of_an_actor_that_has_ended_leads_nowhere() {
    let address = Subject::default().start();
    let weak = address.downgrade();
    assert!(weak.upgrade().is_some());
    assert_eq!(address.send(Stop).await, Ok(()));
    assert_eq!(address.send(Ping).await, Err(MailboxError::Closed));
    assert!(weak.upgrade().is_none(), "though there is an address still");
}

/// Fact 13: calls would be lost without a word when a session ends. So they ask once for its successor.
#[actix_rt::test]
async fn a_stop_closes_what_is_queued_and_the_actors_futures_and_lets_others_finish() {
    tokio::time::pause();
    let address = Subject::default().start();
    let (slow, finish, stop, queued) =
        tokio::join!(address.send(SlowStep), address.send(Finish), address.send(Stop), address.send(Ping));
    assert_eq!(stop, Ok(()));
    assert_eq!(queued, Err(MailboxError::Closed));
    assert_eq!(slow, Err(MailboxError::Closed));
    assert_eq!(finish, Ok(()), "a future of its own outlives the actor");
}

/// Fact 13, of a thread: calls would be cut off by a process that stops its shards while they work. So it drains first.
#[actix_rt::test]
async fn the_stop_of_an_arbiter_drops_all_that_its_actors_have_begun() {
    let arbiter = Arbiter::new();
    let address = Subject::start_in_arbiter(&arbiter.handle(), |_| Subject::default());
    let (step, finish) = (address.send(EndlessStep), address.send(NeverFinish));
    assert_eq!(address.send(Ping).await, Ok(1), "both have begun");
    arbiter.stop();
    arbiter.join().unwrap();
    assert_eq!(step.await, Err(MailboxError::Closed));
    assert_eq!(finish.await, Err(MailboxError::Closed), "a future of its own does not outlive the thread");
    assert_eq!(address.send(Ping).await, Err(MailboxError::Closed));
}
