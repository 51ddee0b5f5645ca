//! What stands for the placeholders of the topics.

use super::{cast, topics};
use crate::directory::random::SplitMix64;

/// What stands for the `{…}` of one thread.
pub(super) struct Filling {
    pub(super) project: &'static str,
    supplier: &'static str,
    month: &'static str,
    amount: String,
    number: u64,
}

impl Filling {
    pub(super) fn new(random: &mut SplitMix64) -> Self {
        Self {
            project: random.pick(topics::PROJECTS),
            supplier: random.pick(cast::SUPPLIERS),
            month: random.pick(topics::MONTHS),
            amount: format!("{},{:03} EUR", 1 + random.below(98), random.below(1_000)),
            number: 10_000 + random.below(80_000),
        }
    }

    pub(super) fn fill(&self, template: &str) -> String {
        template
            .replace("{project}", self.project)
            .replace("{supplier}", self.supplier)
            .replace("{month}", self.month)
            .replace("{amount}", &self.amount)
            .replace("{number}", &self.number.to_string())
    }
}
