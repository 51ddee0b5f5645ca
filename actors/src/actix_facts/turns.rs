//! Who has a turn, and who waits for it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix::{Actor, AsyncContext, Handler, MailboxError, Message};
use tokio::time::Instant;

use super::subject::{Hold, Ping, SlowStep, Subject};

/// Fact 6: one exchange would hold up all that its session has to do. So no handler is atomic.
#[actix_rt::test]
async fn an_atomic_answer_stops_the_mailbox_and_the_actors_other_futures() {
    tokio::time::pause();
    let begun = Instant::now();
    let address = Subject::default().start();
    let ended = async |answer: Result<usize, MailboxError>| (answer.is_ok(), begun.elapsed());
    let (slow, hold, ping) =
        tokio::join!(async { ended(address.send(SlowStep).await).await }, address.send(Hold), async {
            ended(address.send(Ping).await).await
        },);
    assert_eq!(hold, Ok(()));
    let held = Duration::from_millis(400);
    assert!(slow.0 && slow.1 >= held, "a future of 200 ms has ended after {:?}", slow.1);
    assert!(ping.0 && ping.1 >= held, "a message was handled after {:?}", ping.1);
}

/// Fact 7: a completion would be taken for current, though the state has moved on. So each carries a generation.
#[actix_rt::test]
async fn messages_are_handled_while_a_future_of_the_actor_is_under_way() {
    tokio::time::pause();
    let address = Subject::default().start();
    let (slow, quick) = tokio::join!(address.send(SlowStep), address.send(Ping));
    assert_eq!((slow, quick), (Ok(1), Ok(1)), "the slow step sees what happened meanwhile");
}

/// Fact 17: a flood of messages to one actor would let the others of its shard wait. So handlers are short.
#[actix_rt::test]
async fn a_mailbox_is_emptied_before_anybody_else_has_a_turn() {
    let subject = Subject::default();
    let handled = Arc::clone(&subject.handled);
    let address = subject.start();
    for _ in 0..200 {
        address.do_send(Ping);
    }
    let seen = Arc::clone(&handled);
    let first_turn = actix_rt::spawn(async move { seen.load(Ordering::SeqCst) });
    assert_eq!(first_turn.await.unwrap(), 200);
}

/// Sends itself on to its own actor, so many times.
struct Again(usize);

impl Message for Again {
    type Result = ();
}

impl Handler<Again> for Subject {
    type Result = ();

    fn handle(&mut self, Again(times): Again, context: &mut Self::Context) {
        self.handled.fetch_add(1, Ordering::SeqCst);
        if let Some(fewer) = times.checked_sub(1) {
            context.address().do_send(Again(fewer));
        }
    }
}

/// Fact 17, at its worst: an actor that sends itself a message from each handler would hold its shard for ever. So none does.
#[cfg(not(feature = "mailbox-assert"))]
#[actix_rt::test]
async fn a_mailbox_that_feeds_itself_lets_nobody_else_have_a_turn() {
    let subject = Subject::default();
    let handled = Arc::clone(&subject.handled);
    subject.start().do_send(Again(10_000));
    let seen = Arc::clone(&handled);
    let first_turn = actix_rt::spawn(async move { seen.load(Ordering::SeqCst) });
    assert_eq!(first_turn.await.unwrap(), 10_001);
}

/// Fact 17, as the tests of this crate are run against it once more: an actor that never empties its mailbox would hold its
/// test for ever, and nobody could say which it was.
#[cfg(feature = "mailbox-assert")]
#[actix_rt::test]
async fn a_mailbox_that_feeds_itself_ends_its_actor() {
    let subject = Subject::default();
    let handled = Arc::clone(&subject.handled);
    let address = subject.start();
    assert_eq!(address.send(Again(10_000)).await, Ok(()));
    assert_eq!(address.send(Ping).await, Err(actix::MailboxError::Closed));
    assert_eq!(handled.load(Ordering::SeqCst), 256);
}
