//! Lists of permissions, each kept once however many users hold it.

use std::sync::{Mutex, PoisonError};

use connector_actors::lease::GrantedScopes;

/// Lists that are kept. There are as many as there are kinds of consent; a list beyond these is its user's own.
const MOST: usize = 64;

/// What most users of most tenants hold is the same: a list of their own for each would be a tenth of a session, and one
/// more thing to fetch into the processor's cache in each call.
#[derive(Debug, Default)]
pub(super) struct SharedScopes(Mutex<Vec<GrantedScopes>>);

impl SharedScopes {
    /// `scopes`, or the same list that somebody else holds already.
    pub(super) fn share(&self, scopes: GrantedScopes) -> GrantedScopes {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = known.iter().find(|known| **known == scopes) {
            return same.clone();
        }
        if known.len() < MOST {
            known.push(scopes.clone());
        }
        scopes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(number: usize) -> GrantedScopes {
        GrantedScopes::parse(&format!("Mail.Read Scope.{number}"))
    }

    /// If this failed, each of a hundred thousand users would have a list of their own, or somebody else's.
    #[test]
    fn equal_lists_are_one_and_others_stay_apart() {
        let shared = SharedScopes::default();
        let (first, second) = (shared.share(numbered(1)), shared.share(numbered(1)));
        assert!(first.is_same_list(&second));
        assert_eq!(shared.share(numbered(2)), numbered(2));
    }

    /// If this failed, whoever makes up permissions could fill the memory, or would be given others.
    #[test]
    fn no_more_lists_are_kept_than_there_is_room_for() {
        let shared = SharedScopes::default();
        for number in 0..MOST * 2 {
            assert_eq!(shared.share(numbered(number)), numbered(number));
        }
        assert_eq!(shared.0.lock().unwrap().len(), MOST);
    }
}
