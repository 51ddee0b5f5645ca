//! What a tenant's file says at the moment, as far as it matters here.

use std::num::NonZeroU32;

use super::chance::Chance;
use crate::identity::{ObjectId, Principal};
use crate::ports::TenantLimits;
use crate::tenant_size::{LicenceCount, TenantSize, UserCount};
use crate::testing::principal;
use crate::throttle::{GateRequest, Workload};

/// Calls in progress in the whole process: few enough for a crowd to find it full.
pub(super) const PROCESS_CALLS: usize = 24;

/// Few enough calls in a session for a crowd to find it full.
const LIMITS: TenantLimits =
    TenantLimits { concurrent_calls: 256, concurrent_calls_per_session: 4, size: TenantSize::UNKNOWN };

/// One version of it. Whom it lets in is asked at admission and at each change; what it switches off, at admission alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Policy {
    pub(super) is_served: bool,
    pub(super) blocked: Option<ObjectId>,
    /// A service, with all of its tools.
    pub(super) switched_off: Option<Workload>,
    pub(super) limits: TenantLimits,
}

impl Policy {
    /// It lets everybody do everything.
    pub(super) const OPEN: Self = Self { is_served: true, blocked: None, switched_off: None, limits: LIMITS };

    /// What an administrator might want next.
    pub(super) fn of(chance: &mut Chance) -> Self {
        let user = principal(0, u128::from(chance.below(3))).user;
        let service = chance.pick(&Workload::ALL);
        let sizes = [TenantSize::UNKNOWN, large()];
        Self {
            is_served: !chance.happens(15),
            blocked: chance.happens(35).then_some(user),
            switched_off: chance.happens(35).then_some(service),
            limits: TenantLimits {
                concurrent_calls: chance.pick(&[3, 10, 256]),
                concurrent_calls_per_session: chance.pick(&[1, 4, 8]),
                size: chance.pick(&sizes),
            },
        }
    }

    pub(super) fn lets_in(&self, who: &Principal) -> bool {
        self.is_served && self.blocked != Some(who.user)
    }

    pub(super) fn allows(&self, items: &[GateRequest]) -> bool {
        items.iter().all(|item| self.switched_off != Some(item.key.workload))
    }
}

fn large() -> TenantSize {
    let many = NonZeroU32::MAX;
    TenantSize { users: Some(UserCount::new(many)), licences: Some(LicenceCount::new(many)) }
}
