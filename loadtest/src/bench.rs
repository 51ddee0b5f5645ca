//! The measurement itself: rounds in turn, then memory, then instructions, then many sessions.

use std::io::{self, Write};
use std::time::Duration;

use reqwest::Client;

use crate::callgrind::{self, Counted, Counting};
use crate::child::Measured;
use crate::figures::Figures;
use crate::load::{self, Round, Target};
use crate::scenario::{CONNECTIONS, CROWD, GraphRequest, User, WARM_USERS, World, granted_scopes, search};
use crate::sessions;
use crate::tokens;
use crate::verdict::Verdict;

const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_secs(3);
const WARM_UP: Duration = Duration::from_secs(1);
const IDLE_USERS: usize = 10_000;
/// Calls under callgrind: the difference of the two runs is what their difference in calls costs.
const FEW_CALLS: usize = 100;
const MANY_CALLS: usize = 600;

/// Few enough to be signed in quickly, and enough to stay below the limit for one mailbox.
const COUNTED_USERS: usize = 16;

/// The requests/s that the connector must reach, as a share of the pass-through's.
const RATE_TARGET: f64 = 0.55;
/// Resident bytes of one signed-in, idle user at most.
const IDLE_TARGET: u64 = 10 * 1024;

/// What all telemetry may add to the instructions of a warm call, in percent.
const TELEMETRY_TARGET: u64 = 15;

/// Longer than any measurement.
const SESSION_IDLE_S: u64 = 15 * 60;

/// What a token that has been seen before may cost.
const SEEN_TOKEN_TARGET: Duration = Duration::from_micros(3);

type Failure = Box<dyn std::error::Error>;

/// Measures and prints. Fails in the end where a target was missed.
pub(crate) async fn run() -> Result<(), Failure> {
    // No pooled connections: between two questions minutes may pass, and the server closes idle ones.
    let http = Client::builder().pool_max_idle_per_host(0).build()?;
    let upstream = Measured::role("upstream", &[CROWD.to_string()])?;
    let world = World::look(&http, upstream.address).await?;
    let mut verdict = Verdict::default();
    token_costs(&world, &upstream, &mut verdict).await?;
    warm_call(&world, &upstream, &mut verdict).await?;
    idle_users(&world, &upstream, &mut verdict).await?;
    instructions(&world, &upstream, &mut verdict).await?;
    upstream.stop()?;
    sessions::measure(&mut verdict).await?;
    verdict.outcome()
}

/// One part of it alone: what telemetry costs a warm call.
pub(crate) async fn run_instructions() -> Result<(), Failure> {
    let http = Client::builder().pool_max_idle_per_host(0).build()?;
    let upstream = Measured::role("upstream", &[CROWD.to_string()])?;
    let mut verdict = Verdict::default();
    instructions(&World::look(&http, upstream.address).await?, &upstream, &mut verdict).await?;
    upstream.stop()?;
    verdict.outcome()
}

/// In this process, so that no HTTP is measured along.
async fn token_costs(world: &World<'_>, upstream: &Measured, verdict: &mut Verdict) -> Result<(), Failure> {
    let costs = tokens::measure(world, upstream).await?;
    verdict.note("validation of a token seen before", costs.seen <= SEEN_TOKEN_TARGET);
    say(&format!(
        "validation of a token    seen before {:.2} µs (target {:.0} µs)   new {:.1} µs",
        microseconds(costs.seen),
        microseconds(SEEN_TOKEN_TARGET),
        microseconds(costs.new),
    ))?;
    Ok(())
}

fn microseconds(span: Duration) -> f64 {
    span.as_secs_f64() * 1e6
}

/// Alternates rounds of the two servers, so that both meet the same machine.
async fn warm_call(world: &World<'_>, upstream: &Measured, verdict: &mut Verdict) -> Result<(), Failure> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).to_string();
    let connector = Measured::role("connector", &arguments(upstream, &workers, "locally"))?;
    let through_connector = searches(world, &connector, WARM_USERS).await?;
    let asked = serde_json::to_string(&graph_request(&connector, &through_connector, world).await?)?;
    let passthrough = Measured::role("passthrough", &[upstream.address.to_string(), asked, workers])?;
    let through_nothing = Target { address: passthrough.address, ..through_connector.clone() };

    let mut measured =
        [Contestant::new(&through_nothing, &passthrough), Contestant::new(&through_connector, &connector)];
    for contestant in &measured {
        // Once round all users, so that every one of them is signed in.
        load::run_count(contestant.target, CONNECTIONS, WARM_USERS).await?;
        load::run_for(contestant.target, CONNECTIONS, WARM_UP).await?;
    }
    for _ in 0..ROUNDS {
        for contestant in &mut measured {
            contestant.round().await?;
        }
    }
    let [bare, ours] = measured.map(Contestant::figures);
    say(&format!(
        "warm outlook_email_search, 10 messages, {CONNECTIONS} connections, {ROUNDS} rounds of {} s in turn",
        ROUND.as_secs()
    ))?;
    say(&format!("  pass-through  {bare}"))?;
    say(&format!("  connector     {ours}"))?;
    let rate = ours.rate / bare.rate;
    let cpu = ours.cpu_per_call.as_secs_f64() / bare.cpu_per_call.as_secs_f64();
    let times = |ours: Duration, bare: Duration| ours.as_secs_f64() / bare.as_secs_f64();
    let (p50, p99) = (times(ours.p50, bare.p50), times(ours.p99, bare.p99));
    say(&format!(
        "  ratio         requests/s {rate:.3} (target {RATE_TARGET:.2})   p50 {p50:.2}   p99 {p99:.2}   CPU per call {cpu:.2}"
    ))?;
    verdict.note("requests/s of the pass-through", rate >= RATE_TARGET);
    connector.stop()?;
    passthrough.stop()?;
    Ok(())
}

/// The searches of the first so many users.
async fn searches(world: &World<'_>, connector: &Measured, users: usize) -> Result<Target, Failure> {
    let mut requests = Vec::with_capacity(users);
    for user in world.users.iter().take(users) {
        requests.push(search(connector, &world.token(user).await?));
    }
    Ok(Target { address: connector.address, requests: requests.into() })
}

/// One of the two servers, and what its rounds measured.
struct Contestant<'a> {
    target: &'a Target,
    server: &'a Measured,
    rounds: Vec<Round>,
    cpu: Duration,
}

impl<'a> Contestant<'a> {
    fn new(target: &'a Target, server: &'a Measured) -> Self {
        Self { target, server, rounds: Vec::new(), cpu: Duration::ZERO }
    }

    async fn round(&mut self) -> io::Result<()> {
        let before = self.server.cpu_time()?;
        self.rounds.push(load::run_for(self.target, CONNECTIONS, ROUND).await?);
        self.cpu += self.server.cpu_time()?.saturating_sub(before);
        Ok(())
    }

    fn figures(self) -> Figures {
        Figures::of(&self.rounds, self.cpu)
    }
}

/// The very request that the connector makes, from the simulator's record, so that both ask for the same bytes in the same
/// words.
async fn graph_request(
    connector: &Measured,
    call: &Target,
    world: &World<'_>,
) -> Result<GraphRequest, Failure> {
    // Once before: a new session asks for the user's time zone, too.
    load::run_count(call, 1, 1).await?;
    world.record(true).await?;
    load::run_count(call, 1, 1).await?;
    let asked = world.last_graph_request().await?;
    world.record(false).await?;
    asked.ok_or_else(|| format!("the connector at {} asked Graph for nothing", connector.address).into())
}

/// Signs in many users, one call each, and compares the memory with that of the empty server.
async fn idle_users(world: &World<'_>, upstream: &Measured, verdict: &mut Verdict) -> Result<(), Failure> {
    let connector = Measured::role("connector", &arguments(upstream, "2", "locally"))?;
    // One user first: threads, pools and keys belong to the empty server.
    let mut users = world.users.iter();
    sign_in(world, &connector, users.by_ref().take(1)).await?;
    let empty = connector.resident()?;
    sign_in(world, &connector, users.take(IDLE_USERS)).await?;
    let full = connector.resident()?;
    let each = full.saturating_sub(empty) / u64::try_from(IDLE_USERS)?;
    say(&format!(
        "{IDLE_USERS} users signed in and idle: {:.1} KiB each beyond the empty server (target {} KiB); empty {} MiB, full {} MiB",
        kib(each),
        IDLE_TARGET / 1024,
        empty >> 20,
        full >> 20,
    ))?;
    verdict.note("memory of an idle user", each <= IDLE_TARGET);
    connector.stop()?;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "printed with one decimal")]
fn kib(bytes: u64) -> f64 {
    bytes as f64 / 1024.0
}

async fn sign_in(
    world: &World<'_>,
    connector: &Measured,
    users: impl Iterator<Item = &User>,
) -> Result<(), Failure> {
    for user in users {
        let requests = vec![granted_scopes(connector, &world.token(user).await?)];
        load::run_count(&Target { address: connector.address, requests: requests.into() }, 1, 1).await?;
    }
    Ok(())
}

/// What a connector of `bench` is started with.
fn arguments(upstream: &Measured, workers: &str, told: &str) -> [String; 5] {
    let simulator = format!("http://{}", upstream.address);
    [simulator, workers.to_owned(), CROWD.to_string(), told.to_owned(), SESSION_IDLE_S.to_string()]
}

/// Instructions of one warm call, where valgrind is installed, with all telemetry and with none.
async fn instructions(world: &World<'_>, upstream: &Measured, verdict: &mut Verdict) -> Result<(), Failure> {
    if !callgrind::is_there("instructions of a warm call")? {
        return Ok(());
    }
    let collector = Measured::role("collector", &[])?;
    let without = each_call(world, upstream, "nothing").await?;
    let local = each_call(world, upstream, "locally").await?;
    let with = each_call(world, upstream, &format!("http://{}", collector.address)).await?;
    collector.stop()?;
    let more = with.saturating_sub(without) * 1_000 / without.max(1);
    say(&format!(
        "instructions of a warm call: {with} with all telemetry, {local} with metrics and JSON logs alone, {without} with none: {}.{} % more (target {TELEMETRY_TARGET} %; callgrind, {FEW_CALLS} against {MANY_CALLS} calls)",
        more / 10,
        more % 10,
    ))?;
    verdict.note("instructions of telemetry", more <= TELEMETRY_TARGET * 10);
    Ok(())
}

/// Two runs, their difference divided by its calls.
async fn each_call(world: &World<'_>, upstream: &Measured, told: &str) -> Result<u64, Failure> {
    let few = counted(world, upstream, told, FEW_CALLS).await?;
    let many = counted(world, upstream, told, MANY_CALLS).await?;
    Ok(many.saturating_sub(few) / u64::try_from(MANY_CALLS - FEW_CALLS)?)
}

async fn counted(world: &World<'_>, upstream: &Measured, told: &str, calls: usize) -> Result<u64, Failure> {
    let connector = Counted::role("connector", &arguments(upstream, "1", told), Counting::Always)?;
    load::run_count(&searches(world, &connector.process, COUNTED_USERS).await?, 1, calls).await?;
    Ok(connector.stop()?)
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}
