//! What every actor of the process is given.

use std::fmt;
use std::sync::Arc;

use actix_rt::ArbiterHandle;
use tokio_util::sync::CancellationToken;

use crate::alive::{Alive, Roll};
use crate::clock::Clock;
use crate::exchange::PaceDoor;
use crate::identity::TenantId;
use crate::jitter::Jitter;
use crate::ports::{Ports, TenantLimits, TokenExchange};
use crate::retry_budget::RetryBudget;
use crate::settings::ActorSettings;

/// Settings, the ports to the outside, the pace of exchanges, what may be repeated, and the end of the process.
pub(crate) struct Environment {
    settings: ActorSettings,
    ports: Ports,
    pace: PaceDoor,
    retries: Arc<RetryBudget>,
    ending: CancellationToken,
    roll: Roll,
}

impl Environment {
    /// The pace of exchanges runs on `shard`.
    pub(crate) fn new(settings: ActorSettings, ports: Ports, shard: &ArbiterHandle) -> Self {
        let (ending, roll) = (CancellationToken::new(), Roll::new());
        let per_second = settings.exchanges.per_second;
        let pace = PaceDoor::open(per_second, &ports, ending.clone(), roll.enter(), shard);
        let retries = Arc::new(RetryBudget::new(ports.clock.now()));
        Self { settings, ports, pace, retries, ending, roll }
    }

    pub(crate) fn settings(&self) -> &ActorSettings {
        &self.settings
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.ports.clock
    }

    pub(crate) fn exchange(&self) -> &Arc<dyn TokenExchange> {
        &self.ports.exchange
    }

    /// What the registry grants the tenant; `None` when it does not know it.
    pub(crate) fn limits(&self, tenant: TenantId) -> Option<TenantLimits> {
        self.ports.registry.limits(tenant)
    }

    /// When exchanges may go out.
    pub(crate) fn pace(&self) -> &PaceDoor {
        &self.pace
    }

    /// What all tenants together may repeat.
    pub(crate) fn retries(&self) -> &Arc<RetryBudget> {
        &self.retries
    }

    pub(crate) fn jitter(&self) -> &dyn Jitter {
        &*self.ports.jitter
    }

    pub(crate) fn alive(&self) -> Alive {
        self.roll.enter()
    }

    /// Fires for everyone when the process drains.
    pub(crate) fn ending(&self) -> &CancellationToken {
        &self.ending
    }

    pub(crate) fn is_ending(&self) -> bool {
        self.ending.is_cancelled()
    }

    /// Resolves when no actor lives any more.
    pub(crate) async fn all_ended(&self) {
        self.roll.all_ended().await;
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Environment").field("settings", &self.settings).finish_non_exhaustive()
    }
}
