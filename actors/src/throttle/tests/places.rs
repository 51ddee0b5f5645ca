//! Requests of one mailbox at once.

use futures_util::FutureExt;
use tokio::time::{Instant, sleep};

use super::{gate, mailbox, seconds, within};
use crate::throttle::{Gate, GatePermit, GateReason, ThrottleScope, ThrottleSignal};

/// Whether a batch of so many requests of one mailbox passes, with what it holds.
fn batch(gate: &Gate, user_number: u128, items: usize) -> Option<GatePermit> {
    let (one, others) = (mailbox(user_number), vec![mailbox(user_number); items - 1]);
    gate.pass_batch(&one, &others, within(seconds(1))).now_or_never().map(Result::unwrap)
}

/// Exchange Online answers the fifth request at once of a mailbox with 429.
#[actix_rt::test]
async fn a_fifth_request_of_a_mailbox_waits_for_one_to_end() {
    let gate = gate();
    let mut permits = Vec::new();
    for _ in 0..4 {
        permits.push(gate.pass(&mailbox(1), within(seconds(1))).await.unwrap());
    }
    let refusal = gate.pass(&mailbox(1), within(seconds(1))).await.unwrap_err();
    assert_eq!(refusal.reason, GateReason::Concurrency);

    let own = mailbox(1);
    let (fifth, ()) = tokio::join!(gate.pass(&own, within(seconds(3))), async {
        sleep(seconds(2)).await;
        permits.pop();
    });
    assert!(fifth.is_ok());
}

/// Two batches at once would have Exchange Online carry out eight requests of a mailbox at once, and refuse half; or the
/// places of one that was larger than the limit would never be given back.
#[actix_rt::test]
async fn a_batch_takes_the_places_that_graph_carries_it_out_in() {
    let gate = gate();
    let (pair, single) = (batch(&gate, 1, 2).unwrap(), batch(&gate, 1, 1).unwrap());
    assert!(batch(&gate, 1, 2).is_none(), "one place is free, and two are wanted");
    assert!(batch(&gate, 2, 4).is_some(), "another mailbox is another matter");
    drop(pair);
    let second = batch(&gate, 1, 3).unwrap();
    assert!(batch(&gate, 1, 1).is_none());
    drop((single, second));
    let larger = batch(&gate, 1, 20).unwrap();
    assert!(batch(&gate, 1, 1).is_none());
    drop(larger);
    let all: Vec<_> = (0..4).map(|_| batch(&gate, 1, 1).unwrap()).collect();
    assert!(batch(&gate, 1, 1).is_none());
    drop(all);
}

/// A caller who comes late would overtake those who wait.
#[actix_rt::test]
async fn those_who_wait_for_a_slot_get_it_in_the_order_in_which_they_came() {
    let gate = gate();
    let order = std::cell::RefCell::new(Vec::new());
    let visit = async |number: u32| {
        let _permit = gate.pass(&mailbox(1), within(seconds(60))).await.unwrap();
        order.borrow_mut().push(number);
        sleep(seconds(1)).await;
    };
    futures_util::future::join_all((0..12).map(visit)).await;

    assert_eq!(order.into_inner(), (0..12).collect::<Vec<_>>());
}

/// A busy mailbox would be asked again at once by as many as were refused.
#[actix_rt::test]
async fn a_mailbox_that_has_enough_at_once_gets_fewer() {
    let gate = gate();
    let signal = ThrottleSignal::RetryAfter(seconds(1));
    gate.heed(&mailbox(1), signal, ThrottleScope::Concurrency, Instant::now());
    sleep(seconds(2)).await;

    let mut permits = Vec::new();
    while let Some(Ok(permit)) = gate.pass(&mailbox(1), within(seconds(0))).now_or_never() {
        permits.push(permit);
    }
    assert_eq!(permits.len(), 3);
}
