//! What is wanted of the simulation. The one place of this crate that reads the environment, and compiled for tests alone.

/// Which schedules to play.
pub(super) enum Wanted {
    /// This one.
    Seed(u64),
    /// So many, from the first on.
    Schedules(Option<u64>),
}

/// `SIM_SEED` names a seed, `SIM_SCHEDULES` says how many.
pub(super) fn wanted() -> Wanted {
    match number("SIM_SEED") {
        Some(seed) => Wanted::Seed(seed),
        None => Wanted::Schedules(number("SIM_SCHEDULES")),
    }
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty())?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number, and is {text}")))
}
