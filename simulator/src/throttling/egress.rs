//! What is sent out. How much that is, is known when it is made: until then every allowance must have room for one byte.

use std::time::Duration;

use uuid::Uuid;

use super::engine::{Applied, Intent, RequestFacts, Throttled, Throttling, longest_wait};
use super::holder::Key;
use super::limits::{EGRESS, Unit};
use super::meter::Allowance;
use super::target::Target;
use super::workload::Workload;

/// A file that is fetched at an address which needs no bearer: whom that was given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Download {
    pub app: Uuid,
    pub tenant: Uuid,
    pub user: Uuid,
}

/// Whose allowances the bytes of an answer use.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "bytes that nobody tells of are not counted"]
pub struct Egress {
    workload: Workload,
    allowances: Vec<(Key, Allowance)>,
}

impl Egress {
    /// Nothing where no bytes are counted.
    pub(super) fn of(workload: Workload, applied: &[Applied]) -> Option<Self> {
        let counted = applied.iter().filter(|one| one.limit.unit == Unit::ByteOut);
        let allowances: Vec<_> = counted.map(|one| (one.key, one.allowance)).collect();
        (!allowances.is_empty()).then_some(Self { workload, allowances })
    }
}

impl Throttling {
    /// Whether the file host may give a file out. The request that led there was counted when it was made.
    ///
    /// # Errors
    /// When those whom the address was given to have fetched too much.
    pub fn admit_download(
        &mut self,
        download: &Download,
        now: Duration,
    ) -> Result<Option<Egress>, Throttled> {
        let Download { app, tenant, user } = *download;
        let facts = RequestFacts {
            app,
            tenant,
            user,
            mailbox: None,
            tenant_users: 1,
            intent: Intent::Reads,
            path: "/drives",
            query: "",
            body: &[],
        };
        let Some(target) = Target::of(&facts) else { return Ok(None) };
        let applied = self.applied(EGRESS.to_vec(), &target, &facts, now);
        match longest_wait(&applied) {
            Some(refusing) => Err(self.refuse(&target, &facts, refusing, &applied, now)),
            None => Ok(Egress::of(target.workload, &applied)),
        }
    }

    /// Counts the bytes of an answer. More than an allowance has room for are counted as well: they are on their way.
    pub fn sent(&mut self, egress: &Egress, bytes: u64, now: Duration) {
        for (key, allowance) in &egress.allowances {
            self.charge(egress.workload, *key, *allowance, bytes, now);
        }
    }
}
