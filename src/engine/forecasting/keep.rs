//! Fitted models on disk: one file for each channel below `models/`, and one for the pools of each series ([`pool`]).
//!
//! The files are not part of the catalog. Each is written whole and atomically and says up to which minute it has
//! learnt; what was sealed since is read from the tables and learnt again, which ends in the same bits. A file that is
//! damaged or of another format costs a fit, nothing else.

use serde::{Deserialize, Serialize};

use crate::domain::ids::ChannelId;
use crate::domain::target::Target;
use crate::domain::time::{Minute, Timestamp};
use crate::engine::Engine;
use crate::engine::forecasting::channel::{ChannelForecasts, row_of};
use crate::engine::forecasting::expect::Notes;
use crate::engine::forecasting::feed::{settle, take_scores};
use crate::engine::forecasting::kept::Ledger;
use crate::engine::forecasting::{locked, pool};
use crate::forecast::champion::Champion;
use crate::forecast::live::SavedTracker;
use crate::forecast::select::SelectionReport;
use crate::store::query;

/// The forecasts of one channel as data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SavedChannel {
    /// The channel's name.
    pub channel: String,
    /// The minute that the trackers wait for.
    pub next: u32,
    /// When they were fitted.
    pub fitted_at: Option<Timestamp>,
    /// First minute of the history they were fitted to.
    pub fitted_from: Option<u32>,
    /// Forecasts that were acted upon and wait for their truth.
    pub(super) ledger: Ledger,
    /// What is expected of the minutes to come.
    pub(super) notes: Notes,
    /// Name and state of every series that has a fit.
    pub series: Vec<SavedSeries>,
}

/// One series as data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SavedSeries {
    /// The series' name.
    pub target: String,
    /// Its state.
    pub tracker: SavedTracker,
    /// Why this champion: training window, candidates with errors and shares, seed.
    pub report: SelectionReport,
}

impl SavedChannel {
    fn of(channel: &ChannelId, forecasts: &ChannelForecasts) -> Option<Self> {
        let next = forecasts.next?.0;
        let saved = |(fitted, target): (&Option<Champion>, Target)| {
            let Champion { tracker, report } = fitted.as_ref()?;
            Some(SavedSeries { target: target.name().to_owned(), tracker: tracker.save(), report: report.clone() })
        };
        let series: Vec<_> = forecasts.series.iter().zip(Target::ALL).filter_map(saved).collect();
        (!series.is_empty()).then(|| Self {
            channel: channel.as_str().to_owned(),
            next,
            fitted_at: forecasts.fitted_at,
            fitted_from: forecasts.fitted_from.map(|minute| minute.0),
            ledger: forecasts.ledger.clone(),
            notes: forecasts.notes.clone(),
            series,
        })
    }

    fn restore(self) -> Option<(ChannelId, ChannelForecasts)> {
        let channel = ChannelId::new(&self.channel).ok()?;
        let mut forecasts = ChannelForecasts::default();
        forecasts.next = Some(Minute(self.next));
        forecasts.fitted_at = self.fitted_at;
        forecasts.ledger = self.ledger;
        forecasts.notes = self.notes;
        forecasts.fitted_from = self.fitted_from.map(Minute);
        for SavedSeries { target, tracker, report } in self.series {
            let slot = Target::ALL.into_iter().position(|known| known.name() == target);
            if let Some(place) = slot.and_then(|slot| forecasts.series.get_mut(slot)) {
                *place = tracker.restore().map(|tracker| Champion { tracker, report });
            }
        }
        Some((channel, forecasts))
    }
}

/// Beginning of the names of channels' files.
const CHANNELS: &str = "channel-";

/// The file's name: channels may have names that no file can have.
fn file_of(channel: &ChannelId) -> String {
    format!("{CHANNELS}{:016x}", xxhash_rust::xxh3::xxh3_64(channel.as_str().as_bytes()))
}

impl Engine {
    /// Writes the fitted models of `channel`. A failure is logged: a fit, a kept forecast or the end of the program saves
    /// again.
    pub(super) fn save_channel(&self, channel: &ChannelId) {
        let Some(forecasts) = self.0.forecasting.known(channel) else { return };
        // Held until the file is there, so that of two savers the later state is the one that stays.
        let forecasts = locked(&forecasts);
        let Some(saved) = SavedChannel::of(channel, &forecasts) else { return };
        let written = match postcard::to_stdvec(&saved) {
            Ok(bytes) => self.0.store.put_model(&file_of(channel), &bytes).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = written {
            tracing::warn!(%channel, %error, "fitted models were not saved; they will be again");
        }
    }

    /// Writes the fitted models of every channel.
    pub(in crate::engine) fn save_models(&self) {
        for (channel, _) in self.0.forecasting.all() {
            self.save_channel(&channel);
        }
    }

    /// Reads the fitted models and lets them learn what was sealed since.
    pub(in crate::engine) fn load_models(&self) {
        let files = match self.0.store.models() {
            Ok(files) => files,
            Err(error) => return tracing::warn!(%error, "fitted models cannot be read; they are fitted anew"),
        };
        let is_ours = |name: &str| name.starts_with(CHANNELS) || name.starts_with(pool::FILES);
        for (name, read) in files.into_iter().filter(|(name, _)| is_ours(name)) {
            let restored = read.map_err(|error| error.to_string()).and_then(|bytes| {
                if name.starts_with(pool::FILES) {
                    postcard::from_bytes(&bytes).map(|saved| self.restore_pools(saved))
                } else {
                    postcard::from_bytes(&bytes).map(|saved| self.restore_channel(saved))
                }
                .map_err(|error| error.to_string())
            });
            if let Err(error) = restored {
                tracing::warn!(%name, %error, "a fitted model is of no use; it is fitted anew");
            }
        }
    }

    fn restore_channel(&self, saved: SavedChannel) {
        let Some((channel, mut forecasts)) = saved.restore() else { return };
        let from = forecasts.next.unwrap_or_default();
        match query::samples(&self.0.store.snapshot(), &[], &channel, from, Minute(u32::MAX)) {
            Ok(samples) => {
                for sample in &samples {
                    let row = row_of(sample);
                    self.0.records.add(settle(&mut forecasts, &channel, sample.minute, &row));
                    forecasts.feed(sample.minute, row);
                    forecasts.note(&self.0.forecasting.lead);
                }
            }
            Err(error) => return tracing::warn!(%channel, %error, "forecasts begin anew: no history"),
        }
        self.0.records.add(take_scores(&mut forecasts, &channel));
        *locked(&self.0.forecasting.channel(&channel)) = forecasts;
    }
}
