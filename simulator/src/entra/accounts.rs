//! What can change about a person while the simulator runs: whether the account is enabled and assigned, its device,
//! its consent, and what was revoked.

use std::sync::atomic::{AtomicBool, Ordering};

use dashmap::DashMap;
use uuid::Uuid;

use super::policies::Mfa;

/// What Entra knows of the device that a person signs in from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Device {
    /// Nothing.
    #[default]
    Unknown,
    /// It is joined to the domain, and not compliant.
    Joined,
    Compliant,
}

impl Device {
    const NAMES: [(Self, &'static str); 3] =
        [(Self::Unknown, "unknown"), (Self::Joined, "joined"), (Self::Compliant, "compliant")];

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(_, known)| *known == name).map(|(device, _)| device)
    }

    pub(crate) fn as_str(self) -> &'static str {
        Self::NAMES.into_iter().find(|(device, _)| *device == self).map_or("", |(_, name)| name)
    }
}

/// Why what a person was given before is no longer good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RevocationCause {
    PasswordExpired,
    PasswordChanged,
    /// By the person, who had forgotten it.
    PasswordResetByUser,
    /// By an administrator, in the Azure portal.
    PasswordResetInAzurePortal,
    /// By an administrator, in the admin center of Entra or Microsoft 365.
    PasswordResetInAdminCenter,
    /// By the person.
    SessionsRevoked,
    /// All refresh tokens, by an administrator.
    RefreshTokensRevoked,
    SignedOut,
}

/// What a cause ends (Microsoft's table of refresh token revocation, and the critical events of CAE).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ended {
    /// Refresh tokens of public clients that were got with a password.
    public: bool,
    /// Refresh tokens of confidential clients.
    confidential: bool,
    /// Access tokens for services that evaluate access continuously.
    continuous: bool,
}

impl RevocationCause {
    const NAMES: [(Self, &'static str); 8] = [
        (Self::PasswordExpired, "password_expired"),
        (Self::PasswordChanged, "password_changed"),
        (Self::PasswordResetByUser, "password_reset_by_user"),
        (Self::PasswordResetInAzurePortal, "password_reset_in_azure_portal"),
        (Self::PasswordResetInAdminCenter, "password_reset_in_admin_center"),
        (Self::SessionsRevoked, "sessions_revoked"),
        (Self::RefreshTokensRevoked, "refresh_tokens_revoked"),
        (Self::SignedOut, "signed_out"),
    ];

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(_, known)| *known == name).map(|(cause, _)| cause)
    }

    const fn ends(self) -> Ended {
        match self {
            Self::PasswordExpired | Self::SignedOut => {
                Ended { public: false, confidential: false, continuous: false }
            }
            Self::PasswordChanged | Self::PasswordResetByUser | Self::PasswordResetInAzurePortal => {
                Ended { public: true, confidential: false, continuous: true }
            }
            Self::PasswordResetInAdminCenter | Self::SessionsRevoked | Self::RefreshTokensRevoked => {
                Ended { public: true, confidential: true, continuous: true }
            }
        }
    }
}

/// When something was revoked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Revoked {
    /// Place in the order of all sign-ins and revocations; 0 for never.
    pub(crate) order: u64,
    /// Seconds since 1970.
    pub(crate) at: i64,
}

/// The state of one person.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) enabled: bool,
    /// To the application, where its tenant requires an assignment.
    pub(crate) assigned: bool,
    pub(crate) device: Device,
    /// What is demanded of this person, whatever the tenant demands of everybody.
    pub(crate) mfa: Option<Mfa>,
    /// What was consented to, or taken away, since the start; `None`: as the directory has it.
    pub(crate) consent: Option<Vec<&'static str>>,
    /// Refresh tokens of public clients.
    pub(crate) public: Revoked,
    /// Refresh tokens of confidential clients.
    pub(crate) confidential: Revoked,
    /// Access tokens for services that evaluate access continuously.
    pub(crate) continuous: Revoked,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            enabled: true,
            assigned: false,
            device: Device::default(),
            mfa: None,
            consent: None,
            public: Revoked::default(),
            confidential: Revoked::default(),
            continuous: Revoked::default(),
        }
    }
}

impl Account {
    pub(crate) fn revoke(&mut self, cause: RevocationCause, revoked: Revoked) {
        let ended = cause.ends();
        let parts = [
            (ended.public, &mut self.public),
            (ended.confidential, &mut self.confidential),
            (ended.continuous, &mut self.continuous),
        ];
        parts.into_iter().filter(|(ends, _)| *ends).for_each(|(_, part)| *part = revoked);
    }
}

/// Everybody whose state has changed since the start, by tenant and object id.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    /// Lets every request pass without a look while nobody was touched.
    touched: AtomicBool,
    changed: DashMap<(Uuid, Uuid), Account>,
}

impl Accounts {
    pub(crate) fn of(&self, tenant: Uuid, user: Uuid) -> Account {
        if !self.touched.load(Ordering::Acquire) {
            return Account::default();
        }
        self.changed.get(&(tenant, user)).map(|account| account.clone()).unwrap_or_default()
    }

    pub(crate) fn change(&self, tenant: Uuid, user: Uuid, change: impl FnOnce(&mut Account)) {
        change(&mut self.changed.entry((tenant, user)).or_default());
        self.touched.store(true, Ordering::Release);
    }

    /// Forgets the consents of a whole tenant.
    pub(crate) fn forget_consents(&self, tenant: Uuid) {
        self.changed
            .iter_mut()
            .filter(|entry| entry.key().0 == tenant)
            .for_each(|mut entry| entry.consent = None);
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// Microsoft's table: a row that differs would let a client keep, or lose, what it does not in reality.
    #[rstest]
    #[case("password_expired", false, false)]
    #[case("password_changed", true, false)]
    #[case("password_reset_by_user", true, false)]
    #[case("password_reset_in_azure_portal", true, false)]
    #[case("password_reset_in_admin_center", true, true)]
    #[case("sessions_revoked", true, true)]
    #[case("refresh_tokens_revoked", true, true)]
    #[case("signed_out", false, false)]
    fn a_cause_ends_what_the_table_says(
        #[case] cause: &str,
        #[case] public: bool,
        #[case] confidential: bool,
    ) {
        let mut account = Account::default();
        account.revoke(RevocationCause::parse(cause).unwrap(), Revoked { order: 1, at: 1 });
        assert_eq!((account.public.order == 1, account.confidential.order == 1), (public, confidential));
    }
}
