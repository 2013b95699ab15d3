//! Gauges of one metric.

use crate::domain::gauge::GaugeMinute;
use crate::domain::time::Minute;
use crate::store::parquet::GaugeReader;
use crate::store::query::QueryError;
use crate::store::schema::GAUGES;
use crate::store::snapshot::Snapshot;

/// The minutes of `metric` with `from <= minute < to`, in no particular order. A minute may come in several pieces: the
/// published one, and in `fresh` what came for it since.
///
/// # Errors
/// [`QueryError`]; see [`QueryError::is_stale`].
pub fn gauges(
    snapshot: &Snapshot,
    fresh: &[GaugeMinute],
    metric: &str,
    from: Minute,
    to: Minute,
) -> Result<Vec<GaugeMinute>, QueryError> {
    let is_wanted = |gauge: &GaugeMinute| gauge.metric == metric && (from..to).contains(&gauge.minute);
    let mut found: Vec<GaugeMinute> = fresh.iter().filter(|gauge| is_wanted(gauge)).cloned().collect();
    for file in snapshot.overlapping(&GAUGES, from, to) {
        for gauge in GaugeReader::open(&snapshot.path(file))? {
            let gauge = gauge?;
            if is_wanted(&gauge) {
                found.push(gauge);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::gauge::Gauge;
    use crate::domain::time::Timestamp;
    use crate::store::{Publication, Store, StoreOptions};

    fn minute(second: i64, metric: &str, value: f64) -> GaugeMinute {
        let ts = Timestamp::from_seconds(1_795_000_020 + second);
        GaugeMinute::from_reading(&Gauge { ts, metric: metric.to_owned(), labels: BTreeMap::new(), value })
    }

    #[test]
    fn published_and_fresh_minutes_of_one_metric_are_found() {
        let dir = tempfile::tempdir().expect("temporary directory");
        let now = Timestamp::from_seconds(1_795_000_000);
        let (store, _) = Store::open(dir.path(), StoreOptions::default(), now).expect("a new store");
        let gauges = vec![minute(0, "depth", 1.0), minute(60, "depth", 2.0), minute(60, "height", 9.0)];
        store.publish(Publication { gauges, ..Publication::default() }, now).expect("published");
        let fresh = [minute(120, "depth", 3.0), minute(120, "height", 9.0)];
        let start = now.plus_seconds(20).minute();
        let ask = |from, to| {
            let found = gauges_of(&store, &fresh, start.plus(from), start.plus(to));
            found.iter().map(|gauge| gauge.last).collect::<Vec<_>>()
        };
        assert_eq!(ask(0, 3), [3.0, 1.0, 2.0]);
        assert_eq!(ask(1, 2), [2.0]);
    }

    fn gauges_of(store: &Store, fresh: &[GaugeMinute], from: Minute, to: Minute) -> Vec<GaugeMinute> {
        gauges(&store.snapshot(), fresh, "depth", from, to).expect("readable")
    }
}
