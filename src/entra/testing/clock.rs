//! A clock that moves when it is told to, while sockets go on in real time.

use std::sync::Mutex;
use std::time::Duration;

use connector_actors::clock::{Clock, Timestamp};
use tokio::time::Instant;

use super::NOW;

#[derive(Debug)]
pub(in super::super) struct ManualClock {
    started: Instant,
    passed: Mutex<Duration>,
}

impl ManualClock {
    pub(in super::super) fn new() -> Self {
        Self { started: Instant::now(), passed: Mutex::new(Duration::ZERO) }
    }

    pub(in super::super) fn advance(&self, span: Duration) {
        *self.passed.lock().unwrap() += span;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        NOW + *self.passed.lock().unwrap()
    }

    fn instant(&self) -> Instant {
        self.started + *self.passed.lock().unwrap()
    }
}
