//! `Expect: 100-continue` (RFC 9110 section 10.1.1): a client is asked for its body when the body is first read. Who is
//! refused for the head of a request is answered at once, and not invited to send anything.
//!
//! actix-http asks when its expect service hands the request back, and calls the application only then. So the expect
//! service calls the application itself, with a payload that notices its first reader. A call that ends without reading
//! is the answer. A call that reads is handed back inside of a request, and goes on where it was.

use std::cell::{Cell, OnceCell};
use std::convert::Infallible;
use std::future::{Future, Ready, poll_fn, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_http::body::BoxBody;
use actix_http::error::PayloadError;
use actix_http::{BoxedPayloadStream, HttpMessage, Payload, Request, Response};
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceFactory, ServiceResponse, always_ready, forward_ready};
use bytes::Bytes;
use futures_util::future::{Either, LocalBoxFuture};
use futures_util::{Stream, StreamExt};

/// The two services of one server around `application`: for requests whose clients expect to be asked, and for all.
pub(crate) fn ask_on_first_read<A: ServiceFactory<Request>>(
    application: A,
) -> (Expectation<A::Service>, Carrying<A>) {
    let shared = Shared(Rc::default());
    (Expectation(shared.clone()), Carrying { application, shared })
}

/// The application of one worker, there before the worker's first request.
struct Shared<S>(Rc<OnceCell<Rc<S>>>);

impl<S> Clone for Shared<S> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

/// Takes a request whose client expects to be asked, and gives it back when the body is wanted.
pub(crate) struct Expectation<S>(Shared<S>);

/// Carries requests out, also those that have begun before their clients were asked.
pub(crate) struct Carrying<A: ServiceFactory<Request>> {
    application: A,
    shared: Shared<A::Service>,
}

/// A call that waits for its body.
struct Begun<F>(Pin<Box<F>>);

impl<S, B> ServiceFactory<Request> for Expectation<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = Request;
    type Error = Response<BoxBody>;
    type Config = ();
    type Service = Self;
    type InitError = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn new_service(&self, (): ()) -> Self::Future {
        ready(Ok(Self(self.0.clone())))
    }
}

impl<S, B> Service<Request> for Expectation<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = Request;
    type Error = Response<BoxBody>;
    type Future = LocalBoxFuture<'static, Result<Request, Response<BoxBody>>>;

    always_ready!();

    fn call(&self, request: Request) -> Self::Future {
        let Some(application) = self.0.0.get() else { return Box::pin(ready(Ok(request))) };
        let (request, reader) = noticing_its_reader(request);
        let mut call = Box::pin(application.call(request));
        Box::pin(async move {
            let answer = poll_fn(|context| match call.as_mut().poll(context) {
                Poll::Ready(answer) => Poll::Ready(Some(answer)),
                Poll::Pending if reader.get() => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            });
            match answer.await {
                Some(Ok(answer)) => Err(Response::from(answer).map_into_boxed_body()),
                Some(Err(error)) => Err(error.into()),
                None => Ok(carrier(call)),
            }
        })
    }
}

/// The request with another payload, and whether that has been read. Where no body was announced there is nothing to ask for.
fn noticing_its_reader(mut request: Request) -> (Request, Rc<Cell<bool>>) {
    let reader = Rc::new(Cell::new(false));
    let payload = request.take_payload();
    if matches!(payload, Payload::None) {
        return (request, reader);
    }
    let payload: BoxedPayloadStream = Box::pin(NoticedPayload { reader: Rc::clone(&reader), payload });
    let (request, _) = request.replace_payload(Payload::Stream { payload });
    (request, reader)
}

/// A request that is only a way to hand on a call.
fn carrier<F: 'static>(call: Pin<Box<F>>) -> Request {
    let carrier = Request::new();
    carrier.extensions_mut().insert(Begun(call));
    carrier
}

/// A payload whose first reader waits until the client has been asked.
struct NoticedPayload {
    reader: Rc<Cell<bool>>,
    payload: Payload,
}

impl Stream for NoticedPayload {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.reader.replace(true) {
            return self.payload.poll_next_unpin(context);
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<A> ServiceFactory<Request> for Carrying<A>
where
    A: ServiceFactory<Request, Config = ()> + 'static,
    A::Future: 'static,
    <A::Service as Service<Request>>::Future: 'static,
{
    type Response = A::Response;
    type Error = A::Error;
    type Config = ();
    type Service = CarryingService<A::Service>;
    type InitError = A::InitError;
    type Future = LocalBoxFuture<'static, Result<Self::Service, Self::InitError>>;

    fn new_service(&self, (): ()) -> Self::Future {
        let (application, shared) = (self.application.new_service(()), self.shared.clone());
        Box::pin(async move {
            let application = application.await?;
            let application = Rc::clone(shared.0.get_or_init(|| Rc::new(application)));
            Ok(CarryingService { application })
        })
    }
}

pub(crate) struct CarryingService<S> {
    application: Rc<S>,
}

impl<S> Service<Request> for CarryingService<S>
where
    S: Service<Request>,
    S::Future: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Either<S::Future, Pin<Box<S::Future>>>;

    forward_ready!(application);

    fn call(&self, request: Request) -> Self::Future {
        let begun = request.extensions_mut().remove::<Begun<S::Future>>();
        match begun {
            Some(Begun(call)) => Either::Right(call),
            None => Either::Left(self.application.call(request)),
        }
    }
}
