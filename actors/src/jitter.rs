//! Chance, so that what began together does not go on together.

use std::fmt;

/// Port: where randomness for the spreading of work comes from.
pub trait Jitter: Send + Sync + fmt::Debug {
    /// A number in `0.0..1.0`, evenly spread.
    fn fraction(&self) -> f64;
}

/// The machine's random numbers.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomJitter;

impl Jitter for RandomJitter {
    fn fraction(&self) -> f64 {
        let mut bytes = [0; 4];
        if aws_lc_rs::rand::fill(&mut bytes).is_err() {
            return 0.5;
        }
        f64::from(u32::from_ne_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
    }
}
