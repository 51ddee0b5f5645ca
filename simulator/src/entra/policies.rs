//! What a tenant's administrators demand: Conditional Access, assignment, consent. All of it can be switched while
//! the simulator runs.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use uuid::Uuid;

/// How many identical requests of one client pass in [`LOOP_WINDOW_S`] until they count as a loop. Microsoft
/// publishes no number.
const LOOP_LIMIT: u32 = 15;
/// Seconds for which identical requests are counted.
pub(crate) const LOOP_WINDOW_S: i64 = 300;

/// What multifactor authentication is demanded for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mfa {
    #[default]
    Off,
    /// A second factor is demanded (AADSTS50076).
    StepUp,
    /// The person must first register one (AADSTS50079).
    Registration,
}

/// What a device must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum DeviceRule {
    #[default]
    Any,
    /// AADSTS53000 otherwise.
    Compliant,
    /// AADSTS53001 otherwise.
    Joined,
}

/// The cloud that a tenant lives in. Tenants of another one than this are sent away (AADSTS90038).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Cloud {
    #[default]
    Global,
    /// GCC High and DoD.
    UsGovernment,
    /// 21Vianet.
    China,
}

impl Cloud {
    /// The host at which its tenants sign in, without the leading `login.`; nothing for this cloud.
    pub(crate) fn instance(self) -> Option<&'static str> {
        match self {
            Self::Global => None,
            Self::UsGovernment => Some("microsoftonline.us"),
            Self::China => Some("partner.microsoftonline.cn"),
        }
    }

    /// The host of its Graph; nothing for this cloud.
    pub(crate) fn graph_host(self) -> Option<&'static str> {
        match self {
            Self::Global => None,
            Self::UsGovernment => Some("graph.microsoft.us"),
            Self::China => Some("microsoftgraph.chinacloudapi.cn"),
        }
    }
}

/// How many exchanges for a tenant its token endpoint bears. Microsoft publishes no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TokenLimit {
    /// At least 1.
    pub(crate) requests: u32,
    /// Seconds of one window, at least 1.
    pub(crate) per_s: u32,
}

/// The policies of one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccessPolicy {
    /// By which claims challenges name it.
    pub(crate) id: Uuid,
    pub(crate) cloud: Cloud,
    /// Blocks everybody (AADSTS53003).
    pub(crate) block: bool,
    pub(crate) mfa: Mfa,
    pub(crate) device: DeviceRule,
    /// Where requests may come from; empty: from everywhere (AADSTS53003 otherwise).
    pub(crate) trusted_addresses: Vec<IpAddr>,
    /// Seconds until a person has to sign in again (AADSTS70043); 0: never.
    pub(crate) sign_in_frequency_s: i64,
    /// Only who is assigned to the application may use it (AADSTS50105).
    pub(crate) assignment_required: bool,
    /// Whether people may consent for themselves (AADSTS90094 otherwise).
    pub(crate) user_consent: bool,
    /// What the directory has of consent counts for nothing.
    pub(crate) consent_withdrawn: bool,
    /// What an administrator has consented to for everybody.
    pub(crate) admin_consent: Vec<&'static str>,
    /// How many identical requests pass before AADSTS50196; 0: all.
    pub(crate) loop_limit: u32,
    /// How many exchanges pass before AADSTS90055; nothing: all.
    pub(crate) token_limit: Option<TokenLimit>,
}

impl Default for AccessPolicy {
    fn default() -> Self {
        Self {
            id: Uuid::nil(),
            cloud: Cloud::default(),
            block: false,
            mfa: Mfa::default(),
            device: DeviceRule::default(),
            trusted_addresses: Vec::new(),
            sign_in_frequency_s: 0,
            assignment_required: false,
            user_consent: true,
            consent_withdrawn: false,
            admin_consent: Vec::new(),
            loop_limit: LOOP_LIMIT,
            token_limit: None,
        }
    }
}

impl AccessPolicy {
    /// Whether a request may come from there.
    pub(crate) fn trusts(&self, peer: Option<IpAddr>) -> bool {
        self.trusted_addresses.is_empty() || peer.is_some_and(|peer| self.trusted_addresses.contains(&peer))
    }
}

/// The policies of every tenant.
#[derive(Debug, Default)]
pub(crate) struct Policies {
    /// Lets every request pass without a look while no tenant has any.
    touched: AtomicBool,
    tenants: RwLock<HashMap<Uuid, Arc<AccessPolicy>>>,
    usual: Arc<AccessPolicy>,
}

impl Policies {
    pub(crate) fn of(&self, tenant: Uuid) -> Arc<AccessPolicy> {
        if !self.touched.load(Ordering::Acquire) {
            return Arc::clone(&self.usual);
        }
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(tenants.get(&tenant).unwrap_or(&self.usual))
    }

    /// Changes the policies of a tenant. Its first change names them.
    pub(crate) fn change(&self, tenant: Uuid, change: impl FnOnce(&mut AccessPolicy)) -> Arc<AccessPolicy> {
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        let policy = tenants
            .entry(tenant)
            .or_insert_with(|| Arc::new(AccessPolicy { id: Uuid::new_v4(), ..AccessPolicy::default() }));
        change(Arc::make_mut(policy));
        self.touched.store(true, Ordering::Release);
        Arc::clone(policy)
    }

    /// A tenant without policies again.
    pub(crate) fn clear(&self, tenant: Uuid) {
        self.tenants.write().unwrap_or_else(PoisonError::into_inner).remove(&tenant);
    }
}
