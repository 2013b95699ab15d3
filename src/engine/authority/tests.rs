//! An engine that is on `auto` and decides badly.

use std::collections::BTreeMap;

use super::*;
use crate::clock::Clock;
use crate::config;
use crate::domain::ids::ChannelId;
use crate::engine::Settings;
use crate::engine::machine::pilot::Tally;
use crate::policy::plan::Plan;
use crate::policy::report::Report;
use crate::store::StoreOptions;

const FILE: &str = r#"
    [[channel]]
    name = "eu"
    [[route]]
    class = "chat"
    mode = "auto"
    objective = { error_ratio = 0.05 }
    [decide]
    harmful_per_day = 2
"#;

fn open(dir: &std::path::Path, clock: &Clock) -> Engine {
    let config = config::parse(FILE, &|_| Ok(String::new())).expect("a valid file").config;
    Engine::open(dir, StoreOptions::default(), Settings::of(&config), clock.clone()).expect("the store opens").0
}

/// The decision `generation`, after whose predecessor `failed` of 1,000 calls had failed.
fn decided(generation: u64, clock: &Clock, failed: u64) -> Decided {
    let eu = ChannelId::new("eu").expect("a name");
    let plan = Plan {
        class: "chat".to_owned(),
        shares: BTreeMap::from([(eu, 1.0)]),
        probes: BTreeMap::new(),
        cost_usd: 0.0,
        slow: 0.0,
        failing: 0.0,
    };
    let decision = Decision {
        generation,
        parent: generation - 1,
        issued: clock.now(),
        expires: clock.now().plus_seconds(120),
        trigger: Trigger::Minute,
        urgency: Urgency::Economic,
        plan,
        report: Report::default(),
    };
    Decided { decision, before: Some((generation - 1, Tally { calls: 1_000, failed, slow: 0 })) }
}

#[tokio::test]
async fn too_much_harm_takes_the_right_to_act_away_until_a_person_gives_it_back() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(Timestamp::from_seconds(1_795_000_000));
    let engine = open(dir.path(), &clock);
    // Each decision fails more calls than the one before.
    for (generation, failed) in [(1, 0), (2, 10), (3, 100), (4, 200)] {
        engine.0.account(&decided(generation, &clock, failed));
        assert_eq!(engine.mode("chat"), Some(Mode::Auto), "after {generation}");
    }
    engine.0.account(&decided(5, &clock, 400));
    let class = engine.modes().remove(0);
    assert_eq!((class.mode, class.configured, class.harmful), (Mode::Advise, Mode::Auto, 3));
    assert_eq!(class.set.map(|set| set.by).as_deref(), Some(ITSELF));
    engine.shutdown().await.expect("it stops");

    let engine = open(dir.path(), &clock);
    assert_eq!(engine.mode("chat"), Some(Mode::Advise), "a restart gives nothing back");
    assert!(matches!(
        engine.set_mode(Some("chat"), Mode::Auto, "ada", ""),
        Err(AuthorityError::Approval(ApprovalError::NoReason))
    ));
    engine.set_mode(None, Mode::Auto, "ada", "the price list was wrong").expect("it is set");
    let class = engine.modes().remove(0);
    assert_eq!((class.mode, class.harmful), (Mode::Auto, 0));
    let kinds: Vec<String> =
        engine.0.store.newest_notes(3).expect("read").into_iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, ["mode", "mode", "harm"]);
    engine.shutdown().await.expect("it stops");
}
