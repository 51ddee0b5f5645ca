//! Nobody reads what is not theirs.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use actix_web::rt::System;
use connector_actors::jitter::Jitter;
use futures_util::future::join_all;
use m365_connector::StateLocation;
use m365_connector::control::{ControlAnswer, ControlRequest, NamedSubject, ask};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::running::ScratchDirectory;
use crate::world::{Answer, Person, World, eventually, send};

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

/// The moment at which a session crashes: always when an exchange of its has come back, before it has told anybody.
#[derive(Debug, Clone, Copy)]
enum Crash {
    /// A call waits for its first lease.
    AtALease,
    /// So do several, all for one exchange.
    WhileManyWait,
    /// Graph has refused the lease of a call that it has begun to answer, and others are at Graph with the same.
    DuringAGraphCall,
    /// Whoever asked has left.
    WhileNobodyWaits,
}

/// How many wait for one exchange where many do.
const MANY: usize = 4;

/// So often in a row a principal's session is made anew at once when it has crashed.
const MADE_ANEW_AT_ONCE: u64 = 2;

/// Calls that are under way at once, and whose access is revoked meanwhile.
#[derive(Debug, Clone)]
struct Round {
    deeds: Vec<Deed>,
    revoked: Option<usize>,
    /// What becomes of the session of whoever does the first deed.
    crash: Option<Crash>,
}

impl Round {
    /// Where many wait for one exchange, they are one principal's.
    fn deeds(&self) -> Vec<Deed> {
        let mut deeds = self.deeds.clone();
        if let Some(Crash::WhileManyWait) = self.crash {
            let who = deeds[0].who;
            deeds.iter_mut().take(MANY).for_each(|deed| deed.who = who);
        }
        deeds
    }
}

/// Chance that is none, and that breaks whoever asks for it once it has been told to.
#[derive(Debug, Default)]
struct BrittleJitter {
    breaks_next: AtomicBool,
    broken: AtomicU64,
}

impl BrittleJitter {
    fn break_next(&self) {
        self.breaks_next.store(true, Ordering::SeqCst);
    }

    /// How many it has broken.
    fn broken(&self) -> u64 {
        self.broken.load(Ordering::SeqCst)
    }
}

impl Jitter for BrittleJitter {
    fn fraction(&self) -> f64 {
        let breaks = self.breaks_next.swap(false, Ordering::SeqCst);
        self.broken.fetch_add(breaks.into(), Ordering::SeqCst);
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
    let crash = prop_oneof![
        Just(Crash::AtALease),
        Just(Crash::WhileManyWait),
        Just(Crash::DuringAGraphCall),
        Just(Crash::WhileNobodyWaits),
    ];
    let round = (vec(deed, MANY..24), revoked, option::weighted(0.5, crash))
        .prop_map(|(deeds, revoked, crash)| Round { deeds, revoked, crash });
    vec(round, 3..8)
}

/// Everybody, with the token that they hold now.
struct Cast {
    world: World,
    state: ScratchDirectory,
    jitter: Arc<BrittleJitter>,
    domains: Vec<String>,
    tokens: RefCell<Vec<String>>,
    seed: u64,
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
        let tenants = &world.stage.simulator.directory().tenants;
        let domains = tenants.iter().map(|tenant| tenant.domain.clone()).collect();
        let cast = Self { world, state, jitter, domains, tokens: RefCell::default(), seed };
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

    /// Everything takes its time; before that `first` strikes, where there is such a fault.
    async fn disturb(&self, first: Option<Value>) {
        self.world.clear_faults().await;
        if let Some(fault) = first {
            self.world.fault(fault).await;
        }
        let latency = json!({ "kind": "uniform", "from_ms": 0, "to_ms": 40 });
        for service in ["entra", "graph"] {
            self.world.fault(json!({ "service": service, "latency": latency, "seed": self.seed })).await;
        }
    }

    /// Sees to it that the session of `who`, and nobody else's if all others have their leases, crashes at that moment.
    async fn prepare(&self, crash: Crash, who: usize) {
        self.sign_in_anew(who).await;
        let Person { tenant, id, .. } = self.person(who);
        let slow = json!({
            "service": "entra", "path_prefix": "/oauth2/v2.0/token", "tenant": tenant, "user": id, "delay_ms": 100, "times": 1,
        });
        let refused = json!({
            "service": "graph", "tenant": tenant, "user": id, "status": 401, "delay_ms": 30, "times": 1,
        });
        match crash {
            Crash::AtALease => {
                self.disturb(None).await;
                self.jitter.break_next();
            }
            Crash::WhileManyWait => {
                self.disturb(Some(slow)).await;
                self.jitter.break_next();
            }
            Crash::DuringAGraphCall => {
                self.perform(Deed { who, ask: Ask::Me, id: 0, leaves_after: None }).await;
                self.disturb(Some(refused)).await;
                self.jitter.break_next();
            }
            Crash::WhileNobodyWaits => {
                self.disturb(Some(slow)).await;
                self.jitter.break_next();
                self.ask_and_leave(who).await;
            }
        }
    }

    /// A session that waits for no call has nothing to tell, but may crash all the same. One that is given a pause is not there.
    async fn ask_and_leave(&self, who: usize) {
        let (asked, broken) = (self.world.exchanges().await, self.jitter.broken());
        let token = self.tokens.borrow()[who].clone();
        let params = json!({ "name": "get_me", "arguments": {} });
        let call = tokio::spawn(self.world.modern(&token, "tools/call", params).send());
        let is_under_way = async || self.world.exchanges().await > asked || call.is_finished();
        eventually("an exchange is under way", is_under_way).await;
        if call.is_finished() {
            return;
        }
        call.abort();
        eventually("the session has crashed", async || self.jitter.broken() > broken).await;
    }

    async fn sign_in_anew(&self, who: usize) {
        let token = self.sign_in(who).await;
        self.tokens.borrow_mut()[who] = token;
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

    /// Plays one round, and holds each answer against whose it must be. Gives the number of those who were told what they
    /// asked for, of those who could expect it.
    async fn play(&self, round: &Round) -> (usize, usize) {
        let deeds = round.deeds();
        match round.crash {
            Some(crash) => self.prepare(crash, deeds[0].who).await,
            None => self.disturb(None).await,
        }
        let calls = deeds.iter().map(|deed| async { (*deed, self.perform(*deed).await) });
        let revocation = async {
            if let Some(who) = round.revoked {
                self.revoke(who).await;
            }
        };
        let (answers, ()) = tokio::join!(join_all(calls), revocation);
        let is_revoked =
            |deed: &Deed| round.revoked.is_some_and(|revoked| self.is_same_user(revoked, deed.who));
        let (mut told, mut expected) = (0, 0);
        for (deed, answer) in answers {
            let Some(answer) = answer else { continue };
            expected += usize::from(!is_revoked(&deed));
            if is_revoked(&deed) && has_ended(&answer) || self.may_be_restored(&answer) {
                self.carries_canaries_of(deed, &answer.text, None);
                continue;
            }
            self.is_own(deed, &answer);
            told += usize::from(!is_revoked(&deed));
        }
        if let Some(revoked) = round.revoked {
            for who in (0..TENANTS * OF_A_TENANT).filter(|who| self.is_same_user(*who, revoked)) {
                self.sign_in_anew(who).await;
            }
        }
        (told, expected)
    }

    /// The principal's sessions have crashed more than once: they are given a pause.
    fn may_be_restored(&self, answer: &Answer) -> bool {
        let code = &answer.json()["result"]["_meta"]["m365-connector/error"]["code"];
        self.jitter.broken() > MADE_ANEW_AT_ONCE && *code == "unavailable"
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

fn id(deed: Deed) -> Value {
    serde_json::from_str(IDS[deed.id]).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, max_shrink_iters: 40, ..Default::default() })]

    /// If this failed, somebody would read what belongs to another tenant, or the answer to another question: when
    /// calls of users with one object id, under one JSON-RPC id, cross each other, are given up, lose their access, and
    /// find their sessions crashed.
    #[test]
    fn whatever_crosses_everybody_gets_their_own_answer(rounds in rounds(), seed in 0..1_000_000_u64) {
        System::new().block_on(async {
            let cast = Cast::gather(seed).await;
            let (mut told, mut expected) = (0, 0);
            for round in &rounds {
                let (told_now, expected_now) = cast.play(round).await;
                told += told_now;
                expected += expected_now;
            }
            assert!(told * 2 >= expected, "{told} of {expected} calls were told what they asked for");
            // The first round finds everybody cold.
            assert!(rounds[0].crash.is_none() || cast.jitter.broken() > 0, "nobody crashed");
            cast.world.quiet().await;
        });
    }
}

/// If this failed, a session that crashes would take calls of its user or of others along, or hand one the answer of another.
#[rstest]
#[case::before_it_has_told_of_a_lease(Crash::AtALease)]
#[case::while_several_callers_wait_for_one_exchange(Crash::WhileManyWait)]
#[case::during_a_call_to_graph(Crash::DuringAGraphCall)]
#[case::while_it_idles(Crash::WhileNobodyWaits)]
#[actix_web::test]
async fn a_crash_costs_nobody_the_answer(#[case] crash: Crash) {
    let cast = Cast::gather(crash as u64).await;
    let all = (0..TENANTS * OF_A_TENANT).chain(0..TENANTS * OF_A_TENANT);
    let deeds: Vec<_> = all.map(|who| Deed { who, ask: Ask::Me, id: 0, leaves_after: None }).collect();
    let everybody = (deeds.len(), deeds.len());
    let calm = Round { deeds: deeds.clone(), revoked: None, crash: None };
    assert_eq!((cast.play(&calm).await, cast.jitter.broken()), (everybody, 0));
    let exchanges = cast.world.exchanges().await;
    let broken = Round { deeds, revoked: None, crash: Some(crash) };
    assert_eq!((cast.play(&broken).await, cast.jitter.broken()), (everybody, 1));
    let more = cast.world.exchanges().await - exchanges;
    let expected = if let Crash::DuringAGraphCall = crash { 3 } else { 2 };
    assert_eq!(more, expected, "the lease was lost with the session, and won again once");
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
