//! Pools: what the channels have in common, for each of the series that are forecast.
//!
//! A round of fits begins with them. Each series has two: one of all that is published, and one of what was known half
//! a history earlier, since that is how far back candidates are judged from. They are trained on up to 64 channels,
//! which are read one after the other; only some rows of each are held, together some ten thousands.
//!
//! Both lie in one file below `models/`, which is replaced whole. Nothing refers to it: a fitted series has taken from
//! its pool what it needs. So it does not matter at which instant the program is killed, and a damaged file costs no
//! more than that fits start from the series alone until the next round.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::target::Target;
use crate::domain::time::{MINUTES_PER_DAY, Minute};
use crate::engine::Engine;
use crate::engine::forecasting::fit::{column, rows_of};
use crate::forecast::global::{Pool, Pools};
use crate::forecast::history::{Grid, History};
use crate::forecast::live::Shape;
use crate::forecast::saved::FORMAT;
use crate::forecast::select::{PoolTraining, cycles};
use crate::store::query;
use crate::store::schema::SAMPLES;

/// What the names of the files begin with.
pub(super) const FILES: &str = "pools-";

/// Minutes before the newest published one at which pools end: a channel whose last call is that old meets them too.
const MARGIN: u32 = 60;

/// The pools of one target as data. There is no chance in them, and thus no seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedPools {
    format: u32,
    /// The series' name.
    pub target: String,
    /// First minute that was read.
    pub from: u32,
    /// The pools, oldest first.
    pub pools: Vec<SavedPool>,
}

/// One pool as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedPool {
    /// The first minute that was not known to it.
    pub until: u32,
    /// What was learnt.
    pub pool: Pool,
}

impl SavedPools {
    /// Which series they are of, and the pools; `None` if they were saved in another format.
    pub(super) fn restore(self) -> Option<(Target, Pools)> {
        let target = Target::parse(&self.target).filter(|_| self.format == FORMAT)?;
        let pools = self.pools.into_iter().map(|saved| (Minute(saved.until).start(), Arc::new(saved.pool)));
        Some((target, Pools::new(pools)))
    }
}

/// The file's name: that of the target without underscores.
fn file_of(target: Target) -> String {
    format!("{FILES}{}", target.name().replace('_', "-"))
}

impl Engine {
    /// Trains the pools of `target` on what is published, and saves them for the fits to come.
    pub async fn pool(&self, target: Target) {
        let engine = self.clone();
        let work = move || {
            if let Some(saved) = engine.train_pools(target) {
                engine.take_pools(target, saved);
            }
        };
        if tokio::task::spawn_blocking(work).await.is_err() {
            tracing::error!(%target, "the training of a pool broke off; the old one goes on");
        }
    }

    /// New pools of `target`; `None` if there is too little to learn from. Blocks.
    fn train_pools(&self, target: Target) -> Option<SavedPools> {
        let snapshot = self.0.store.snapshot();
        let files = snapshot.files(&SAMPLES);
        let oldest = files.iter().map(|file| file.first_minute).min()?;
        let until = files.iter().map(|file| file.last_minute).max()?.plus(1).minus(MARGIN);
        let most = self.0.settings.forecast.history_days.saturating_mul(MINUTES_PER_DAY);
        let from = oldest.max(until.minus(most));
        let span = until.0.saturating_sub(from.0);
        let (cycles, channels) = (cycles(&[MINUTES_PER_DAY as usize])?, self.channels());
        if span < 2 * MINUTES_PER_DAY || channels.len() < 2 {
            return None;
        }
        let domain = Some(Shape::of_minutes(target.quantity()).domain);
        let training = |until: Minute| PoolTraining::new(cycles, domain, until.start(), channels.len());
        let mut trainings = [until.minus(span / 2), until].map(|until| (until, training(until)));
        let slot = Target::ALL.into_iter().position(|known| known == target)?;
        for channel in PoolTraining::sample(channels.len()).filter_map(|at| channels.get(at)) {
            let samples = match query::samples(&snapshot, &[], channel, from, until) {
                Ok(samples) => samples,
                Err(error) => {
                    tracing::warn!(%channel, %error, "a pool goes without this channel");
                    continue;
                }
            };
            let Some((start, rows)) = rows_of(&samples, most) else { continue };
            let (values, counts) = column(start, &rows, slot, &self.0.settings.forecast.skip);
            let history = History::new(Grid { start: start.start(), step_s: 60 }, &values).with_counts(&counts);
            for (_, training) in &mut trainings {
                training.add(&history);
            }
        }
        let trained = trainings.into_iter().filter_map(|(until, training)| Some((until, training.finish()?)));
        let pools: Vec<SavedPool> = trained.map(|(until, pool)| SavedPool { until: until.0, pool }).collect();
        let saved = SavedPools { format: FORMAT, target: target.name().to_owned(), from: from.0, pools };
        (!saved.pools.is_empty()).then_some(saved)
    }

    /// Saves `pools` and lets fits start from them. A failure to save is logged: what is fitted does not depend on it.
    fn take_pools(&self, target: Target, saved: SavedPools) {
        let written = match postcard::to_stdvec(&saved) {
            Ok(bytes) => self.0.store.put_model(&file_of(target), &bytes).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = written {
            tracing::warn!(%target, %error, "a pool was not saved; the next round trains it anew");
        }
        self.restore_pools(saved);
    }

    /// Lets fits start from `saved`, unless that is of another format.
    pub(super) fn restore_pools(&self, saved: SavedPools) {
        if let Some((target, pools)) = saved.restore() {
            self.0.forecasting.set_pools(target, pools);
        }
    }
}

#[cfg(test)]
mod tests;
