//! How much the scopes of a token open, where an address alone does not tell.

use super::permissions::holds;

/// The scopes that this part of Graph looks at, out of all that a token holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scopes(u32);

/// How much of a mailbox may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MailAccess {
    /// Everything but bodies, previews and attachments.
    Basic,
    Full,
}

const KNOWN: [&str; 9] = [
    "User.Read",
    "User.ReadBasic.All",
    "Mail.ReadBasic",
    "Mail.Read",
    "Mail.Read.Shared",
    "Calendars.ReadBasic",
    "Calendars.Read",
    "Calendars.Read.Shared",
    "User.Read.All",
];
const USER_READ: u32 = 1;
const USER_READ_BASIC_ALL: u32 = 1 << 1;
const MAIL_READ_BASIC: u32 = 1 << 2;
const MAIL_READ: u32 = 1 << 3;
const MAIL_READ_SHARED: u32 = 1 << 4;
const CALENDARS_READ_BASIC: u32 = 1 << 5;
const CALENDARS_READ: u32 = 1 << 6;
const CALENDARS_READ_SHARED: u32 = 1 << 7;
const USER_READ_ALL: u32 = 1 << 8;

impl Scopes {
    pub(super) fn of(granted: &[String]) -> Self {
        let bits = KNOWN.iter().enumerate().fold(0, |bits, (place, name)| {
            let held = holds(granted, name);
            bits | (u32::from(held) << place)
        });
        Self(bits)
    }

    pub(super) const fn own_profile(self) -> bool {
        self.0 & (USER_READ | USER_READ_ALL) != 0
    }

    pub(super) const fn other_profiles(self) -> bool {
        self.0 & (USER_READ_BASIC_ALL | USER_READ_ALL) != 0
    }

    /// Everything of everybody's profile.
    pub(super) const fn whole_profiles(self) -> bool {
        self.0 & USER_READ_ALL != 0
    }

    pub(super) const fn own_mail(self) -> Option<MailAccess> {
        if self.0 & MAIL_READ != 0 {
            return Some(MailAccess::Full);
        }
        if self.0 & MAIL_READ_BASIC != 0 {
            return Some(MailAccess::Basic);
        }
        None
    }

    pub(super) const fn shared_mail(self) -> Option<MailAccess> {
        if self.0 & MAIL_READ_SHARED != 0 { Some(MailAccess::Full) } else { None }
    }

    /// Events of the user's own calendars, without bodies and attachments.
    pub(super) const fn basic_calendar(self) -> bool {
        self.0 & (CALENDARS_READ_BASIC | CALENDARS_READ) != 0
    }

    /// Events of the user's own calendars, with everything.
    pub(super) const fn full_calendar(self) -> bool {
        self.0 & CALENDARS_READ != 0
    }

    /// Calendars that others share with the user.
    pub(super) const fn shared_calendars(self) -> bool {
        self.0 & CALENDARS_READ_SHARED != 0
    }
}
