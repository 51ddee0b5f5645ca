//! Requests of one mailbox at once.

use futures_util::FutureExt;
use tokio::time::{Instant, sleep};

use super::{gate, mailbox, seconds, within};
use crate::throttle::{GateReason, GateRequest, ThrottleScope, ThrottleSignal};

/// A batch that Graph carries out so many requests of at once.
fn batch(user_number: u128, at_once: u32) -> GateRequest {
    GateRequest { at_once, ..mailbox(user_number) }
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
    let passes = |request: GateRequest| gate.pass(&request, within(seconds(1))).now_or_never();
    let (pair, single) = (passes(batch(1, 2)).unwrap().unwrap(), passes(mailbox(1)).unwrap().unwrap());
    assert!(passes(batch(1, 2)).is_none(), "one place is free, and two are wanted");
    assert!(passes(batch(2, 4)).unwrap().is_ok(), "another mailbox is another matter");
    drop(pair);
    let second = passes(batch(1, 3)).unwrap().unwrap();
    assert!(passes(mailbox(1)).is_none());
    drop((single, second));
    let larger = passes(batch(1, 20)).unwrap().unwrap();
    assert!(passes(mailbox(1)).is_none());
    drop(larger);
    let all: Vec<_> = (0..4).map(|_| passes(mailbox(1)).unwrap().unwrap()).collect();
    assert!(passes(mailbox(1)).is_none());
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
