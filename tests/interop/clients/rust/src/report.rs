//! What the runner is told: one line a check, and whether all of them held.

use std::fmt::Display;

#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) failed: bool,
}

impl Report {
    /// Says whether `sentence` held, and hands on what it brought.
    pub(crate) fn check<T, E: Display>(&mut self, sentence: &str, result: Result<T, E>) -> Option<T> {
        match result {
            Ok(value) => {
                println!("ok {sentence}");
                Some(value)
            }
            Err(reason) => {
                self.failed = true;
                let reason: String = reason.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
                println!("not ok {sentence}: {}", reason.chars().take(600).collect::<String>());
                None
            }
        }
    }
}
