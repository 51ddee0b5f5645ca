//! Answers that are ready in one turn of the event loop are sent together at its end (ADR-0024). Sent as soon as it is made,
//! each would wake its reader, which would be asleep again before the next one is ready.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use tokio::task::yield_now;

/// Gives an answer away once all tasks that are ready have had their turn.
pub(crate) async fn answered_together(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let response = next.call(request).await;
    yield_now().await;
    response
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use actix_web::dev::Service;
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, init_service};
    use actix_web::{App, HttpResponse, web};
    use futures_util::future::join_all;

    use super::*;

    /// If this failed, each answer would be sent, and wake its reader, while others are still being made: a tenth of the
    /// server's throughput.
    #[actix_web::test]
    async fn answers_of_one_turn_are_all_made_before_the_first_is_sent() {
        let log = Rc::new(RefCell::new(Vec::new()));
        let making = Rc::clone(&log);
        let make = move || {
            making.borrow_mut().push("made");
            async { HttpResponse::Ok().finish() }
        };
        let app = App::new().wrap(from_fn(answered_together)).default_service(web::to(make));
        let app = Rc::new(init_service(app).await);
        let calls = (0..3).map(|_| {
            let (app, log) = (Rc::clone(&app), Rc::clone(&log));
            actix_web::rt::spawn(async move {
                app.call(TestRequest::default().to_request()).await.unwrap();
                log.borrow_mut().push("sent");
            })
        });
        join_all(calls).await;
        assert_eq!(*log.borrow(), ["made", "made", "made", "sent", "sent", "sent"]);
    }
}
