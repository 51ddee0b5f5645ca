//! Everybody of a simulator's directory, and their day at a connector.

use std::sync::Arc;

use m365_demo::SignIn;
use reqwest::Client;
use tokio::task::JoinHandle;

use super::day;
use super::person::Person;
use super::schedule::Schedule;
use super::simulator::SimulatorControl;
use super::tally::Tally;

type Failure = Box<dyn std::error::Error>;

/// Every this many-th person stops working at half time, so that sessions end.
const LEAVES_EARLY: usize = 5;

pub(super) struct People {
    http: Client,
    url: Arc<str>,
    sign_in: Arc<SignIn>,
    client: Arc<str>,
    /// Principal names.
    pub(super) names: Vec<String>,
    /// What they meet, all taken together.
    pub(super) tally: Arc<Tally>,
}

impl People {
    /// Everybody who has a mailbox, with the address of the connector, at which they find out where to sign in.
    pub(super) async fn gather(
        http: &Client,
        url: &str,
        simulator: &SimulatorControl,
    ) -> Result<Self, Failure> {
        Ok(Self {
            http: http.clone(),
            url: url.into(),
            sign_in: Arc::new(SignIn::discover(http, url).await?),
            names: simulator.people().await?,
            client: simulator.client().await?.into(),
            tally: Arc::default(),
        })
    }

    /// The one of that place in the list, counted from 0. Their colleague is the next.
    pub(super) fn person(&self, number: usize) -> Person {
        Person {
            http: self.http.clone(),
            url: Arc::clone(&self.url),
            sign_in: Arc::clone(&self.sign_in),
            client: Arc::clone(&self.client),
            number,
            name: self.names[number].clone(),
            colleague: self.names[(number + 1) % self.names.len()].clone(),
            tally: Arc::clone(&self.tally),
        }
    }

    /// Lets everybody work by the `schedule`, some for half of its time.
    pub(super) fn set_to_work(&self, schedule: &Arc<Schedule>) -> Vec<JoinHandle<()>> {
        let everybody = (0..self.names.len()).map(|number| {
            let until = if number % LEAVES_EARLY == 0 { 50 } else { 100 };
            tokio::spawn(day::spend(self.person(number), Arc::clone(schedule), until))
        });
        everybody.collect()
    }
}
