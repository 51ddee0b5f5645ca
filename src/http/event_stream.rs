//! The answer to a call that reports progress: an event stream of its reports, with the answer as the last event.
//!
//! The stream owns the call and drives it: a client that goes away drops both, which cancels the call (MCP
//! 2026-07-28, "Cancellation": closing the response stream is the way to cancel).

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::rt::task::JoinHandle;
use bytes::Bytes;
use futures_util::Stream;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until};

use crate::mcp::SentId;

/// Silence after which a comment is sent, so that no proxy takes the connection for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long after its deadline a call that is driven has ended by itself.
const GRACE: Duration = Duration::from_secs(1);

/// Notifications that the call has written and nobody has sent yet. The call and the stream are polled by one task,
/// one after the other.
#[derive(Default)]
pub(super) struct Reports {
    waiting: RefCell<VecDeque<Vec<u8>>>,
    streaming: Cell<bool>,
    /// The request that the stream is the answer to.
    request: RefCell<Option<SentId>>,
}

impl Reports {
    /// `notification`: one JSON text.
    pub(super) fn push(&self, notification: Vec<u8>) {
        self.waiting.borrow_mut().push_back(notification);
    }

    pub(super) fn answer_to(&self, request: SentId) {
        *self.request.borrow_mut() = Some(request);
    }

    pub(super) fn take_request(&self) -> Option<SentId> {
        self.request.borrow_mut().take()
    }

    /// Whether the response has begun, as a stream.
    pub(super) fn is_streaming(&self) -> bool {
        self.streaming.get()
    }

    fn is_empty(&self) -> bool {
        self.waiting.borrow().is_empty()
    }

    fn take_next(&self) -> Option<Vec<u8>> {
        self.waiting.borrow_mut().pop_front()
    }
}

/// What a call ends in.
pub(super) enum Served {
    /// Nothing was sent before.
    Response(HttpResponse),
    /// The stream has begun; `None` ends it without an answer.
    LastEvent(Option<Vec<u8>>),
}

/// Drives `call` to its answer, or to its first report: from there on the response is a stream.
/// Past `deadline`, a call whose client does not take its events is dropped: nothing of it is driven meanwhile, not even
/// its own deadline.
pub(super) async fn answer<C>(mut call: Pin<Box<C>>, reports: Rc<Reports>, deadline: Instant) -> HttpResponse
where
    C: Future<Output = Served> + 'static,
{
    let served = poll_fn(|context| match call.as_mut().poll(context) {
        Poll::Ready(served) => Poll::Ready(Some(served)),
        Poll::Pending if reports.is_empty() => Poll::Pending,
        Poll::Pending => Poll::Ready(None),
    });
    match served.await {
        // Reports of a call that is over already are worth nothing.
        Some(Served::Response(response)) => response,
        Some(Served::LastEvent(_)) => HttpResponse::InternalServerError().finish(),
        None => {
            reports.streaming.set(true);
            stream(EventStream::of(call, reports, deadline))
        }
    }
}

fn stream<C: Future<Output = Served> + 'static>(events: EventStream<C>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Asks proxies in front not to hold events back (MCP 2026-07-28, streamable HTTP).
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events)
}

struct EventStream<C> {
    call: SharedCall<C>,
    reports: Rc<Reports>,
    keep_alive: Interval,
    watchdog: JoinHandle<()>,
}

/// `None` once the call has ended. Shared with the watchdog on the same thread.
type SharedCall<C> = Rc<RefCell<Option<Pin<Box<C>>>>>;

impl<C> Drop for EventStream<C> {
    fn drop(&mut self) {
        self.watchdog.abort();
        // An aborted task is dropped some time later; the call ends now.
        let call = self.call.try_borrow_mut().ok().and_then(|mut call| call.take());
        drop(call);
    }
}

impl<C: Future<Output = Served> + 'static> EventStream<C> {
    fn of(call: Pin<Box<C>>, reports: Rc<Reports>, deadline: Instant) -> Self {
        let call = Rc::new(RefCell::new(Some(call)));
        let watchdog = actix_web::rt::spawn(drop_late(Rc::clone(&call), deadline + GRACE));
        let mut keep_alive = interval_at(Instant::now() + KEEP_ALIVE, KEEP_ALIVE);
        keep_alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { call, reports, keep_alive, watchdog }
    }

    fn poll_call(&self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let mut call = self.call.borrow_mut();
        let Some(driven) = call.as_mut() else { return Poll::Ready(None) };
        match driven.as_mut().poll(context) {
            Poll::Ready(served) => {
                *call = None;
                if let Served::LastEvent(Some(answer)) = served {
                    self.reports.push(answer);
                }
                Poll::Ready(self.reports.take_next().map(|event| frame(&event)))
            }
            Poll::Pending => match self.reports.take_next() {
                Some(event) => Poll::Ready(Some(frame(&event))),
                None => Poll::Pending,
            },
        }
    }
}

/// Ends a call that nobody drives any more, so that its permits are free and its record is written.
async fn drop_late<C>(call: SharedCall<C>, at: Instant) {
    sleep_until(at).await;
    let late = call.borrow_mut().take();
    drop(late);
}

impl<C: Future<Output = Served> + 'static> Stream for EventStream<C> {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(event) = self.reports.take_next() {
            self.keep_alive.reset();
            return Poll::Ready(Some(Ok(frame(&event))));
        }
        match self.poll_call(context) {
            Poll::Ready(event) => {
                self.keep_alive.reset();
                Poll::Ready(event.map(Ok))
            }
            Poll::Pending => self
                .keep_alive
                .poll_tick(context)
                .map(|_| Some(Ok(Bytes::from_static(b": still at work\n\n")))),
        }
    }
}

/// One event. A JSON text as serde writes it has no line feed, so one `data` line holds it.
fn frame(json: &[u8]) -> Bytes {
    debug_assert!(!json.contains(&b'\n'), "the event would break in two");
    [b"data: ", json, b"\n\n"].concat().into()
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use actix_web::body::{BodySize, MessageBody};

    use super::*;

    async fn events(response: HttpResponse) -> Vec<String> {
        let mut body = Box::pin(response.into_body());
        let mut events = Vec::new();
        while let Some(event) = poll_fn(|context| body.as_mut().poll_next(context)).await {
            events.push(String::from_utf8(event.unwrap().to_vec()).unwrap());
        }
        events
    }

    fn in_a_minute() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    /// If this failed, a call without progress would lose its Content-Length, or a client would wait for events.
    #[actix_web::test]
    async fn a_call_that_reports_nothing_is_answered_at_once() {
        let call = async { Served::Response(HttpResponse::Ok().body("{}")) };
        let response = answer(Box::pin(call), Rc::default(), in_a_minute()).await;
        assert_eq!(response.into_body().size(), BodySize::Sized(2));
    }

    /// If this failed, reports would come late, out of order or not at all, or the answer before them.
    #[actix_web::test]
    async fn reports_come_in_order_and_the_answer_last() {
        let reports = Rc::new(Reports::default());
        let (go_on, gone_on) = tokio::sync::oneshot::channel::<()>();
        let writer = Rc::clone(&reports);
        let call = async move {
            writer.push(b"1".to_vec());
            gone_on.await.unwrap();
            writer.push(b"2".to_vec());
            writer.push(b"3".to_vec());
            assert!(writer.is_streaming());
            Served::LastEvent(Some(b"{}".to_vec()))
        };
        let response = answer(Box::pin(call), reports, in_a_minute()).await;
        assert_eq!(response.headers().get(header::CONTENT_TYPE).unwrap(), "text/event-stream");
        go_on.send(()).unwrap();
        assert_eq!(events(response).await, ["data: 1\n\n", "data: 2\n\n", "data: 3\n\n", "data: {}\n\n"]);
    }

    /// A call that has begun a stream and then never ends, and whether it has been dropped.
    async fn endless() -> (HttpResponse, Rc<Cell<bool>>) {
        struct Call(Rc<Cell<bool>>);
        impl Drop for Call {
            fn drop(&mut self) {
                self.0.set(true);
            }
        }
        let (reports, dropped) = (Rc::new(Reports::default()), Rc::new(Cell::new(false)));
        let (writer, witness) = (Rc::clone(&reports), Call(Rc::clone(&dropped)));
        let call = async move {
            writer.push(b"1".to_vec());
            pending::<()>().await;
            drop(witness);
            Served::LastEvent(None)
        };
        (answer(Box::pin(call), reports, in_a_minute()).await, dropped)
    }

    /// If this failed, a client that goes away would leave its call running.
    #[actix_web::test]
    async fn a_stream_that_is_dropped_drops_its_call() {
        let (response, dropped) = endless().await;
        assert!(!dropped.get());
        drop(response);
        assert!(dropped.get());
    }

    /// If this failed, a client that takes no events would hold the permits of its call for as long as it likes.
    #[actix_web::test]
    async fn a_stream_that_nobody_takes_drops_its_call_after_the_deadline() {
        tokio::time::pause();
        let (response, dropped) = endless().await;
        sleep_until(in_a_minute()).await;
        assert!(!dropped.get());
        sleep_until(Instant::now() + GRACE * 2).await;
        assert!(dropped.get());
        assert_eq!(events(response).await, ["data: 1\n\n"]);
    }

    /// If this failed, a proxy would cut a call that is silent for long.
    #[actix_web::test]
    async fn silence_is_broken_by_comments() {
        tokio::time::pause();
        let reports = Rc::new(Reports::default());
        let writer = Rc::clone(&reports);
        let call = async move {
            writer.push(b"1".to_vec());
            tokio::time::sleep(KEEP_ALIVE * 5 / 2).await;
            Served::LastEvent(Some(b"{}".to_vec()))
        };
        let events = events(answer(Box::pin(call), reports, in_a_minute()).await).await;
        assert_eq!(events[1..], [": still at work\n\n", ": still at work\n\n", "data: {}\n\n"]);
    }
}
