//! Faults on demand: which requests go wrong, and how.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use uuid::Uuid;

use crate::record::Service;

/// What goes wrong. Every part that is set takes effect, in this order: the delay, the reset, the status
/// instead of the real answer, the body instead of that answer's body, the headers in place of its own.
#[derive(Debug, Default)]
pub(crate) struct Effect {
    pub(crate) delay: Option<Duration>,
    pub(crate) reset: bool,
    pub(crate) status: Option<u16>,
    pub(crate) body: Option<Bytes>,
    pub(crate) headers: Vec<(String, String)>,
}

/// Which requests a fault is for. An absent part fits every request.
#[derive(Debug)]
pub(crate) struct Aim {
    pub(crate) service: Service,
    pub(crate) path_prefix: Option<String>,
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
        let FaultOrder { aim, effect, times, shown } = order;
        let mut list = self.list();
        list.push(Fault { id, aim, effect: Arc::new(effect), times_left: times, due: 0.0, shown });
        self.count.store(list.len(), Ordering::Relaxed);
        id
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
        service: Service,
        path: &str,
        subject: impl FnOnce() -> Subject,
    ) -> Option<Arc<Effect>> {
        if self.count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let mut list = self.list();
        let asks = list.iter().any(|fault| fault.aim.tenant.is_some() || fault.aim.user.is_some());
        let subject = if asks { subject() } else { Subject::default() };
        let index = list.iter_mut().position(|fault| fault.hits(service, path, subject))?;
        let effect = Arc::clone(&list[index].effect);
        if list[index].is_over() {
            list.remove(index);
            self.count.store(list.len(), Ordering::Relaxed);
        }
        Some(effect)
    }
}

impl Fault {
    fn hits(&mut self, service: Service, path: &str, subject: Subject) -> bool {
        if !self.aim.fits(service, path, subject) {
            return false;
        }
        // The margin absorbs the rounding of shares such as a tenth.
        self.due += self.aim.share;
        if self.due < 1.0 - 1e-9 {
            return false;
        }
        self.due -= 1.0;
        self.times_left = self.times_left.map(|left| left.saturating_sub(1));
        true
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
    fn fits(&self, service: Service, path: &str, subject: Subject) -> bool {
        self.service == service
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

    fn order(share: f64, times: Option<u64>) -> FaultOrder {
        let aim = Aim { service: Service::Graph, path_prefix: None, tenant: None, user: None, share };
        FaultOrder { aim, effect: Effect::default(), times, shown: serde_json::Map::new() }
    }

    fn hits(faults: &Faults, requests: usize) -> usize {
        (0..requests)
            .filter(|_| faults.strike(Service::Graph, "/v1.0/me", Subject::default).is_some())
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
