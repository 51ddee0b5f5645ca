//! Threads for what is not a call's own: exchanges with Entra and the fetching of keys.

use std::io;

use tokio::runtime::{Builder, Handle, Runtime};

const THREADS: usize = 2;

/// A small runtime of its own. It ends when it is dropped, without waiting and on whatever thread that happens.
#[derive(Debug)]
pub(super) struct IoRuntime(Option<Runtime>);

impl IoRuntime {
    pub(super) fn start() -> io::Result<Self> {
        Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("io")
            .enable_all()
            .build()
            .map(|runtime| Self(Some(runtime)))
    }

    pub(super) fn handle(&self) -> io::Result<Handle> {
        let runtime = self.0.as_ref().ok_or_else(|| io::Error::other("the i/o runtime has ended"))?;
        Ok(runtime.handle().clone())
    }
}

impl Drop for IoRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
