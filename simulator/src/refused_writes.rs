//! How often somebody tried to write: what proves that nothing was written, with the log off too.

use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::http::Method;

use crate::message::Answer;

/// Counts the refused writes of every door but Entra's; items of a batch are counted one by one.
#[derive(Debug, Default)]
pub(crate) struct RefusedWrites(AtomicU64);

impl RefusedWrites {
    /// Sees what became of a request.
    pub(crate) fn see(&self, method: &Method, answer: &Answer) {
        let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        if answer.status == 405 && !reads {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
