//! Finds clients that ask for the same again and again instead of keeping what they got.

use aws_lc_rs::digest::{SHA256, digest};

use super::policies::LOOP_WINDOW_S;
use super::windows::Windows;

/// Counts identical requests. Times are seconds since 1970.
#[derive(Debug, Default)]
pub(crate) struct Loops {
    seen: Windows<[u8; 32]>,
}

impl Loops {
    /// Counts a request of these parts, and tells whether it is one too many. With a limit of 0 none is.
    pub(crate) fn is_one_too_many(&self, parts: &[&str], limit: u32, now: i64) -> bool {
        if limit == 0 {
            return false;
        }
        let hash = digest(&SHA256, parts.join("\n").as_bytes());
        let Ok(key) = <[u8; 32]>::try_from(hash.as_ref()) else { return false };
        self.seen.count(key, LOOP_WINDOW_S, now).times > limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A loop that is never over would lock a client out that has learned its lesson.
    #[test]
    fn a_loop_is_over_when_its_window_is() {
        let loops = Loops::default();
        assert!(!loops.is_one_too_many(&["a"], 1, 0));
        assert!(loops.is_one_too_many(&["a"], 1, 1));
        assert!(!loops.is_one_too_many(&["b"], 1, 1));
        assert!(!loops.is_one_too_many(&["a"], 1, LOOP_WINDOW_S));
    }
}
