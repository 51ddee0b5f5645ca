//! A bounded map that forgets by generations: cheap to read, and never larger than twice its bound.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{PoisonError, RwLock};

/// Entries are written to the young generation. When its weight reaches the bound it becomes the old one, and what
/// was old is dropped.
#[derive(Debug)]
pub(super) struct Cache<K, V> {
    /// In the unit of the weights given to [`Cache::insert`].
    bound: usize,
    generations: RwLock<Generations<K, V>>,
}

#[derive(Debug)]
struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    weight: usize,
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    pub(super) fn bounded(bound: usize) -> Self {
        let generations = Generations { young: HashMap::new(), old: HashMap::new(), weight: 0 };
        Self { bound, generations: RwLock::new(generations) }
    }

    pub(super) fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let generations = self.generations.read().unwrap_or_else(PoisonError::into_inner);
        generations.young.get(key).or_else(|| generations.old.get(key)).cloned()
    }

    /// Keeps `value`, unless it alone would take more than a sixteenth of the bound.
    pub(super) fn insert(&self, key: K, value: V, weight: usize) {
        if weight > self.bound / 16 {
            return;
        }
        let mut generations = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        if generations.weight + weight > self.bound {
            generations.old = std::mem::take(&mut generations.young);
            generations.weight = 0;
        }
        if generations.young.insert(key, value).is_none() {
            generations.weight += weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cache;

    /// Fails when a sweep over many mailboxes would grow the simulator without end.
    #[test]
    fn it_never_holds_more_than_two_generations() {
        let cache = Cache::bounded(32);
        for number in 0..1_000 {
            cache.insert(number, number, 1);
        }
        let kept = (0..1_000).filter(|number| cache.get(number).is_some()).count();
        assert!((32..=64).contains(&kept), "kept {kept}");
        assert_eq!(cache.get(&999), Some(999));
        assert_eq!(cache.get(&0), None);
    }

    /// Fails when one huge page could push everything else out.
    #[test]
    fn it_does_not_keep_what_is_too_large() {
        let cache = Cache::bounded(32);
        cache.insert("page", (), 3);
        assert_eq!(cache.get("page"), None);
    }
}
