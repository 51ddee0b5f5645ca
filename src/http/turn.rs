//! Answers that are ready in one turn of the event loop are sent together at its end (ADR-0024). Sent as soon as it is made,
//! each would wake its reader, which would be asleep again before the next one is ready.

use std::future::poll_fn;
use std::task::Poll;

/// Ready once every task that is ready now has had its turn.
pub(super) async fn others_had_their_turn() {
    let mut stood_behind_them = false;
    poll_fn(|context| {
        if std::mem::replace(&mut stood_behind_them, true) {
            return Poll::Ready(());
        }
        // Woken at once, a task stands behind all that are ready. `yield_now` would look at the sockets before that.
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use futures_util::future::join_all;

    use super::*;

    /// If this failed, each answer would be sent, and wake its reader, while others are still being made: a tenth of the
    /// server's throughput.
    #[actix_web::test]
    async fn answers_of_one_turn_are_all_made_before_the_first_is_sent() {
        let log = Rc::new(RefCell::new(Vec::new()));
        let answers = (0..3).map(|_| {
            let log = Rc::clone(&log);
            actix_web::rt::spawn(async move {
                log.borrow_mut().push("made");
                others_had_their_turn().await;
                log.borrow_mut().push("sent");
            })
        });
        join_all(answers).await;
        assert_eq!(*log.borrow(), ["made", "made", "made", "sent", "sent", "sent"]);
    }
}
