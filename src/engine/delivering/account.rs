//! What came of it: journal, metrics, and how it stands.

use serde_json::{Value, json};

use crate::act::adapters::{AdapterError, Pool};
use crate::domain::time::Timestamp;
use crate::engine::Engine;
use crate::engine::delivering::End;
use crate::engine::delivering::kept::{Course, Mark, Settled};
use crate::telemetry::names::Metric;

/// How it stands with one target.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryStanding {
    /// Its name.
    pub name: String,
    /// What is there.
    pub kind: &'static str,
    /// Where it is, without secrets.
    pub at: String,
    /// Its route classes.
    pub classes: Vec<ClassDelivery>,
    /// Tries that failed since the last one that did not.
    pub failures: u32,
    /// When and why the last try that failed did.
    pub last_error: Option<(Timestamp, String)>,
}

/// How it stands with one route class of a target.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassDelivery {
    /// The route class.
    pub class: String,
    /// Whether its decisions may be delivered.
    pub acts: bool,
    /// The newest generation that arrived.
    pub generation: Option<u64>,
    /// When it arrived.
    pub delivered_at: Option<Timestamp>,
    /// The generation that is on its way.
    pub waiting: Option<u64>,
    /// Whether weights stay there until they are put back.
    pub holds: bool,
}

impl Engine {
    /// How it stands with everybody whom decisions are brought to.
    #[must_use]
    pub fn deliveries(&self) -> Vec<DeliveryStanding> {
        let class = |end: &End, class: &String| {
            let acts = self.may_act(class);
            let kept = self.0.delivering.kept();
            let course = kept.course(&end.deliver.name, class).cloned().unwrap_or_default();
            let arrived = course.settled.filter(|settled| settled.arrived);
            ClassDelivery {
                class: class.clone(),
                acts,
                generation: arrived.as_ref().map(|settled| settled.mark.generation),
                delivered_at: arrived.map(|settled| settled.at),
                waiting: course.waiting.map(|letter| letter.mark.generation),
                holds: course.holds,
            }
        };
        let standing = |end: &End| {
            let trouble = end.trouble().clone();
            DeliveryStanding {
                name: end.deliver.name.clone(),
                kind: end.deliver.target.kind(),
                at: end.deliver.target.to_string(),
                classes: end.deliver.classes.iter().map(|name| class(end, name)).collect(),
                failures: trouble.failures,
                last_error: trouble.last,
            }
        };
        self.0.delivering.ends.iter().map(standing).collect()
    }

    /// Notes that `pool` arrived.
    pub(super) async fn arrived(&self, end: &End, pool: &Pool) {
        let now = self.clock().now();
        let settled = Settled { mark: Mark::of(pool), at: now, weights: pool.weights.clone(), arrived: true };
        let before = self.settle(end, &pool.class, settled);
        let had_failed = std::mem::take(&mut end.trouble().failures) > 0;
        count(end, "delivered");
        if before.is_none_or(|before| !before.arrived || before.weights != pool.weights) {
            let seconds = now.seconds_since(pool.issued).max(0.0);
            metrics::histogram!(Metric::DeliverySeconds.name(), "target" => end.deliver.name.clone()).record(seconds);
            let (target, class, generation) = (&end.deliver.name, &pool.class, pool.generation);
            tracing::info!(target_name = target, class, generation, seconds, "delivered");
            self.noted(end, pool, "delivered", None).await;
        } else if had_failed {
            tracing::info!(target_name = end.deliver.name, class = pool.class, "it is reached again");
        }
    }

    /// Notes that weights were put back.
    pub(super) async fn put_back(&self, end: &End, pool: &Pool) {
        tracing::info!(
            target_name = end.deliver.name,
            class = pool.class,
            "no decision holds; the weights are put back"
        );
        // The journal first: a process that is killed in between puts them back, and says so, once more.
        self.noted(end, pool, "put back", None).await;
        *self.0.delivering.kept().course_mut(&end.deliver.name, &pool.class) = Course::default();
        end.trouble().failures = 0;
    }

    /// Notes that `pool` did not arrive; the number of failures in a row.
    pub(super) async fn failed(&self, end: &End, pool: &Pool, error: &AdapterError) -> u32 {
        let now = self.clock().now();
        let failures = {
            let mut trouble = end.trouble();
            trouble.failures = trouble.failures.saturating_add(1);
            trouble.last = Some((now, error.to_string()));
            trouble.failures
        };
        let (target, class, generation) = (&end.deliver.name, &pool.class, pool.generation);
        if !error.may_help() {
            let settled = Settled { mark: Mark::of(pool), at: now, weights: pool.weights.clone(), arrived: false };
            self.settle(end, class, settled);
            count(end, "refused");
            tracing::error!(target_name = target, class, generation, %error, "a decision was refused");
            self.noted(end, pool, "refused", Some(error)).await;
        } else if failures == 1 {
            count(end, "failed");
            tracing::warn!(target_name = target, class, generation, %error, "a decision did not arrive; it is tried again");
            self.noted(end, pool, "failed", Some(error)).await;
        } else {
            count(end, "failed");
            tracing::debug!(target_name = target, class, generation, %error, failures, "still not");
        }
        failures
    }

    fn settle(&self, end: &End, class: &str, settled: Settled) -> Option<Settled> {
        let mut kept = self.0.delivering.kept();
        let course: &mut Course = kept.course_mut(&end.deliver.name, class);
        course.waiting = course.waiting.take().filter(|letter| letter.mark > settled.mark);
        course.settled.replace(settled)
    }

    /// A line of the journal.
    async fn noted(&self, end: &End, pool: &Pool, outcome: &str, error: Option<&AdapterError>) {
        let mut body = json!({
            "target": end.deliver.name, "kind": end.deliver.target.kind(), "class": pool.class,
            "generation": pool.generation, "outcome": outcome, "weights": pool.weights,
        });
        if let (Some(error), Value::Object(body)) = (error, &mut body) {
            body.insert("error".to_owned(), error.to_string().into());
        }
        let engine = self.clone();
        let noted = tokio::task::spawn_blocking(move || engine.0.note(engine.clock().now(), "delivery", &body)).await;
        if !matches!(noted, Ok(Ok(_))) {
            tracing::error!(target_name = end.deliver.name, "the journal does not know of a delivery");
        }
    }
}

/// Notes that what waited for `class` is of no use any more.
pub(super) fn expired(end: &End, class: &str, generation: u64) {
    count(end, "expired");
    tracing::warn!(target_name = end.deliver.name, class, generation, "a decision ended before it arrived");
}

fn count(end: &End, outcome: &'static str) {
    metrics::counter!(Metric::Deliveries.name(), "target" => end.deliver.name.clone(), "outcome" => outcome)
        .increment(1);
}
