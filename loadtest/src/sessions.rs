//! What many sessions cost: the memory of each, and a warm call of one of them beside a call where there are few.

mod cloud;
mod signer;

use std::io::{self, Write};
use std::time::Duration;

use m365_simulator::directory::Directory;
use uuid::Uuid;

use crate::callgrind::{self, Counted, Counting};
use crate::child::Measured;
use crate::figures::Figures;
use crate::load::{self, Target};
use crate::scenario::{CONNECTIONS, SEED, granted_scopes, search};
use crate::verdict::Verdict;
use cloud::{GRAPH_TOKEN_BYTES, PreparedCloud};
use signer::{Audience, Signer};

/// The role of the measured process.
const CONNECTOR: &str = "connector-for-many";
/// Where there are few: one tenant, and no more people than a team.
const FEW: Population = Population { tenants: 1, users: 10 };
const MANY: Population = Population { tenants: 5_000, users: 100_000 };
/// Signed in at once: their tokens are held here meanwhile.
const AT_ONCE: usize = 5_000;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(3);
/// Calls whose instructions are counted, each by another user where there are as many.
const COUNTED_CALLS: usize = 500;

/// Resident bytes of one session at most.
const SESSION_TARGET: u64 = 10 * 1024;
/// How many percent more a call may cost where there are many: in instructions, and in processor time.
const INSTRUCTIONS_TARGET: f64 = 10.0;
const TIME_TARGET: f64 = 25.0;

type Failure = Box<dyn std::error::Error>;

/// Users, spread evenly over tenants.
#[derive(Debug, Clone, Copy)]
struct Population {
    tenants: usize,
    users: usize,
}

/// Where everything stands that a connector is measured with.
struct Ground {
    cloud: PreparedCloud,
    signer: Signer,
}

/// The tenants that a connector of these measurements serves.
pub(crate) fn tenant_ids(tenants: usize) -> impl Iterator<Item = Uuid> {
    (0..tenants).map(signer::tenant)
}

/// Measures and prints. Fails in the end where a target was missed.
pub(crate) async fn run() -> Result<(), Failure> {
    let mut verdict = Verdict::default();
    measure(&mut verdict).await?;
    verdict.outcome()
}

/// Measures and prints.
pub(crate) async fn measure(verdict: &mut Verdict) -> Result<(), Failure> {
    let ground = Ground::prepare()?;
    let few = ground.connector(FEW)?;
    let many = ground.connector(MANY)?;
    let few_searches = ground.sign_in(&few, FEW).await?;
    let many_searches = memory(&ground, &many, verdict).await?;
    time([(&few_searches, &few), (&many_searches, &many)], verdict).await?;
    drop(many_searches);
    few.stop()?;
    many.stop()?;
    instructions(&ground, verdict).await?;
    ground.cloud.stop().await;
    Ok(())
}

impl Ground {
    fn prepare() -> Result<Self, Failure> {
        let directory = Directory::generate(SEED);
        let from = directory.clients.first().ok_or("the directory knows no client")?.id;
        let audience = Audience {
            client_id: directory.connector.client_id.to_string(),
            scope: directory.connector.scope.to_owned(),
            from,
        };
        let signer = Signer::new(audience)?;
        Ok(Self { cloud: PreparedCloud::start(&signer)?, signer })
    }

    fn connector(&self, population: Population) -> io::Result<Measured> {
        Measured::role(CONNECTOR, &self.arguments(population, 2))
    }

    fn arguments(&self, population: Population, workers: usize) -> [String; 3] {
        [format!("http://{}", self.cloud.address), workers.to_string(), population.tenants.to_string()]
    }

    /// Lets everybody sign in, one call each, and gives the search of each.
    async fn sign_in(&self, connector: &Measured, population: Population) -> Result<Target, Failure> {
        let mut searches = Vec::with_capacity(population.users);
        let numbers: Vec<usize> = (0..population.users).collect();
        for some in numbers.chunks(AT_ONCE) {
            let tokens = self.tokens(population, some)?;
            let visits: Vec<_> = tokens.iter().map(|token| granted_scopes(connector, token)).collect();
            visit(connector, visits).await?;
            searches.extend(tokens.iter().map(|token| search(connector, token)));
        }
        Ok(Target { address: connector.address, requests: searches.into() })
    }

    /// Signing takes longest of all: every core has its share.
    fn tokens(&self, population: Population, users: &[usize]) -> io::Result<Vec<String>> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let sign = |users: &[usize]| -> io::Result<Vec<String>> {
            users
                .iter()
                .map(|user| self.signer.token(self.cloud.address, user % population.tenants, *user))
                .collect()
        };
        std::thread::scope(|scope| {
            let shares: Vec<_> = users
                .chunks(users.len().div_ceil(cores))
                .map(|share| scope.spawn(move || sign(share)))
                .collect();
            let mut tokens = Vec::with_capacity(users.len());
            for share in shares {
                tokens.extend(share.join().map_err(|_| io::Error::other("signing failed"))??);
            }
            Ok(tokens)
        })
    }
}

async fn visit(connector: &Measured, visits: Vec<Vec<u8>>) -> io::Result<()> {
    let count = visits.len();
    let target = Target { address: connector.address, requests: visits.into() };
    load::run_count(&target, CONNECTIONS.min(count), count).await.map(drop)
}

/// Signs everybody in, and compares with the server before.
async fn memory(ground: &Ground, connector: &Measured, verdict: &mut Verdict) -> Result<Target, Failure> {
    // Somebody else first: threads, pools and keys belong to the empty server.
    let stranger = ground.tokens(MANY, &[MANY.users])?;
    visit(connector, stranger.iter().map(|token| granted_scopes(connector, token)).collect()).await?;
    let empty = connector.resident()?;
    let searches = ground.sign_in(connector, MANY).await?;
    let full = connector.resident()?;
    let each = full.saturating_sub(empty) / u64::try_from(MANY.users)?;
    say(&format!(
        "{} sessions in {} tenants: {} bytes each (target {SESSION_TARGET}); tokens of {} and {GRAPH_TOKEN_BYTES} bytes; empty {} MiB, full {} MiB",
        MANY.users,
        MANY.tenants,
        each,
        stranger.first().map_or(0, String::len),
        empty >> 20,
        full >> 20,
    ))?;
    // A session that has asked Graph has meters at the gate, and its user's time zone.
    load::run_count(&searches, CONNECTIONS, MANY.users).await?;
    let working = connector.resident()?;
    let each_working = working.saturating_sub(empty) / u64::try_from(MANY.users)?;
    say(&format!("  after a search of each: {each_working} bytes each; {} MiB", working >> 20))?;
    verdict.note("memory of a session", each <= SESSION_TARGET);
    verdict.note("memory of a session that has searched", each_working <= SESSION_TARGET);
    Ok(searches)
}

/// Rounds in turn, over all sessions of each.
async fn time(sides: [(&Target, &Measured); 2], verdict: &mut Verdict) -> Result<(), Failure> {
    let mut measured = [(Vec::new(), Duration::ZERO), (Vec::new(), Duration::ZERO)];
    for (target, _) in sides {
        // Once round all users, so that every session has been read with.
        load::run_count(target, FEW.users, target.requests.len()).await?;
    }
    for _ in 0..ROUNDS {
        for ((target, server), (rounds, cpu)) in sides.into_iter().zip(&mut measured) {
            let before = server.cpu_time()?;
            rounds.push(load::run_for(target, FEW.users, ROUND).await?);
            *cpu += server.cpu_time()?.saturating_sub(before);
        }
    }
    let [few, many] = measured.map(|(rounds, cpu)| Figures::of(&rounds, cpu));
    say(&format!(
        "warm call, {} connections, load over all sessions, {ROUNDS} rounds of {} s in turn",
        FEW.users,
        ROUND.as_secs()
    ))?;
    say(&format!("  {:>6} sessions  {few}", FEW.users))?;
    say(&format!("  {:>6} sessions  {many}", MANY.users))?;
    let more_time = percent_more(nanoseconds(few.cpu_per_call), nanoseconds(many.cpu_per_call));
    let more_wait = percent_more(nanoseconds(few.p50), nanoseconds(many.p50));
    verdict.note("processor time of a call among many sessions", more_time <= TIME_TARGET);
    verdict.note("median time of a call among many sessions", more_wait <= TIME_TARGET);
    say(&format!(
        "  where there are many: {more_time:.1} % more processor time (target {TIME_TARGET} %), {more_wait:.1} % more at the median, {:.2} of the requests/s",
        many.rate / few.rate,
    ))
}

/// Counted only while the measured calls run.
async fn instructions(ground: &Ground, verdict: &mut Verdict) -> Result<(), Failure> {
    if !callgrind::is_there("instructions of a warm call among many sessions")? {
        return Ok(());
    }
    let few = counted(ground, FEW).await?;
    let many = counted(ground, MANY).await?;
    let more = percent_more(few, many);
    verdict.note("instructions of a call among many sessions", more <= INSTRUCTIONS_TARGET);
    say(&format!(
        "instructions of a warm call: {few} with {} sessions, {many} with {} in {} tenants: {more:.1} % more (target {INSTRUCTIONS_TARGET} %; callgrind, {COUNTED_CALLS} calls)",
        FEW.users, MANY.users, MANY.tenants,
    ))
}

async fn counted(ground: &Ground, population: Population) -> Result<u64, Failure> {
    let connector = Counted::role(CONNECTOR, &ground.arguments(population, 1), Counting::OnDemand)?;
    let searches = ground.sign_in(&connector.process, population).await?;
    let calls = from_all_places(&searches, COUNTED_CALLS);
    // Once before it is counted: a session's first search makes what the next ones find.
    load::run_count(&calls, 1, COUNTED_CALLS).await?;
    connector.go()?;
    load::run_count(&calls, 1, COUNTED_CALLS).await?;
    connector.pause()?;
    Ok(connector.stop()? / u64::try_from(COUNTED_CALLS)?)
}

/// About so many of the requests, out of all.
fn from_all_places(all: &Target, count: usize) -> Target {
    // One more than evenly, so that it is no multiple of the tenants, and each request is of another one.
    let step = all.requests.len() / count + 1;
    Target { address: all.address, requests: all.requests.iter().step_by(step).cloned().collect() }
}

#[expect(clippy::cast_precision_loss, reason = "printed with one decimal")]
fn percent_more(few: u64, many: u64) -> f64 {
    (many as f64 / few.max(1) as f64 - 1.0) * 100.0
}

fn nanoseconds(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

fn say(line: &str) -> Result<(), Failure> {
    Ok(writeln!(io::stdout(), "{line}")?)
}
