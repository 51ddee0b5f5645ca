//! What people and administrators have consented to for applications other than the connector.

use std::collections::BTreeSet;

use dashmap::DashMap;
use uuid::Uuid;

/// What an administrator has consented to for everybody of a tenant.
#[derive(Clone, Debug, Default)]
pub(crate) struct AdminConsent {
    pub(crate) delegated: BTreeSet<String>,
    /// Permissions without a user.
    pub(crate) application: BTreeSet<String>,
}

/// The consents since the start, by application and tenant.
#[derive(Debug, Default)]
pub(crate) struct Consents {
    by_users: DashMap<(Uuid, Uuid, Uuid), BTreeSet<String>>,
    by_administrators: DashMap<(Uuid, Uuid), AdminConsent>,
}

impl Consents {
    /// The delegated permissions that an application has in a user's name; nothing where nobody has consented to it.
    pub(crate) fn granted(&self, application: Uuid, tenant: Uuid, user: Uuid) -> Option<BTreeSet<String>> {
        let own = self.by_users.get(&(application, tenant, user)).map(|granted| granted.clone());
        let everybodys =
            self.by_administrators.get(&(application, tenant)).map(|consent| consent.delegated.clone());
        match (own, everybodys) {
            (Some(own), Some(everybodys)) => Some(&own | &everybodys),
            (own, everybodys) => own.or(everybodys),
        }
    }

    /// The permissions that an application has by itself in a tenant.
    pub(crate) fn granted_to_application(&self, application: Uuid, tenant: Uuid) -> BTreeSet<String> {
        let consent = self.by_administrators.get(&(application, tenant));
        consent.map(|consent| consent.application.clone()).unwrap_or_default()
    }

    pub(crate) fn by_user(
        &self,
        application: Uuid,
        (tenant, user): (Uuid, Uuid),
        permissions: impl IntoIterator<Item = String>,
    ) {
        self.by_users.entry((application, tenant, user)).or_default().extend(permissions);
    }

    pub(crate) fn by_administrator(&self, application: Uuid, tenant: Uuid, consent: AdminConsent) {
        let mut known = self.by_administrators.entry((application, tenant)).or_default();
        known.delegated.extend(consent.delegated);
        known.application.extend(consent.application);
    }

    /// Forgets what everybody of a tenant has consented to.
    pub(crate) fn forget_tenant(&self, tenant: Uuid) {
        self.by_users.retain(|(_, known, _), _| *known != tenant);
        self.by_administrators.retain(|(_, known), _| *known != tenant);
    }

    /// Forgets what is about an application that is gone.
    pub(crate) fn forget(&self, application: Uuid) {
        self.by_users.retain(|(known, ..), _| *known != application);
        self.by_administrators.retain(|(known, _), _| *known != application);
    }
}
