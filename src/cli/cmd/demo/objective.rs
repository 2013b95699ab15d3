//! What the demo promises, and how its detection is set up.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::elements::target::JUDGED;
use crate::domain::ids::ChannelId;
use crate::domain::parameter::ParameterError;
use crate::domain::price::PriceList;
use crate::engine::machine::pilot::{Mode, Route, RouteBook};
use crate::engine::machine::{Class, ControlTable, Override, Rulebook};
use crate::engine::{DecideSettings, DetectSettings};
use crate::incident::place::{Place, Topology};
use crate::risk::objective::Objective;
use crate::sim::world::World;

/// The one route class.
pub(super) const CLASS: &str = "chat";
/// What it promises, for people.
pub(super) struct Promised {
    /// The 95th percentile of latency, in seconds.
    pub(super) latency_p95_s: f64,
    /// Calls of a hundred that may fail.
    pub(super) error_percent: f64,
}
/// What it promises.
pub(super) const PROMISED: Promised = Promised { latency_p95_s: 9.0, error_percent: 5.0 };
/// A day of the demo passes in minutes, so traffic that doubles or halves is no news.
const LEAST_SHIFT: f64 = 2.0;

/// Decisions about the one class.
///
/// # Errors
/// None with the constants as they are.
pub(super) fn decisions(world: &World, prices: PriceList) -> Result<DecideSettings, ParameterError> {
    let route = Route { class: class(world)?, mode: Mode::Advise, approvals: 1, purse: None };
    let book = RouteBook { routes: vec![route], prices, ..RouteBook::default() };
    Ok(DecideSettings { directory: None, book: Arc::new(book), harmful_per_day: 3 })
}

fn class(world: &World) -> Result<Class, ParameterError> {
    let Promised { latency_p95_s, error_percent } = PROMISED;
    let objective = Objective::new(Some((0.95, latency_p95_s * 1_000.0)), Some(error_percent / 100.0), None)?;
    let channels = world.profiles().iter().filter_map(|profile| ChannelId::new(profile.name).ok()).collect();
    Ok(Class { name: CLASS.to_owned(), objective, channels })
}

/// Detection of the channels of `world`.
///
/// # Errors
/// None with the constants as they are.
pub(super) fn settings(world: &World, history_minutes: u32) -> Result<DetectSettings, ParameterError> {
    let named = || world.profiles().iter().filter_map(|profile| Some((ChannelId::new(profile.name).ok()?, profile)));
    let place = |(name, profile): (ChannelId, &crate::sim::world::profile::Profile)| {
        let (model, provider) = (Some(profile.model.into()), Some(profile.provider.into()));
        (name, Place { model, provider, ..Place::default() })
    };
    let follows_demand = JUDGED.into_iter().filter(|target| {
        let name = target.name();
        name == "requests" || name.starts_with("tokens_") || name.starts_with("cost_")
    });
    let calmer: Vec<Override> = follows_demand
        .map(|column| Override { column: Some(column), least_relative: Some(LEAST_SHIFT), ..Override::default() })
        .collect();
    let controls = ControlTable::new(&JUDGED, 0.05, &calmer)?;
    let topology = Topology::new(named().map(place).collect::<BTreeMap<_, _>>());
    let book = Rulebook::new(controls, topology, vec![class(world)?])?;
    Ok(DetectSettings { delay_s: 5, history_minutes, keep_from: 0.3, metrics: true, book: Arc::new(book) })
}
