//! One schedule, from its seed to its rest.

use std::fmt;

use super::books::Broken;
use super::played::Played;
use super::sabotage::Sabotage;
use super::world::World;

/// More happenings than any schedule has that comes to rest.
const MOST_HAPPENINGS: usize = 50_000;
/// Of a broken schedule, the latest happenings are told.
const TOLD: usize = 60;

/// A schedule that broke a promise.
#[derive(Debug)]
pub(super) struct BrokenSchedule {
    seed: u64,
    pub(super) broken: Broken,
    latest: Vec<String>,
}

impl fmt::Display for BrokenSchedule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.broken)?;
        self.latest.iter().try_for_each(|line| writeln!(out, "  {line}"))?;
        write!(out, "SIM_SEED={} make sim tells it again", self.seed)
    }
}

pub(super) fn play(seed: u64) -> Result<Played, Box<BrokenSchedule>> {
    play_with(seed, None)
}

/// Plays a schedule in which something is done wrong on purpose.
pub(super) fn play_with(seed: u64, sabotage: Option<Sabotage>) -> Result<Played, Box<BrokenSchedule>> {
    let mut world = World::begin(seed, sabotage);
    match to_its_rest(&mut world) {
        Ok(()) => Ok(world.played()),
        Err(broken) => Err(Box::new(BrokenSchedule { seed, broken, latest: world.latest(TOLD) })),
    }
}

fn to_its_rest(world: &mut World) -> Result<(), Broken> {
    for _ in 0..MOST_HAPPENINGS {
        if !world.go_on()? {
            return world.rest();
        }
    }
    Err(Broken::NoRest)
}
