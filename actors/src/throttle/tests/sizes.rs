//! Tenants of different sizes.

use std::num::NonZeroU32;

use tokio::time::{Instant, sleep};

use super::{asked_by, gate, passes, seconds, within};
use crate::tenant_size::{LicenceCount, TenantSize, UserCount};
use crate::testing::tenant;
use crate::throttle::limits::Limit;
use crate::throttle::meter::{Measure, Meter, Share};
use crate::throttle::request::Demand;
use crate::throttle::{Gate, LoadReport, RequestClass, Workload};

fn of_users(users: u32) -> TenantSize {
    TenantSize { users: NonZeroU32::new(users).map(UserCount::new), ..TenantSize::UNKNOWN }
}

fn of_licences(licences: u32) -> TenantSize {
    TenantSize { licences: NonZeroU32::new(licences).map(LicenceCount::new), ..TenantSize::UNKNOWN }
}

/// How many requests to the directory pass at one moment, of as many users.
fn at_once(gate: &Gate, tenant_number: u128) -> usize {
    (1..500).take_while(|user| passes(gate, &asked_by(tenant_number, *user, Workload::Directory))).count()
}

/// The size that a tenant states would hold only after a restart, or for its neighbours as well. Of each limit 90 % are
/// used, of which a fiftieth may come at once.
#[actix_rt::test]
async fn a_size_holds_for_its_tenant_from_that_moment_on() {
    let gate = gate();
    gate.set_size(tenant(1), of_users(120));
    assert_eq!(at_once(&gate, 1), 90, "of 5,000: known before its first request");
    assert_eq!(at_once(&gate, 2), 63, "of 3,500: a tenant of which nothing is known");
    sleep(seconds(10)).await;
    gate.set_size(tenant(2), of_users(600));
    assert_eq!(at_once(&gate, 2), 144, "of 8,000: known after its first request");
    sleep(seconds(10)).await;
    assert_eq!(at_once(&gate, 1), 90, "the other tenant's limit has stayed");
    sleep(seconds(10)).await;
    gate.set_size(tenant(1), TenantSize::UNKNOWN);
    assert_eq!(at_once(&gate, 1), 63);
}

/// A tenant that states a new size could begin its limits anew as often as its file is written.
#[actix_rt::test]
async fn what_is_used_stays_used() {
    let gate = gate();
    assert_eq!(at_once(&gate, 1), 63);
    gate.set_size(tenant(1), of_users(600));
    assert_eq!(at_once(&gate, 1), 0);
}

/// Whoever waits when a tenant is found to be larger would wait as if it were small.
#[actix_rt::test]
async fn who_waits_goes_on_at_the_new_pace() {
    let gate = gate();
    let costly = crate::throttle::GateRequest { units: 3_150, ..asked_by(1, 1, Workload::Directory) };
    drop(gate.pass(&costly, within(seconds(60))).await.unwrap());
    let next = asked_by(1, 2, Workload::Directory);
    let before = Instant::now();
    let (passed, ()) = tokio::join!(gate.pass(&next, within(seconds(60))), async {
        sleep(seconds(1)).await;
        gate.set_size(tenant(1), of_users(600));
    });
    assert!(passed.is_ok());
    assert!(before.elapsed() < seconds(11), "{:?}", before.elapsed());
}

/// What SharePoint itself says would give way to what somebody has written down at some time.
#[actix_rt::test]
async fn what_sharepoint_announces_goes_before_what_the_file_states() {
    let gate = gate();
    gate.set_size(tenant(1), of_licences(60_000));
    let files = |user| asked_by(1, user, Workload::SharePoint);
    let permit = gate.pass(&files(1_000), within(seconds(1))).await.unwrap();
    permit.hear(Workload::SharePoint, LoadReport { limit: Some(2_500), used_thousandths: None });
    drop(permit);
    sleep(seconds(60)).await;
    let passing = (1..500).take_while(|user| passes(&gate, &files(*user))).count();
    assert_eq!(passing, 45, "a fiftieth of 2,250");
    gate.set_size(tenant(1), of_licences(7));
    sleep(seconds(60)).await;
    assert_eq!((1..500).take_while(|user| passes(&gate, &files(*user))).count(), 45);
}

fn meter(limit: &'static Limit) -> Meter {
    let share = Share::of(limit, limit.units(TenantSize::UNKNOWN), 90);
    Meter::new(Measure { name: limit.name, workload: None, share: Some(share), at_once: None }, 0)
}

/// A tenant that SharePoint grants five times as much in a minute would still be stopped by the smallest tenant's day.
#[test]
fn the_day_grows_with_what_is_announced_for_the_minute() {
    let [_, _, day] = RequestClass::SharePoint.limits() else { panic!("there are three limits") };
    let at_once = |meter: &Meter| {
        (0..10_000).take_while(|_| meter.try_take(Demand { units: 1_000, places: 1 }, 0).is_ok()).count()
    };
    assert_eq!(at_once(&meter(day)), 54, "a twentieth of 1,080,000");
    let larger = meter(day);
    larger.announce(6_250);
    assert_eq!(at_once(&larger), 270, "a twentieth of 5,400,000");
}
