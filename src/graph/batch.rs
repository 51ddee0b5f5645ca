//! Several requests in one: `POST /$batch`, of GETs and of the closed list of questions.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connector_actors::lease::Lease;
use connector_actors::throttle::{GateKey, GatePermit, LoadReport, Outcome, Workload};
use connector_actors::{ClaimsChallenge, Visit};
use reqwest::StatusCode;
use serde_json::value::RawValue;

use super::answer::Answer;
use super::attempt::{Attempt, Unsent, may_retry};
use super::batch_items::{BatchAnswer, BatchBody, ItemAnswer};
use super::body::GraphBody;
use super::client::Expected;
use super::error::{GraphError, GraphFault};
use super::request::GraphRequest;
use super::retry::{Failure, Step, next_step};
use super::user::{UserGraph, unanswered};

/// Requests that Graph takes in one batch.
const MOST: usize = 20;

/// A request that has no answer yet.
#[derive(Debug, Clone, Copy)]
struct Pending {
    index: usize,
    attempts: u8,
    /// Leases that were replaced for it.
    replaced: u8,
}

/// One answer for each request of a batch, in their order.
type Answers = Vec<Option<Result<GraphBody, GraphError>>>;

/// What came back for a batch, with the permits that it was sent with, one for each limit that its items draw on.
struct Answered {
    body: GraphBody,
    permits: Vec<(GateKey, GatePermit)>,
}

/// What a round of a batch has left to do.
#[derive(Default)]
struct Round {
    pending: Vec<Pending>,
    wait: Duration,
    refused: Option<RefusedLease>,
}

/// An item's answer refuses the lease.
struct RefusedLease {
    claims: Option<ClaimsChallenge>,
}

impl UserGraph<'_> {
    /// Reads several things in as few requests as Graph allows, each with its own answer, in their order: one that
    /// fails fails alone, and what throttles one is learnt for its own workload. Each is asked again as
    /// [`get`](Self::get) would, only together with the others. Time that runs out leaves what has come.
    pub async fn batch(
        &self,
        requests: &[GraphRequest],
    ) -> Result<Vec<Result<GraphBody, GraphError>>, GraphError> {
        if let [only] = requests {
            return Ok(vec![self.get(only).await]);
        }
        let mut answers: Answers = requests.iter().map(|_| None).collect();
        let indices: Vec<usize> = (0..requests.len()).collect();
        for chunk in indices.chunks(MOST) {
            match self.answer_chunk(requests, chunk, &mut answers).await {
                Ok(()) => {}
                // What has come is worth giving.
                Err(GraphError::DeadlineExceeded) if answers.iter().any(Option::is_some) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(answers.into_iter().map(|answer| answer.unwrap_or(Err(GraphError::DeadlineExceeded))).collect())
    }

    async fn answer_chunk(
        &self,
        requests: &[GraphRequest],
        chunk: &[usize],
        answers: &mut Answers,
    ) -> Result<(), GraphError> {
        let first = |&index: &usize| Pending { index, attempts: 0, replaced: 0 };
        let mut pending: Vec<Pending> = chunk.iter().map(first).collect();
        let visit = self.session.visit().await?;
        let mut held_since = None;
        while !pending.is_empty() {
            let lease = self.session.lease(visit).await?;
            let sent = async |attempt: Attempt<'_>| {
                let held_since = attempt.held_since.or(held_since);
                self.attempt_batch(Attempt { held_since, ..attempt }, requests, &pending).await
            };
            let workloads: Vec<&GraphRequest> = pending.iter().map(|item| &requests[item.index]).collect();
            let learn = |failure: &Failure| workloads.iter().for_each(|request| self.learn(request, failure));
            let answered = self.repeat(sent, learn).await?;
            // A lease that the batch itself has been refused is another one by now.
            let used = self.session.lease(visit).await?;
            let lease = if Arc::ptr_eq(&used, &lease) { lease } else { used };
            let round = self.settle(visit, requests, &pending, answered, &lease, answers)?;
            if let Some(refused) = round.refused {
                self.session.replace(visit, &lease, refused.claims).await?;
            }
            held_since = None;
            if !round.pending.is_empty() && !round.wait.is_zero() {
                held_since = Some(self.stay_away(visit, round.wait).await?);
            }
            pending = round.pending;
        }
        Ok(())
    }

    /// One attempt at a batch as a whole.
    async fn attempt_batch(
        &self,
        attempt: Attempt<'_>,
        requests: &[GraphRequest],
        pending: &[Pending],
    ) -> Result<Result<Answered, Failure>, GraphError> {
        let base = self.client.base();
        let items = pending.iter().map(|item| Ok((item.index, &requests[item.index])));
        let items: Vec<(usize, &GraphRequest)> = items.collect::<Result<_, GraphError>>()?;
        let body = BatchBody::of(&items, base)?;
        let url = base.below("/$batch").ok_or(GraphError::ForeignLink)?;
        let unsent = self.unsent(attempt.held_since);
        let mut permits = self.pass_gates(attempt.visit, &items, &unsent).await?;
        let sent = self.clock.instant();
        let workload = items.first().map_or("directory", |(_, request)| request.workload().as_str());
        let underway = self.underway(attempt, "POST", workload, (sent, unsent.sent(sent)));
        let sending = self.sending(attempt, Expected::Json);
        let outcome = self.bounded(attempt.visit, self.client.send_batch(&body, url, sending)).await;
        // A batch that was answered says nothing of the services of its items: each item has a status of its own.
        if !matches!(&outcome, Ok(Ok(answer)) if answer.status.is_success()) {
            for (_, permit) in &mut permits {
                self.hear(permit, &outcome, sent);
            }
        }
        underway.end(&outcome);
        Ok(match outcome? {
            Ok(answer) if answer.status.is_success() => {
                Ok(Answered { body: GraphBody::new(answer.body), permits })
            }
            Ok(answer) => match items.first() {
                Some((_, request)) => Err(self.classify(request, &answer, attempt.lease)),
                None => Err(Failure::Final(GraphError::Unintelligible)),
            },
            Err(fault) => Err(unanswered(fault, Expected::Json)),
        })
    }

    /// Every item counts for its own rate. Of those that draw on the same limit, one permit stands for all that Graph
    /// carries out at once. Keys are passed in one order everywhere, so that no two batches can wait for each other.
    async fn pass_gates(
        &self,
        visit: &Visit,
        items: &[(usize, &GraphRequest)],
        unsent: &Unsent<'_>,
    ) -> Result<Vec<(GateKey, GatePermit)>, GraphError> {
        let mut requests: Vec<(u64, GateKey, &GraphRequest)> = items
            .iter()
            .map(|(_, request)| {
                let key = self.key(request);
                (order(&key), key, *request)
            })
            .collect();
        requests.sort_by_key(|(order, ..)| *order);
        let mut held: Vec<(GateKey, GatePermit)> = Vec::new();
        for of_a_key in requests.chunk_by(|(_, one, _), (_, other, _)| one == other) {
            let Some(((_, key, last), others)) = of_a_key.split_last() else { continue };
            // They give their places back: held from the first on, one could be what the next one waits for.
            for (_, _, request) in others {
                drop(self.pass_gate(visit, request, unsent).await?);
            }
            let at_once = at_once(*key, of_a_key.len());
            let (permit, _) = self.pass_gate_at_once(visit, last, at_once, unsent).await?;
            held.push((*key, permit));
        }
        Ok(held)
    }

    /// Puts answers in their places, and says what is to be asked again.
    fn settle(
        &self,
        visit: &Visit,
        requests: &[GraphRequest],
        pending: &[Pending],
        answered: Answered,
        lease: &Lease,
        answers: &mut Answers,
    ) -> Result<Round, GraphError> {
        let Answered { body, permits } = answered;
        let mut given: HashMap<usize, ItemAnswer<'_>> = HashMap::new();
        for answer in body.parse_raw::<BatchAnswer<'_>>()?.responses {
            if let Ok(index) = answer.id.parse() {
                given.insert(index, answer);
            }
        }
        self.hear_items(permits, requests, &given);
        let mut round = Round::default();
        for item in pending {
            let request = &requests[item.index];
            let judged = match given.remove(&item.index) {
                Some(answer) => self.judge_item(request, &answer, &body, lease),
                None => Err(Failure::Fault(GraphFault::Interrupted)),
            };
            let failure = match judged {
                Ok(found) => {
                    answers[item.index] = Some(Ok(found));
                    continue;
                }
                Err(failure) => failure,
            };
            self.learn(request, &failure);
            let attempts = item.attempts + 1;
            let budget = || may_retry(visit, self.call.principal.tenant, self.clock.now());
            match next_step(self.progress(attempts, item.replaced), failure, budget) {
                Step::GiveUp(error) => answers[item.index] = Some(Err(error)),
                Step::Retry { after } => {
                    round.wait = round.wait.max(after);
                    round.pending.push(Pending { attempts, ..*item });
                }
                Step::ReplaceLease { claims } => {
                    let known = round.refused.and_then(|refused| refused.claims);
                    round.refused = Some(RefusedLease { claims: known.or(claims) });
                    round.pending.push(Pending { attempts, replaced: item.replaced + 1, ..*item });
                }
            }
        }
        Ok(round)
    }

    /// Tells the gate what the answers say of the services of their items: each counts as if it had come alone.
    fn hear_items(
        &self,
        permits: Vec<(GateKey, GatePermit)>,
        requests: &[GraphRequest],
        given: &HashMap<usize, ItemAnswer<'_>>,
    ) {
        for (key, mut permit) in permits {
            let is_of_key = |index: usize| requests.get(index).is_some_and(|it| self.key(it) == key);
            let answers = given.iter().filter(|(index, _)| is_of_key(**index)).map(|(_, answer)| answer);
            let told: Vec<(Outcome, Option<LoadReport>)> = answers.filter_map(ItemAnswer::tells).collect();
            told.iter().filter_map(|(_, report)| *report).for_each(|report| permit.hear(report));
            permit.all_ended(&told.iter().map(|(outcome, _)| *outcome).collect::<Vec<_>>());
        }
    }

    fn judge_item(
        &self,
        request: &GraphRequest,
        item: &ItemAnswer<'_>,
        whole: &GraphBody,
        lease: &Lease,
    ) -> Result<GraphBody, Failure> {
        let status =
            StatusCode::from_u16(item.status).map_err(|_| Failure::Final(GraphError::Unintelligible))?;
        let text = item.body.map(RawValue::get).unwrap_or_default();
        if status.is_success() {
            return Ok(whole.part(text));
        }
        let answer =
            Answer { status, headers: item.headers(), body: Bytes::copy_from_slice(text.as_bytes()) };
        Err(self.classify(request, &answer, lease))
    }
}

/// How many items of one key Graph carries out at a time: of mailboxes, all up to four ("JSON batching" in Graph's throttling
/// limits). Of the other services nothing is said, and nothing limits requests at once there.
fn at_once(key: GateKey, items: usize) -> u32 {
    const OUTLOOK: u32 = 4;
    match key.workload {
        Workload::Outlook => u32::try_from(items).unwrap_or(OUTLOOK).min(OUTLOOK),
        Workload::Directory | Workload::Teams | Workload::SharePoint | Workload::Search => 1,
    }
}

fn order(key: &GateKey) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}
