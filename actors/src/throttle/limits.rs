//! Graph's published limits for one user, as data.
//!
//! Source: "Microsoft Graph service-specific throttling limits" on Microsoft Learn, and for SharePoint "Avoid
//! getting throttled or blocked in SharePoint Online". Limits of an application or of a tenant are not here.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use governor::Quota;

use super::signal::Workload;
use crate::settings::ThrottleSettings;

/// A burst is the 20th part of what may be used in a window.
const BURSTS_A_WINDOW: u64 = 20;

/// So many requests in any window of such a length.
#[derive(Debug, Clone, Copy)]
pub(super) struct PublishedRate {
    requests: u32,
    window: Duration,
}

impl Workload {
    pub(super) const fn published_rate(self) -> Option<PublishedRate> {
        match self {
            // The directory counts resource units for an application and a tenant, not requests of a user.
            Self::Directory => None,
            // For an application and a mailbox.
            Self::Outlook => Some(PublishedRate { requests: 10_000, window: Duration::from_secs(10 * 60) }),
            // "Any other GET" of one user.
            Self::Teams => Some(PublishedRate { requests: 1, window: Duration::from_secs(1) }),
            // One user, over all applications.
            Self::SharePoint => Some(PublishedRate { requests: 3_000, window: Duration::from_secs(5 * 60) }),
            // Search with delegated permissions, one user, over all applications.
            Self::Search => Some(PublishedRate { requests: 10, window: Duration::from_secs(1) }),
        }
    }

    pub(super) const fn concurrency(self, settings: &ThrottleSettings) -> NonZeroUsize {
        match self {
            Self::Outlook => settings.outlook_concurrency,
            Self::Directory | Self::Teams | Self::SharePoint | Self::Search => settings.default_concurrency,
        }
    }
}

impl PublishedRate {
    /// A quota whose burst and refill together never exceed the given share of the limit in any window.
    pub(super) fn quota(self, share_percent: u8) -> Option<Quota> {
        let usable_percent = u64::from(self.requests) * u64::from(share_percent.clamp(1, 100));
        let burst = usable_percent / 100 / BURSTS_A_WINDOW;
        // A limit too small for a burst is kept by spacing its requests evenly.
        let refill_percent = if burst > 1 { usable_percent - burst * 100 } else { usable_percent };
        let spacing = self.window.saturating_mul(100) / u32::try_from(refill_percent).ok()?;
        let burst = NonZeroU32::new(u32::try_from(burst).ok()?).unwrap_or(NonZeroU32::MIN);
        Some(Quota::with_period(spacing)?.allow_burst(burst))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// Above the share, the user's other applications are throttled because of us; far below it, we throttle our
    /// own user for nothing.
    #[rstest]
    #[case(Workload::Outlook)]
    #[case(Workload::Teams)]
    #[case(Workload::SharePoint)]
    #[case(Workload::Search)]
    fn a_quota_uses_its_share_of_a_window_and_no_more(#[case] workload: Workload) {
        let rate = workload.published_rate().unwrap();
        let quota = rate.quota(90).unwrap();

        let refilled = rate.window.as_secs_f64() / quota.replenish_interval().as_secs_f64();
        let bursting = if quota.burst_size().get() > 1 { f64::from(quota.burst_size().get()) } else { 0.0 };
        let share = f64::from(rate.requests) * 0.9;

        assert!(refilled + bursting <= share * 1.0001, "{refilled} + {bursting} of {share}");
        assert!(refilled >= share * 0.94, "{refilled} of {share}");
    }

    /// A directory request that waited for a limit that nobody published would be slow for no reason.
    #[test]
    fn a_workload_without_a_published_limit_has_no_rate() {
        assert!(Workload::Directory.published_rate().is_none());
    }
}
