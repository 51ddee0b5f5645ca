//! The request log: a ring of the last requests, exactly as they came.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::message::{Carriage, Fields, Request};

/// Which of the two simulated services a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Entra,
    Graph,
}

impl Service {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Entra => "entra",
            Self::Graph => "graph",
        }
    }
}

/// Which door a request came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    Service(Service),
    /// The download host.
    Files,
}

impl Door {
    fn as_str(self) -> &'static str {
        match self {
            Self::Service(service) => service.as_str(),
            Self::Files => "files",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        let every = [Self::Service(Service::Entra), Self::Service(Service::Graph), Self::Files];
        every.into_iter().find(|door| door.as_str() == name)
    }
}

impl From<Service> for Door {
    fn from(service: Service) -> Self {
        Self::Service(service)
    }
}

/// Names one recorded request, to be completed with its status.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket(u64);

/// Keeps the last `capacity` requests. A request is in it from its arrival, so that one whose client goes away
/// is not lost; its status joins when it is answered.
#[derive(Debug)]
pub(crate) struct RequestRing {
    capacity: usize,
    recording: AtomicBool,
    ring: Mutex<Ring>,
}

#[derive(Debug, Default)]
struct Ring {
    /// Sequence number of the oldest entry.
    first: u64,
    entries: VecDeque<Entry>,
}

/// Kept undecoded: decoding is paid by who reads the log. Nothing in it is shared with the connection, whose whole buffer
/// would stay with it.
#[derive(Debug)]
struct Entry {
    at: Timestamp,
    door: Door,
    method: Method,
    path: String,
    query: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    form: Option<Bytes>,
    carriage: Carriage,
    status: Option<u16>,
}

impl RequestRing {
    pub(crate) fn new(capacity: usize, recording: bool) -> Self {
        Self { capacity: capacity.max(1), recording: AtomicBool::new(recording), ring: Mutex::default() }
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn switch(&self, recording: bool) {
        self.recording.store(recording, Ordering::Relaxed);
    }

    /// Records a request; `None` while the log is switched off.
    pub(crate) fn arrived(&self, door: impl Into<Door>, request: &Request<'_>) -> Option<Ticket> {
        if !self.recording.load(Ordering::Relaxed) {
            return None;
        }
        let entry = Entry {
            at: Timestamp::now(),
            door: door.into(),
            method: request.method.clone(),
            path: request.path.to_owned(),
            query: request.query.to_owned(),
            headers: request.headers.iter().filter_map(own).collect(),
            form: request.is_form().then(|| Bytes::copy_from_slice(request.body)),
            carriage: request.carriage,
            status: None,
        };
        let mut ring = self.ring();
        if ring.entries.len() == self.capacity {
            ring.entries.pop_front();
            ring.first += 1;
        }
        ring.entries.push_back(entry);
        Some(Ticket(ring.first + ring.entries.len() as u64 - 1))
    }

    /// Completes a recorded request; nothing happens when it has been forgotten meanwhile.
    pub(crate) fn answered(&self, ticket: Option<Ticket>, status: u16) {
        let Some(Ticket(sequence)) = ticket else { return };
        let mut ring = self.ring();
        let Some(index) = sequence.checked_sub(ring.first).and_then(|index| usize::try_from(index).ok())
        else {
            return;
        };
        if let Some(entry) = ring.entries.get_mut(index) {
            entry.status = Some(status);
        }
    }

    pub(crate) fn forget(&self) {
        let mut ring = self.ring();
        ring.first += ring.entries.len() as u64;
        ring.entries.clear();
    }

    /// The last `most` recorded requests, oldest first, as the control API shows them.
    pub(crate) fn to_json(&self, most: usize) -> Value {
        let ring = self.ring();
        ring.entries.iter().skip(ring.entries.len().saturating_sub(most)).map(Entry::to_json).collect()
    }
}

impl Entry {
    fn to_json(&self) -> Value {
        let mut shown = json!({
            "at": self.at.to_string(),
            "service": self.door.as_str(),
            "method": self.method.as_str(),
            "path": self.path,
            "headers": header_map(&self.headers),
            "status": self.status,
        });
        if !self.query.is_empty() {
            shown["query"] = json!(self.query);
        }
        if self.carriage == Carriage::Batch {
            shown["batch"] = json!(true);
        }
        if let Some(form) = &self.form {
            shown["form"] =
                Fields::parse(form).iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
        }
        shown
    }
}

/// Lower-case names; the values of a repeated header are joined by `, `.
fn header_map(headers: &[(HeaderName, HeaderValue)]) -> Map<String, Value> {
    let mut map = Map::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let joined = match map.get(name.as_str()).and_then(Value::as_str) {
            Some(first) => format!("{first}, {value}"),
            None => value.into_owned(),
        };
        map.insert(name.as_str().to_owned(), Value::String(joined));
    }
    map
}

fn own((name, value): (&HeaderName, &HeaderValue)) -> Option<(HeaderName, HeaderValue)> {
    Some((name.clone(), HeaderValue::from_bytes(value.as_bytes()).ok()?))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};

    use super::*;
    use crate::message::Disturbance;
    use crate::origins::Origin;

    fn record(ring: &RequestRing, path: &str) -> Option<Ticket> {
        record_all(ring, path, &HeaderMap::new(), &Bytes::new())
    }

    fn record_all(ring: &RequestRing, path: &str, headers: &HeaderMap, body: &Bytes) -> Option<Ticket> {
        let origin = &Origin::new("http://127.0.0.1".to_owned());
        let (method, query) = (&Method::GET, "");
        ring.arrived(
            Service::Graph,
            &Request {
                method,
                path,
                query,
                headers,
                body,
                disturbance: Disturbance::NONE,
                origin,
                peer: None,
                carriage: Carriage::Alone,
            },
        )
    }

    fn shown(ring: &RequestRing) -> Vec<(String, Option<u64>)> {
        let requests = ring.to_json(usize::MAX);
        let requests = requests.as_array().unwrap();
        requests
            .iter()
            .map(|entry| (entry["path"].as_str().unwrap().to_owned(), entry["status"].as_u64()))
            .collect()
    }

    /// A log without bound would eat the memory of a load test.
    #[test]
    fn the_oldest_request_is_forgotten_when_the_ring_is_full() {
        let ring = RequestRing::new(2, true);
        for path in ["/a", "/b", "/c"] {
            let ticket = record(&ring, path);
            ring.answered(ticket, 200);
        }
        assert_eq!(shown(&ring), [("/b".to_owned(), Some(200)), ("/c".to_owned(), Some(200))]);
    }

    /// A log of ten thousand short requests would hold ten thousand buffers of connections.
    #[test]
    fn nothing_of_a_connection_stays_with_its_requests() {
        let ring = RequestRing::new(2, true);
        let buffer = Bytes::from(b"Bearer a.b.c and=more".to_vec());
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_maybe_shared(buffer.slice(..12)).unwrap());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        record_all(&ring, "/a", &headers, &buffer.slice(13..));
        drop(headers);
        assert!(buffer.is_unique());
        let request = &ring.to_json(1)[0];
        assert_eq!(
            (&request["headers"]["authorization"], &request["form"]["and"]),
            (&json!("Bearer a.b.c"), &json!("more"))
        );
    }

    /// A status written to the wrong entry would make tests blame the wrong request.
    #[test]
    fn a_late_status_finds_its_own_request_or_none() {
        let ring = RequestRing::new(2, true);
        let first = record(&ring, "/a");
        let second = record(&ring, "/b");
        record(&ring, "/c");
        ring.answered(first, 500);
        ring.answered(second, 404);
        assert_eq!(shown(&ring), [("/b".to_owned(), Some(404)), ("/c".to_owned(), None)]);
        ring.forget();
        record(&ring, "/d");
        ring.answered(second, 404);
        assert_eq!(shown(&ring), [("/d".to_owned(), None)]);
    }
}
