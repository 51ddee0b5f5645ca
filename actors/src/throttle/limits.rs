//! Graph's published limits, as data.
//!
//! Source: "Microsoft Graph service-specific throttling limits" on Microsoft Learn, and for SharePoint "Avoid
//! getting throttled or blocked in SharePoint Online". Where a limit grows with the size of the tenant, the smallest
//! stands here: what SharePoint announces in its answers takes its place.

use std::time::Duration;

use super::rate::Rate;
use super::request::{RequestClass, TeamsRoute};

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

/// So many units in any window of such a length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    /// One word for metrics.
    pub(super) name: &'static str,
    pub(super) holder: Holder,
    pub(super) counted: Counted,
    pub(super) units: u64,
    window: Duration,
    /// The part of what may be used in a window that may be used at once.
    at_once: Part,
}

/// Numerator and denominator.
type Part = (u64, u64);

/// Short windows: Graph sees a stream with small bursts.
const A_FIFTIETH: Part = (1, 50);

/// A day's limit must not slow a busy morning down: most of it may be used at any pace, and the rest comes back over
/// the day. Both together stay below the share in every window of a day.
const MOST_OF_IT: Part = (2, 3);

impl Limit {
    const fn requests(holder: Holder, units: u64, window: Duration) -> Self {
        let (name, counted) = (rate_of(holder), Counted::Requests);
        Self { name, holder, counted, units, window, at_once: A_FIFTIETH }
    }

    const fn resource_units(holder: Holder, units: u64, window: Duration) -> Self {
        Self { counted: Counted::ResourceUnits, ..Self::requests(holder, units, window) }
    }

    const fn of_a_day(holder: Holder, units: u64) -> Self {
        Self { name: "tenant_day", at_once: MOST_OF_IT, ..Self::resource_units(holder, units, DAY) }
    }

    /// Teams' limits hold for a second, and about 83 % of them for longer: 25 seconds' worth in 30. What may be used at
    /// once is as much as the second leaves.
    const fn teams(holder: Holder, per_second: u64) -> Self {
        Self { at_once: (1, 150), ..Self::requests(holder, per_second * 25, SECOND.saturating_mul(30)) }
    }

    /// The rate at which `percent` of the limit is used and no more in any window.
    pub(super) fn rate(&self, percent: u16) -> Rate {
        Rate::within(self.units, self.window, percent, self.at_once)
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
pub(super) const GLOBAL: Limit = Limit::requests(Holder::App, 130_000, SECOND.saturating_mul(10));

/// Of a tenant with up to 1,000 licences. The limit of a tenant over all applications, 18,750 in five minutes, is three
/// times what this application has, and never the first in the way. Bytes are not counted: 100 GB an hour of a user are
/// 3,000 requests in five minutes of 2.8 MB each, and what is told to wait waits.
const SHAREPOINT: &[Limit] = &[
    Limit::requests(Holder::Subject, 3_000, MINUTE.saturating_mul(5)),
    Limit::resource_units(Holder::Tenant, 1_250, MINUTE),
    Limit::of_a_day(Holder::Tenant, 1_200_000),
];

/// "Specific sharing APIs", of which this application uses one: what opens a sharing link.
const SHARING: Limit =
    Limit { name: "sharing_rate", ..Limit::requests(Holder::Tenant, 300, MINUTE.saturating_mul(5)) };

impl RequestClass {
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
            // Of a tenant with fewer than 50 users; others have more.
            Self::Directory => {
                const {
                    &[
                        Limit::resource_units(Holder::Tenant, 3_500, SECOND.saturating_mul(10)),
                        Limit::resource_units(Holder::App, 150_000, SECOND.saturating_mul(20)),
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
mod tests {
    use rstest::rstest;

    use super::*;

    fn real(units: u64) -> f64 {
        f64::from(u32::try_from(units).unwrap())
    }

    /// Above the share, the user's other applications are throttled because of us; far below it, we throttle our
    /// own user for nothing.
    #[rstest]
    fn a_rate_uses_its_share_of_every_window_and_no_more(
        #[values(
            RequestClass::Directory,
            RequestClass::Mailbox,
            RequestClass::SharePoint,
            RequestClass::SharingLink,
            RequestClass::Search,
            RequestClass::Teams(TeamsRoute::Chats),
            RequestClass::Teams(TeamsRoute::Chat),
            RequestClass::Teams(TeamsRoute::Other)
        )]
        class: RequestClass,
        #[values(50, 90, 100)] percent: u16,
    ) {
        for limit in class.limits().iter().chain([&GLOBAL]) {
            let rate = limit.rate(percent);
            let share = real(limit.units) * f64::from(percent) / 100.0;
            let refilled = rate.in_a_span(limit.window);
            let at_once = if rate.at_once() > 1 { real(rate.at_once()) } else { 0.0 };
            assert!(refilled + at_once <= share * 1.000_1, "{limit:?}: {refilled} + {at_once} of {share}");
            assert!(refilled + at_once >= share * 0.95, "{limit:?}: {refilled} + {at_once} of {share}");
        }
    }

    /// A burst would break Teams' limit of a second although the sustained one is kept.
    #[rstest]
    #[case(1)]
    #[case(4)]
    #[case(20)]
    #[case(30)]
    #[case(200)]
    #[case(1_500)]
    fn a_burst_stays_within_the_second(#[case] per_second: u64) {
        let rate = Limit::teams(Holder::Tenant, per_second).rate(90);
        let in_a_second = real(rate.at_once()) + rate.in_a_span(SECOND);
        assert!(in_a_second <= real(per_second).max(2.0), "{in_a_second} of {per_second}");
    }

    /// Waiting in another order than from the specific to the general, one user's wait would become everybody's.
    #[test]
    fn limits_stand_from_the_specific_to_the_general() {
        let place = |limit: &Limit| limit.holder as u8;
        for class in
            [RequestClass::Directory, RequestClass::SharingLink, RequestClass::Teams(TeamsRoute::Chat)]
        {
            assert!(class.limits().is_sorted_by_key(place), "{class:?}");
        }
    }
}
