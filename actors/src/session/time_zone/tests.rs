use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use proptest::collection::vec;
use proptest::prelude::*;
use rstest::rstest;
use tokio::time::Instant;

use super::{TimeZoneAnswer, TimeZoneInquiry, TimeZoneMemory, TimeZoneTurn};
use crate::clock::{Clock, Timestamp};
use crate::testing::EPOCH;

const BERLIN: &str = "Europe/Berlin";

/// A clock that stands still until it is moved on.
#[derive(Debug)]
struct SetClock(Mutex<Instant>);

impl SetClock {
    fn starting_now() -> Self {
        Self(Mutex::new(Instant::now()))
    }

    fn passes(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        EPOCH
    }

    fn instant(&self) -> Instant {
        *self.0.lock().unwrap()
    }
}

fn berlin() -> TimeZoneAnswer {
    TimeZoneAnswer::Told(BERLIN.into())
}

fn late(waited: Duration) -> TimeZoneAnswer {
    TimeZoneAnswer::Late { waited }
}

/// The turn of a call that does not wait.
fn turn<'m>(memory: &'m TimeZoneMemory, clock: &SetClock) -> TimeZoneTurn<'m> {
    memory.turn(clock).now_or_never().expect("somebody asks")
}

fn asks<'m>(memory: &'m TimeZoneMemory, clock: &SetClock) -> TimeZoneInquiry<'m> {
    match turn(memory, clock) {
        TimeZoneTurn::Ask(inquiry) => inquiry,
        other => panic!("does not ask: {other:?}"),
    }
}

/// If this failed, a calendar that is slow or failing would cost every call of the session two requests and three seconds;
/// or a hiccup, or a mailbox that was set up a moment later, UTC for as long as the session lives.
#[rstest]
#[case::failing(TimeZoneAnswer::Failed, 60)]
#[case::without_a_zone(TimeZoneAnswer::NotTold, 600)]
#[case::slow(late(Duration::from_secs(3)), 60)]
#[case::asked_in_a_hurry(late(Duration::from_millis(100)), 2)]
#[case::asked_for_very_long(late(Duration::from_secs(30)), 60)]
fn nobody_asks_for_some_time_after_it_was_in_vain(#[case] answer: TimeZoneAnswer, #[case] seconds: u64) {
    let (memory, clock) = (TimeZoneMemory::default(), SetClock::starting_now());
    assert_eq!(asks(&memory, &clock).answered(answer, clock.instant()), None);
    clock.passes(Duration::from_millis(seconds * 1_000 - 1));
    assert!(matches!(turn(&memory, &clock), TimeZoneTurn::Rest));
    clock.passes(Duration::from_millis(1));
    assert_eq!(asks(&memory, &clock).answered(berlin(), clock.instant()), Some(BERLIN));
    assert_eq!(memory.known(), Some(BERLIN));
}

/// If this failed, the zone would be asked for again, or be told in two ways within a session.
#[test]
fn a_zone_that_was_told_stands_for_good() {
    let (memory, clock) = (TimeZoneMemory::default(), SetClock::starting_now());
    assert_eq!(memory.known(), None);
    asks(&memory, &clock).answered(berlin(), clock.instant());
    clock.passes(Duration::from_secs(30 * 24 * 3_600));
    assert!(matches!(turn(&memory, &clock), TimeZoneTurn::Known(BERLIN)));
}

#[derive(Debug, Clone)]
enum Move {
    Comes,
    /// One of those who wait is gone: its time is over, or nobody waits for its call any more.
    StopsWaiting(usize),
    /// The call that asks is gone.
    StopsAsking,
    Answers(TimeZoneAnswer),
    Passes(Duration),
}

fn moves() -> impl Strategy<Value = Move> {
    let answers = prop_oneof![
        1 => Just(berlin()),
        2 => Just(TimeZoneAnswer::NotTold),
        2 => Just(TimeZoneAnswer::Failed),
        2 => (0_u64..4_000).prop_map(|millis| late(Duration::from_millis(millis))),
    ];
    prop_oneof![
        6 => Just(Move::Comes),
        2 => any::<usize>().prop_map(Move::StopsWaiting),
        3 => Just(Move::StopsAsking),
        3 => answers.prop_map(Move::Answers),
        2 => (0_u64..700).prop_map(|seconds| Move::Passes(Duration::from_secs(seconds))),
    ]
}

/// Whether a waiting call has been woken: nobody polls it otherwise.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

struct Waiting<'m> {
    turn: LocalBoxFuture<'m, TimeZoneTurn<'m>>,
    woken: Arc<Woken>,
}

/// The calls of a session, and what may become of them.
struct Calls<'m> {
    memory: &'m TimeZoneMemory,
    clock: &'m SetClock,
    waiting: Vec<Waiting<'m>>,
    asking: Option<TimeZoneInquiry<'m>>,
    /// Before which nobody may ask.
    rests_until: Option<Instant>,
    is_told: bool,
}

impl<'m> Calls<'m> {
    fn of(memory: &'m TimeZoneMemory, clock: &'m SetClock) -> Self {
        Self { memory, clock, waiting: Vec::new(), asking: None, rests_until: None, is_told: false }
    }

    fn play(&mut self, step: Move) {
        match step {
            Move::Comes => {
                let woken = Arc::new(Woken(AtomicBool::new(true)));
                self.waiting.push(Waiting { turn: self.memory.turn(self.clock).boxed_local(), woken });
            }
            Move::StopsWaiting(which) if !self.waiting.is_empty() => {
                drop(self.waiting.swap_remove(which % self.waiting.len()));
            }
            Move::StopsWaiting(_) => {}
            Move::StopsAsking => drop(self.asking.take()),
            Move::Answers(answer) => self.answer(answer),
            Move::Passes(time) => self.clock.passes(time),
        }
        self.settle();
    }

    fn answer(&mut self, answer: TimeZoneAnswer) {
        let Some(inquiry) = self.asking.take() else { return };
        let now = self.clock.instant();
        self.is_told = answer == berlin();
        self.rests_until = match answer {
            TimeZoneAnswer::Told(_) => None,
            TimeZoneAnswer::NotTold => Some(now + Duration::from_secs(600)),
            TimeZoneAnswer::Failed => Some(now + Duration::from_secs(60)),
            TimeZoneAnswer::Late { waited } => Some(now + (waited * 20).min(Duration::from_secs(60))),
        };
        assert_eq!(inquiry.answered(answer, now), self.is_told.then_some(BERLIN));
    }

    /// Polls whoever has been woken, until nobody is.
    fn settle(&mut self) {
        while let Some(place) =
            self.waiting.iter().position(|waiting| waiting.woken.0.swap(false, Ordering::SeqCst))
        {
            let waker = Waker::from(Arc::clone(&self.waiting[place].woken));
            let polled = Pin::new(&mut self.waiting[place].turn).poll(&mut Context::from_waker(&waker));
            if let Poll::Ready(turn) = polled {
                drop(self.waiting.swap_remove(place));
                self.take(turn);
            }
        }
    }

    fn take(&mut self, turn: TimeZoneTurn<'m>) {
        let rests = self.rests_until.is_some_and(|until| self.clock.instant() < until);
        match turn {
            TimeZoneTurn::Known(name) => assert!(self.is_told && name == BERLIN),
            TimeZoneTurn::Rest => assert!(rests, "goes without, and might ask"),
            TimeZoneTurn::Ask(inquiry) => {
                assert!(!self.is_told && !rests, "asks, and need not");
                let other = self.asking.replace(inquiry);
                assert!(other.is_none(), "two ask at once");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// If this failed, two calls would ask at once, one would ask that need not, or one wait for nobody: whoever asked is
    /// gone, and it was not woken.
    #[test]
    fn one_asks_and_whoever_waits_waits_for_it(steps in vec(moves(), 1..80)) {
        let (memory, clock) = (TimeZoneMemory::default(), SetClock::starting_now());
        let mut calls = Calls::of(&memory, &clock);
        for step in steps {
            calls.play(step);
            prop_assert!(calls.waiting.is_empty() || calls.asking.is_some(), "somebody waits for nobody");
        }
        prop_assert_eq!(memory.known().is_some(), calls.is_told);
    }
}
