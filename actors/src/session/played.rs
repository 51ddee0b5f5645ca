//! Sessions that a simulation plays, without actors.

use std::sync::Arc;

use actix::{Actor, Context, Handler};

use super::handle::{SessionHandle, SessionTerms};
use super::obtain::Obtain;

/// Whoever asks it hears nothing.
struct Nobody;

impl Actor for Nobody {
    type Context = Context<Self>;
}

impl Handler<Obtain> for Nobody {
    type Result = ();

    fn handle(&mut self, _message: Obtain, _context: &mut Self::Context) {}
}

impl SessionHandle {
    /// The handle of a session whose machine somebody else drives.
    pub(crate) fn played(terms: SessionTerms) -> Arc<Self> {
        let owner = actix::AsyncContext::address(&Context::<Nobody>::new()).recipient();
        Arc::new(Self::new(owner, terms))
    }
}
