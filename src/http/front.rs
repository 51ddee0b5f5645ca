//! What every worker shares, and what each has of its own.

use std::sync::Arc;
use std::time::Duration;

use connector_actors::Actors;
use connector_actors::clock::Clock;
use connector_actors::identity::TenantId;
use connector_actors::revocation::{Revocation, Revocations, RevokeError, Subject};
use connector_observability::TelemetryHandle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::call_quotas::CallQuotas;
use super::calls_in_progress::CallsInProgress;
use super::entry::may_enter;
use super::host_rules::HostRules;
use super::interrupts::{Interrupt, Interrupts};
use super::metadata::Metadata;
use super::readiness::Readiness;
use super::refusal::Refusal;
use super::tenant_restriction::TenantRestriction;
use super::trusted_trace_parents::TrustedTraceParents;
use super::waiting_bodies::WaitingBodies;
use crate::audit::AuditJournal;
use crate::entra::{CredentialTerm, Identity, TokenValidator};
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
    pub(crate) credential: CredentialTerm,
    pub(crate) tenants: Arc<TenantTable>,
    pub(crate) actors: Actors,
    pub(crate) mcp: McpServer,
    pub(crate) cursors: CursorSealer,
    pub(crate) help: HelpLinks,
    pub(crate) journal: AuditJournal,
    pub(crate) telemetry: TelemetryHandle,
    pub(crate) trace_parents: TrustedTraceParents,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) permits: Arc<Semaphore>,
    pub(crate) in_progress: CallsInProgress,
    /// Parent of every worker's.
    pub(crate) calls: CancellationToken,
    pub(crate) revocations: Revocations,
    pub(crate) interrupts: Interrupts,
    pub(crate) quotas: CallQuotas,
    pub(crate) waiting_bodies: WaitingBodies,
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
    pub(crate) interrupt: Arc<Interrupt>,
}

impl Front {
    /// Takes one of the process's permits, or sheds the call: before any cryptography.
    pub(super) fn take_permit(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.permits).try_acquire_owned().map_err(|_| Refusal::Overloaded)
    }

    /// Whether a call that was let in may go on: asked when something has changed.
    pub(super) fn may_go_on(&self, identity: &Identity) -> Result<(), Refusal> {
        if self.calls.is_cancelled() {
            return Err(Refusal::Ended);
        }
        if self.revocations.refuses(identity.marks()) {
            return Err(Refusal::Revoked);
        }
        let policy = self.tenants.policy(identity.principal.tenant).ok_or(Refusal::TenantUnknown)?;
        may_enter(&policy, identity)
    }

    /// Revokes the subject's tokens of before this moment, ends the sessions that they opened, and the calls that came
    /// with them. May block for as long as a disk does.
    pub(crate) fn revoke(&self, subject: &Subject) -> Result<Revocation, RevokeError> {
        let revoked = self.revocations.revoke(subject.clone());
        if !matches!(revoked, Err(RevokeError::TooMany)) {
            // First, so that a call hears why it ends before its session does.
            self.interrupts.ring();
            self.actors.revoke_sessions(subject);
        }
        revoked
    }

    /// Reads the tenant files that have changed. A tenant that is served no more ends with all of its calls, and every
    /// other call of a changed tenant goes on if the new policy lets it. Gives the tenants that
    /// have changed. Blocks for as long as a disk does.
    pub(crate) fn reload_tenants(&self) -> Vec<TenantId> {
        let changed = self.tenants.reload();
        if !changed.is_empty() {
            self.interrupts.ring();
        }
        for tenant in &changed {
            match self.tenants.policy(*tenant) {
                Some(policy) => self.actors.set_limits(*tenant, policy.limits),
                None => self.actors.end_tenant(*tenant),
            }
        }
        changed
    }

    /// Ends every call that is in progress.
    pub(crate) fn end_calls(&self) {
        self.calls.cancel();
        self.interrupts.ring();
    }

    /// Waits until no call is in progress.
    pub(crate) async fn wait_for_calls(&self) {
        let all = u32::try_from(self.limits.concurrent).unwrap_or(u32::MAX);
        drop(self.permits.acquire_many(all).await);
    }
}
