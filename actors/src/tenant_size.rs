//! How large a tenant is: some of Graph's limits grow with that.

use std::num::NonZeroU32;

/// What is known of a tenant's size. Of what is not, the smallest is assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TenantSize {
    /// Decides how many resource units the directory grants.
    pub users: Option<UserCount>,
    /// Decides how many resource units SharePoint grants.
    pub licences: Option<LicenceCount>,
}

impl TenantSize {
    /// Of a tenant of which nothing is known.
    pub const UNKNOWN: Self = Self { users: None, licences: None };
}

/// The users in a tenant's directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UserCount(NonZeroU32);

impl UserCount {
    pub const fn new(users: NonZeroU32) -> Self {
        Self(users)
    }

    pub(crate) const fn get(self) -> u32 {
        self.0.get()
    }
}

/// The licences for SharePoint that a tenant has bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LicenceCount(NonZeroU32);

impl LicenceCount {
    pub const fn new(licences: NonZeroU32) -> Self {
        Self(licences)
    }

    pub(crate) const fn get(self) -> u32 {
        self.0.get()
    }
}
