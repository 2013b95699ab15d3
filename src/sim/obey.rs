//! A consumer of decisions, as an orchestrator would be one: it waits for the newest over HTTP, follows it while its lease
//! holds, and goes its own ways otherwise.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::domain::time::Timestamp;

/// How long the server is asked to wait, and the time limit around it.
const WAIT: &str = "20s";
const TIMEOUT: Duration = Duration::from_secs(30);
/// Pause after a question that was not answered.
const PAUSE_US: i64 = 1_000_000;

/// What a consumer reads of a decision.
#[derive(Debug, Deserialize)]
struct Told {
    valid_until: String,
    weights: BTreeMap<String, f64>,
    probes: BTreeMap<String, f64>,
}

/// A decision by the places of channels.
#[derive(Debug, Clone, PartialEq)]
struct Lease {
    /// The entity tag of the answer that it came with.
    tag: String,
    until: Timestamp,
    weights: Vec<f64>,
    /// Place of a channel, and microseconds between two calls to it.
    probes: Vec<(usize, i64)>,
}

/// One who follows the decisions about a route class.
#[derive(Debug)]
pub struct Follower {
    url: String,
    http: reqwest::Client,
    names: Vec<String>,
    held: RwLock<Option<Lease>>,
    probed: Mutex<BTreeMap<usize, Timestamp>>,
}

impl Follower {
    /// A follower of the decisions about `class` that the server at `base_url` makes, for channels in the order of `names`.
    ///
    /// # Errors
    /// If the HTTP client cannot be built.
    pub fn new(base_url: &str, class: &str, names: Vec<String>) -> reqwest::Result<Self> {
        Ok(Self {
            url: format!("{base_url}/v1/routes/{class}/decision?wait={WAIT}"),
            http: reqwest::Client::builder().timeout(TIMEOUT).no_proxy().build()?,
            names,
            held: RwLock::new(None),
            probed: Mutex::new(BTreeMap::new()),
        })
    }

    /// Waits for decisions until `stop` turns true or its sender is gone.
    pub async fn run(&self, clock: &Clock, mut stop: watch::Receiver<bool>) {
        loop {
            let asked = tokio::select! {
                asked = self.ask() => asked,
                _ = stop.wait_for(|stop| *stop) => return,
            };
            if asked.is_err() {
                tokio::select! {
                    () = clock.sleep_until(clock.now().plus_micros(PAUSE_US)) => {}
                    _ = stop.wait_for(|stop| *stop) => return,
                }
            }
        }
    }

    /// Asks for a newer decision than the one that is held.
    async fn ask(&self) -> reqwest::Result<()> {
        let known = self.held.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(|lease| lease.tag.clone());
        let request = self.http.get(&self.url);
        let request = match known {
            Some(tag) => request.header("if-none-match", tag),
            None => request,
        };
        let response = request.send().await?.error_for_status()?;
        if response.status().as_u16() == 304 {
            return Ok(());
        }
        let tag = response.headers().get("etag").and_then(|tag| tag.to_str().ok()).unwrap_or_default().to_owned();
        let told: Told = response.json().await?;
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = self.lease(&told, tag);
        Ok(())
    }

    fn lease(&self, told: &Told, tag: String) -> Option<Lease> {
        let weights = self.names.iter().map(|name| told.weights.get(name).copied().unwrap_or(0.0)).collect();
        #[expect(clippy::cast_possible_truncation, reason = "float casts saturate")]
        let probe = |(place, name): (usize, &String)| Some((place, (told.probes.get(name)? * 1e6) as i64));
        let until = Timestamp::parse_rfc3339(&told.valid_until)?;
        let probes = self.names.iter().enumerate().filter_map(probe).collect();
        Some(Lease { tag, until, weights, probes })
    }

    /// The place of the channel for a call at `now`, whose caller would have taken the place `own`. `luck` is uniform in
    /// 0 .. 1.
    pub fn choose(&self, now: Timestamp, luck: f64, own: usize) -> usize {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let Some(lease) = held.as_ref().filter(|lease| now < lease.until) else { return own };
        let mut probed = self.probed.lock().unwrap_or_else(PoisonError::into_inner);
        for (place, every_us) in &lease.probes {
            let is_due = probed.get(place).is_none_or(|last| now.micros() - last.micros() >= *every_us);
            if is_due {
                probed.insert(*place, now);
                return *place;
            }
        }
        draw(&lease.weights, luck).unwrap_or(own)
    }
}

/// The place that `luck` falls on among `weights`.
fn draw(weights: &[f64], luck: f64) -> Option<usize> {
    let mut left = luck * weights.iter().sum::<f64>();
    let found = weights.iter().position(|weight| {
        left -= weight;
        left < 0.0
    });
    found.or_else(|| weights.iter().rposition(|weight| *weight > 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follower(until_s: i64) -> Follower {
        let names = vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
        let follower = Follower::new("http://127.0.0.1:1", "chat", names).expect("a client");
        let told = Told {
            valid_until: Timestamp::from_seconds(until_s).to_string(),
            weights: BTreeMap::from([("a".to_owned(), 0.25), ("b".to_owned(), 0.75)]),
            probes: BTreeMap::from([("c".to_owned(), 5.0)]),
        };
        let lease = follower.lease(&told, "\"3\"".to_owned());
        *follower.held.write().expect("whole") = lease;
        follower
    }

    #[test]
    fn it_follows_while_the_lease_holds_and_probes_now_and_then() {
        let follower = follower(1_000);
        let at = Timestamp::from_seconds(100);
        assert_eq!(follower.choose(at, 0.9, 0), 2, "the probe is due");
        assert_eq!((follower.choose(at, 0.2, 2), follower.choose(at, 0.3, 2)), (0, 1));
        assert_eq!(follower.choose(at.plus_seconds(4), 0.999_999, 0), 1);
        assert_eq!(follower.choose(at.plus_seconds(5), 0.5, 0), 2, "and again");
        assert_eq!(follower.choose(Timestamp::from_seconds(1_000), 0.5, 2), 2, "its own way");
    }
}
