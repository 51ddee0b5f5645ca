//! A tenant's share of the service.

use thiserror::Error;
use tokio::sync::OwnedSemaphorePermit;

/// Counts one call against its tenant's limit until it is dropped.
#[derive(Debug)]
#[must_use = "the call is counted only while its permit is held"]
pub struct TenantPermit {
    _permit: OwnedSemaphorePermit,
}

impl TenantPermit {
    pub(crate) fn new(permit: OwnedSemaphorePermit) -> Self {
        Self { _permit: permit }
    }
}

/// Why a call was not let in.
#[derive(Debug, Clone, Copy, Error, PartialEq, Eq)]
pub enum AdmissionError {
    /// The registry does not know the tenant, or it is switched off. Nothing is kept of the attempt.
    #[error("the tenant is not known")]
    UnknownTenant,
    /// The tenant has as many calls in progress as it may have.
    #[error("the tenant has too many calls in progress")]
    TenantBusy,
    /// The process is ending.
    #[error("the service is draining")]
    Draining,
}
