//! A client of work: takes jobs as they come, asks who is to do each, has it done, and tells how it ended.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::sim::jobs::{CLASS, Job, Jobs};

/// Time limit of one request.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A client of the work resource of one server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Jobber {
    http: reqwest::Client,
    url: String,
    /// Beginning of every job's name; unique to one run.
    run: String,
    clock: Clock,
}

impl Jobber {
    /// A client of the server at `base_url` whose jobs are named `{run}-0`, `{run}-1` and so on.
    ///
    /// # Errors
    /// If the HTTP client cannot be built.
    pub fn new(base_url: &str, run: &str, clock: Clock) -> reqwest::Result<Self> {
        let http = reqwest::Client::builder().timeout(TIMEOUT).no_proxy().build()?;
        Ok(Self { http, url: format!("{base_url}/v1/work"), run: run.to_owned(), clock })
    }

    /// Does `jobs` until `stop` turns true or its sender is gone; those under way end at once then.
    pub async fn run(self, jobs: Jobs, mut stop: watch::Receiver<bool>) {
        let mut under_way = JoinSet::new();
        for job in jobs {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                () = self.clock.sleep_until(job.at) => {}
            }
            let (jobber, stop) = (self.clone(), stop.clone());
            under_way.spawn(async move { jobber.perform(&job, stop).await });
            while under_way.try_join_next().is_some() {}
        }
        while under_way.join_next().await.is_some() {}
    }

    /// One job from its start to its end; what cannot be told is given up, as a client would.
    async fn perform(&self, job: &Job, mut stop: watch::Receiver<bool>) -> Option<()> {
        let name = format!("{}-{}", self.run, job.index);
        let start = json!({"event": "start", "job": name, "class": CLASS, "tier": job.tier.name()});
        let model = self.tell(&start).await?["model"].as_str()?.to_owned();
        let (done, takes_s) = job.done_by(&model, true);
        #[expect(clippy::cast_possible_truncation, reason = "float casts saturate")]
        let end = self.clock.now().plus_micros((takes_s * 1e6) as i64);
        tokio::select! {
            () = self.clock.sleep_until(end) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
        let end = json!({
            "event": "end", "job": name, "success": done.success, "quality": done.quality,
            "tokens": done.tokens, "cost_usd": done.cost_usd,
        });
        self.tell(&end).await.map(|_told| ())
    }

    async fn tell(&self, what: &Value) -> Option<Value> {
        let answer = self.http.post(&self.url).json(what).send().await.ok()?;
        answer.error_for_status().ok()?.json().await.ok()
    }
}
