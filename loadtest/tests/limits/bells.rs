//! The bells of those who wait at the gate. Many wait, and few are rung: nobody asks each of them.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use connector_actors::throttle::Waiting;
use tokio::sync::futures::OwnedNotified;

/// Rung once, for the call that it was made for.
pub(crate) type Bell = Pin<Box<OwnedNotified>>;

/// Calls whose bells have been rung, in that order.
#[derive(Debug, Default)]
pub(crate) struct Bells {
    rung: Arc<Mutex<VecDeque<usize>>>,
}

struct Rings {
    call: usize,
    rung: Arc<Mutex<VecDeque<usize>>>,
}

impl Wake for Rings {
    fn wake(self: Arc<Self>) {
        self.rung.lock().unwrap().push_back(self.call);
    }
}

impl Bells {
    pub(crate) fn of(&self, call: usize, waiting: &Waiting) -> Bell {
        let mut bell = Box::pin(Arc::clone(waiting.bell()).notified_owned());
        let waker = Waker::from(Arc::new(Rings { call, rung: Arc::clone(&self.rung) }));
        if bell.as_mut().poll(&mut Context::from_waker(&waker)) == Poll::Ready(()) {
            waker.wake();
        }
        bell
    }

    /// The one that was rung first of those that nobody has answered.
    pub(crate) fn next(&self) -> Option<usize> {
        self.rung.lock().unwrap().pop_front()
    }
}
