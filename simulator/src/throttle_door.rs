//! Throttling in front of Graph: the engine, real time, and the answers that refuse.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::graph;
use crate::message::Answer;
use crate::throttling::{
    Admission, Download, Egress, Header, Permit, Reason, RequestFacts, Settings, Throttled, Throttling,
    Workload,
};

/// The engine, shared between workers; switched off it costs one look.
#[derive(Debug)]
pub(crate) struct ThrottleDoor {
    is_on: AtomicBool,
    engine: Mutex<Throttling>,
    refused: AtomicU64,
}

/// A request that was let in. When it is dropped its place among those under way is free again.
#[derive(Debug, Default)]
pub(crate) struct Admitted {
    place: Option<(Arc<ThrottleDoor>, Permit)>,
    egress: Option<(Arc<ThrottleDoor>, Egress)>,
    headers: Vec<Header>,
}

impl Admitted {
    /// Adds to an answer what the service tells of its limits, and counts what it weighs.
    pub(crate) fn tell(&self, answer: &mut Answer) {
        if let Some((door, egress)) = &self.egress {
            door.engine().sent(egress, answer.body.len() as u64, now());
        }
        for (name, value) in &self.headers {
            answer.replace_header(name, value);
        }
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        if let Some((door, permit)) = self.place.take() {
            door.engine().release(permit);
        }
    }
}

impl ThrottleDoor {
    /// Switched on with `settings`, off without.
    pub(crate) fn new(settings: Option<Settings>) -> Self {
        Self {
            is_on: AtomicBool::new(settings.is_some()),
            engine: Mutex::new(Throttling::new(settings.unwrap_or_default())),
            refused: AtomicU64::new(0),
        }
    }

    fn engine(&self) -> MutexGuard<'_, Throttling> {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_on(&self) -> bool {
        self.is_on.load(Ordering::Relaxed)
    }

    pub(crate) fn settings(&self) -> Settings {
        self.engine().settings().clone()
    }

    /// Switches on with `settings`, or off without. What was counted is forgotten.
    pub(crate) fn switch(&self, settings: Option<Settings>) {
        self.is_on.store(settings.is_some(), Ordering::Relaxed);
        self.engine().change(settings.unwrap_or_default());
        self.refused.store(0, Ordering::Relaxed);
    }

    /// Meters kept, and requests refused since the last switch.
    pub(crate) fn counts(&self) -> (usize, u64) {
        (self.engine().len(), self.refused.load(Ordering::Relaxed))
    }

    /// Counts a request, or answers it with a refusal.
    pub(crate) fn admit(
        self: &Arc<Self>,
        facts: &RequestFacts<'_>,
        client_request_id: Option<&str>,
    ) -> Result<Admitted, Answer> {
        let admission = self.engine().admit(facts, now());
        match admission {
            Admission::Admitted(pass) => {
                let place = pass.permit.map(|permit| (Arc::clone(self), permit));
                let egress = pass.egress.map(|egress| (Arc::clone(self), egress));
                Ok(Admitted { place, egress, headers: pass.headers })
            }
            Admission::Refused(throttled) => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                Err(refusal(&throttled, client_request_id))
            }
        }
    }

    /// Lets a file be given out, or answers with a refusal in the file host's words.
    pub(crate) fn admit_download(self: &Arc<Self>, download: &Download) -> Result<Admitted, Answer> {
        let admission = self.engine().admit_download(download, now());
        admission
            .map(|egress| {
                let egress = egress.map(|egress| (Arc::clone(self), egress));
                Admitted { place: None, egress, headers: Vec::new() }
            })
            .map_err(|throttled| {
                self.refused.fetch_add(1, Ordering::Relaxed);
                let mut answer = Answer::text(429, "The request has been throttled.");
                for (name, value) in &throttled.headers {
                    answer.replace_header(name, value);
                }
                answer
            })
    }
}

fn now() -> Duration {
    Duration::try_from(Timestamp::now().as_duration()).unwrap_or_default()
}

/// 429 in the shape of the service that refuses, with what it tells of the limit.
fn refusal(throttled: &Throttled, client_request_id: Option<&str>) -> Answer {
    let mut answer = match (throttled.workload, throttled.reason) {
        (Workload::Outlook, Reason::Concurrency) => {
            let message = "Application is over its MailboxConcurrency limit.";
            graph::error(429, "ApplicationThrottled", message, client_request_id).into()
        }
        (workload, _) => too_many_requests(Some(workload), client_request_id),
    };
    for (name, value) in &throttled.headers {
        answer.replace_header(name, value);
    }
    answer
}

/// 429 for the number of requests, in the shape of the service that refuses; the gateway's where that is not known.
pub(crate) fn too_many_requests(workload: Option<Workload>, client_request_id: Option<&str>) -> Answer {
    let (code, message, inner) = match workload {
        Some(Workload::SharePoint | Workload::Search) => (
            "activityLimitReached",
            "The request has been throttled",
            json!({ "code": "throttledRequest", "innerError": { "code": "quota" } }),
        ),
        _ => (
            "TooManyRequests",
            "Please retry again later.",
            json!({ "code": "429", "message": "Please retry after", "status": "429" }),
        ),
    };
    let mut answer = Answer::from(graph::error(429, code, message, client_request_id));
    if let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) {
        let known = body.pointer_mut("/error/innerError").and_then(Value::as_object_mut);
        if let (Some(known), Value::Object(inner)) = (known, inner) {
            known.extend(inner);
        }
        answer.body = body.to_string().into();
    }
    answer
}
