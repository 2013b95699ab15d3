//! What is not published yet, laid over what is.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::batch::{Amendment, Mode};
use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::time::Minute;
use crate::store::parquet::ParquetError;
use crate::store::query::{open, rows};
use crate::store::snapshot::Snapshot;

/// Whole minutes that hold instead of the published ones, by channel.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    pub minutes: BTreeMap<ChannelId, BTreeMap<Minute, Sample>>,
    /// Whether any of them is published in another form.
    pub replaces: bool,
}

impl Overlay {
    /// Joins `fresh` (of `channels` if given, with `from <= minute < to`) to the published minutes of `snapshot`, in
    /// the way publication will: pieces add up and raise the revision of a published minute by one, a replacement
    /// holds if its revision is higher.
    pub fn new(
        snapshot: &Snapshot,
        fresh: &[Amendment],
        channels: Option<&[ChannelId]>,
        from: Minute,
        to: Minute,
    ) -> Result<Self, ParquetError> {
        let wanted = |channel| channels.is_none_or(|channels| channels.contains(channel));
        let fresh = fresh.iter().filter(|fresh| (from..to).contains(&fresh.sample.minute));
        let mut changes: BTreeMap<(&ChannelId, Minute), Vec<&Amendment>> = BTreeMap::new();
        for amendment in fresh.filter(|fresh| wanted(&fresh.sample.channel)) {
            let key = (&amendment.sample.channel, amendment.sample.minute);
            changes.entry(key).or_default().push(amendment);
        }
        let keys: BTreeSet<(&ChannelId, Minute)> = changes.keys().copied().collect();
        let mut published = published(snapshot, &keys)?;
        let mut overlay = Self::default();
        for ((channel, minute), changes) in changes {
            let before = published.remove(&(channel.clone(), minute));
            overlay.replaces |= before.is_some();
            if let Some(sample) = join(before, &changes) {
                overlay.minutes.entry(channel.clone()).or_default().insert(minute, sample);
            }
        }
        Ok(overlay)
    }
}

/// The published minutes among `keys`.
fn published(
    snapshot: &Snapshot,
    keys: &BTreeSet<(&ChannelId, Minute)>,
) -> Result<BTreeMap<(ChannelId, Minute), Sample>, ParquetError> {
    let mut spans: BTreeMap<&ChannelId, (Minute, Minute)> = BTreeMap::new();
    for &(channel, minute) in keys {
        let span = spans.entry(channel).or_insert((minute, minute));
        *span = (span.0.min(minute), span.1.max(minute));
    }
    let mut found = BTreeMap::new();
    let (first, last) =
        spans.values().fold((Minute(u32::MAX), Minute(0)), |all, span| (all.0.min(span.0), all.1.max(span.1)));
    for file in open(snapshot, first, last.plus(1))? {
        for (channel, &(first, last)) in &spans {
            rows::read(&file, channel, first, last.plus(1), |sample| {
                if keys.contains(&(&sample.channel, sample.minute)) {
                    found.insert((sample.channel.clone(), sample.minute), sample);
                }
            })?;
        }
    }
    Ok(found)
}

fn join(published: Option<Sample>, changes: &[&Amendment]) -> Option<Sample> {
    let was_published = published.is_some();
    let mut raised = false;
    changes.iter().fold(published, |sample, change| match sample {
        None => Some(change.sample.clone()),
        Some(mut sample) => {
            match change.mode {
                Mode::Add => {
                    sample.merge(&change.sample);
                    if was_published && !raised {
                        sample.revision = sample.revision.saturating_add(1);
                        raised = true;
                    }
                }
                Mode::Replace if change.sample.revision > sample.revision => sample.clone_from(&change.sample),
                Mode::Replace => {}
            }
            Some(sample)
        }
    })
}
