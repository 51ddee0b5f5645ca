//! One request from arrival to answer: log, faults, service.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::{Bytes, Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::batch;
use crate::body;
use crate::entra;
use crate::faults::{Effect, Subject};
use crate::graph;
use crate::message::{Answer, Carriage, Request};
use crate::record::Service;
use crate::world::World;

/// What became of a request.
pub(crate) enum Passage {
    Whole(Answer),
    /// The connection breaks in the middle of this answer; before its first byte where it has no body.
    Broken(Answer),
}

/// Answers whatever is not for the control API.
pub(crate) async fn answer(http: HttpRequest, payload: Payload, world: Data<World>) -> HttpResponse {
    let body = body::read(payload).await;
    let unreadable = body.as_ref().err().map(|error| error.status());
    let body = body.unwrap_or_default();
    let request = Request {
        method: http.method(),
        path: http.uri().path(),
        query: http.query_string(),
        headers: http.headers(),
        body: &body,
        origin: world.origins.of(&http),
        peer: http.peer_addr().map(|address| address.ip()),
        carriage: Carriage::Alone,
    };
    let service = Service::of_path(&request.segments());
    if let Some(status) = unreadable {
        let ticket = world.record.arrived(service, &request);
        world.record.answered(ticket, status);
        return outage(status, service, &request).into_http();
    }
    match world.pass(service, &request).await {
        Passage::Whole(answer) => answer.into_http(),
        Passage::Broken(answer) => broken(answer),
    }
}

fn subject(world: &World, service: Service, request: &Request<'_>) -> Subject {
    match service {
        Service::Entra => world.entra.subject_of(request),
        Service::Graph => request.bearer().map(entra::subject_of_token).unwrap_or_default(),
    }
}

impl World {
    /// Takes one request past the log and the faults to its service. Items of a batch pass here as well.
    pub(crate) async fn pass(&self, service: Service, request: &Request<'_>) -> Passage {
        let ticket = self.record.arrived(service, request);
        let effect = self.faults.strike(service, request.path, || subject(self, service, request));
        let Some(effect) = effect else {
            let answer = self.answer(service, request).await;
            self.record.answered(ticket, answer.status);
            return Passage::Whole(answer);
        };
        if let Some(delay) = effect.delay {
            tokio::time::sleep(delay).await;
        }
        if effect.reset && effect.status.is_none() && effect.body.is_none() {
            return Passage::Broken(Answer::empty(200));
        }
        let answer = self.answer_with(&effect, service, request).await;
        self.record.answered(ticket, answer.status);
        if effect.reset { Passage::Broken(answer) } else { Passage::Whole(answer) }
    }

    async fn answer(&self, service: Service, request: &Request<'_>) -> Answer {
        match service {
            Service::Entra => self.entra.answer(request),
            // Boxed: the items of a batch come back here.
            Service::Graph if batch::is_batch(request) => Box::pin(batch::answer(self, request)).await,
            Service::Graph => self.graph.answer(request),
        }
    }

    async fn answer_with(&self, effect: &Effect, service: Service, request: &Request<'_>) -> Answer {
        let mut answer = match effect.status {
            Some(status) => outage(status, service, request),
            None => self.answer(service, request).await,
        };
        if let Some(body) = &effect.body {
            answer.body = body.clone();
        }
        for (name, value) in &effect.headers {
            answer.replace_header(name, value);
        }
        answer
    }
}

/// An answer of that status in the service's own shape.
pub(crate) fn outage(status: u16, service: Service, request: &Request<'_>) -> Answer {
    if service == Service::Entra {
        return entra::outage(status, &request.origin.base, entra::correlation(request));
    }
    let (code, message) = match status {
        401 => ("InvalidAuthenticationToken", "Access token has expired or is not yet valid."),
        403 => ("accessDenied", "Access is denied."),
        404 => ("itemNotFound", "The resource could not be found."),
        413 => ("RequestEntityTooLarge", "The request body is too large."),
        429 => ("TooManyRequests", "Please retry again later."),
        502 => ("BadGateway", "The gateway got no good answer."),
        503 => ("serviceNotAvailable", "The service is unavailable. Try again after a delay."),
        504 => ("GatewayTimeout", "The gateway got no answer in time."),
        400..=499 => ("BadRequest", "The request was refused on demand."),
        _ => ("generalException", "The request failed on demand."),
    };
    graph::error(status, code, message, request.header("client-request-id")).into()
}

/// An answer that ends in the middle. Without a body not a byte of it is sent; with one, the head (which
/// promises one byte more) and the body are. Then the connection is closed.
fn broken(answer: Answer) -> HttpResponse {
    let parts = if answer.body.is_empty() {
        VecDeque::new()
    } else {
        VecDeque::from([Part::Bytes(answer.body.clone()), Part::Flush])
    };
    let promised = answer.body.len() as u64 + 1;
    answer.into_http().map_body(|_, _| BoxBody::new(BrokenBody { parts, promised }))
}

enum Part {
    Bytes(Bytes),
    /// One turn without progress, in which the server writes out what it holds.
    Flush,
}

struct BrokenBody {
    parts: VecDeque<Part>,
    promised: u64,
}

impl MessageBody for BrokenBody {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.promised)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, io::Error>>> {
        match self.parts.pop_front() {
            Some(Part::Bytes(bytes)) => Poll::Ready(Some(Ok(bytes))),
            Some(Part::Flush) => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            None => Poll::Ready(Some(Err(io::Error::new(
                io::ErrorKind::ConnectionReset,
                "connection closed by a fault on demand",
            )))),
        }
    }
}
