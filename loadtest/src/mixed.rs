//! Users who work, and the weather that they work in: sign-ins, searches, pages and reading in mail, calendars, files,
//! chats and channels, with time to think; and throttling, step-up and faults one after the other.

mod day;
mod person;
mod simulator;
mod tally;
mod weather;
mod work;

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use m365_demo::SignIn;
use reqwest::Client;
use reqwest::redirect::Policy;

use crate::child::Measured;
use crate::load::now;
use person::Person;
pub(crate) use simulator::{Asked, SimulatorControl};
pub(crate) use tally::Tally;

type Failure = Box<dyn std::error::Error>;

/// Nobody waits longer for figures than this.
const LONGEST: Duration = Duration::from_secs(120);
/// The weather changes five times, and each change needs a moment to be seen.
const SHORTEST: Duration = Duration::from_secs(10);

/// Every this many-th person stops working at half time, so that sessions end.
const LEAVES_EARLY: usize = 5;
/// After this, the session of a person who has left may end.
const SESSION_IDLE_S: u64 = 3;

/// `make load SCENARIO=mixed`.
pub(crate) async fn run(duration: Duration) -> Result<(), Failure> {
    let world = MixedWorld::start().await?;
    let tally = world.play(duration).await?;
    let mut out = io::stdout().lock();
    write!(out, "{tally}")?;
    let asked = world.simulator.asked().await?;
    writeln!(out, "{asked}")?;
    world.stop()
}

/// The simulator and the connector, each in a process of its own.
pub(crate) struct MixedWorld {
    http: Client,
    pub(crate) simulator: SimulatorControl,
    pub(crate) connector: Measured,
    upstream: Measured,
}

impl MixedWorld {
    pub(crate) async fn start() -> Result<Self, Failure> {
        let http = Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(60)).build()?;
        let upstream = Measured::role("upstream", &["0".to_owned()])?;
        let simulator = SimulatorControl::new(upstream.address)?;
        let role = [simulator.url(), "2".into(), "0".into(), "locally".into(), SESSION_IDLE_S.to_string()];
        let connector = Measured::role("connector", &role)?;
        simulator.register(&format!("http://{}/mcp", connector.address)).await?;
        simulator.record().await?;
        Ok(Self { http, simulator, connector, upstream })
    }

    /// Lets everybody work for `duration`, and counts what they met.
    pub(crate) async fn play(&self, duration: Duration) -> Result<Arc<Tally>, Failure> {
        if !(SHORTEST..=LONGEST).contains(&duration) {
            return Err(format!("a load lasts from {} to {} s", SHORTEST.as_secs(), LONGEST.as_secs()).into());
        }
        let url = format!("http://{}/mcp", self.connector.address);
        let sign_in = Arc::new(SignIn::discover(&self.http, &url).await?);
        let people = self.simulator.people().await?;
        let client: Arc<str> = self.simulator.client().await?.into();
        let (started, tally) = (now(), Arc::new(Tally::default()));
        let mut at_work = Vec::new();
        for (number, name) in people.iter().enumerate() {
            let share = if number % LEAVES_EARLY == 0 { 2 } else { 1 };
            let person = Person {
                http: self.http.clone(),
                url: url.clone().into(),
                sign_in: Arc::clone(&sign_in),
                client: Arc::clone(&client),
                number,
                name: name.clone(),
                colleague: people[(number + 1) % people.len()].clone(),
                tally: Arc::clone(&tally),
            };
            at_work.push(tokio::spawn(day::spend(person, started + duration / share)));
        }
        weather::pass(&self.simulator, &people, started, duration).await?;
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
