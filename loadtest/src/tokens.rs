//! What it costs to find out whom a token speaks for, in this very process and without HTTP around it.

use std::sync::Arc;
use std::time::Duration;

use connector_actors::clock::SystemClock;
use m365_connector::entra::{Expectations, KeyRingSettings, TokenValidator};
use m365_demo::settings;
use m365_simulator::directory::Directory;
use tokio::runtime::Handle;

use crate::child::Measured;
use crate::load::now;
use crate::scenario::{SEED, World};

/// Tokens of as many users: enough to be no longer in the processor's nearest cache.
const TOKENS: usize = 512;
const ROUNDS: usize = 201;
const SKEW: Duration = Duration::from_secs(60);

type Failure = Box<dyn std::error::Error>;

/// Mean time of one token; of the remembered ones, the median of the rounds.
pub(crate) struct TokenCosts {
    /// RS256 and every claim, and a place in the memory.
    pub(crate) new: Duration,
    /// A token that has been verified before.
    pub(crate) seen: Duration,
}

/// Verifies tokens of the simulator for the first time, then again and again.
pub(crate) async fn measure(world: &World<'_>, upstream: &Measured) -> Result<TokenCosts, Failure> {
    let validator = validator(upstream)?;
    let mut tokens = Vec::with_capacity(TOKENS);
    for user in world.users.iter().take(TOKENS + 1) {
        tokens.push(world.token(user).await?);
    }
    // The first one waits for the keys.
    validator.verify(&tokens.swap_remove(0)).await?;
    let new = round(&validator, &tokens).await?;
    let mut rounds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        rounds.push(round(&validator, &tokens).await?);
    }
    rounds.sort_unstable();
    Ok(TokenCosts { new, seen: rounds[ROUNDS / 2] })
}

fn validator(upstream: &Measured) -> Result<TokenValidator, Failure> {
    let upstream_url = format!("http://{}", upstream.address);
    let nowhere = "http://127.0.0.1:1/mcp";
    let settings = settings(nowhere, upstream.address, &upstream_url, &Directory::generate(SEED))?;
    let expectations = Expectations::new(settings.entra.client_id, settings.entra.scope.clone(), SKEW);
    let keys = KeyRingSettings::default();
    Ok(TokenValidator::start(&settings.cloud, expectations, keys, Handle::current(), Arc::new(SystemClock))?)
}

async fn round(validator: &TokenValidator, tokens: &[String]) -> Result<Duration, Failure> {
    let begin = now();
    for token in tokens {
        validator.verify(token).await?;
    }
    Ok(begin.elapsed() / u32::try_from(tokens.len())?)
}
