//! Users who work, and the weather that they work in: sign-ins, searches, pages and reading in mail, calendars, files,
//! chats and channels, with time to think; and throttling, step-up, faults and what operators do one after the other.

mod audit_reader;
mod day;
mod people;
mod person;
pub(crate) mod premises;
mod rush;
mod schedule;
mod simulator;
mod tally;
mod weather;
mod work;

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use m365_simulator::directory::Directory;
use reqwest::Client;
use reqwest::redirect::Policy;
use serde_json::json;

use crate::child::Measured;
use crate::scenario::SEED;
use people::People;
use premises::Premises;
use schedule::Schedule;
pub(crate) use simulator::{Asked, SimulatorControl};
pub(crate) use tally::Tally;
use weather::Place;

type Failure = Box<dyn std::error::Error>;

/// Nobody waits longer for figures than this.
const LONGEST: Duration = Duration::from_secs(120);
/// The weather changes ten times, and each change needs a moment to be seen.
const SHORTEST: Duration = Duration::from_secs(20);

/// `make load SCENARIO=mixed`.
pub(crate) async fn run(duration: Duration) -> Result<(), Failure> {
    let mut world = MixedWorld::start().await?;
    let tally = world.play(duration).await?;
    let mut out = io::stdout().lock();
    write!(out, "{tally}")?;
    let asked = world.simulator.asked().await?;
    writeln!(out, "{asked}")?;
    world.stop()
}

/// People of a simulator work with a connector, both of which run already, and the weather stays as it is.
pub(crate) async fn run_at(
    connector: &str,
    simulator: SocketAddr,
    duration: Duration,
) -> Result<(), Failure> {
    check(duration)?;
    let people = People::gather(&client()?, connector, &SimulatorControl::new(simulator)?).await?;
    for person in people.set_to_work(&Arc::new(Schedule::of(duration))) {
        person.await?;
    }
    Ok(write!(io::stdout(), "{}", people.tally)?)
}

fn client() -> Result<Client, Failure> {
    Ok(Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(60)).build()?)
}

fn check(duration: Duration) -> Result<(), Failure> {
    if (SHORTEST..=LONGEST).contains(&duration) {
        return Ok(());
    }
    Err(format!("a load lasts from {} to {} s", SHORTEST.as_secs(), LONGEST.as_secs()).into())
}

/// The simulator, the connector and a collector, each in a process of its own.
pub(crate) struct MixedWorld {
    http: Client,
    pub(crate) simulator: SimulatorControl,
    pub(crate) premises: Premises,
    pub(crate) connector: Measured,
    upstream: Measured,
    collector: Option<Measured>,
}

impl MixedWorld {
    pub(crate) async fn start() -> Result<Self, Failure> {
        let http = client()?;
        let upstream = Measured::role("upstream", &["0".to_owned()])?;
        let simulator = SimulatorControl::new(upstream.address)?;
        let premises = Premises::furnish(Directory::generate(SEED))?;
        let collector = Measured::role("collector", &[])?;
        let told = format!("http://{}", collector.address);
        simulator.record().await?;
        simulator.publish_keys(json!({ "published": ["first"] })).await?;
        let role = [simulator.url(), premises.path().display().to_string(), told];
        let connector = Measured::role("connector-of-operator", &role)?;
        simulator.register(&format!("http://{}/mcp", connector.address)).await?;
        Ok(Self { http, simulator, premises, connector, upstream, collector: Some(collector) })
    }

    /// Lets everybody work for `duration`, and counts what they met.
    pub(crate) async fn play(&mut self, duration: Duration) -> Result<Arc<Tally>, Failure> {
        check(duration)?;
        let url = format!("http://{}/mcp", self.connector.address);
        let people = People::gather(&self.http, &url, &self.simulator).await?;
        let schedule = Arc::new(Schedule::of(duration));
        let at_work = people.set_to_work(&schedule);
        let place = Place {
            simulator: &self.simulator,
            premises: &self.premises,
            people: &people.names,
            hurried: Arc::new(people.person(1)),
        };
        let collector = self.collector.take().ok_or("the collector has gone before")?;
        weather::pass(place, collector, &schedule).await?;
        for person in at_work {
            person.await?;
        }
        Ok(people.tally)
    }

    pub(crate) fn stop(self) -> Result<(), Failure> {
        self.connector.stop()?;
        Ok(self.upstream.stop()?)
    }
}
