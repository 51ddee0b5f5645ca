//! `make bench-simulator`: what a prepared answer costs beside a bare handler that sends the same bytes, and how much
//! memory a thousand tenants take, and five thousand. The servers are children of this program, read through `/proc`. It
//! measures everything before it fails for a target that was missed.
//! One measurement alone: `cargo bench -p m365-simulator --bench cost -- answers`, `memory` or `crowd`.

#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

mod child;
mod client;
mod servers;
mod sign_in;

use std::io;

use serde_json::{Value, json};

use child::Measured;
use client::{Client, Clients};
use sign_in::Applications;

const ROUNDS: usize = 5;
/// Answers of one round.
const ANSWERS: u32 = 40_000;
/// CPU of one prepared answer at most, in microseconds.
const ANSWER_TARGET: f64 = 15.0;

const TENANTS: usize = 1_000;
/// Users of each that are served.
const USERS: usize = 3;
/// Tenants of the crowd, and how many of each sign in.
const CROWD_TENANTS: usize = 5_000;
const CROWD_USERS: usize = 2;
/// Resident memory at most, in MiB, of either.
const MEMORY_TARGET: u64 = 200;

const LIST: &str = "/v1.0/me/messages?$top=10&$select=id,subject,from,receivedDateTime,bodyPreview,webLink";

type Failure = Box<dyn std::error::Error>;

/// The targets that a measurement has missed, by what they are about.
type Missed = Vec<&'static str>;

fn main() -> Result<(), Failure> {
    let (bench, arguments): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument == "--bench");
    // Cargo says so when it is asked for a bench; `cargo test --benches` only wants to see it run.
    if bench.is_empty() && arguments.is_empty() {
        return Ok(());
    }
    let missed = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => [answers()?, memory()?, crowd()?].concat(),
        ["answers"] => answers()?,
        ["memory"] => memory()?,
        ["crowd"] => crowd()?,
        ["simulator", tenants] => return Ok(servers::simulator(tenants.parse()?)?),
        ["bare"] => return Ok(servers::bare()?),
        _ => return Err("usage: cost [answers | memory | crowd]".into()),
    };
    if missed.is_empty() { Ok(()) } else { Err(format!("missed: {}", missed.join(", ")).into()) }
}

/// Nothing where the target is met.
fn missed(target: &'static str, is_met: bool) -> Missed {
    if is_met { Missed::new() } else { vec![target] }
}

fn told(missed: &Missed) -> &'static str {
    if missed.is_empty() { "met" } else { "missed" }
}

/// Alternates rounds of the two servers, so that both meet the same machine.
fn answers() -> Result<Missed, Failure> {
    let simulator = Measured::start(&["simulator", "0"], "")?;
    let mut at_simulator = Client::connect(simulator.address)?;
    let user = first_user(&mut at_simulator)?;
    let bearer = bearer(&mut at_simulator, &user)?;
    let list = client::get(LIST, &bearer);
    let body = at_simulator.send(&list)?;
    let bare = Measured::start(&["bare"], &body)?;
    let (mut at_simulator, mut at_bare) =
        (Clients::connect(simulator.address)?, Clients::connect(bare.address)?);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    at_simulator.repeat(&list, ANSWERS / 4)?;
    at_bare.repeat(&list, ANSWERS / 4)?;
    for _ in 0..ROUNDS {
        theirs.push(cpu_of(&bare, &mut at_bare, &list)?);
        ours.push(cpu_of(&simulator, &mut at_simulator, &list)?);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let missed = missed("CPU of a prepared answer", ours <= ANSWER_TARGET);
    println!(
        "prepared list of 10 messages, {} bytes, request log off, {ROUNDS} rounds of {ANSWERS}",
        body.len()
    );
    println!("  bare actix-web {theirs:6.1} µs CPU an answer");
    println!("  simulator      {ours:6.1} µs CPU an answer (target {ANSWER_TARGET}: {})", told(&missed));
    Ok(missed)
}

fn cpu_of(server: &Measured, clients: &mut Clients, request: &[u8]) -> io::Result<f64> {
    let before = server.cpu_microseconds()?;
    clients.repeat(request, ANSWERS)?;
    Ok((server.cpu_microseconds()? - before) / f64::from(ANSWERS))
}

/// Serves users of a thousand tenants, and looks how large that has made the simulator.
fn memory() -> Result<Missed, Failure> {
    let simulator = Measured::start(&["simulator", &TENANTS.to_string()], "")?;
    let mut client = Client::connect(simulator.address)?;
    let empty = simulator.resident_mib()?;
    let served = each_user(&mut client, USERS, |client, tenant, user| {
        let bearer = bearer(client, &json!({ "tenant": tenant, "user": user }))?;
        for path in [
            LIST,
            "/v1.0/me/calendar/events?$top=10",
            "/v1.0/me/drive/root/children",
            "/v1.0/me/chats?$expand=lastMessagePreview",
            "/v1.0/me",
        ] {
            client.send(&client::get(path, &bearer))?;
        }
        Ok(())
    })?;
    println!("{TENANTS} tenants of 100 users: empty {empty} MiB resident");
    let missed = missed_memory(&simulator, "memory of a thousand tenants")?;
    println!("  after {served} users read mail, calendar, files and chats: {}", told(&missed));
    Ok(missed)
}

/// Signs two of every tenant in, in a world of half a million, and looks how large that has made the simulator.
fn crowd() -> Result<Missed, Failure> {
    let simulator = Measured::start(&["simulator", &CROWD_TENANTS.to_string()], "")?;
    let mut client = Client::connect(simulator.address)?;
    let empty = simulator.resident_mib()?;
    let applications = Applications::registered(&mut client)?;
    let served = each_user(&mut client, CROWD_USERS, |client, tenant, user| {
        let bearer = applications.sign_in(client, tenant, user)?;
        client.send(&client::get(LIST, &bearer))?;
        Ok(())
    })?;
    println!("{CROWD_TENANTS} tenants of 100 users: empty {empty} MiB resident");
    let missed = missed_memory(&simulator, "memory of five thousand tenants")?;
    println!("  after {served} users signed in and listed mail: {}", told(&missed));
    Ok(missed)
}

/// Visits the first users of every further tenant, page by page, and returns how many they were.
fn each_user(
    client: &mut Client,
    of_each: usize,
    mut visit: impl FnMut(&mut Client, &str, &str) -> Result<(), Failure>,
) -> Result<usize, Failure> {
    let mut page = "/_sim/directory".to_owned();
    let mut visited = 0;
    loop {
        let directory: Value = serde_json::from_str(&client.send(&client::get(&page, ""))?)?;
        let tenants = directory["tenants"].as_array().ok_or("no tenants")?;
        let is_further =
            |tenant: &&Value| tenant["domain"].as_str().is_some_and(|domain| domain.starts_with('t'));
        for tenant in tenants.iter().filter(is_further) {
            for user in tenant["users"].as_array().into_iter().flatten().take(of_each) {
                let (tenant, user) = (tenant["id"].as_str(), user["id"].as_str());
                visit(client, tenant.ok_or("a tenant without an id")?, user.ok_or("a user without an id")?)?;
                visited += 1;
            }
        }
        match directory["next"].as_str() {
            Some(next) => next.clone_into(&mut page),
            None => return Ok(visited),
        }
    }
}

/// Looks how large the simulator has become, and says it.
fn missed_memory(simulator: &Measured, target: &'static str) -> Result<Missed, Failure> {
    let full = simulator.resident_mib()?;
    println!("  {full} MiB resident (target {MEMORY_TARGET})");
    Ok(missed(target, full <= MEMORY_TARGET))
}

fn first_user(client: &mut Client) -> Result<Value, Failure> {
    let directory: Value = serde_json::from_str(&client.send(&client::get("/_sim/directory", ""))?)?;
    let tenant = &directory["tenants"][0];
    Ok(json!({ "tenant": tenant["id"], "user": tenant["users"][0]["id"] }))
}

/// A Graph token of that user.
fn bearer(client: &mut Client, user: &Value) -> Result<String, Failure> {
    let mut order = user.clone();
    order["kind"] = "graph".into();
    let answer: Value =
        serde_json::from_str(&client.send(&client::post("/_sim/token", &order.to_string()))?)?;
    Ok(answer["access_token"].as_str().ok_or("no token")?.to_owned())
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
