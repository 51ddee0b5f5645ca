//! A new version comes: two processes are replaced one after the other, under load, and no call is lost.

use std::cell::{Cell, RefCell};

use futures_util::future::join_all;
use m365_simulator::{Simulator, SimulatorOptions};
use reqwest::Client;
use serde_json::json;
use tokio::task::spawn_blocking;

use crate::running::{Caller, Connector, ScratchDirectory, delay_drain, write_configuration};
use crate::world::eventually;

/// Users who call, one call after the other.
const USERS: usize = 4;

/// Where a process is.
#[derive(Debug, Clone)]
struct Place {
    public: String,
    operations: String,
}

/// A load balancer: it sends calls to the process that it has found ready when it looked last. It looks after each call, so
/// that what it knows is as old as a call is long.
struct Balancer<'a> {
    http: &'a Client,
    places: RefCell<Vec<Place>>,
    chosen: RefCell<Option<Place>>,
}

impl Balancer<'_> {
    async fn look(&self) {
        let places = self.places.borrow().clone();
        for place in places {
            let probe = self.http.get(format!("http://{}/readyz", place.operations));
            if probe.send().await.is_ok_and(|answer| answer.status().is_success()) {
                self.chosen.replace(Some(place));
                return;
            }
        }
    }

    fn chosen(&self) -> Place {
        self.chosen.borrow().clone().expect("no process was ever ready")
    }
}

/// The processes, each with a directory of its own, and which of them has answered each call.
struct Deployment<'a> {
    simulator: &'a Simulator,
    directories: RefCell<Vec<ScratchDirectory>>,
    balancer: Balancer<'a>,
    answered: RefCell<Vec<String>>,
}

impl Deployment<'_> {
    fn start(&self) -> (Connector, Place) {
        let number = self.directories.borrow().len();
        let directory = ScratchDirectory::new(&format!("rolling-{number}"));
        write_configuration(&directory.0, self.simulator);
        delay_drain(&directory.0, 1);
        let (connector, public) = Connector::start(&directory.0);
        self.directories.borrow_mut().push(directory);
        let place = Place { public, operations: connector.operations.clone() };
        self.balancer.places.borrow_mut().push(place.clone());
        (connector, place)
    }

    /// Ends a process in order, when it has answered a few calls, and gives its place up when it has gone.
    async fn replace(&self, (connector, place): (Connector, Place)) {
        let answered = || self.answered.borrow().iter().filter(|public| **public == place.public).count();
        eventually("it serves", async || answered() >= USERS).await;
        let log = spawn_blocking(|| connector.stop()).await.unwrap();
        assert!(log.contains("stopped"), "{log}");
        self.balancer.places.borrow_mut().retain(|other| other.public != place.public);
    }
}

/// If this failed, each deployment would cost those who work meanwhile some of their calls.
#[actix_web::test]
async fn a_rolling_restart_under_load_loses_no_call() {
    let simulator = Simulator::start(SimulatorOptions::default()).await.unwrap();
    let http = Client::builder().build().unwrap();
    let control = Caller { http: &http, simulator: simulator.base_url(), connector: String::new() };
    control.control("faults", json!({ "service": "graph", "delay_ms": 100 })).await;
    let tenant = &simulator.directory().tenants[0];
    let mut tokens = Vec::new();
    for user in tenant.users.iter().take(USERS) {
        let minted = control.control("token", json!({ "tenant": tenant.id, "user": user.id })).await;
        tokens.push(minted["access_token"].as_str().unwrap().to_owned());
    }

    let balancer = Balancer { http: &http, places: RefCell::default(), chosen: RefCell::default() };
    let deployment = Deployment {
        simulator: &simulator,
        directories: RefCell::default(),
        balancer,
        answered: RefCell::default(),
    };
    let (first, second) = (deployment.start(), deployment.start());
    deployment.balancer.look().await;
    let is_over = Cell::new(false);
    let work = tokens.iter().map(async |token| {
        while !is_over.get() {
            let Place { public, .. } = deployment.balancer.chosen();
            let caller = Caller { http: &http, simulator: simulator.base_url(), connector: public.clone() };
            let answer = caller.call(token, "get_me", json!({})).await;
            assert!(answer["result"]["structuredContent"].is_object(), "{answer}");
            deployment.answered.borrow_mut().push(public);
            deployment.balancer.look().await;
        }
    });
    let restart = async {
        deployment.replace(first).await;
        let third = deployment.start();
        deployment.replace(second).await;
        is_over.set(true);
        third
    };
    let (_, _third) = tokio::join!(join_all(work), restart);
    simulator.stop().await;
}
