//! Batches: one admission for all items.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::FutureExt;
use proptest::prelude::*;
use rstest::rstest;
use tokio::time::{Instant, sleep};

use super::{asked, asked_by, chat, gate, mailbox, passes, seconds, told, within};
use crate::tenant_size::TenantSize;
use crate::throttle::limits::Limit;
use crate::throttle::meter::{Measure, Meter, Share};
use crate::throttle::request::Demand;
use crate::throttle::{
    Attempt, Entry, Gate, GatePermit, GateReason, GateRefusal, GateRequest, GateSubject, OwnerHash,
    RequestClass, TeamsRoute, Waiting, Workload,
};

/// A batch that passes at once or is refused at once, or `None` where it waits.
fn pass(gate: &Gate, items: &[GateRequest], deadline: Instant) -> Option<Result<GatePermit, GateRefusal>> {
    gate.pass_batch(&items[0], &items[1..], deadline).now_or_never()
}

fn routed(route: TeamsRoute, user_number: u128) -> GateRequest {
    GateRequest { class: RequestClass::Teams(route), ..asked(user_number, Workload::Teams) }
}

fn shared_mailbox(user_number: u128, owner: &str) -> GateRequest {
    let own = mailbox(user_number);
    let mut key = own.key;
    key.subject = GateSubject::SharedMailbox(OwnerHash::of(owner));
    GateRequest { key, ..own }
}

/// A batch would have used up in vain what its first items take, and those who come after it wait for nothing.
#[rstest]
#[case::a_pause(Workload::Outlook)]
#[case::a_rate(Workload::Search)]
#[actix_rt::test]
async fn a_batch_that_gives_up_leaves_everything_as_it_was(#[case] in_the_way: Workload) {
    let gate = gate();
    told(&gate, &asked(1, in_the_way), seconds(30));
    let items =
        [Workload::SharePoint, Workload::Outlook, Workload::Search].map(|workload| asked(1, workload));
    let of_files = vec![GateRequest { units: 2, ..items[0] }; 8];
    let batch: Vec<GateRequest> = items.into_iter().chain(of_files).collect();
    let refusal = pass(&gate, &batch, within(seconds(10))).unwrap().unwrap_err();
    assert_eq!((refusal.reason, refusal.limit), (GateReason::RetryAfter, "retry_after"));

    let mut others = Workload::ALL.into_iter().filter(|workload| *workload != in_the_way);
    assert!(others.all(|workload| passes(&gate, &asked(1, workload))));
    let files = (0..100).take_while(|user| passes(&gate, &asked(10 + user, Workload::SharePoint)));
    assert_eq!(files.count(), 21, "of the 22 at once that a tenant has, one was used just now");
}

/// The same of a caller who leaves while the batch waits for its turn.
#[actix_rt::test]
async fn a_batch_that_leaves_has_taken_nothing() {
    let gate = gate();
    let search = asked(1, Workload::Search);
    drop(gate.pass(&search, within(seconds(1))).await.unwrap());
    let batch = [search, search, mailbox(1), mailbox(1)];
    let mut waits = Box::pin(gate.pass_batch(&batch[0], &batch[1..], within(seconds(9))));
    assert!((&mut waits).now_or_never().is_none());
    sleep(Duration::from_millis(112)).await;
    drop(waits);
    assert!(passes(&gate, &search), "a ninth of a second after the one before");
    let held: Vec<_> = (0..4).map(|_| gate.pass(&mailbox(1), within(seconds(1))).now_or_never()).collect();
    assert!(held.iter().all(Option::is_some), "all four places of the mailbox are free");
}

/// A batch that is larger than what is saved up would wait for ever beside others, or be seen to use more than there is.
#[actix_rt::test]
async fn a_batch_larger_than_a_burst_waits_until_as_much_is_saved_up() {
    let gate = gate();
    let batch = vec![routed(TeamsRoute::JoinedTeams, 1); 20];
    drop(pass(&gate, &batch, within(seconds(0))).unwrap().unwrap());
    assert!(!passes(&gate, &routed(TeamsRoute::JoinedTeams, 2)), "all that was saved up is used");

    let before = Instant::now();
    drop(gate.pass_batch(&batch[0], &batch[1..], within(seconds(9))).await.unwrap());
    let waited = before.elapsed().as_secs_f64();
    assert!((1.60..1.62).contains(&waited), "20 that are paid back, and 16 more, at 22.4 a second: {waited}");
}

/// A batch would be sent whole of which Graph refuses all items but a few; or one that fits go in parts.
#[rstest]
#[case::of_mailboxes(vec![mailbox(1); 20], 20)]
#[case::in_the_directory(vec![asked(1, Workload::Directory); 20], 20)]
#[case::costly_files(vec![GateRequest { units: 5, ..asked(1, Workload::SharePoint) }; 20], 20)]
#[case::searches(vec![asked(1, Workload::Search); 20], 9)]
#[case::channels_of_a_tenant(vec![routed(TeamsRoute::Channels, 1); 20], 20)]
#[case::of_which_a_user_has_one_a_second(vec![routed(TeamsRoute::Chats, 1); 20], 1)]
#[case::of_different_chats((0..20).map(|number| chat(1, &number.to_string())).collect(), 17)]
#[case::twice_the_same_chat(vec![chat(1, "19:a"), chat(1, "19:b"), mailbox(1), chat(1, "19:A")], 3)]
#[case::nothing(vec![], 0)]
#[actix_rt::test]
async fn what_fits_goes_together(#[case] items: Vec<GateRequest>, #[case] together: usize) {
    assert_eq!(gate().together(&items, Instant::now()), together);
}

/// A batch that is larger than what is saved up would keep everybody else away from a limit that is used to the full.
#[actix_rt::test]
async fn of_a_limit_in_use_no_more_goes_together_than_is_saved_up() {
    let gate = gate();
    let channels = vec![routed(TeamsRoute::Channels, 1); 20];
    drop(pass(&gate, &channels[..1], within(seconds(0))).unwrap().unwrap());
    assert_eq!(
        gate.together(&channels, Instant::now()),
        9,
        "a second's share of 45, and a fifth of it at once"
    );
    sleep(seconds(1)).await;
    assert_eq!(gate.together(&channels, Instant::now()), 20);
}

/// Of two batches each would be first at what the other waits for, until both have run out of time.
#[actix_rt::test]
async fn two_batches_do_not_wait_for_each_other() {
    let gate = gate();
    let mailboxes = ["a@contoso.example", "b@contoso.example", "c@contoso.example"];
    let mut held: Vec<_> = Vec::new();
    for owner in mailboxes.iter().flat_map(|owner| [owner; 4]) {
        held.push(gate.pass(&shared_mailbox(9, owner), within(seconds(1))).await.unwrap());
    }
    let orders = [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]];
    let batches: Vec<Vec<GateRequest>> = (1..)
        .zip(orders)
        .map(|(user, order)| order.iter().map(|place| shared_mailbox(user, mailboxes[*place])).collect())
        .map(|items: Vec<GateRequest>| items.iter().flat_map(|item| [*item; 4]).collect())
        .collect();
    let goes = async |items: &[GateRequest]| {
        let permit = gate.pass_batch(&items[0], &items[1..], within(seconds(30))).await?;
        sleep(seconds(1)).await;
        drop(permit);
        Ok::<_, GateRefusal>(())
    };
    let ends = async {
        sleep(seconds(1)).await;
        held.clear();
    };
    let before = Instant::now();
    let (all, ()) =
        tokio::join!(futures_util::future::join_all(batches.iter().map(|items| goes(items))), ends);
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(before.elapsed().as_secs(), 5, "one after the other, and nothing in between");
}

/// Two who wait at the same limits in different orders could wait for each other.
#[rstest]
#[actix_rt::test]
async fn what_comes_alone_waits_in_the_order_of_batches(
    #[values(
        RequestClass::Directory,
        RequestClass::Mailbox,
        RequestClass::SharePoint,
        RequestClass::SharingLink,
        RequestClass::Search,
        RequestClass::Teams(TeamsRoute::Chat),
        RequestClass::Teams(TeamsRoute::Other)
    )]
    class: RequestClass,
) {
    let gate = gate();
    let request = GateRequest { class, ..chat(1, "19:a") };
    let keys: Vec<_> = gate.meters_of(&request, 0).map(|(key, _)| key).collect();
    assert!(keys.is_sorted() && keys.len() >= 3, "{keys:?}");
}

/// How many units each user of a tenant gets in half a minute, of those who always want two batches of so many.
fn shares(gate: &Gate, sizes: &[usize]) -> HashMap<usize, usize> {
    let start = Instant::now();
    let enters = |user: usize, at: Instant| -> Waiting {
        let items = vec![asked_by(1, user as u128, Workload::Directory); sizes[user]];
        loop {
            // What passes at once uses up what was saved before.
            match gate.enter_batch(&items[0], &items[1..], start + seconds(3_600), at) {
                Entry::Waiting(waiting) => return waiting,
                Entry::Passed(permit) => drop(permit),
            }
        }
    };
    let twice = (0..sizes.len()).chain(0..sizes.len());
    let mut waiting: Vec<(usize, Waiting)> = twice.map(|user| (user, enters(user, start))).collect();
    let mut had = HashMap::new();
    for millis in 0..30_000 {
        let now = start + Duration::from_millis(millis);
        for (user, waiting) in &mut waiting {
            while let Attempt::Passed(permit) = waiting.attempt(now) {
                drop(permit);
                *had.entry(*user).or_default() += sizes[*user];
                *waiting = enters(*user, now);
            }
        }
    }
    had
}

/// Whoever asks in batches would get less than whoever asks for one thing after the other, or more.
#[actix_rt::test]
async fn a_batch_pays_for_all_its_items_in_turns() {
    let sizes = [1, 4, 20];
    let had = shares(&gate(), &sizes);
    let all: usize = had.values().sum();
    assert!(all > 8_500, "{all}");
    for user in 0..sizes.len() {
        let of_a_third = had[&user] * sizes.len() * 100 / all;
        assert!((97..=103).contains(&of_a_third), "{} at a time: {of_a_third} % of a third", sizes[user]);
    }
}

fn limits() -> impl Strategy<Value = &'static Limit> {
    let of = |class: RequestClass| class.limits().iter();
    let all: Vec<&'static Limit> = of(RequestClass::Search)
        .chain(of(RequestClass::Directory))
        .chain(of(RequestClass::Mailbox))
        .chain(of(RequestClass::SharingLink).filter(|limit| limit.name != "tenant_day"))
        .chain(of(RequestClass::Teams(TeamsRoute::Chat)))
        .chain(of(RequestClass::Teams(TeamsRoute::JoinedTeams)))
        .collect();
    prop::sample::select(all)
}

proptest! {
    /// Beside batches, some window of Graph's would see more than its share, and refuse.
    #[test]
    fn no_window_sees_more_than_its_share(
        limit in limits(),
        sizes in prop::collection::vec((1_u64..40, 0_u64..40), 200..400),
    ) {
        let share = Share::of(limit, limit.units(TenantSize::UNKNOWN), 90);
        let measure = Measure { name: limit.name, workload: None, share: Some(share), at_once: None };
        let meter = Meter::new(measure, 0);
        let hour = 3_600_000_000_000;
        let (mut now, mut used) = (hour, Vec::new());
        for (size, rest) in sizes {
            // Most come as early as they may, some later.
            now += if rest < 30 { 0 } else { rest * 20_000_000 };
            let units = (1..=size).rev().find(|units| meter.suits_a_batch(*units, now)).unwrap();
            while let Err(shut) = meter.try_take(Demand { units, places: 1 }, now) {
                now = shut.until.unwrap();
            }
            used.push((now, units));
        }
        for (span, most) in limit.in_windows(90) {
            for (from, _) in &used {
                let within = used.iter().filter(|(at, _)| (*from..*from + span).contains(at));
                let sum: u64 = within.map(|(_, units)| units).sum();
                prop_assert!(sum <= most, "{sum} of {most} in {span} ns of {}", limit.name);
            }
        }
    }
}
