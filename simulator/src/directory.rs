//! Who exists in the simulated cloud: tenants, people, registered applications.
//!
//! Built once from a seed. The same seed gives the same directory, byte for byte, also where a tenant is made again that
//! was forgotten. Nobody changes it: what is changed about tenants and people is remembered elsewhere, by their ids.

mod clients;
mod consent;
mod crowd;
mod further;
mod guests;
mod names;
mod principal;
pub(crate) mod random;
mod tenants;

use std::sync::Arc;

use uuid::Uuid;

pub use clients::{Client, Connector, Platform};
pub use consent::{Consent, EVERY_SCOPE};
pub use further::TenantGroup;
pub use principal::Principal;
pub use tenants::{Guest, SharedMailbox, Tenant, User};

use further::Further;
use random::SplitMix64;

/// Everything that the simulated Entra ID knows. Immutable after it was generated.
#[derive(Debug, PartialEq, Eq)]
pub struct Directory {
    /// Three tenants with a dozen members each. The first user of the first and the last user of the last tenant
    /// are ordinary and fully consented. After its members the second tenant has a guest from the first one.
    /// [Further](Self::with_further) tenants are not among them: they are made when they are asked for.
    pub tenants: Vec<Arc<Tenant>>,
    /// Public client applications. The first one is the general loopback client.
    pub clients: Vec<Client>,
    /// The registration of the connector under test: a confidential client and the audience of its tokens.
    pub connector: Connector,
    further: Further,
}

impl Directory {
    /// Builds the directory. Ids, job titles, offices and the secret follow from `seed`; names are fixed.
    pub fn generate(seed: u64) -> Self {
        let mut tenants = tenants::generate(&mut SplitMix64::derived(seed, b"tenants"));
        guests::invite(&mut tenants, &mut SplitMix64::derived(seed, b"guests"));
        Self {
            tenants: tenants.into_iter().map(Arc::new).collect(),
            clients: clients::generate(&mut SplitMix64::derived(seed, b"clients")),
            connector: clients::connector(&mut SplitMix64::derived(seed, b"connector")),
            further: Further::plan(seed, &[], 0),
        }
    }

    /// Adds a tenant of `users` plain people, for measurements. It stands before the last tenant, so that the
    /// first and the last listed user stay who they are.
    #[must_use]
    pub fn with_crowd(mut self, seed: u64, users: usize) -> Self {
        if users > 0 {
            let crowd = crowd::generate(users, &mut SplitMix64::derived(seed, b"crowd"));
            let before_the_last = self.tenants.len().saturating_sub(1);
            self.tenants.insert(before_the_last, Arc::new(crowd));
        }
        self
    }

    /// Adds tenants whose people are generated when the tenant is asked for. Nobody of the cast changes. About
    /// `kept_users` of them are in memory at once; the others are made again when somebody asks for them.
    #[must_use]
    pub fn with_further(mut self, seed: u64, groups: &[TenantGroup], kept_users: usize) -> Self {
        self.further = Further::plan(seed, groups, kept_users);
        self
    }

    /// Finds a tenant by its id or by its verified domain, without regard to case.
    pub fn tenant(&self, id_or_domain: &str) -> Option<Arc<Tenant>> {
        self.tenant_by_id(self.tenant_id(id_or_domain)?)
    }

    pub fn tenant_by_id(&self, id: Uuid) -> Option<Arc<Tenant>> {
        self.listed(id).cloned().or_else(|| self.further.by_id(id))
    }

    /// The id of the tenant that is called so, as [`tenant`](Self::tenant) finds it. Nobody is generated for it.
    pub fn tenant_id(&self, id_or_domain: &str) -> Option<Uuid> {
        if let Ok(id) = Uuid::try_parse(id_or_domain) {
            return (self.listed(id).is_some() || self.further.place(id).is_some()).then_some(id);
        }
        let listed = self.tenants.iter().find(|tenant| tenant.domain.eq_ignore_ascii_case(id_or_domain));
        listed.map(|tenant| tenant.id).or_else(|| self.further.id_of(id_or_domain))
    }

    /// How many users a tenant has. Nobody is generated for it.
    pub fn user_count(&self, tenant: Uuid) -> Option<usize> {
        self.listed(tenant).map(|tenant| tenant.users.len()).or_else(|| self.further.user_count(tenant))
    }

    fn listed(&self, id: Uuid) -> Option<&Arc<Tenant>> {
        self.tenants.iter().find(|tenant| tenant.id == id)
    }

    /// Finds a user of one tenant by object id, user principal name or, for a guest, the mail address of home,
    /// without regard to case.
    pub fn user(&self, tenant: Uuid, id_or_upn: &str) -> Option<Principal> {
        named(self.tenant_by_id(tenant)?, id_or_upn)
    }

    /// Finds a user whose tenant is not said: by object id among [`tenants`](Self::tenants), by address everywhere.
    pub fn user_anywhere(&self, id_or_upn: &str) -> Option<Principal> {
        let mut listed = self.tenants.iter();
        listed.find_map(|tenant| named(Arc::clone(tenant), id_or_upn)).or_else(|| {
            let (_, domain) = id_or_upn.rsplit_once('@')?;
            self.user(self.further.id_of(domain)?, id_or_upn)
        })
    }

    /// How many tenants there are, further ones included.
    pub fn tenant_count(&self) -> usize {
        self.tenants.len() + self.further.len()
    }

    /// How many of the further tenants are in memory.
    pub fn kept_tenants(&self) -> usize {
        self.further.kept()
    }

    /// The ids of the further tenants, in their order. Nobody is generated for them.
    pub(crate) fn further_ids(&self) -> impl Iterator<Item = Uuid> {
        self.further.ids()
    }

    /// At most `count` tenants in the order of the directory, behind the one named (from the first one where none is).
    /// Further ones that are not in memory are made for this alone.
    pub fn page(&self, after: Option<Uuid>, count: usize) -> Option<Vec<Arc<Tenant>>> {
        let start = match after {
            None => 0,
            Some(id) => self.place(id)? + 1,
        };
        let end = start.saturating_add(count).min(self.tenant_count());
        let at = |place: usize| match self.tenants.get(place) {
            Some(tenant) => Some(Arc::clone(tenant)),
            None => self.further.glance(place - self.tenants.len()),
        };
        Some((start..end).filter_map(at).collect())
    }

    fn place(&self, id: Uuid) -> Option<usize> {
        let known = self.tenants.iter().position(|tenant| tenant.id == id);
        known.or_else(|| Some(self.further.place(id)? + self.tenants.len()))
    }
}

fn named(tenant: Arc<Tenant>, id_or_upn: &str) -> Option<Principal> {
    let id = Uuid::try_parse(id_or_upn).ok();
    Principal::find(tenant, |user| {
        Some(user.id) == id
            || user.upn.eq_ignore_ascii_case(id_or_upn)
            || user.mail().eq_ignore_ascii_case(id_or_upn)
    })
}
