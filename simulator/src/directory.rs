//! Who exists in the simulated cloud: tenants, people, registered applications.
//!
//! Built once from a seed. The same seed gives the same directory, byte for byte.

mod clients;
mod consent;
mod crowd;
mod guests;
mod names;
pub(crate) mod random;
mod tenants;

use uuid::Uuid;

pub use clients::{Client, Connector};
pub use consent::{Consent, EVERY_SCOPE};
pub use tenants::{Guest, SharedMailbox, Tenant, User};

use random::SplitMix64;

/// Everything that the simulated Entra ID knows. Immutable after it was generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// Three tenants with a dozen members each. The first user of the first and the last user of the last tenant
    /// are ordinary and fully consented. After its members the second tenant has a guest from the first one.
    pub tenants: Vec<Tenant>,
    /// Public client applications. The first one is the general loopback client.
    pub clients: Vec<Client>,
    /// The registration of the connector under test: a confidential client and the audience of its tokens.
    pub connector: Connector,
}

impl Directory {
    /// Builds the directory. Ids, job titles, offices and the secret follow from `seed`; names are fixed.
    pub fn generate(seed: u64) -> Self {
        let mut tenants = tenants::generate(&mut SplitMix64::derived(seed, b"tenants"));
        guests::invite(&mut tenants, &mut SplitMix64::derived(seed, b"guests"));
        Self {
            tenants,
            clients: clients::generate(&mut SplitMix64::derived(seed, b"clients")),
            connector: clients::connector(&mut SplitMix64::derived(seed, b"connector")),
        }
    }

    /// Adds a tenant of `users` plain people, for measurements. It stands before the last tenant, so that the
    /// first and the last listed user stay who they are.
    #[must_use]
    pub fn with_crowd(mut self, seed: u64, users: usize) -> Self {
        if users > 0 {
            let crowd = crowd::generate(users, &mut SplitMix64::derived(seed, b"crowd"));
            let before_the_last = self.tenants.len().saturating_sub(1);
            self.tenants.insert(before_the_last, crowd);
        }
        self
    }

    /// Finds a tenant by its id or by its verified domain, without regard to case.
    pub fn tenant(&self, id_or_domain: &str) -> Option<&Tenant> {
        let id = Uuid::try_parse(id_or_domain).ok();
        self.tenants
            .iter()
            .find(|tenant| Some(tenant.id) == id || tenant.domain.eq_ignore_ascii_case(id_or_domain))
    }

    /// Finds a user of one tenant by object id, user principal name or, for a guest, the mail address of home,
    /// without regard to case.
    pub fn user(&self, tenant: Uuid, id_or_upn: &str) -> Option<&User> {
        let id = Uuid::try_parse(id_or_upn).ok();
        let tenant = self.tenants.iter().find(|candidate| candidate.id == tenant)?;
        tenant.users.iter().find(|user| {
            Some(user.id) == id
                || user.upn.eq_ignore_ascii_case(id_or_upn)
                || user.mail().eq_ignore_ascii_case(id_or_upn)
        })
    }
}
