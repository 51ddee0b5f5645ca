//! Users who work, and the weather that they work in: sign-ins, searches, pages and reading in mail, calendars, files,
//! chats and channels, with time to think; and throttling, step-up, faults and what operators do one after the other.

mod audit_reader;
mod day;
mod person;
pub(crate) mod premises;
mod rush;
mod schedule;
mod simulator;
mod tally;
mod weather;
mod work;

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use m365_demo::SignIn;
use m365_simulator::directory::Directory;
use reqwest::Client;
use reqwest::redirect::Policy;
use serde_json::json;

use crate::child::Measured;
use crate::scenario::SEED;
use person::Person;
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

/// Every this many-th person stops working at half time, so that sessions end.
const LEAVES_EARLY: usize = 5;
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
        let http = Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(60)).build()?;
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
        if !(SHORTEST..=LONGEST).contains(&duration) {
            return Err(format!("a load lasts from {} to {} s", SHORTEST.as_secs(), LONGEST.as_secs()).into());
        }
        let url = format!("http://{}/mcp", self.connector.address);
        let sign_in = Arc::new(SignIn::discover(&self.http, &url).await?);
        let people = self.simulator.people().await?;
        let client: Arc<str> = self.simulator.client().await?.into();
        let (schedule, tally) = (Arc::new(Schedule::of(duration)), Arc::new(Tally::default()));
        let mut at_work = Vec::new();
        let person = |number: usize| Person {
            http: self.http.clone(),
            url: url.clone().into(),
            sign_in: Arc::clone(&sign_in),
            client: Arc::clone(&client),
            number,
            name: people[number].clone(),
            colleague: people[(number + 1) % people.len()].clone(),
            tally: Arc::clone(&tally),
        };
        for number in 0..people.len() {
            let until = if number % LEAVES_EARLY == 0 { 50 } else { 100 };
            at_work.push(tokio::spawn(day::spend(person(number), Arc::clone(&schedule), until)));
        }
        let place = Place {
            simulator: &self.simulator,
            premises: &self.premises,
            people: &people,
            hurried: Arc::new(person(1)),
        };
        let collector = self.collector.take().ok_or("the collector has gone before")?;
        weather::pass(place, collector, &schedule).await?;
        for person in at_work {
            person.await?;
        }
        Ok(tally)
    }

    pub(crate) fn stop(self) -> Result<(), Failure> {
        self.connector.stop()?;
        Ok(self.upstream.stop()?)
    }
}
