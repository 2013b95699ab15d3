use super::*;
use crate::sim::replay::score::Score;
use crate::sim::scenario::play::{history, play};
use crate::sim::world::fault::FaultKind;

const DEAD: &str = r#"
name = "dead"
about = "The quickest of three channels is dead for a minute."
start = "2026-03-02T12:00:00Z"
length_min = 4
past_min = 1
seeds = 2
policies = ["static", "litellm-latency"]

[client]
retries = 0

[[channel]]
name = "near"
like = "mock"
base_ms = 50.0
region = "eu-west"

[[channel]]
name = "far"
like = "mock"
region = "us-east"

[[class]]
name = "chat"
limit_ms = 500.0
slow = 0.05
failing = 0.01
rate = 10.0
answer_tokens = 20
region = "eu-west"

[[fault]]
channel = "near"
kind = "dead"
at_min = 2.0
for_min = 1.0

[[fault]]
provider = "mock"
kind = "daily-peak"
amount = 2.0
hour = 20.0
hours = 2.0

[[expect]]
policy = "static"
measure = "failed_in_faults"
at_least = 200.0
at_most = 400.0

[[expect]]
policy = "litellm-latency"
measure = "availability"
against = "static"
of = "every"
at_least = 0.5
"#;

#[test]
fn a_scenario_is_played_and_judged() {
    let scenario = Scenario::parse(DEAD).expect("a sound scenario");
    let mut scores: BTreeMap<String, Vec<Score>> = BTreeMap::new();
    for seed in 1..=scenario.seeds {
        let scene = scenario.scene(seed, &Traces::new()).expect("checked");
        assert!(scene.channels[0].round_trip_ms < 5.0 && scene.channels[1].round_trip_ms > 80.0);
        for played in play(&scene, &scenario.policies, &history(&scene)) {
            scores.entry(played.policy).or_default().push(played.score);
        }
    }
    for expected in &scenario.expectations {
        let verdict = expect::judge(expected, |policy| scores[policy].iter().collect());
        assert!(verdict.holds, "{verdict:?}");
    }
    let never = ExpectText { at_most: Some(0.0), at_least: None, ..scenario.expectations[0].clone() };
    let verdict = expect::judge(&never, |policy| scores[policy].iter().collect());
    assert!(!verdict.holds && verdict.got > 0.0);
    assert_eq!(verdict.expected, "median failed_in_faults of static at most 0");
}

#[test]
fn mistakes_are_named() {
    let wrong = |from: &str, to: &str| {
        assert!(DEAD.contains(from), "{from}");
        Scenario::parse(&DEAD.replacen(from, to, 1)).expect_err(to).to_string()
    };
    assert!(wrong("length_min", "lenght_min").contains("lenght_min"));
    assert!(wrong("like = \"mock\"", "like = \"moth\"").contains("no preset called `moth`"));
    assert!(wrong("kind = \"dead\"", "kind = \"tired\"").contains("known are `step`, `ramp`"));
    assert!(wrong("[\"static\"", "[\"magic\"").contains("no policy called `magic`"));
    assert!(wrong("channel = \"near\"", "channel = \"neat\"").contains("`neat`"));
    assert!(wrong("\"failed_in_faults\"", "\"fun\"").contains("no measure called `fun`"));
    assert!(wrong("region = \"us-east\"", "region = \"mars\"").contains("`eu-central`"));
    assert!(wrong("rate = 10.0", "rate = -1.0").contains("a positive rate or a trace"));
    assert!(wrong("12:00:00Z", "12:00:30Z").contains("whole minute"));
    assert!(wrong("policy = \"static\"", "policy = \"round-robin\"").contains("in this scenario"));
    assert!(wrong("amount = 2.0", "amount = 0.0").contains("needs an amount"));
    assert!(wrong("for_min = 1.0", "mended_by = \"magic\"").contains("known are `person`"));
    assert!(wrong("hours = 2.0", "hours = 2.0\nmended_by = \"person\"").contains("nothing mends it"));
    assert!(wrong("\"litellm-latency\"]", "\"foreroute-alerts\"]").contains("wants playbooks"));
}

#[test]
fn what_somebody_mends_lasts_until_then() {
    let text = DEAD.replacen("for_min = 1.0", "mended_by = \"restart\"\nhelps = 0.5", 1)
        + "\n[[command]]\nname = \"restart\"\ntakes_s = 60.0\ndown_s = 30.0\n[people]\ntimes = 0.5\n";
    let scene = Scenario::parse(&text).and_then(|scenario| scenario.scene(1, &Traces::new())).expect("sound");
    let channel = &scene.channels[0];
    assert!(channel.spells[0].to >= scene.run().to.start());
    let [remedy] = &channel.remedies[..] else { unreachable!("{:?}", channel.remedies) };
    assert_eq!((remedy.spell, remedy.by.as_deref(), remedy.helps), (0, Some("restart"), 0.5));
    assert_eq!((scene.care.commands.len(), scene.care.person_times), (1, 0.5));
    let longer = text.replacen("down_s = 30.0", "down_s = 90.0", 1);
    assert!(Scenario::parse(&longer).is_err(), "it is down for longer than it takes");
}

#[test]
fn faults_may_flap_and_may_be_drawn() {
    let text = DEAD.replacen("for_min = 1.0", "flapping_s = [10.0, 20.0]\nfor_min = 2.0", 1);
    let scene = Scenario::parse(&text).and_then(|scenario| scenario.scene(1, &Traces::new())).expect("sound");
    let dead = |spell: &&crate::sim::world::fault::Spell| matches!(spell.kind, FaultKind::Failing(_));
    let spells: Vec<_> = scene.channels[0].spells.iter().filter(dead).collect();
    assert_eq!(spells.len(), 4);
    assert!(spells.windows(2).all(|pair| (pair[1].from.seconds_since(pair[0].from) - 30.0).abs() < 1e-6));
    let text = DEAD.replacen("for_min = 1.0", "", 1);
    let scenario = Scenario::parse(&text).expect("sound");
    let length = |seed| {
        let spell = scenario.scene(seed, &Traces::new()).expect("sound").channels[0].spells[0];
        spell.to.seconds_since(spell.from)
    };
    assert!(length(1) >= 60.0 && (length(1) - length(2)).abs() > 1.0, "another seed draws another length");
}
