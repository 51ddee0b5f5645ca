//! Nobody reads what is not theirs.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::rt::System;
use connector_actors::jitter::Jitter;
use futures_util::future::join_all;
use m365_connector::StateLocation;
use m365_connector::control::{ControlAnswer, ControlRequest, NamedSubject, ask};
use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::running::ScratchDirectory;
use crate::world::{Answer, Person, World, send};

/// The principals of the story: three users with one object id, each with two clients, and a colleague of each.
const TENANTS: usize = 3;
const OF_A_TENANT: usize = 3;
/// JSON-RPC ids that everybody uses, so that many are under way at once.
const IDS: [&str; 3] = ["1", "\"1\"", "\"one\""];

/// What somebody asks for. Each answer says whose it is.
#[derive(Debug, Clone, Copy)]
enum Ask {
    Me,
    /// The person with the object id that all tenants have: each has its own under it.
    Twin,
    Mail,
}

/// One call of one principal.
#[derive(Debug, Clone, Copy)]
struct Deed {
    who: usize,
    ask: Ask,
    id: usize,
    /// The client goes away after so many milliseconds.
    leaves_after: Option<u64>,
}

/// Calls that are under way at once, and whose access is revoked meanwhile.
#[derive(Debug, Clone)]
struct Round {
    deeds: Vec<Deed>,
    revoked: Option<usize>,
    /// The next session that wins a lease crashes before it has told anybody.
    crashes: bool,
}

/// Chance that is none, and that breaks whoever asks for it once it has been told to.
#[derive(Debug, Default)]
struct BrittleJitter {
    breaks_next: AtomicBool,
    has_broken: AtomicBool,
}

impl Jitter for BrittleJitter {
    fn fraction(&self) -> f64 {
        let breaks = self.breaks_next.swap(false, Ordering::SeqCst);
        self.has_broken.fetch_or(breaks, Ordering::SeqCst);
        assert!(!breaks, "the session is broken, as the story has it");
        0.5
    }
}

fn rounds() -> impl Strategy<Value = Vec<Round>> {
    let asks = prop_oneof![2 => Just(Ask::Me), 2 => Just(Ask::Twin), 1 => Just(Ask::Mail)];
    let leaves = prop_oneof![3 => Just(None), 1 => (0..60_u64).prop_map(Some)];
    let deed = (0..TENANTS * OF_A_TENANT, asks, 0..IDS.len(), leaves)
        .prop_map(|(who, ask, id, leaves_after)| Deed { who, ask, id, leaves_after });
    let revoked = option::weighted(0.3, 0..TENANTS * OF_A_TENANT);
    let round = (vec(deed, 4..24), revoked, weighted(0.4)).prop_map(|(deeds, revoked, crashes)| Round {
        deeds,
        revoked,
        crashes,
    });
    vec(round, 3..8)
}

/// Everybody, with the token that they hold now.
struct Cast {
    world: World,
    state: ScratchDirectory,
    jitter: Arc<BrittleJitter>,
    domains: Vec<String>,
    tokens: RefCell<Vec<String>>,
}

impl Cast {
    async fn gather(seed: u64) -> Self {
        let state = ScratchDirectory::new(&format!("isolation-{seed}"));
        let at = StateLocation::Directory(state.0.clone());
        let jitter = Arc::new(BrittleJitter::default());
        let chance = Arc::clone(&jitter) as Arc<dyn Jitter>;
        let world = World::start_with(|settings| {
            settings.state = at;
            settings.jitter = chance;
        })
        .await;
        let latency = json!({ "kind": "uniform", "from_ms": 0, "to_ms": 40 });
        for service in ["entra", "graph"] {
            world.fault(json!({ "service": service, "latency": latency, "seed": seed })).await;
        }
        let tenants = &world.stage.simulator.directory().tenants;
        let domains = tenants.iter().map(|tenant| tenant.domain.clone()).collect();
        let cast = Self { world, state, jitter, domains, tokens: RefCell::default() };
        for who in 0..TENANTS * OF_A_TENANT {
            let token = cast.sign_in(who).await;
            cast.tokens.borrow_mut().push(token);
        }
        cast
    }

    fn person(&self, who: usize) -> Person {
        let (tenant, place) = (who / OF_A_TENANT, who % OF_A_TENANT);
        let person = self.world.person(tenant, usize::from(place < 2));
        assert_eq!(person.id == self.world.person(0, 1).id, place < 2, "the twins have one object id");
        person
    }

    async fn sign_in(&self, who: usize) -> String {
        let client = self.world.stage.simulator.directory().clients[who % OF_A_TENANT % 2].id;
        self.world.token_with(&self.person(who), json!({ "client": client })).await
    }

    /// `None` where the client did not wait for its answer.
    async fn perform(&self, deed: Deed) -> Option<Answer> {
        let (tool, arguments) = match deed.ask {
            Ask::Me => ("get_me", json!({})),
            Ask::Twin => {
                let uri = format!("user:///{}", self.world.person(0, 1).id);
                ("read_resource", json!({ "uri": uri }))
            }
            Ask::Mail => ("outlook_email_search", json!({ "limit": 3 })),
        };
        let token = self.tokens.borrow()[deed.who].clone();
        let params = json!({ "name": tool, "arguments": arguments });
        let request = self.world.modern_as(&id(deed), &token, "tools/call", params);
        match deed.leaves_after {
            Some(millis) => timeout(Duration::from_millis(millis), send(request)).await.ok(),
            None => Some(send(request).await),
        }
    }

    async fn revoke(&self, who: usize) {
        let person = self.person(who);
        let subject =
            NamedSubject::User { tenant: person.tenant.parse().unwrap(), user: person.id.parse().unwrap() };
        let state = self.state.0.clone();
        let request = ControlRequest::Revoke { subject };
        let answer = tokio::task::spawn_blocking(move || ask(&state, &request)).await.unwrap().unwrap();
        assert!(matches!(answer, ControlAnswer::Revoked(_)), "{answer:?}");
    }

    fn is_same_user(&self, one: usize, other: usize) -> bool {
        let (one, other) = (self.person(one), self.person(other));
        (one.tenant, one.id) == (other.tenant, other.id)
    }

    /// Plays one round, and holds each answer against whose it must be. Gives the number of those that were read.
    async fn play(&self, round: &Round) -> usize {
        self.jitter.breaks_next.fetch_or(round.crashes, Ordering::SeqCst);
        let calls = round.deeds.iter().map(|deed| async { (*deed, self.perform(*deed).await) });
        let revocation = async {
            if let Some(who) = round.revoked {
                self.revoke(who).await;
            }
        };
        let (answers, ()) = tokio::join!(join_all(calls), revocation);
        let answered = answers.iter().filter(|(_, answer)| answer.is_some()).count();
        for (deed, answer) in answers {
            let is_revoked = round.revoked.is_some_and(|who| self.is_same_user(who, deed.who));
            match answer {
                Some(answer) if is_revoked && has_ended(&answer) || is_being_restored(&answer) => {
                    self.carries_canaries_of(deed, &answer.text, None);
                }
                Some(answer) => self.is_own(deed, &answer),
                None => {}
            }
        }
        if let Some(revoked) = round.revoked {
            for who in (0..TENANTS * OF_A_TENANT).filter(|who| self.is_same_user(*who, revoked)) {
                let token = self.sign_in(who).await;
                self.tokens.borrow_mut()[who] = token;
            }
        }
        answered
    }

    fn is_own(&self, deed: Deed, answer: &Answer) {
        assert_eq!(answer.status, StatusCode::OK, "{deed:?}: {}", answer.text);
        let body = answer.json();
        assert_eq!(body["id"], id(deed), "{deed:?} gets another call's answer: {body}");
        assert_ne!(body["result"]["isError"], true, "{deed:?}: {body}");
        self.carries_canaries_of(deed, &answer.text, Some(deed.who / OF_A_TENANT));
        let (upn, twin) = (self.person(deed.who).upn, self.world.person(deed.who / OF_A_TENANT, 1).upn);
        let expected = match deed.ask {
            Ask::Me => upn,
            Ask::Twin => twin,
            Ask::Mail => return,
        };
        assert!(answer.text.contains(&expected), "{deed:?} is not about {expected}: {body}");
    }

    /// The domain of a tenant is in its people's addresses, and so in every answer that is about any of them.
    fn carries_canaries_of(&self, deed: Deed, text: &str, owner: Option<usize>) {
        for (tenant, domain) in self.domains.iter().enumerate() {
            assert_eq!(text.contains(domain), owner == Some(tenant), "{deed:?}, {domain}: {text}");
        }
    }
}

/// The token is refused, or, where it is younger than the revocation, the session that it has just opened is over.
fn has_ended(answer: &Answer) -> bool {
    let error = &answer.json()["result"]["_meta"]["m365-connector/error"]["code"];
    answer.status == StatusCode::UNAUTHORIZED || *error == "session_ended"
}

/// The principal's sessions have crashed more than once: they are given a pause.
fn is_being_restored(answer: &Answer) -> bool {
    answer.json()["result"]["_meta"]["m365-connector/error"]["code"] == "unavailable"
}

fn id(deed: Deed) -> Value {
    serde_json::from_str(IDS[deed.id]).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, max_shrink_iters: 40, ..Default::default() })]

    /// If this failed, somebody would read what belongs to another tenant, or the answer to another question: when
    /// calls of users with one object id, under one JSON-RPC id, cross each other, are given up, lose their access, and
    /// find their sessions crashed.
    #[test]
    fn whatever_crosses_everybody_gets_their_own_answer(rounds in rounds(), seed in 0..1_000_000_u64) {
        System::new().block_on(async {
            let cast = Cast::gather(seed).await;
            let mut answered = 0;
            for round in &rounds {
                answered += cast.play(round).await;
            }
            let deeds: usize = rounds.iter().map(|round| round.deeds.len()).sum();
            assert!(answered * 2 > deeds, "{answered} of {deeds} calls were answered");
            // The first round finds everybody cold.
            assert!(!rounds[0].crashes || cast.jitter.has_broken.load(Ordering::SeqCst), "nobody crashed");
            cast.world.quiet().await;
        });
    }
}

/// If this failed, two tenants whose users share an object id would share a session: the worst that can happen.
#[actix_web::test]
async fn two_tenants_with_the_same_object_id_never_mix() {
    let world = World::start().await;
    let (ours, theirs) = (world.person(0, 1), world.person(1, 1));
    assert_eq!(ours.id, theirs.id, "the simulator gives these two the same object id on purpose");
    assert_ne!(ours.tenant, theirs.tenant);
    let (our_token, their_token) = (world.token(&ours).await, world.token(&theirs).await);

    for _ in 0..3 {
        let (mine, other) = tokio::join!(
            world.call(&our_token, "get_me", json!({})),
            world.call(&their_token, "get_me", json!({})),
        );
        assert!(mine.to_string().contains(&ours.upn) && !mine.to_string().contains(&theirs.upn), "{mine}");
        assert!(other.to_string().contains(&theirs.upn) && !other.to_string().contains(&ours.upn), "{other}");
    }
    assert_eq!(world.exchanges().await, 2, "one lease each");

    let hits = world.call(&our_token, "outlook_email_search", json!({ "limit": 5 })).await;
    let uri = hits["structuredContent"]["items"][0]["uri"].as_str().unwrap().to_owned();
    let foreign = world.call(&their_token, "read_resource", json!({ "uri": uri })).await;
    assert_eq!(foreign["isError"], true, "another tenant's message was read: {foreign}");
}

/// If this failed, a cursor could carry one user into another one's results.
#[actix_web::test]
async fn a_cursor_opens_nothing_for_another_user() {
    let world = World::start().await;
    let (ana, other) = (world.person(0, 0), world.person(0, 2));
    let (token, other_token) = (world.token(&ana).await, world.token(&other).await);
    let first = world.call(&token, "outlook_email_search", json!({ "limit": 3 })).await;
    let cursor = first["structuredContent"]["nextCursor"].as_str().unwrap().to_owned();
    let stolen =
        world.call(&other_token, "outlook_email_search", json!({ "limit": 3, "cursor": cursor })).await;
    assert_eq!(stolen["isError"], true, "{stolen}");
    let own = world.call(&token, "outlook_email_search", json!({ "limit": 3, "cursor": cursor })).await;
    assert!(own["structuredContent"]["items"].is_array(), "{own}");
}
