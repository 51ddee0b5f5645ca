//! What tokio says of the runtimes that the service runs on.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::{Handle, RuntimeMetrics};

use super::{Attribute, Metric, Readings, observe};

/// What a runtime is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuntimeRole {
    /// One for each thread that serves calls.
    Workers,
    /// The thread of the operations listener.
    Operations,
    /// One for each thread of actors.
    Shards,
    /// Exchanges with Entra, and what else waits for others outside of calls.
    Io,
}

impl RuntimeRole {
    const ALL: [Self; 4] = [Self::Workers, Self::Operations, Self::Shards, Self::Io];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Workers => "workers",
            Self::Operations => "operations",
            Self::Shards => "shards",
            Self::Io => "io",
        }
    }
}

/// The runtimes of a running connector.
#[derive(Debug, Default)]
pub struct Runtimes(Mutex<Vec<(RuntimeRole, RuntimeMetrics)>>);

impl Runtimes {
    /// Adds the runtime of `handle`.
    pub fn add(&self, role: RuntimeRole, handle: &Handle) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((role, handle.metrics()));
    }

    /// Adds the runtime that the caller runs on. Does nothing elsewhere.
    pub fn add_current(&self, role: RuntimeRole) {
        if let Ok(handle) = Handle::try_current() {
            self.add(role, &handle);
        }
    }

    /// Has the runtimes read at each collection, for as long as they are there.
    pub fn observe(self: &Arc<Self>) {
        self.read_as(Metric::RuntimeThreads, |metrics, readings, role| {
            readings.value(metrics.iter().map(|one| one.num_workers() as u64).sum(), &role);
        });
        self.read_as(Metric::RuntimeBusy, |metrics, readings, role| {
            readings.seconds(metrics.iter().map(busy).sum(), &role);
        });
        self.read_as(Metric::RuntimeTasks, |metrics, readings, role| {
            readings.value(metrics.iter().map(|one| one.num_alive_tasks() as u64).sum(), &role);
        });
        self.read_as(Metric::RuntimeQueue, |metrics, readings, role| {
            readings.value(metrics.iter().map(|one| one.global_queue_depth() as u64).sum(), &role);
        });
    }

    /// Reads all runtimes of one role at a time.
    fn read_as(
        self: &Arc<Self>,
        metric: Metric,
        read: impl Fn(&[RuntimeMetrics], &mut Readings<'_>, [(Attribute, &'static str); 1])
        + Send
        + Sync
        + 'static,
    ) {
        let runtimes: Weak<Self> = Arc::downgrade(self);
        observe(metric, move |readings| {
            let Some(runtimes) = runtimes.upgrade() else { return };
            for role in RuntimeRole::ALL {
                let metrics = runtimes.of(role);
                if !metrics.is_empty() {
                    read(&metrics, readings, [(Attribute::Runtime, role.as_str())]);
                }
            }
        });
    }

    fn of(&self, role: RuntimeRole) -> Vec<RuntimeMetrics> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|(of, _)| *of == role).map(|(_, metrics)| metrics.clone()).collect()
    }
}

/// How long the threads of a runtime have worked, and not waited.
fn busy(metrics: &RuntimeMetrics) -> Duration {
    (0..metrics.num_workers()).map(|worker| metrics.worker_total_busy_duration(worker)).sum()
}
