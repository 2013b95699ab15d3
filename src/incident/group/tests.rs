use super::*;
use crate::domain::ids::ChannelId;
use crate::domain::time::Minute;
use crate::incident::evidence::Evidence;
use crate::incident::fingerprint::Fingerprint;
use crate::incident::kind::Kind;
use crate::incident::place::Place;
use crate::incident::severity::Severity;
use crate::incident::state::{Ending, Incident, Times};

/// Two providers with two regions of two channels each; every region has a channel of model `m0` and one of `m1`.
fn topology() -> Topology {
    let mut places = BTreeMap::new();
    for provider in ["azure", "openai"] {
        for region in ["eu", "us"] {
            for model in ["m0", "m1"] {
                let place = Place {
                    model: Some(model.into()),
                    provider: Some(provider.into()),
                    deployment: None,
                    region: Some(region.into()),
                };
                places.insert(channel(&format!("{provider}-{region}-{model}")), place);
            }
        }
    }
    Topology::new(places)
}

fn channel(name: &str) -> ChannelId {
    ChannelId::new(name).expect("a name")
}

fn change(at: u32, name: &str, what: What) -> Change {
    let ending = if let What::Ended(ending) = what { Some(ending) } else { None };
    let opened = Minute(at).end();
    let resolved = ending.map(|_| opened);
    let incident = Incident {
        id: IncidentId(u64::from(crc(name))),
        revision: 1,
        channel: channel(name),
        kind: Kind::Errors,
        fingerprint: Fingerprint(1),
        severity: if what == What::Opened { Severity::P3 } else { Severity::P2 },
        worst: Severity::P2,
        times: Times { first_sign: Minute(at), opened, acknowledged: None, mitigated: None, resolved },
        ending,
        flaps: 0,
        evidence: Evidence::new(Minute(at)),
        recurrence: None,
        silence: None,
        notes: Vec::new(),
        runbook: None,
    };
    Change { at: opened, what, incident }
}

fn crc(name: &str) -> u32 {
    name.bytes().fold(7, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)))
}

/// What happens to groups while `events` of `minute channel what` happen; each as `minute what scope members`.
fn story(events: &[(u32, &str, What)]) -> Vec<String> {
    let (rules, topology, mut groups) = (Grouping::default(), topology(), Groups::default());
    let mut told = Vec::new();
    let minutes: std::collections::BTreeSet<u32> = events.iter().map(|(at, ..)| *at).collect();
    for at in minutes {
        let of_minute = events.iter().filter(|(minute, ..)| *minute == at);
        let changes: Vec<Change> = of_minute.map(|(at, name, what)| change(*at, name, *what)).collect();
        let mut reversed = changes.clone();
        reversed.reverse();
        let before = groups.clone();
        let made = groups.observe(&rules, &topology, Minute(at).end(), &changes);
        let mut other = before;
        assert_eq!(made, other.observe(&rules, &topology, Minute(at).end(), &reversed), "order does not matter");
        told.extend(
            made.iter()
                .map(|made| format!("{at} {} {} {}", made.what.name(), made.group.scope, made.group.members.len())),
        );
    }
    let bytes = postcard::to_stdvec(&groups).expect("it can be written");
    assert_eq!(postcard::from_bytes::<Groups>(&bytes).expect("it can be read"), groups);
    told
}

const OPENED: What = What::Opened;
const ENDED: What = What::Ended(Ending::Recovered);

#[test]
fn one_ill_channel_is_no_group() {
    assert!(story(&[(0, "azure-eu-m0", OPENED), (9, "openai-us-m1", OPENED)]).is_empty());
    assert!(story(&[(0, "azure-eu-m0", OPENED), (60, "azure-eu-m1", OPENED)]).is_empty(), "an hour apart");
}

#[test]
fn a_region_is_a_region_and_a_provider_is_one_incident() {
    let region = [(0, "azure-eu-m0", OPENED), (1, "azure-eu-m1", OPENED)];
    assert_eq!(story(&region), ["1 formed azure/eu 2"]);
    let provider = [region[0], region[1], (2, "azure-us-m1", OPENED), (3, "azure-us-m0", OPENED)];
    assert_eq!(story(&provider), ["1 formed azure/eu 2", "2 widened azure 3", "3 joined azure 4"]);
    let at_once: Vec<_> = provider.iter().map(|(_, name, what)| (5, *name, *what)).collect();
    assert_eq!(story(&at_once), ["5 formed azure 4"]);
}

#[test]
fn a_model_that_breaks_everywhere_is_the_models() {
    let names = ["azure-eu-m0", "openai-eu-m0", "openai-us-m0", "azure-us-m0"];
    let events: Vec<_> =
        names.iter().enumerate().map(|(at, name)| (u32::try_from(at).expect("few"), *name, OPENED)).collect();
    assert_eq!(story(&events), ["2 formed m0 3", "3 joined m0 4"]);
}

#[test]
fn a_group_ends_with_its_last_member_and_takes_it_back() {
    let told = story(&[
        (0, "azure-eu-m0", OPENED),
        (0, "azure-eu-m1", OPENED),
        (5, "azure-eu-m0", What::Raised { from: Severity::P3 }),
        (20, "azure-eu-m0", ENDED),
        (25, "azure-eu-m1", ENDED),
        (30, "azure-eu-m1", What::Reopened),
        (40, "azure-eu-m1", ENDED),
        (80, "azure-eu-m1", OPENED),
    ]);
    let expected = [
        "0 formed azure/eu 2",
        "5 raised azure/eu 2",
        "20 lowered azure/eu 2",
        "25 ended azure/eu 2",
        "30 reopened azure/eu 2",
        "40 ended azure/eu 2",
    ];
    assert_eq!(told, expected);
}

#[test]
fn two_regions_become_one_provider() {
    let rules = Grouping { share: 1.0, ..Grouping::default() };
    let (topology, mut groups) = (topology(), Groups::default());
    let mut told = Vec::new();
    for (at, name) in [(0, "azure-eu-m0"), (1, "azure-eu-m1"), (2, "azure-us-m0"), (3, "azure-us-m1")] {
        let made = groups.observe(&rules, &topology, Minute(at).end(), &[change(at, name, OPENED)]);
        told.extend(made.iter().map(|made| format!("{at} {} {}", made.what.name(), made.group.scope)));
    }
    assert_eq!(told, ["1 formed azure/eu", "3 widened azure"]);
    assert_eq!(groups.open().map(|group| group.members.len()).collect::<Vec<_>>(), [4]);
    assert!(Grouping { least: 1, ..rules }.check().is_err());
    assert_eq!(Grouping::default().check(), Ok(()));
}
