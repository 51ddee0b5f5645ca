//! A bounded map that forgets by generations: cheap to read, and never larger than twice its bound.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Entries are written to the young generation. When its weight would pass the bound it becomes the old one, and what
/// was old is dropped. An old entry that is asked for is young again, so that what is in use stays.
#[derive(Debug)]
pub(crate) struct Cache<K, V> {
    /// In the unit of the weights given to [`Cache::insert`].
    bound: usize,
    heaviest: usize,
    generations: RwLock<Generations<K, V>>,
}

#[derive(Debug)]
struct Generations<K, V> {
    young: Generation<K, V>,
    old: Generation<K, V>,
    /// Of the young one.
    weight: usize,
}

type Generation<K, V> = HashMap<K, Kept<V>>;

#[derive(Debug)]
struct Kept<V> {
    value: V,
    weight: usize,
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    /// Keeps nothing that alone would take more than a sixteenth of the bound: it would push out many others.
    pub(crate) fn bounded(bound: usize) -> Self {
        Self::keeping(bound, bound / 16)
    }

    /// Keeps whatever comes, however heavy, since it is needed again at once: what passes the bound has a generation of
    /// its own.
    pub(crate) fn of_any_weight(bound: usize) -> Self {
        Self::keeping(bound, usize::MAX)
    }

    fn keeping(bound: usize, heaviest: usize) -> Self {
        let generations = Generations { young: HashMap::new(), old: HashMap::new(), weight: 0 };
        Self { bound, heaviest, generations: RwLock::new(generations) }
    }

    pub(crate) fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let generations = self.read();
        if let Some(kept) = generations.young.get(key) {
            return Some(kept.value.clone());
        }
        let is_old = generations.old.contains_key(key);
        drop(generations);
        if is_old { self.made_young(key) } else { None }
    }

    fn made_young<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let mut generations = self.write();
        let Some((key, kept)) = generations.old.remove_entry(key) else {
            // Somebody else was quicker.
            return generations.young.get(key).map(|kept| kept.value.clone());
        };
        let value = kept.value.clone();
        let forgotten = generations.admit(key, kept, self.bound);
        drop(generations);
        drop(forgotten);
        Some(value)
    }

    /// Keeps `value`, unless it is too heavy.
    pub(crate) fn insert(&self, key: K, value: V, weight: usize) {
        if weight > self.heaviest {
            return;
        }
        let mut generations = self.write();
        let forgotten = generations.admit(key, Kept { value, weight }, self.bound);
        drop(generations);
        drop(forgotten);
    }

    /// How many entries are kept.
    pub(crate) fn len(&self) -> usize {
        let generations = self.read();
        generations.young.len() + generations.old.len()
    }

    fn read(&self) -> RwLockReadGuard<'_, Generations<K, V>> {
        self.generations.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Generations<K, V>> {
        self.generations.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash, V> Generations<K, V> {
    /// Returns what is forgotten for it, to be dropped once nobody waits for the lock: it may be much.
    #[must_use]
    fn admit(&mut self, key: K, kept: Kept<V>, bound: usize) -> Generation<K, V> {
        let mut forgotten = HashMap::new();
        if self.weight.saturating_add(kept.weight) > bound {
            forgotten = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
            self.weight = 0;
        }
        self.weight = self.weight.saturating_add(kept.weight);
        if let Some(former) = self.young.insert(key, kept) {
            self.weight = self.weight.saturating_sub(former.weight);
        }
        forgotten
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Cache;

    /// Fails when a sweep over many mailboxes would grow the simulator without end.
    #[test]
    fn it_never_holds_more_than_two_generations() {
        let cache = Cache::bounded(32);
        for number in 0..1_000 {
            cache.insert(number, number, 1);
        }
        let kept = cache.len();
        assert!((32..=64).contains(&kept), "kept {kept}");
        assert_eq!(cache.get(&999), Some(999));
        assert_eq!(cache.get(&0), None);
    }

    /// Fails when a mailbox that is read all the time is generated again and again because others pass by.
    #[test]
    fn what_is_asked_for_in_between_stays() {
        let cache = Cache::bounded(32);
        cache.insert(0, "in use", 1);
        for number in 1..1_000 {
            cache.insert(number, "passing by", 1);
            assert_eq!(cache.get(&0), Some("in use"), "after {number}");
        }
        assert!(cache.len() <= 64, "kept {}", cache.len());
    }

    /// Fails when reading back and forth between the generations adds up what is there only once.
    #[test]
    fn what_is_read_again_and_again_is_kept_once() {
        let cache = Cache::bounded(32);
        for number in (0..48).cycle().take(10_000) {
            if cache.get(&number).is_none() {
                cache.insert(number, number, 1);
            }
        }
        assert_eq!(cache.len(), 48);
    }

    /// Fails when one huge page could push everything else out, or when a huge tenant is made anew for every request.
    #[rstest]
    #[case(Cache::bounded(32), 2, Some(()))]
    #[case(Cache::bounded(32), 3, None)]
    #[case(Cache::of_any_weight(32), 1_000, Some(()))]
    fn it_keeps_what_is_not_too_heavy(
        #[case] cache: Cache<&str, ()>,
        #[case] weight: usize,
        #[case] kept: Option<()>,
    ) {
        cache.insert("page", (), weight);
        assert_eq!(cache.get("page"), kept);
    }

    /// Fails when several that are each heavier than the bound stay side by side.
    #[test]
    fn of_those_that_pass_the_bound_two_are_kept() {
        let cache = Cache::of_any_weight(32);
        (0..10).for_each(|number| cache.insert(number, number, 1_000));
        assert_eq!((cache.len(), cache.get(&9), cache.get(&8)), (2, Some(9), Some(8)));
    }
}
