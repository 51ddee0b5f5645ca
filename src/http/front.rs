//! What every worker shares, and what each has of its own.

use std::sync::Arc;
use std::time::Duration;

use connector_actors::Actors;
use connector_actors::clock::Clock;
use connector_observability::TelemetryHandle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::calls_in_progress::CallsInProgress;
use super::host_rules::HostRules;
use super::metadata::Metadata;
use super::readiness::Readiness;
use super::refusal::Refusal;
use super::tenant_restriction::TenantRestriction;
use crate::audit::AuditJournal;
use crate::entra::TokenValidator;
use crate::graph::GraphClient;
use crate::mcp::McpServer;
use crate::state::TenantTable;
use crate::tools::{CursorSealer, HelpLinks};

/// The parts that a call passes through, shared by all workers.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) hosts: HostRules,
    pub(crate) metadata: Metadata,
    pub(crate) restriction: TenantRestriction,
    pub(crate) limits: CallLimits,
    pub(crate) readiness: Readiness,
    pub(crate) validator: TokenValidator,
    pub(crate) tenants: Arc<TenantTable>,
    pub(crate) actors: Actors,
    pub(crate) mcp: McpServer,
    pub(crate) cursors: CursorSealer,
    pub(crate) help: HelpLinks,
    pub(crate) journal: AuditJournal,
    pub(crate) telemetry: TelemetryHandle,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) permits: Arc<Semaphore>,
    pub(crate) in_progress: CallsInProgress,
    /// Parent of every worker's.
    pub(crate) calls: CancellationToken,
}

/// Bounds of one call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallLimits {
    pub(crate) deadline: Duration,
    pub(crate) body_limit: usize,
    /// Permits at the start: calls in progress at once.
    pub(crate) concurrent: usize,
}

/// One worker's own: a pooled connection is driven by the thread that opened it, so no two threads share one.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) graph: GraphClient,
    /// Fires for every call of this worker when the process may wait for none of them any longer.
    pub(crate) calls: CancellationToken,
}

impl Front {
    /// Takes one of the process's permits, or sheds the call: before any cryptography.
    pub(super) fn take_permit(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.permits).try_acquire_owned().map_err(|_| Refusal::Overloaded)
    }

    /// Waits until no call is in progress.
    pub(crate) async fn wait_for_calls(&self) {
        let all = u32::try_from(self.limits.concurrent).unwrap_or(u32::MAX);
        drop(self.permits.acquire_many(all).await);
    }
}
