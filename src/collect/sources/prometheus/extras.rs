//! Series kept as gauges: labels that are not asked for are combined away.

use std::collections::BTreeMap;

use crate::collect::sources::prometheus::mapping::{Combine, Mapping};
use crate::collect::sources::prometheus::text::Point;
use crate::domain::gauge::Gauge;
use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;

/// The extra series of one page.
pub struct Extras<'a> {
    source: &'a str,
    mapping: &'a Mapping,
    at: Timestamp,
    readings: BTreeMap<(usize, BTreeMap<String, String>), f64>,
}

impl<'a> Extras<'a> {
    /// No series yet.
    #[must_use]
    pub const fn new(source: &'a str, mapping: &'a Mapping, at: Timestamp) -> Self {
        Self { source, mapping, at, readings: BTreeMap::new() }
    }

    /// Takes one series of the rule numbered `rule`.
    ///
    /// # Errors
    /// The problem, if the value is not finite: a gauge has no such readings.
    pub fn take(&mut self, rule: usize, channel: Option<&ChannelId>, point: &Point<'_>) -> Result<(), String> {
        if !point.value.is_finite() {
            return Err(format!("has the value {}, which cannot be stored", point.value));
        }
        let extra = &self.mapping.extras[rule];
        let mut labels = BTreeMap::from([("source".to_owned(), self.source.to_owned())]);
        labels.extend(channel.map(|channel| ("channel".to_owned(), channel.to_string())));
        let kept = extra.keep.iter().map(|label| (label.clone(), point.label(label).to_owned()));
        labels.extend(kept.filter(|(_, value)| !value.is_empty()));
        let reading = self.readings.entry((rule, labels));
        reading
            .and_modify(|value| {
                *value = match extra.combine {
                    Combine::Sum => *value + point.value,
                    Combine::Max => value.max(point.value),
                    Combine::Min => value.min(point.value),
                }
            })
            .or_insert(point.value);
        Ok(())
    }

    /// The readings, by rule and labels. A sum that left the range of floats is dropped.
    #[must_use]
    pub fn finish(self) -> Vec<Gauge> {
        let (mapping, ts) = (self.mapping, self.at);
        let gauges = self.readings.into_iter().filter(|(_, value)| value.is_finite());
        gauges
            .map(|((rule, labels), value)| {
                let metric = mapping.extras[rule].select.names.first().cloned().unwrap_or_default();
                Gauge { ts, metric, labels, value }
            })
            .collect()
    }
}
