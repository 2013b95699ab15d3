//! A store in which something went wrong: two channels of one provider broke together, one of them has recovered.

use std::path::Path;

use foreroute::anomaly::detector::Band;
use foreroute::anomaly::verdict::{State, Verdict, Vote};
use foreroute::domain::ids::ChannelId;
use foreroute::domain::record::Record;
use foreroute::domain::time::{Minute, Timestamp};
use foreroute::incident::change::Change;
use foreroute::incident::command::{Command, Order};
use foreroute::incident::group::{Grouping, Groups};
use foreroute::incident::place::{Place, Topology};
use foreroute::incident::rows;
use foreroute::incident::rules::Rules;
use foreroute::incident::severity::Harm;
use foreroute::incident::watch::{Report, Watch};
use foreroute::risk::outlook::Risk;
use foreroute::store::{Publication, Store, StoreOptions};

/// What went wrong, by name.
pub struct Trouble {
    /// Open, acknowledged by ada, on `openai/eu`.
    pub eu: String,
    /// Recovered, on `openai/us`.
    pub us: String,
    /// The group of both.
    pub group: String,
    /// The fingerprint of the first.
    pub fingerprint: String,
}

/// Minutes from the first odd one to now.
const LENGTH: u32 = 30;

fn verdict(value: f64) -> Verdict {
    let is_odd = value > 110.0;
    let votes = vec![Vote { detector: "surprise", p: if is_odd { 0.000_1 } else { 0.4 } }];
    let score = if is_odd { 0.97 } else { 0.1 };
    Verdict { state: State::Judged, score, anomaly: is_odd, value, expected: Band::around(100.0, 10.0), votes }
}

/// Publishes it into a new store below `data`, as an engine would have that was there until `now`.
pub fn publish(data: &Path, now: Timestamp) -> Trouble {
    let place = Place { provider: Some("openai".into()), ..Place::default() };
    let names = ["openai/eu", "openai/us"].map(|name| ChannelId::new(name).expect("a name"));
    let topology = Topology::new(names.iter().map(|name| (name.clone(), place.clone())).collect());
    let mut watches = names.clone().map(|name| Watch::new(name, place.clone()));
    let (mut groups, rules, mut records) = (Groups::default(), Rules::default(), Vec::new());
    let mut opened: Vec<Change> = Vec::new();
    let first = now.minute().minus(LENGTH);
    for minute in (0..LENGTH).map(|at| first.plus(at)) {
        let mut changes = Vec::new();
        for (at, watch) in watches.iter_mut().enumerate() {
            let value = if at == 0 || minute < first.plus(3) { 300.0 } else { 100.0 };
            let columns = [("latency_p95_ms", verdict(value))];
            let harm = Harm { latency_ratio: value / 150.0, traffic_share: 0.5, ..Harm::UNKNOWN };
            changes.extend(watch.observe(&rules, minute.end(), &Report { minute, columns: &columns, harm }));
            if value > 110.0 {
                records.push(rows::anomaly(&names[at], columns[0].0, minute, &columns[0].1).expect("it fits"));
            }
            records.extend(risks(&names[at], minute, if at == 0 { 0.8 } else { 0.1 }));
        }
        if minute == first.plus(1) {
            let order = Command::new("ada", "looking at it", Order::Acknowledge).expect("a command");
            changes.push(watches[0].command(minute.end(), opened[0].incident.id, &order).expect("it is open"));
        }
        let grouped = groups.observe(&Grouping::default(), &topology, minute.end(), &changes);
        records.extend(changes.iter().map(|change| rows::incident(change).expect("it fits")));
        records.extend(grouped.iter().map(|change| rows::group(change).expect("it fits")));
        opened.extend(changes.into_iter().filter(|change| change.what.begins()));
    }
    let (store, _recovery) = Store::open(data, StoreOptions::default(), now).expect("a new store");
    store.publish(Publication { records, ..Publication::default() }, now).expect("published");
    let group = groups.open().next().expect("a group").id.to_string();
    let [eu, us] = [&opened[0].incident, &opened[1].incident];
    let fingerprint = eu.fingerprint.to_string();
    Trouble { eu: eu.id.to_string(), us: us.id.to_string(), group, fingerprint }
}

fn risks(channel: &ChannelId, minute: Minute, probability: f64) -> Vec<Record> {
    let one = |horizon| {
        let risk = Risk { horizon, chance: probability / 2.0, probability };
        foreroute::risk::rows::risk(channel, "chat", minute, &risk, None).expect("it fits")
    };
    [5, 15, 60].into_iter().map(one).collect()
}
