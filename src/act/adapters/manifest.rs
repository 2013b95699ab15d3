//! Writes a JSON patch (RFC 6902) with the weights of `backendRefs`: `HTTPRoute` of the Gateway API, `AIGatewayRoute` of the
//! Envoy AI Gateway. Weights are whole numbers that add up to 100.
//!
//! The file is applied by whoever watches it, or by a command: `kubectl patch aigatewayroute NAME --type=json --patch-file
//! FILE`. `add` to a member that exists replaces it, so the patch also fits where no weight was given.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;

use crate::act::adapters::{Adapter, AdapterError, NOTHING, Pool, file, run};
use crate::domain::time::Timestamp;

/// What the weights add up to.
const WHOLE: u32 = 100;

/// Where the patch is written, and whose weights are in it.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The file.
    pub file: PathBuf,
    /// The `backendRefs` of the rule, in their order.
    pub backends: Vec<String>,
    /// Number of the rule.
    pub rule: u32,
    /// Command that applies the file.
    pub apply: Option<Vec<String>>,
    /// What was applied, as far as is known.
    done: Option<String>,
}

impl Manifest {
    /// Writes `file`.
    #[must_use]
    pub const fn new(file: PathBuf, backends: Vec<String>, rule: u32, apply: Option<Vec<String>>) -> Self {
        Self { file, backends, rule, apply, done: None }
    }

    fn rendered(&self, pool: &Pool) -> String {
        let shares = pool.shares();
        // Backends that are none of our channels keep what they have.
        let ours = self.backends.iter().enumerate().filter_map(|(at, name)| Some((at, *shares.get(name.as_str())?)));
        let ours: Vec<(usize, f64)> = ours.collect();
        let weights = whole(&ours.iter().map(|(_, share)| *share).collect::<Vec<_>>());
        let step = |((at, _), weight): (&(usize, f64), u32)| {
            let path = format!("/spec/rules/{}/backendRefs/{at}/weight", self.rule);
            json!({"op": "add", "path": path, "value": weight})
        };
        let steps: Vec<_> = ours.iter().zip(weights).map(step).collect();
        // A list of texts and numbers can always be written.
        let mut text = serde_json::to_string_pretty(&steps).unwrap_or_default();
        text.push('\n');
        text
    }
}

#[async_trait]
impl Adapter for Manifest {
    async fn apply(&mut self, pools: &[Pool], _now: Timestamp) -> Result<(), AdapterError> {
        let Some(pool) = pools.first() else { return Ok(()) };
        let text = self.rendered(pool);
        if self.done.as_ref() == Some(&text) {
            return Ok(());
        }
        self.done = None;
        file::replace(&self.file, &text).await?;
        if let Some(apply) = &self.apply {
            run::run(apply).await?;
        }
        self.done = Some(text);
        Ok(())
    }

    fn again_after(&self) -> Option<Duration> {
        None
    }
}

/// `shares` as whole numbers that add up to [`WHOLE`], by largest remainders; whoever has a share keeps at least 1 as long
/// as there are not more of them than that.
fn whole(shares: &[f64]) -> Vec<u32> {
    let sum: f64 = shares.iter().sum();
    if sum <= NOTHING {
        return vec![1; shares.len()];
    }
    let exact: Vec<f64> = shares.iter().map(|share| share / sum * f64::from(WHOLE)).collect();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 ..= 100")]
    let mut weights: Vec<u32> = exact.iter().map(|exact| exact.floor() as u32).collect();
    let mut order: BTreeMap<(u64, usize), usize> = BTreeMap::new();
    for (at, exact) in exact.iter().enumerate() {
        // Remainders lie within 0 ..= 1, where the bits of a number order as the number does.
        order.insert(((1.0 - exact.fract()).max(0.0).to_bits(), at), at);
    }
    let mut left = WHOLE.saturating_sub(weights.iter().sum());
    for at in order.into_values() {
        if left > 0
            && shares.get(at).is_some_and(|share| *share > 0.0)
            && let Some(weight) = weights.get_mut(at)
        {
            *weight += 1;
            left -= 1;
        }
    }
    for at in 0..weights.len() {
        if weights[at] == 0
            && shares[at] > 0.0
            && let Some(richest) = (0..weights.len()).max_by_key(|at| weights[*at]).filter(|at| weights[*at] > 1)
        {
            weights[richest] -= 1;
            weights[at] = 1;
        }
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::adapters::tests::pool;

    #[test]
    fn weights_add_up_to_a_hundred_and_a_small_share_is_not_lost() {
        assert_eq!(whole(&[1.0, 1.0, 1.0]), [34, 33, 33]);
        assert_eq!(whole(&[0.999, 0.001, 0.0]), [99, 1, 0]);
        assert_eq!(whole(&[0.0, 0.0]), [1, 1]);
        assert_eq!(whole(&[0.55, 0.45]), [55, 45]);
    }

    #[tokio::test]
    async fn the_patch_names_our_backends_by_their_places() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("patch.json");
        let backends = ["us", "theirs", "eu"].map(str::to_owned).to_vec();
        let mut manifest = Manifest::new(file.clone(), backends, 2, None);
        manifest.apply(&[pool(&[("eu", 0.0), ("us", 1.0)])], Timestamp::from_seconds(0)).await.expect("written");
        let patch: serde_json::Value = serde_json::from_slice(&std::fs::read(file).expect("read")).expect("JSON");
        let expected = json!([
            {"op": "add", "path": "/spec/rules/2/backendRefs/0/weight", "value": 100},
            {"op": "add", "path": "/spec/rules/2/backendRefs/2/weight", "value": 0},
        ]);
        assert_eq!(patch, expected);
    }
}
