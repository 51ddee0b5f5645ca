//! Graph's published limits, as data.
//!
//! Source: "Microsoft Graph service-specific throttling limits" on Microsoft Learn, and for SharePoint "Avoid
//! getting throttled or blocked in SharePoint Online". Where a limit grows with the size of the tenant, each row of the
//! published table stands here.

use std::time::Duration;

use super::rate::{Nanos, Rate, nanos};
use super::request::{RequestClass, TeamsRoute};
use super::signal::ThrottleScope;
use crate::tenant_size::{LicenceCount, TenantSize, UserCount};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Whose allowance a limit is. From the most specific on, for that is the order in which requests wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// A team, channel or chat.
    Resource,
    /// A user, or a mailbox.
    Subject,
    /// This application in one tenant.
    Tenant,
    /// This application, over all tenants.
    App,
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Requests,
    ResourceUnits,
}

/// How many units a limit has.
#[derive(Debug, Clone, Copy)]
enum Units {
    /// In tenants of every size.
    Always(u64),
    ByUsers(Rows),
    ByLicences(Rows),
}

/// A published table, from the smallest tenants on: those with at most so many, and their units. The last row has no end.
type Rows = &'static [(u32, u64)];

/// The smallest row where nobody knows how many there are.
fn row(rows: Rows, count: Option<u32>) -> u64 {
    let count = count.unwrap_or_default();
    let found = rows.iter().find(|(up_to, _)| count <= *up_to).or(rows.last());
    found.map_or(1, |(_, units)| *units)
}

/// So many units in any window of such a length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    /// One word for metrics.
    pub(super) name: &'static str,
    pub(super) holder: Holder,
    pub(super) counted: Counted,
    units: Units,
    window: Duration,
    /// The shortest time over which the service counts. Nothing may ask for more at one moment than may be used in that.
    shortest: Duration,
    /// The part of what may be used in a window that may be used at once.
    at_once: Part,
}

/// Numerator and denominator.
type Part = (u64, u64);

/// Short windows: Graph sees a stream with small bursts.
const A_FIFTIETH: Part = (1, 50);

/// A day's limit must not slow a busy morning down: at the full rate of the minute it takes more than two hours until this
/// is used, and three fifths of that rate go on for ever. Both together stay below the share in every window of a day.
const A_TWENTIETH: Part = (1, 20);

impl Limit {
    const fn requests(holder: Holder, units: u64, window: Duration) -> Self {
        let (name, counted, units) = (rate_of(holder), Counted::Requests, Units::Always(units));
        Self { name, holder, counted, units, window, shortest: window, at_once: A_FIFTIETH }
    }

    const fn resource_units(holder: Holder, units: Units, window: Duration) -> Self {
        Self { counted: Counted::ResourceUnits, units, ..Self::requests(holder, 0, window) }
    }

    const fn of_a_day(holder: Holder, units: Units) -> Self {
        Self { name: "tenant_day", at_once: A_TWENTIETH, ..Self::resource_units(holder, units, DAY) }
    }

    /// Teams' limits hold for a second, and about 83 % of them for longer: 25 seconds' worth in 30. What may be used at
    /// once is as much as the second leaves.
    const fn teams(holder: Holder, per_second: u64) -> Self {
        let sustained = Self::requests(holder, per_second * 25, SECOND.saturating_mul(30));
        Self { at_once: (1, 150), shortest: SECOND, ..sustained }
    }

    /// How many units it has in a tenant of this size.
    pub(super) fn units(&self, size: TenantSize) -> u64 {
        match self.units {
            Units::Always(units) => units,
            Units::ByUsers(rows) => row(rows, size.users.map(UserCount::get)),
            Units::ByLicences(rows) => row(rows, size.licences.map(LicenceCount::get)),
        }
    }

    /// How many units it has where SharePoint announces so many for the minute: each of its rows is the same number of
    /// minutes. `None` where that says nothing about it.
    pub(super) fn units_where_announced(&self, minute: u64) -> Option<u64> {
        let Units::ByLicences(rows) = self.units else { return None };
        Some(minute.saturating_mul(row(rows, None)) / row(SHAREPOINT_MINUTE, None))
    }

    /// The rate at which `percent` of so many units are used and no more in any window.
    pub(super) fn rate(&self, units: u64, percent: u16) -> Rate {
        Rate::within(units, self.window, percent, self.at_once)
    }

    /// The longest time for which what a few were answered keeps everybody away from it: that over which the service counts,
    /// half an hour at most.
    pub(super) fn longest_pause(&self) -> Nanos {
        nanos(self.window.min(ThrottleScope::Tenant.longest_pause()))
    }

    /// The most that may be used of it at one moment, by a batch.
    pub(super) fn most_at_once(&self, rate: Rate) -> u64 {
        rate.most_within(self.shortest)
    }
}

#[cfg(test)]
impl Limit {
    /// How many units may be used in any window of such a length, in nanoseconds: `percent` of what is published, and of
    /// the second that Teams counts besides, all of it.
    pub(super) fn in_windows(&self, percent: u64) -> Vec<(u64, u64)> {
        let nanos = |span: Duration| u64::try_from(span.as_nanos()).unwrap();
        let units = self.units(TenantSize::UNKNOWN);
        let sustained = (nanos(self.window), (units * percent).div_ceil(100));
        if self.shortest == self.window {
            return vec![sustained];
        }
        vec![sustained, (nanos(self.shortest), units / 25)]
    }
}

const fn rate_of(holder: Holder) -> &'static str {
    match holder {
        Holder::Resource => "resource_rate",
        Holder::Subject => "user_rate",
        Holder::Tenant => "tenant_rate",
        Holder::App => "app_rate",
    }
}

/// Above every service.
pub(super) static GLOBAL: Limit = Limit::requests(Holder::App, 130_000, SECOND.saturating_mul(10));

/// Small, medium and large tenants: of fewer than 50 users, of up to 500, of more.
const DIRECTORY: Rows = &[(49, 3_500), (500, 5_000), (u32::MAX, 8_000)];

/// The limit of a tenant over all applications is left out: in five minutes it is, in every row, three times what this
/// application has, and never the first in the way.
const SHAREPOINT_MINUTE: Rows =
    &[(1_000, 1_250), (5_000, 2_500), (15_000, 3_750), (50_000, 5_000), (u32::MAX, 6_250)];

const SHAREPOINT_DAY: Rows = &[
    (1_000, 1_200_000),
    (5_000, 2_400_000),
    (15_000, 3_600_000),
    (50_000, 4_800_000),
    (u32::MAX, 6_000_000),
];

/// Bytes are not counted: 100 GB an hour of a user are 3,000 requests in five minutes of 2.8 MB each, and what is told to
/// wait waits.
const SHAREPOINT: &[Limit] = &[
    Limit::requests(Holder::Subject, 3_000, MINUTE.saturating_mul(5)),
    Limit::resource_units(Holder::Tenant, Units::ByLicences(SHAREPOINT_MINUTE), MINUTE),
    Limit::of_a_day(Holder::Tenant, Units::ByLicences(SHAREPOINT_DAY)),
];

/// "Specific sharing APIs", of which this application uses one: what opens a sharing link.
const SHARING: Limit =
    Limit { name: "sharing_rate", ..Limit::requests(Holder::Tenant, 300, MINUTE.saturating_mul(5)) };

impl RequestClass {
    /// Those of which a limit grows with the tenant, under their own names.
    pub(super) const BY_SIZE: [Self; 2] = [Self::Directory, Self::SharePoint];

    /// The class whose requests use the limit at that place as well.
    pub(super) const fn counted_with(self, place: usize) -> Self {
        match self {
            Self::SharingLink if place < SHAREPOINT.len() => Self::SharePoint,
            class => class,
        }
    }

    /// The limits of the class, the most specific first. [`GLOBAL`] holds besides.
    pub(super) const fn limits(self) -> &'static [Limit] {
        match self {
            Self::Directory => {
                const {
                    let (ten_seconds, twenty) = (SECOND.saturating_mul(10), SECOND.saturating_mul(20));
                    &[
                        Limit::resource_units(Holder::Tenant, Units::ByUsers(DIRECTORY), ten_seconds),
                        Limit::resource_units(Holder::App, Units::Always(150_000), twenty),
                    ]
                }
            }
            Self::Mailbox => const { &[Limit::requests(Holder::Subject, 10_000, MINUTE.saturating_mul(10))] },
            Self::SharePoint => SHAREPOINT,
            Self::SharingLink => const { &[SHAREPOINT[0], SHAREPOINT[1], SHAREPOINT[2], SHARING] },
            // With delegated permissions, of one user over all applications.
            Self::Search => const { &[Limit::requests(Holder::Subject, 10, SECOND)] },
            Self::Teams(route) => route.limits(),
        }
    }
}

impl TeamsRoute {
    /// The rows of the published table, in requests a second.
    const fn limits(self) -> &'static [Limit] {
        match self {
            Self::Team => const { &[resource(4), tenant(30), app(1_500)] },
            Self::JoinedTeams => const { &[tenant(30), app(300)] },
            Self::Channels | Self::TeamMembers => const { &[resource(4), tenant(60), app(1_200)] },
            Self::Channel => const { &[resource(1), tenant(30), app(600)] },
            Self::ChannelMembers => const { &[resource(1), tenant(60), app(1_200)] },
            Self::ChannelMessages | Self::ChatMessages => const { &[resource(1), tenant(20), app(200)] },
            Self::Chats => const { &[user(1), tenant(20), app(200)] },
            Self::Chat => const { &[resource(1), user(5), tenant(200), app(2_000)] },
            Self::HostedContents => const { &[resource(1), tenant(50), app(500)] },
            Self::HostedContentValue => const { &[resource(1), tenant(60), app(600)] },
            Self::Other => const { &[resource(1), user(1), tenant(30), app(1_500)] },
        }
    }
}

const fn resource(per_second: u64) -> Limit {
    Limit::teams(Holder::Resource, per_second)
}

const fn user(per_second: u64) -> Limit {
    Limit::teams(Holder::Subject, per_second)
}

const fn tenant(per_second: u64) -> Limit {
    Limit::teams(Holder::Tenant, per_second)
}

const fn app(per_second: u64) -> Limit {
    Limit::teams(Holder::App, per_second)
}

#[cfg(test)]
mod tests;
