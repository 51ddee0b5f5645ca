//! Which actors still live.

use tokio::sync::watch;

/// Held by every actor for as long as it lives.
pub(crate) type Alive = watch::Receiver<()>;

/// The roll of the actors of one process.
#[derive(Debug)]
pub(crate) struct Roll(watch::Sender<()>);

impl Roll {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(()))
    }

    pub(crate) fn enter(&self) -> Alive {
        self.0.subscribe()
    }

    /// Resolves when no actor lives any more.
    pub(crate) async fn all_ended(&self) {
        self.0.closed().await;
    }
}
