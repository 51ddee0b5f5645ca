use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::fair_queue::Ticket;
use super::pace::{LONGEST_WAIT, Pace, Told};
use super::{Purpose, Refused, Verdict};
use crate::ports::ThrottledBy;
use crate::testing::tenant;

/// A pace with a clock in hand; waiters are numbers.
struct Bench {
    pace: Pace<u32>,
    started: Instant,
    now: Instant,
    tickets: u64,
    told: Vec<(Duration, u32, Verdict)>,
}

impl Bench {
    fn new(per_second: u32) -> Self {
        let started = Instant::now();
        let pace = Pace::new(per_second.try_into().unwrap());
        Self { pace, started, now: started, tickets: 0, told: Vec::new() }
    }

    fn ask(&mut self, tenant_number: u128, purpose: Purpose, waiter: u32) -> Ticket {
        let ticket = Ticket(self.tickets);
        self.tickets += 1;
        let told = self.pace.ask(tenant(tenant_number), ticket, purpose, waiter, self.now);
        self.note(told);
        ticket
    }

    fn note(&mut self, told: Vec<Told<u32>>) {
        let at = self.now.duration_since(self.started);
        self.told.extend(told.into_iter().map(|told| (at, told.waiter, told.verdict)));
    }

    /// Lets time pass until nobody waits any more.
    fn drain(&mut self) {
        while let Some(due) = self.pace.next_release() {
            self.now = self.now.max(due);
            let told = self.pace.release(self.now);
            assert!(!told.is_empty(), "it woke for nothing");
            self.note(told);
        }
        assert_eq!(self.pace.waiting(), 0);
    }

    fn gone(&self) -> Vec<u32> {
        let gone = self.told.iter().filter(|(_, _, verdict)| *verdict == Verdict::Go);
        gone.map(|(_, waiter, _)| *waiter).collect()
    }
}

/// Every user's first call would wait for a tick of some clock.
#[test]
fn who_comes_alone_goes_at_once() {
    let mut bench = Bench::new(500);
    bench.ask(1, Purpose::Call, 1);
    bench.ask(1, Purpose::Renewal, 2);
    assert_eq!(bench.gone(), [1, 2]);
    assert_eq!(bench.pace.next_release(), None);
}

/// Entra would throttle the application for everybody after a restart.
#[test]
fn ten_thousand_wishes_of_one_moment_go_out_at_the_set_rate() {
    let mut bench = Bench::new(500);
    for waiter in 0..10_000 {
        bench.ask(1, Purpose::Call, waiter);
    }
    bench.drain();

    assert_eq!(bench.gone().len(), 10_000);
    let times: Vec<Duration> = bench.told.iter().map(|(at, _, _)| *at).collect();
    let busiest = times.iter().map(|from| {
        times
            .iter()
            .skip_while(|at| *at < from)
            .take_while(|at| **at < *from + Duration::from_secs(1))
            .count()
    });
    assert_eq!(busiest.max(), Some(500));
    assert!(times[9_999] <= Duration::from_secs(20), "the rate is not used: {:?}", times[9_999]);
}

/// A tenant with many users would keep a small one waiting behind all of them.
#[test]
fn tenants_go_in_turn() {
    let mut bench = Bench::new(10);
    for waiter in 0..100 {
        bench.ask(1, Purpose::Call, waiter);
    }
    bench.ask(2, Purpose::Call, 1_000);
    bench.ask(3, Purpose::Call, 2_000);
    bench.drain();

    let place = |waiter| bench.gone().iter().position(|gone| *gone == waiter).unwrap();
    assert!(place(1_000) <= 3 && place(2_000) <= 4, "{:?}", &bench.gone()[..6]);
}

/// A user would wait for what nobody waits for.
#[test]
fn calls_go_before_renewals_and_a_renewal_that_a_call_waits_for_is_a_call() {
    let mut bench = Bench::new(10);
    bench.ask(1, Purpose::Call, 0);
    bench.ask(1, Purpose::Renewal, 1);
    let hastened = bench.ask(1, Purpose::Renewal, 2);
    bench.ask(1, Purpose::Call, 3);
    bench.pace.hasten(tenant(1), hastened);
    bench.drain();

    assert_eq!(bench.gone(), [0, 3, 2, 1]);
}

/// A call would sit in a line that it can't outlive, instead of learning when to come back.
#[test]
fn a_call_that_can_not_have_its_turn_in_time_is_told_when_to_come_back() {
    let mut bench = Bench::new(10);
    let room = u32::try_from(LONGEST_WAIT.as_secs()).unwrap() * 10 + 2;
    for waiter in 0..room {
        bench.ask(1, Purpose::Call, waiter);
    }
    assert!(bench.gone().len() < 2, "somebody was refused or too many went");
    bench.ask(1, Purpose::Call, room);
    bench.ask(2, Purpose::Call, room + 1);

    let (_, waiter, verdict) = bench.told.pop().unwrap();
    assert_eq!(waiter, room);
    let Verdict::Refused(Refused { by: ThrottledBy::Queue, retry_after }) = verdict else {
        panic!("{verdict:?}")
    };
    assert!(retry_after > LONGEST_WAIT && retry_after < 2 * LONGEST_WAIT);
    bench.drain();
    assert!(bench.gone().contains(&(room + 1)), "a crowded tenant shut another one out");
}

/// Entra would be asked on by the tenant's other users while it wants to be left alone, or other tenants would pay.
#[test]
fn entras_wish_to_be_left_alone_holds_for_the_tenant_and_no_other() {
    let mut bench = Bench::new(10);
    bench.ask(1, Purpose::Call, 0);
    bench.ask(1, Purpose::Call, 1);
    bench.ask(1, Purpose::Renewal, 2);
    let told = bench.pace.heed(tenant(1), Some(Duration::from_secs(30)), 0.5, bench.now);
    bench.note(told);
    bench.now += Duration::from_secs(10);
    bench.ask(1, Purpose::Call, 3);
    bench.ask(2, Purpose::Call, 4);

    let refused: HashMap<u32, Duration> = bench
        .told
        .iter()
        .filter_map(|(_, waiter, verdict)| match verdict {
            Verdict::Refused(Refused { by: ThrottledBy::Entra, retry_after }) => {
                Some((*waiter, *retry_after))
            }
            _ => None,
        })
        .collect();
    let seconds = Duration::from_secs;
    assert_eq!(refused, HashMap::from([(1, seconds(30)), (2, seconds(30)), (3, seconds(20))]));
    assert_eq!(bench.gone(), [0, 4]);
    bench.now += Duration::from_secs(20);
    bench.ask(1, Purpose::Call, 5);
    assert_eq!(bench.gone(), [0, 4, 5]);
}

/// Users of a tenant that Entra throttles without a time would all come back in the same moment, again and again.
#[test]
fn without_a_time_the_pause_grows_is_drawn_by_chance_and_is_forgotten() {
    let mut bench = Bench::new(10);
    let mut pause = |fraction: f64, later: u64| {
        bench.now += Duration::from_secs(later);
        bench.pace.heed(tenant(1), None, fraction, bench.now);
        let told = bench.pace.ask(tenant(1), Ticket(9), Purpose::Call, 9, bench.now);
        match told.last().unwrap().verdict {
            Verdict::Refused(refused) => refused.retry_after.as_secs(),
            Verdict::Go => 0,
        }
    };
    assert_eq!(pause(0.999, 0), 4);
    assert_eq!(pause(0.999, 60), 9);
    assert_eq!(pause(0.5, 60), 10);
    assert_eq!(pause(0.0, 60), 1);
    assert_eq!(pause(0.999, 600), 4, "it never forgets");
    bench.now += Duration::from_secs(600);
    bench.pace.heed(tenant(2), None, 0.5, bench.now);
    assert_eq!(bench.pace.quiet_tenants(), 1, "quiet tenants stay in memory");
}

/// Callers who left would hold up those who came after them.
#[test]
fn a_place_that_is_given_back_is_free_at_once() {
    let mut bench = Bench::new(10);
    bench.ask(1, Purpose::Call, 1);
    bench.now += Duration::from_millis(100);
    bench.ask(1, Purpose::Call, 2);
    bench.pace.take_back();
    bench.ask(1, Purpose::Call, 3);
    assert_eq!(bench.gone(), [1, 2, 3]);
    assert_eq!(bench.now.duration_since(bench.started), Duration::from_millis(100));
}

/// Leases would lapse because of a rush that is over long before they end.
#[test]
fn a_renewal_waits_behind_any_line() {
    let mut bench = Bench::new(1);
    for waiter in 0..100 {
        bench.ask(1, Purpose::Call, waiter);
    }
    let is_refused = |bench: &Bench, waiter| {
        bench.told.iter().any(|(_, told, verdict)| *told == waiter && *verdict != Verdict::Go)
    };
    assert!(is_refused(&bench, 99), "the line is longer than a call waits");
    bench.ask(1, Purpose::Renewal, 100);
    assert!(!is_refused(&bench, 100));
    bench.drain();
    assert_eq!(bench.gone().last(), Some(&100));
}
