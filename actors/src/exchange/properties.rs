use std::collections::VecDeque;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use tokio::time::Instant;

use super::fair_queue::Ticket;
use super::pace::{Pace, Told};
use super::{Purpose, Verdict};
use crate::testing::tenant;

#[derive(Debug, Clone, Copy)]
enum Move {
    Ask { tenant: u128, is_renewal: bool },
    Hasten { ticket: u64 },
    Heed { tenant: u128, seconds: u64 },
    Pass { millis: u64 },
}

fn moves() -> impl Strategy<Value = Move> {
    prop_oneof![
        6 => (0..4_u128, any::<bool>()).prop_map(|(tenant, is_renewal)| Move::Ask { tenant, is_renewal }),
        1 => (0..200_u64).prop_map(|ticket| Move::Hasten { ticket }),
        1 => (0..4_u128, 1..5_u64).prop_map(|(tenant, seconds)| Move::Heed { tenant, seconds }),
        3 => (0..400_u64).prop_map(|millis| Move::Pass { millis }),
    ]
}

/// Everybody who asks is told once; the rate is kept in every second.
struct Books {
    told: Vec<usize>,
    last_second: VecDeque<Instant>,
    rate: usize,
}

impl Books {
    fn note(&mut self, told: Vec<Told<usize>>, now: Instant) {
        for Told { waiter, verdict } in told {
            self.told[waiter] += 1;
            assert_eq!(self.told[waiter], 1, "told twice");
            if verdict != Verdict::Go {
                continue;
            }
            while self.last_second.front().is_some_and(|at| *at + Duration::from_secs(1) <= now) {
                self.last_second.pop_front();
            }
            self.last_second.push_back(now);
            assert!(self.last_second.len() <= self.rate, "more than the rate in a second");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// In some order of events Entra would be asked faster than was set, or somebody never be told.
    #[test]
    fn the_rate_is_kept_and_everybody_is_told_once(rate in 1_u32..60, steps in vec(moves(), 1..200)) {
        let mut pace = Pace::new(rate.try_into().unwrap());
        let mut now = Instant::now();
        let mut books = Books { told: Vec::new(), last_second: VecDeque::new(), rate: rate as usize };
        for step in steps {
            match step {
                Move::Ask { tenant: number, is_renewal } => {
                    let waiter = books.told.len();
                    books.told.push(0);
                    let purpose = if is_renewal { Purpose::Renewal } else { Purpose::Call };
                    let told = pace.ask(tenant(number), Ticket(waiter as u64), purpose, waiter, now);
                    books.note(told, now);
                }
                Move::Hasten { ticket } => (0..4).for_each(|number| pace.hasten(tenant(number), Ticket(ticket))),
                Move::Heed { tenant: number, seconds } => {
                    let told = pace.heed(tenant(number), Some(Duration::from_secs(seconds)), 0.5, now);
                    books.note(told, now);
                }
                Move::Pass { millis } => {
                    now += Duration::from_millis(millis);
                    let told = pace.release(now);
                    books.note(told, now);
                }
            }
        }
        while let Some(due) = pace.next_release() {
            now = now.max(due);
            let told = pace.release(now);
            prop_assert!(!told.is_empty());
            books.note(told, now);
        }
        prop_assert!(books.told.iter().all(|told| *told == 1));
    }
}
