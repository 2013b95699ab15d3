//! A scene as an operator would write it down for the engine.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::price::{Price, PriceList};
use crate::domain::target::Target;
use crate::domain::time::Timestamp;
use crate::engine::machine::pilot::{Mode, Quota, Route, RouteBook};
use crate::engine::machine::{Class, ControlTable, Rulebook};
use crate::incident::place::{Place, Topology};
use crate::risk::objective::Objective;
use crate::sim::replay::scene::{self, Scene};

/// What is judged: what callers feel.
const JUDGED: [Target; 4] = [
    Target::Column(Column::LatencyP50),
    Target::Column(Column::LatencyP95),
    Target::ErrorRatio,
    Target::ThrottledRatio,
];
/// Alarms a day that are wanted of each column.
const ALARMS_PER_DAY: f64 = 0.05;

/// The route classes with prices and quotas.
pub(super) fn routes(scene: &Scene) -> RouteBook {
    // What is decided here is always done: nobody else routes.
    let route = |class| Some(Route { class: class_of(scene, class)?, mode: Mode::Auto, approvals: 1, purse: None });
    let mut prices = PriceList::default();
    let mut quotas = BTreeMap::new();
    for channel in &scene.channels {
        let list = channel.profile.price;
        let price = Price {
            valid_from: Timestamp::from_seconds(0),
            prompt_usd_per_mtok: list.prompt,
            completion_usd_per_mtok: list.completion,
            cached_usd_per_mtok: list.cached,
        };
        prices.add(channel.id.clone(), price);
        #[expect(clippy::cast_precision_loss, reason = "tokens of a minute")]
        let tokens_per_min = channel.quota.tokens.map(|tokens| tokens as f64);
        quotas
            .insert(channel.id.clone(), Quota { calls_per_min: channel.quota.requests.map(f64::from), tokens_per_min });
    }
    RouteBook { routes: scene.classes.iter().filter_map(route).collect(), prices, quotas, ..RouteBook::default() }
}

/// What is watched.
///
/// # Panics
/// Never: the numbers are constants.
pub(super) fn rules(scene: &Scene) -> Rulebook {
    let place = |channel: &scene::Channel| {
        let shared = |text: &str| Some(text.into());
        let profile = &channel.profile;
        let place = Place { model: shared(profile.model), provider: shared(profile.provider), ..Place::default() };
        (channel.id.clone(), place)
    };
    let classes = scene.classes.iter().filter_map(|class| class_of(scene, class)).collect();
    let controls = ControlTable::new(&JUDGED, ALARMS_PER_DAY, &[]);
    let topology = Topology::new(scene.channels.iter().map(place).collect::<BTreeMap<_, _>>());
    let book = controls.and_then(|controls| Rulebook::new(controls, topology, classes));
    #[expect(clippy::expect_used, reason = "the numbers are constants")]
    let book = book.expect("constants in their ranges");
    Rulebook { forest: false, ..book }
}

fn class_of(scene: &Scene, class: &scene::Class) -> Option<Class> {
    let objective = Objective::new(Some((1.0 - class.slow, class.limit_ms)), Some(class.failing), None).ok()?;
    let channels: BTreeSet<ChannelId> = class
        .channels
        .iter()
        .filter_map(|place| scene.channels.get(*place))
        .map(|channel| channel.id.clone())
        .collect();
    Some(Class { name: class.name.clone(), objective, channels })
}
