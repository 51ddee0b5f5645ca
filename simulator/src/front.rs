//! One request from arrival to answer: log, faults, throttling, service.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::{Bytes, Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::batch::{self, Gateway};
use crate::body;
use crate::compression::compressed;
use crate::entra;
use crate::faults::{Strike, Subject};
use crate::graph_front;
use crate::graph_paths::is_batch;
use crate::message::{Answer, Carriage, Disturbance, Request};
use crate::outage::outage;
use crate::record::Service;
use crate::throttle_door::Admitted;
use crate::world::World;

/// What became of a request.
enum Passage {
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
        disturbance: Disturbance::NONE,
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
        Passage::Whole(answer) => compressed(answer, &request).into_http(),
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
    /// Takes one request past the log, the faults and the limits to its service. Items of a batch pass here as well.
    async fn pass(&self, service: Service, request: &Request<'_>) -> Passage {
        let ticket = self.record.arrived(service, request);
        let strike =
            self.faults.strike(service, (request.method, request.path), || subject(self, service, request));
        let Some(strike) = strike else {
            let answer = match self.admit(service, request) {
                Ok(admitted) => self.answer(service, request, &admitted).await,
                Err(refused) => refused,
            };
            self.record.answered(ticket, answer.status);
            return Passage::Whole(answer);
        };
        let request = Request { disturbance: &strike.effect.disturbance, ..*request };
        let passage = self.struck(&strike, service, &request).await;
        if let Passage::Whole(answer) | Passage::Broken(answer) = &passage
            && !strike.effect.is_silent()
        {
            self.record.answered(ticket, answer.status);
        }
        passage
    }

    /// Answers a request that a fault hits.
    async fn struck(&self, strike: &Strike, service: Service, request: &Request<'_>) -> Passage {
        let effect = &*strike.effect;
        // A place among a mailbox's requests is held while the fault makes it wait, as a slow service would hold it.
        let admitted =
            if effect.replaces_service() { Ok(Admitted::default()) } else { self.admit(service, request) };
        if let Some(delay) = strike.delay {
            tokio::time::sleep(delay).await;
        }
        if effect.is_silent() {
            return Passage::Broken(Answer::empty(200));
        }
        let mut answer = match (effect.aadsts, effect.status, admitted) {
            _ if effect.access_ended => graph_front::access_ended(request),
            (Some(number), ..) => entra::refused(number, &request.origin.base, entra::correlation(request)),
            (None, Some(status), _) => outage(status, service, request),
            (None, None, Ok(admitted)) => self.answer(service, request, &admitted).await,
            (None, None, Err(refused)) => refused,
        };
        effect.change(&mut answer, request);
        if effect.reset { Passage::Broken(answer) } else { Passage::Whole(answer) }
    }

    fn admit(&self, service: Service, request: &Request<'_>) -> Result<Admitted, Answer> {
        match service {
            Service::Entra => Ok(Admitted::default()),
            Service::Graph => self.graph.admit(request),
        }
    }

    async fn answer(&self, service: Service, request: &Request<'_>, admitted: &Admitted) -> Answer {
        let mut answer = match service {
            Service::Entra => self.entra.answer(request),
            Service::Graph if is_batch(request) => match self.graph.refusal(request) {
                Some(refused) => refused,
                // Boxed: the items of a batch come back here.
                None => Box::pin(batch::answer(self, request)).await,
            },
            Service::Graph => self.graph.answer(request),
        };
        if service == Service::Graph {
            self.refused_writes.see(request.method, &answer);
        }
        admitted.tell(&mut answer);
        answer
    }
}

impl Gateway for World {
    /// A connection that breaks behind the gateway is an answer that does not come in time.
    async fn pass_item(&self, item: &Request<'_>) -> Answer {
        match self.pass(Service::Graph, item).await {
            Passage::Whole(answer) => answer,
            Passage::Broken(_) => outage(504, Service::Graph, item),
        }
    }
}

/// An answer that ends in the middle. Without a body not a byte of it is sent; with one, the head (which
/// promises one byte more) and the body are. Then the connection is closed.
pub(crate) fn broken(answer: Answer) -> HttpResponse {
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
