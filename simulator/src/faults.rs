//! Faults on demand: which requests go wrong, and how.

pub(crate) mod distortion;
pub(crate) mod latency;
pub(crate) mod retry_after;
pub(crate) mod route;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::http::Method;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::directory::random::SplitMix64;
use crate::message::{Answer, Disturbance, Request};
use crate::record::Door;
use distortion::Distortion;
use latency::Latency;
use retry_after::RetryAfter;
use route::Route;

/// What goes wrong. Every part that is set takes effect, in this order: the waits, the reset, the refusal or the
/// status instead of the real answer, what is disturbed in the service while it makes that, the distortion of its
/// body, the body instead of it, the headers in place of its own, the time to wait.
#[derive(Debug, Default)]
pub(crate) struct Effect {
    pub(crate) delay: Option<Duration>,
    /// Beside `delay`.
    pub(crate) latency: Option<Latency>,
    pub(crate) reset: bool,
    /// The number of a refusal of Entra's.
    pub(crate) aadsts: Option<u32>,
    pub(crate) status: Option<u16>,
    /// Graph's claims challenge: the access of whoever asks has ended, whatever the bearer is.
    pub(crate) access_ended: bool,
    pub(crate) disturbance: Disturbance,
    pub(crate) distortion: Option<Distortion>,
    pub(crate) body: Option<Bytes>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) retry_after: Option<RetryAfter>,
}

impl Effect {
    /// Whether no part is set.
    pub(crate) fn is_nothing(&self) -> bool {
        let Self {
            delay,
            latency,
            reset,
            aadsts,
            status,
            access_ended,
            disturbance,
            distortion,
            body,
            headers,
            retry_after,
        } = self;
        delay.is_none()
            && latency.is_none()
            && !reset
            && aadsts.is_none()
            && status.is_none()
            && !access_ended
            && disturbance.is_none()
            && distortion.is_none()
            && body.is_none()
            && headers.is_empty()
            && retry_after.is_none()
    }

    /// Whether the connection is closed without an answer.
    pub(crate) fn is_silent(&self) -> bool {
        self.reset && !self.replaces_service() && self.body.is_none()
    }

    /// Whether the request is answered without the service.
    pub(crate) fn replaces_service(&self) -> bool {
        self.status.is_some() || self.aadsts.is_some() || self.access_ended
    }

    /// Makes an answer wrong.
    pub(crate) fn change(&self, answer: &mut Answer, request: &Request<'_>) {
        if let Some(distortion) = &self.distortion {
            distortion.apply(answer, request);
        }
        if let Some(body) = &self.body {
            answer.body = body.clone();
        }
        let skew = SignedDuration::from_secs(self.disturbance.clock_skew_s);
        let now = Timestamp::now();
        let now = now.checked_add(skew).unwrap_or(now);
        if !skew.is_zero()
            && let Some(date) = retry_after::http_date(now)
        {
            answer.replace_header("Date", &date);
        }
        for (name, value) in &self.headers {
            answer.replace_header(name, value);
        }
        if let Some(retry_after) = self.retry_after {
            answer.remove_header("Retry-After");
            if let Some(value) = retry_after.value(now) {
                answer.replace_header("Retry-After", &value);
            }
        }
    }
}

/// One hit of a fault.
#[derive(Debug)]
pub(crate) struct Strike {
    pub(crate) effect: Arc<Effect>,
    /// How long the request waits.
    pub(crate) delay: Option<Duration>,
}

/// Which requests a fault is for. An absent part fits every request.
#[derive(Debug)]
pub(crate) struct Aim {
    pub(crate) door: Door,
    pub(crate) method: Option<Method>,
    pub(crate) path_prefix: Option<String>,
    pub(crate) route: Option<Route>,
    pub(crate) tenant: Option<Uuid>,
    pub(crate) user: Option<Uuid>,
    /// The part of the fitting requests that is hit, in (0, 1].
    pub(crate) share: f64,
}

/// On whose behalf a request came, as far as it says; nothing of it is verified.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Subject {
    pub(crate) tenant: Option<Uuid>,
    pub(crate) user: Option<Uuid>,
}

/// A fault as it was asked for.
#[derive(Debug)]
pub(crate) struct FaultOrder {
    pub(crate) aim: Aim,
    pub(crate) effect: Effect,
    /// How many requests it hits before it is over; `None` for all.
    pub(crate) times: Option<u64>,
    /// Hits by chance that this decides, instead of in turn. It decides the waits too.
    pub(crate) seed: Option<u64>,
    /// The order's own text, which the list shows again.
    pub(crate) shown: serde_json::Map<String, serde_json::Value>,
}

#[derive(Debug)]
struct Fault {
    id: u64,
    aim: Aim,
    effect: Arc<Effect>,
    times_left: Option<u64>,
    /// Sum of the shares since the last hit: a hit is due at 1, so a share is kept exactly, not by chance.
    due: f64,
    /// Whether hits are drawn.
    is_drawn: bool,
    random: SplitMix64,
    shown: serde_json::Map<String, serde_json::Value>,
}

/// The faults in force, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// Lets a request pass without the lock while no fault is in force.
    count: AtomicUsize,
    last_id: AtomicU64,
    list: Mutex<Vec<Fault>>,
}

impl Faults {
    fn list(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a fault in force and names it.
    pub(crate) fn add(&self, order: FaultOrder) -> u64 {
        let id = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        let FaultOrder { aim, effect, times, seed, shown } = order;
        let mut list = self.list();
        list.push(Fault {
            id,
            aim,
            effect: Arc::new(effect),
            times_left: times,
            due: 0.0,
            is_drawn: seed.is_some(),
            random: SplitMix64::derived(seed.unwrap_or(1), b"faults"),
            shown,
        });
        self.count.store(list.len(), Ordering::Relaxed);
        id
    }

    /// Takes a fault out of force; false where none has that id.
    pub(crate) fn remove(&self, id: u64) -> bool {
        let mut list = self.list();
        let Some(place) = list.iter().position(|fault| fault.id == id) else { return false };
        list.remove(place);
        self.count.store(list.len(), Ordering::Relaxed);
        true
    }

    pub(crate) fn clear(&self) {
        let mut list = self.list();
        list.clear();
        self.count.store(0, Ordering::Relaxed);
    }

    /// The faults in force as they were asked for, with `id` and, where it is bounded, what is left of `times`.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        self.list().iter().map(Fault::to_json).collect()
    }

    /// The effect of the first fault that hits this request. `subject` is asked at most once, and only when a
    /// fault is aimed at a tenant or user.
    pub(crate) fn strike(
        &self,
        door: impl Into<Door>,
        (method, path): (&Method, &str),
        subject: impl FnOnce() -> Subject,
    ) -> Option<Strike> {
        if self.count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let door = door.into();
        let mut list = self.list();
        let asks = list.iter().any(|fault| fault.aim.tenant.is_some() || fault.aim.user.is_some());
        let subject = if asks { subject() } else { Subject::default() };
        let index = list.iter_mut().position(|fault| fault.hits(door, (method, path), subject))?;
        let strike = list[index].strike();
        if list[index].is_over() {
            list.remove(index);
            self.count.store(list.len(), Ordering::Relaxed);
        }
        Some(strike)
    }
}

impl Fault {
    fn hits(&mut self, door: Door, request: (&Method, &str), subject: Subject) -> bool {
        if !self.aim.fits(door, request, subject) {
            return false;
        }
        let is_hit = if self.is_drawn { self.random.unit() < self.aim.share } else { self.is_due() };
        if !is_hit {
            return false;
        }
        self.times_left = self.times_left.map(|left| left.saturating_sub(1));
        true
    }

    /// Whether it is this request's turn.
    fn is_due(&mut self) -> bool {
        self.due += self.aim.share;
        // The margin absorbs the rounding of shares such as a tenth.
        if self.due < 1.0 - 1e-9 {
            return false;
        }
        self.due -= 1.0;
        true
    }

    fn strike(&mut self) -> Strike {
        let effect = Arc::clone(&self.effect);
        let latency = effect.latency.map(|latency| latency.draw(&mut self.random));
        let delay = match (effect.delay, latency) {
            (Some(delay), Some(latency)) => Some(delay + latency),
            (delay, latency) => delay.or(latency),
        };
        Strike { effect, delay }
    }

    fn is_over(&self) -> bool {
        self.times_left == Some(0)
    }

    fn to_json(&self) -> serde_json::Value {
        let mut shown = self.shown.clone();
        shown.insert("id".to_owned(), self.id.to_string().into());
        if let Some(left) = self.times_left {
            shown.insert("times".to_owned(), left.into());
        }
        shown.into()
    }
}

impl Aim {
    fn fits(&self, door: Door, (method, path): (&Method, &str), subject: Subject) -> bool {
        self.door == door
            && self.method.as_ref().is_none_or(|wanted| wanted == method)
            && self.route.as_ref().is_none_or(|route| route.fits(path))
            && self.path_prefix.as_deref().is_none_or(|prefix| path_fits(path, prefix))
            && self.tenant.is_none_or(|tenant| subject.tenant == Some(tenant))
            && self.user.is_none_or(|user| subject.user == Some(user))
    }
}

/// A prefix may leave out the first segment (`/v1.0`, or the tenant): `/me/messages` and
/// `/oauth2/v2.0/token` then name what they mean in every tenant.
fn path_fits(path: &str, prefix: &str) -> bool {
    if path.starts_with(prefix) {
        return true;
    }
    let below_first = path.get(1..).and_then(|rest| rest.find('/')).map_or("", |at| &path[at + 1..]);
    below_first.starts_with(prefix)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::record::Service;

    fn order(share: f64, times: Option<u64>) -> FaultOrder {
        let aim = Aim {
            door: Service::Graph.into(),
            method: None,
            path_prefix: None,
            route: None,
            tenant: None,
            user: None,
            share,
        };
        FaultOrder { aim, effect: Effect::default(), times, seed: None, shown: serde_json::Map::new() }
    }

    fn hits(faults: &Faults, requests: usize) -> usize {
        (0..requests)
            .filter(|_| faults.strike(Service::Graph, (&Method::GET, "/v1.0/me"), Subject::default).is_some())
            .count()
    }

    /// A share left to chance would make every test that counts failures flaky.
    #[rstest]
    #[case(1.0, 10)]
    #[case(0.5, 5)]
    #[case(0.1, 1)]
    #[case(0.3, 3)]
    fn a_share_hits_exactly_its_part_of_the_requests(#[case] share: f64, #[case] expected: usize) {
        let faults = Faults::default();
        faults.add(order(share, None));
        assert_eq!(hits(&faults, 10), expected);
    }

    /// A seed that gives other hits in every run, or the same as another seed, is no seed.
    #[test]
    fn a_seed_draws_the_hits_and_draws_them_again() {
        let drawn = |seed| {
            let faults = Faults::default();
            faults.add(FaultOrder { seed: Some(seed), ..order(0.3, None) });
            let hit =
                |_| faults.strike(Service::Graph, (&Method::GET, "/v1.0/me"), Subject::default).is_some();
            (0..1_000).map(hit).collect::<Vec<bool>>()
        };
        let hits = drawn(7).iter().filter(|hit| **hit).count();
        assert!((250..350).contains(&hits), "{hits}");
        assert_eq!(drawn(7), drawn(7));
        assert_ne!(drawn(7), drawn(8));
    }

    /// A fault that outlives its count would fail the retry that a test expects to succeed.
    #[test]
    fn a_counted_fault_ends_after_its_last_hit() {
        let faults = Faults::default();
        faults.add(order(1.0, Some(2)));
        assert_eq!(hits(&faults, 5), 2);
        assert_eq!(faults.to_json(), serde_json::json!([]));
    }

    /// A prefix that fits too much would break requests the test did not mean.
    #[rstest]
    #[case("/v1.0/me/messages", "/v1.0/me", true)]
    #[case("/v1.0/me/messages", "/me/messages", true)]
    #[case("/v1.0/me/messages", "/messages", false)]
    #[case("/contoso.example/oauth2/v2.0/token", "/oauth2/v2.0/token", true)]
    #[case("/v1.0", "/me", false)]
    fn a_prefix_fits_from_the_first_or_second_segment(
        #[case] path: &str,
        #[case] prefix: &str,
        #[case] fits: bool,
    ) {
        assert_eq!(path_fits(path, prefix), fits);
    }
}
