//! Deficit round robin: whose turn it is, where turns cost differently.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// What a turn earns. As little as the cheapest request costs, so that turns are short and nobody waits long.
const EARNED: i64 = 1;
/// How far into debt somebody quiet may go before it waits like the others: a handful of requests that come together.
const QUIET_DEBT: i64 = 4;

/// Those who take turns, each with what they wait with. Who has credit goes; what it costs is taken from the credit, below
/// nothing if need be, and earned back turn by turn. So all get the same units, whatever one request of theirs costs. Who
/// comes after a quiet time goes before the others, on credit: it does not wait for whole rounds of noisy ones, and pays
/// in turns later.
#[derive(Debug)]
pub(super) struct Round<K, Q> {
    members: HashMap<K, Member<Q>>,
    /// Who was quiet until now and has not used up that credit: who owes least goes first, and of equals who came first.
    quiet: VecDeque<K>,
    /// The others, the next one first.
    turns: VecDeque<K>,
}

#[derive(Debug, Default)]
struct Member<Q> {
    credit: i64,
    /// It waits for nothing, and is here to pay its debt.
    pays: bool,
    queue: Q,
}

impl<K, Q> Default for Round<K, Q> {
    fn default() -> Self {
        Self { members: HashMap::new(), quiet: VecDeque::new(), turns: VecDeque::new() }
    }
}

impl<K: Copy + Eq + Hash, Q: Default> Round<K, Q> {
    /// What `key` waits with, from now on.
    pub(super) fn enter(&mut self, key: K) -> &mut Q {
        let member = self.members.entry(key).or_insert_with(|| Member {
            credit: EARNED,
            pays: true,
            queue: Q::default(),
        });
        let was_quiet = member.pays && member.credit > -QUIET_DEBT;
        member.pays = false;
        if was_quiet {
            self.turns.retain(|other| *other != key);
            self.line_up(key);
        }
        &mut self.members.entry(key).or_default().queue
    }

    pub(super) fn get(&self, key: K) -> Option<&Q> {
        self.members.get(&key).map(|member| &member.queue)
    }

    pub(super) fn get_mut(&mut self, key: K) -> Option<&mut Q> {
        self.members.get_mut(&key).map(|member| &mut member.queue)
    }

    pub(super) fn queues(&self) -> impl Iterator<Item = (&K, &Q)> {
        self.members.iter().map(|(key, member)| (key, &member.queue))
    }

    /// Whose turn it is among those who wait. Who waits for nothing stays while in debt, and is forgotten after that.
    pub(super) fn next(&mut self, waits: impl Fn(&Q) -> bool) -> Option<K> {
        if !self.members.values().any(|member| waits(&member.queue)) {
            return None;
        }
        while let Some(key) = self.quiet.front().copied() {
            let Some(member) = self.members.get_mut(&key) else {
                self.quiet.pop_front();
                continue;
            };
            if waits(&member.queue) {
                return Some(key);
            }
            self.quiet.pop_front();
            if member.credit > 0 {
                self.members.remove(&key);
            } else {
                member.pays = true;
                self.turns.push_back(key);
            }
        }
        loop {
            let key = *self.turns.front()?;
            let member = self.members.get_mut(&key)?;
            if member.credit <= 0 {
                member.credit += EARNED;
                member.pays = !waits(&member.queue);
                self.turns.rotate_left(1);
            } else if waits(&member.queue) {
                return Some(key);
            } else {
                self.members.remove(&key);
                self.turns.pop_front();
            }
        }
    }

    /// How many turns it takes until `key` may go: one where it is quiet or owes nothing.
    pub(super) fn turns_until(&self, key: K) -> u64 {
        let credit = self.members.get(&key).map_or(EARNED, |member| member.credit);
        if credit > -QUIET_DEBT { 1 } else { credit.unsigned_abs() + 1 }
    }

    /// `key` has had a turn that cost so many units.
    pub(super) fn charge(&mut self, key: K, units: u64) {
        let Some(member) = self.members.get_mut(&key) else { return };
        member.credit = member.credit.saturating_sub_unsigned(units);
        let is_quiet_still = member.credit > -QUIET_DEBT;
        let Some(place) = self.quiet.iter().position(|other| *other == key) else { return };
        self.quiet.remove(place);
        if is_quiet_still {
            self.line_up(key);
        } else {
            self.turns.push_back(key);
        }
    }

    /// Puts `key` behind all of the quiet ones who owe no more than it does.
    fn line_up(&mut self, key: K) {
        let credit = |key: &K| self.members.get(key).map_or(0, |member| member.credit);
        let own = credit(&key);
        let place = self.quiet.iter().position(|other| credit(other) < own).unwrap_or(self.quiet.len());
        self.quiet.insert(place, key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Somebody whose requests cost five times as much would get five times as much.
    #[test]
    fn everybody_gets_the_same_units() {
        let costs = [('a', 1_u64), ('b', 2), ('c', 5)];
        let mut round: Round<char, bool> = Round::default();
        for (key, _) in costs {
            *round.enter(key) = true;
        }
        let mut had: HashMap<char, u64> = HashMap::new();
        for _ in 0..1_700 {
            let key = round.next(|waits| *waits).unwrap();
            let cost = costs.iter().find(|(known, _)| *known == key).unwrap().1;
            round.charge(key, cost);
            *had.entry(key).or_default() += cost;
        }
        assert!(had.values().all(|units| (990..=1_010).contains(units)), "{had:?}");
    }

    /// Who has left would be remembered for ever.
    #[test]
    fn who_waits_for_nothing_is_forgotten_when_the_debt_is_paid() {
        let mut round: Round<char, bool> = Round::default();
        *round.enter('a') = true;
        *round.enter('b') = true;
        assert_eq!(round.next(|waits| *waits), Some('a'));
        round.charge('a', 3);
        *round.enter('a') = false;
        let mut turns = 0;
        while round.get('a').is_some() {
            assert_eq!(round.next(|waits| *waits), Some('b'));
            round.charge('b', 1);
            turns += 1;
            assert!(turns < 20, "a debt of two is paid in as many rounds");
        }
        assert!(turns > 2, "{turns}");
        *round.enter('b') = false;
        assert_eq!(round.next(|waits| *waits), None);
    }

    /// Whoever asks for little would wait as long as those who ask for all they can get.
    #[test]
    fn who_was_quiet_goes_first_and_pays_later() {
        let mut round: Round<char, bool> = Round::default();
        for noisy in ['a', 'b', 'c'] {
            *round.enter(noisy) = true;
        }
        let turn = |round: &mut Round<char, bool>| {
            let key = round.next(|waits| *waits).unwrap();
            round.charge(key, 1);
            key
        };
        for _ in 0..30 {
            turn(&mut round);
        }
        *round.enter('q') = true;
        let first: Vec<char> = (0..5).map(|_| turn(&mut round)).collect();
        assert_eq!(first, ['q'; 5]);
        let later: Vec<char> = (0..12).map(|_| turn(&mut round)).collect();
        assert!(!later.contains(&'q'), "{later:?}");
    }
}
