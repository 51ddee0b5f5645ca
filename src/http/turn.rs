//! Answers that are ready in one turn of the event loop are sent together at its end (ADR-0024). Sent as soon as it is made,
//! each would wake its reader, which would be asleep again before the next one is ready.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use actix_web::dev::ServiceResponse;

/// The answer that `work` makes; where it had to wait for that, once every task that is ready by then has had its turn.
///
/// What is made at once is given at once, and so is what is no success: where the body of a request cannot be read, or its
/// client has closed its half of the connection, actix-http ends the connection with its next look at it.
pub(crate) async fn with_others<B, E>(
    work: impl Future<Output = Result<ServiceResponse<B>, E>>,
) -> Result<ServiceResponse<B>, E> {
    let (mut work, mut has_waited) = (pin!(work), false);
    let answer = poll_fn(|context| {
        let answer = work.as_mut().poll(context);
        has_waited |= answer.is_pending();
        answer
    })
    .await?;
    if has_waited && answer.status().is_success() {
        others_had_their_turn().await;
    }
    Ok(answer)
}

async fn others_had_their_turn() {
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
    use std::convert::Infallible;
    use std::rc::Rc;

    use actix_web::HttpResponse;
    use actix_web::http::StatusCode;
    use actix_web::test::TestRequest;
    use futures_util::future::join_all;
    use rstest::rstest;

    use super::*;

    /// If the first case failed, each answer would be sent, and wake its reader, while others are still being made: the
    /// server would answer fewer calls a second under load. If another failed, an answer would be lost to a client that is
    /// sent no second one.
    #[rstest]
    #[case::after_a_wait(StatusCode::OK, true, ["made", "made", "made", "sent", "sent", "sent"])]
    #[case::at_once(StatusCode::OK, false, ["made", "sent", "made", "sent", "made", "sent"])]
    #[case::refused_after_a_wait(StatusCode::BAD_REQUEST, true, ["made", "sent", "made", "sent", "made", "sent"])]
    #[actix_web::test]
    async fn answers_of_one_turn_are_all_made_before_the_first_is_sent(
        #[case] status: StatusCode,
        #[case] waits: bool,
        #[case] expected: [&str; 6],
    ) {
        let log = Rc::new(RefCell::new(Vec::new()));
        let answers = (0..3).map(|_| {
            let log = Rc::clone(&log);
            actix_web::rt::spawn(async move {
                let work = async {
                    if waits {
                        others_had_their_turn().await;
                    }
                    log.borrow_mut().push("made");
                    let answer = HttpResponse::build(status).finish();
                    Ok::<_, Infallible>(TestRequest::default().to_srv_response(answer))
                };
                with_others(work).await.unwrap();
                log.borrow_mut().push("sent");
            })
        });
        join_all(answers).await;
        assert_eq!(*log.borrow(), expected);
    }
}
