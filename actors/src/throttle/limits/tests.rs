use std::num::NonZeroU32;

use rstest::rstest;

use super::*;
use crate::throttle::Workload;

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
        for units in rows(limit) {
            let rate = limit.rate(units, percent);
            let share = real(units) * f64::from(percent) / 100.0;
            let refilled = rate.in_a_span(limit.window);
            let at_once = if rate.at_once() > 1 { real(rate.at_once()) } else { 0.0 };
            assert!(refilled + at_once <= share * 1.000_1, "{limit:?}: {refilled} + {at_once} of {share}");
            assert!(refilled + at_once >= share * 0.95, "{limit:?}: {refilled} + {at_once} of {share}");
        }
    }
}

fn rows(limit: &Limit) -> Vec<u64> {
    match limit.units {
        Units::Always(units) => vec![units],
        Units::ByUsers(rows) | Units::ByLicences(rows) => rows.iter().map(|(_, units)| *units).collect(),
    }
}

fn directory(users: Option<u32>) -> TenantSize {
    let users = users.and_then(NonZeroU32::new).map(UserCount::new);
    TenantSize { users, ..TenantSize::UNKNOWN }
}

fn sharepoint(licences: Option<u32>) -> TenantSize {
    let licences = licences.and_then(NonZeroU32::new).map(LicenceCount::new);
    TenantSize { licences, ..TenantSize::UNKNOWN }
}

/// A tenant of a thousand people would wait as long as one of ten; or a small one be refused by Graph.
#[rstest]
#[case::unknown(None, 3_500)]
#[case::smallest(Some(1), 3_500)]
#[case::still_small(Some(49), 3_500)]
#[case::medium(Some(50), 5_000)]
#[case::still_medium(Some(500), 5_000)]
#[case::large(Some(501), 8_000)]
#[case::largest(Some(u32::MAX), 8_000)]
fn the_directory_grants_by_users(#[case] users: Option<u32>, #[case] units: u64) {
    let [tenant, app] = RequestClass::Directory.limits() else { panic!("there are two limits") };
    assert_eq!((tenant.units(directory(users)), tenant.window), (units, Duration::from_secs(10)));
    assert_eq!(tenant.units(sharepoint(users)), 3_500, "licences are no users");
    assert_eq!(app.units(directory(users)), 150_000);
}

/// The same of SharePoint; and a day's limit that is left behind would end a large tenant's day at noon.
#[rstest]
#[case::unknown(None, 1_250, 1_200_000)]
#[case::smallest(Some(1_000), 1_250, 1_200_000)]
#[case::second(Some(1_001), 2_500, 2_400_000)]
#[case::still_second(Some(5_000), 2_500, 2_400_000)]
#[case::third(Some(5_001), 3_750, 3_600_000)]
#[case::still_third(Some(15_000), 3_750, 3_600_000)]
#[case::fourth(Some(15_001), 5_000, 4_800_000)]
#[case::still_fourth(Some(50_000), 5_000, 4_800_000)]
#[case::largest(Some(50_001), 6_250, 6_000_000)]
#[case::largest_of_all(Some(u32::MAX), 6_250, 6_000_000)]
fn sharepoint_grants_by_licences(
    #[case] licences: Option<u32>,
    #[case] of_a_minute: u64,
    #[case] of_a_day: u64,
) {
    let [user, minute, day] = RequestClass::SharePoint.limits() else { panic!("there are three limits") };
    let size = sharepoint(licences);
    assert_eq!((minute.units(size), minute.window), (of_a_minute, Duration::from_secs(60)));
    assert_eq!((day.units(size), day.window), (of_a_day, Duration::from_secs(24 * 3_600)));
    assert_eq!(minute.units(directory(licences)), 1_250, "users are no licences");
    assert_eq!(minute.units_where_announced(of_a_minute), Some(of_a_minute));
    assert_eq!(day.units_where_announced(of_a_minute), Some(of_a_day));
    assert_eq!(user.units_where_announced(of_a_minute), None);
}

/// A tenant that states another size would go on with the limits of the old one.
#[test]
fn every_limit_that_grows_with_the_tenant_belongs_to_a_class_that_is_looked_at() {
    let grows = |limit: &Limit| !matches!(limit.units, Units::Always(_));
    for workload in Workload::ALL {
        let class = RequestClass::of(workload);
        let is_looked_at = RequestClass::BY_SIZE.contains(&class);
        assert_eq!(class.limits().iter().any(grows), is_looked_at, "{class:?}");
        assert!(
            class.limits().iter().filter(|limit| grows(limit)).all(|limit| limit.holder == Holder::Tenant)
        );
    }
    let links = RequestClass::SharingLink;
    for (place, limit) in links.limits().iter().enumerate().filter(|(_, limit)| grows(limit)) {
        assert_eq!(links.counted_with(place), RequestClass::SharePoint, "{limit:?}");
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
    let limit = Limit::teams(Holder::Tenant, per_second);
    let rate = limit.rate(limit.units(TenantSize::UNKNOWN), 90);
    let in_a_second = real(rate.at_once()) + rate.in_a_span(SECOND);
    assert!(in_a_second <= real(per_second).max(2.0), "{in_a_second} of {per_second}");
    assert!(limit.most_at_once(rate) <= per_second, "of a batch: {}", limit.most_at_once(rate));
}

/// Waiting in another order than from the specific to the general, one user's wait would become everybody's.
#[test]
fn limits_stand_from_the_specific_to_the_general() {
    let place = |limit: &Limit| limit.holder as u8;
    for class in [RequestClass::Directory, RequestClass::SharingLink, RequestClass::Teams(TeamsRoute::Chat)] {
        assert!(class.limits().is_sorted_by_key(place), "{class:?}");
    }
}
