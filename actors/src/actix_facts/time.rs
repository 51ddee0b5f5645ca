//! Whose time a test owns.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use actix::{Actor, AsyncContext, Context};
use actix_rt::Arbiter;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use super::subject::{Ping, Ticking};

/// Fact 20: tests would have to wait for real, or could not own the timers of actors.
#[actix_rt::test]
async fn paused_time_drives_the_timers_of_actors_on_the_same_thread() {
    struct Timed(Option<oneshot::Sender<()>>);
    impl Actor for Timed {
        type Context = Context<Self>;

        fn started(&mut self, context: &mut Self::Context) {
            context.run_later(Duration::from_secs(3_600), |timed, _| {
                timed.0.take().map(|done| done.send(()));
            });
        }
    }
    tokio::time::pause();
    let (done, hears) = oneshot::channel();
    Timed(Some(done)).start();
    assert_eq!(hears.await, Ok(()));
}

/// Fact 20, of intervals: as above.
#[actix_rt::test]
async fn paused_time_drives_an_interval_tick_by_tick() {
    tokio::time::pause();
    let ticks = Arc::new(AtomicUsize::new(0));
    let ticking = Ticking { every: Duration::from_secs(1), ticks: Arc::clone(&ticks) }.start();
    sleep(Duration::from_millis(3_600_500)).await;
    assert_eq!(ticks.load(Ordering::SeqCst), 3_600);
    assert_eq!(ticking.send(Ping).await, Ok(3_600));
}

/// Fact 20, where it ends: a test would believe that it owns the time of actors on other threads, or of what is held
/// against a token's `exp`. So tests start actors on their own thread, and the time of day comes from the `Clock` port.
#[actix_rt::test]
#[expect(clippy::disallowed_methods, reason = "what paused time does not reach is the point")]
async fn paused_time_reaches_neither_another_arbiter_nor_the_time_of_day() {
    tokio::time::pause();
    let arbiter = Arbiter::new();
    let half_an_hour = Duration::from_secs(1_800);
    let elsewhere = Ticking::start_in_arbiter(&arbiter.handle(), move |_| Ticking {
        every: half_an_hour,
        ticks: Arc::default(),
    });
    assert_eq!(elsewhere.send(Ping).await, Ok(0), "its timer has begun");
    let (begun, time_of_day) = (Instant::now(), SystemTime::now());
    tokio::time::advance(2 * half_an_hour).await;
    assert!(begun.elapsed() >= 2 * half_an_hour);
    assert_eq!(elsewhere.send(Ping).await, Ok(0));
    assert!(time_of_day.elapsed().unwrap() < half_an_hour);
    arbiter.stop();
}
