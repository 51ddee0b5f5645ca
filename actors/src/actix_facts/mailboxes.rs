//! What a mailbox takes, what it keeps to itself, and what becomes of what lies in it.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix::{Actor, Handler, MailboxError, Message};
use tokio::time::{sleep, timeout};

use super::subject::{Ping, SlowStep, Stop, Subject};

/// Fact 8: a full mailbox would be taken for back-pressure, and there is none. So permits bound what comes in.
#[actix_rt::test]
#[expect(clippy::disallowed_methods, reason = "what it does not bound is the point")]
async fn a_mailbox_bounds_nothing_once_its_address_is_cloned() {
    let address = Subject::create(|context| {
        context.set_mailbox_capacity(1);
        Subject::default()
    });
    let accepted = (0..10_000).filter(|_| address.clone().try_send(Ping).is_ok()).count();
    assert_eq!(accepted, 10_000);
}

/// Lies in a mailbox, and can be counted there.
struct Lying(#[expect(dead_code, reason = "kept alive only")] Arc<()>);

impl Message for Lying {
    type Result = ();
}

impl Handler<Lying> for Subject {
    type Result = ();

    fn handle(&mut self, _: Lying, _: &mut Self::Context) {}
}

/// Fact 9: who tells an actor something would learn of its end, or be held back. So only owners tell, and once.
#[actix_rt::test]
async fn telling_is_bounded_by_nothing_and_silent_after_the_end() {
    let address = Subject::create(|context| {
        context.set_mailbox_capacity(1);
        Subject::default()
    });
    let told = Arc::new(());
    address.do_send(Stop);
    for _ in 0..10_000 {
        address.do_send(Lying(Arc::clone(&told)));
    }
    assert_eq!(Arc::strong_count(&told), 1 + 10_000, "none was refused");
    assert_eq!(address.send(Ping).await, Err(MailboxError::Closed));
    assert_eq!(Arc::strong_count(&told), 1, "and all are gone without a word");
    address.do_send(Lying(Arc::clone(&told)));
    assert_eq!(Arc::strong_count(&told), 1);
}

/// Fact 12: an exchange would end with the impatient caller who began it. So it belongs to the session.
#[actix_rt::test]
async fn a_message_whose_sender_left_is_skipped_and_begun_work_goes_on() {
    tokio::time::pause();
    let subject = Subject::default();
    let (handled, finished) = (Arc::clone(&subject.handled), Arc::clone(&subject.finished));
    let address = subject.start();
    let request = Rc::new(address.send(Ping));
    drop(request);
    assert_eq!(address.send(Ping).await, Ok(1), "the message of a sender who had left was handled");
    assert_eq!(handled.load(Ordering::SeqCst), 1);

    let begun = timeout(Duration::from_millis(100), address.send(SlowStep)).await;
    assert!(begun.is_err(), "its sender left while it was under way");
    sleep(Duration::from_millis(200)).await;
    assert_eq!(finished.load(Ordering::SeqCst), 1, "what had been begun was given up");
}
