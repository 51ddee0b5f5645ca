//! Several requests in one: `POST /$batch`, of GETs and of the closed list of questions.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connector_actors::lease::Lease;
use connector_actors::throttle::{GatePermit, GateRequest, LoadReport, Outcome, Workload};
use connector_actors::{ClaimsChallenge, Visit};
use http::StatusCode;
use serde_json::value::RawValue;

use super::answer::Answer;
use super::attempt::{Attempt, may_retry};
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

/// What came back for a batch, with the permit that it was sent with.
struct Answered {
    body: GraphBody,
    permit: GatePermit,
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
    /// Reads several things in as few requests as Graph and its limits allow, each with its own answer, in their order: one
    /// that fails fails alone, and what throttles one is learnt for its own workload. Each is asked again as
    /// [`get`](Self::get) would, only together with the others. Time that runs out, or a limit that does not let the rest
    /// pass in time, leaves what has come.
    pub async fn batch(
        &self,
        requests: &[GraphRequest],
    ) -> Result<Vec<Result<GraphBody, GraphError>>, GraphError> {
        let counted: Vec<GateRequest> = requests.iter().map(|request| self.counted(request)).collect();
        let mut answers: Answers = requests.iter().map(|_| None).collect();
        let mut begun = 0;
        while begun < requests.len() {
            let longest = &counted[begun..requests.len().min(begun + MOST)];
            let part = begun..begun + self.together(longest);
            begun = part.end;
            match self.answer_part(requests, part, &mut answers).await {
                Ok(()) => {}
                // What has come is worth giving.
                Err(error) if error.is_passing() && answers.iter().any(Option::is_some) => {
                    return Ok(with_the_rest(answers, &error));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(with_the_rest(answers, &GraphError::DeadlineExceeded))
    }

    async fn answer_part(
        &self,
        requests: &[GraphRequest],
        part: Range<usize>,
        answers: &mut Answers,
    ) -> Result<(), GraphError> {
        if part.len() == 1 {
            match self.get(&requests[part.start]).await {
                Err(error) if error.ends_the_call() => return Err(error),
                answer => answers[part.start] = Some(answer),
            }
            return Ok(());
        }
        let mut pending: Vec<Pending> =
            part.map(|index| Pending { index, attempts: 0, replaced: 0 }).collect();
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
        let items: Vec<(usize, &GraphRequest)> =
            pending.iter().map(|item| (item.index, &requests[item.index])).collect();
        let Some(((_, first), others)) = items.split_first() else {
            return Err(GraphError::Unintelligible);
        };
        let body = BatchBody::of(&items, base)?;
        let url = base.below("/$batch").ok_or(GraphError::ForeignLink)?;
        let unsent = self.unsent(attempt.held_since);
        let others: Vec<GateRequest> = others.iter().map(|(_, request)| self.counted(request)).collect();
        let (mut permit, sent) = self.pass_gate_together(attempt.visit, first, &others, &unsent).await?;
        let workload = first.workload().as_str();
        let underway = self.underway(attempt, "POST", workload, (sent, unsent.sent(sent)));
        let sending = self.sending(attempt, Expected::Json);
        let outcome = self.bounded(attempt.visit, self.client.send_batch(&body, url, sending)).await;
        // A batch that was answered says nothing of the services of its items: each item has a status of its own.
        if !matches!(&outcome, Ok(Ok(answer)) if answer.status.is_success()) {
            self.hear(&mut permit, first, &outcome, sent);
        }
        underway.end(&outcome);
        Ok(match outcome? {
            Ok(answer) if answer.status.is_success() => {
                Ok(Answered { body: GraphBody::new(answer.body), permit })
            }
            Ok(answer) => Err(self.classify(first, &answer, attempt.lease)),
            Err(fault) => Err(unanswered(fault, Expected::Json)),
        })
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
        let Answered { body, permit } = answered;
        let mut given: HashMap<usize, ItemAnswer<'_>> = HashMap::new();
        for answer in body.parse_raw::<BatchAnswer<'_>>()?.responses {
            if let Ok(index) = answer.id.parse() {
                given.insert(index, answer);
            }
        }
        hear_items(permit, requests, &given);
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

/// Tells the gate what the answers say of the services of their items: each counts as if it had come alone.
fn hear_items(mut permit: GatePermit, requests: &[GraphRequest], given: &HashMap<usize, ItemAnswer<'_>>) {
    for workload in Workload::ALL {
        let is_asked = |index: usize| requests.get(index).is_some_and(|item| item.workload() == workload);
        let answers = given.iter().filter(|(index, _)| is_asked(**index)).map(|(_, answer)| answer);
        let told: Vec<(Outcome, Option<LoadReport>)> = answers.filter_map(ItemAnswer::tells).collect();
        told.iter().filter_map(|(_, report)| *report).for_each(|report| permit.hear(workload, report));
        permit.items_ended(workload, &told.iter().map(|(outcome, _)| *outcome).collect::<Vec<_>>());
    }
}

/// What has come, and `error` for what has not.
fn with_the_rest(answers: Answers, error: &GraphError) -> Vec<Result<GraphBody, GraphError>> {
    answers.into_iter().map(|answer| answer.unwrap_or_else(|| Err(error.clone()))).collect()
}
