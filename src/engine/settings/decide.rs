//! Settings of decisions: the route book that the configuration describes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::config::Config;
use crate::config::valid;
use crate::domain::parameter::ParameterError;
use crate::engine::machine::Class;
use crate::engine::machine::pilot::{Mode, Purse, Quota, Route, RouteBook};
use crate::engine::settings::detect;
use crate::policy::fast::setting::LaneSetting;
use crate::policy::planner::Setting;
use crate::risk::objective::Objective;

/// Settings of decisions.
#[derive(Debug, Clone)]
pub struct DecideSettings {
    /// Where the decision of each class is kept as a file, for consumers that read files.
    pub directory: Option<PathBuf>,
    /// What operators say.
    pub book: Arc<RouteBook>,
    /// Decisions within a day that may do harm before a class goes back to advice.
    pub harmful_per_day: usize,
}

impl DecideSettings {
    /// The settings that `config` asks for; `None` if there is nothing to decide.
    #[must_use]
    pub fn of(config: &Config) -> Option<Self> {
        if !config.decide.enabled || config.routes.is_empty() {
            return None;
        }
        // The configuration has checked every range already.
        let planner = planner(&config.decide).ok()?;
        let book = RouteBook {
            routes: config.routes.iter().filter_map(route).collect(),
            prices: config.prices(),
            quotas: config
                .channels
                .iter()
                .map(|channel| (channel.name.clone(), quota(channel)))
                .collect::<BTreeMap<_, _>>(),
            planner,
            approve_within_s: config.decide.approve_within.as_secs_f64(),
            lane: LaneSetting::default(),
        };
        let harmful_per_day = usize::try_from(config.decide.harmful_per_day).unwrap_or(usize::MAX);
        Some(Self { directory: config.decide.directory.clone(), book: Arc::new(book), harmful_per_day })
    }
}

/// How plans are made.
fn planner(decide: &valid::Decide) -> Result<Setting, ParameterError> {
    let setting = Setting {
        explore: decide.explore,
        leave_risk: decide.leave_at,
        back_risk: decide.return_below,
        dwell_s: decide.dwell.as_secs_f64(),
        largest_shift: decide.largest_shift,
        lease_s: decide.lease.as_secs_f64(),
        ..Setting::default()
    };
    setting.check().map(|()| setting)
}

fn route(route: &valid::Route) -> Option<Route> {
    // A class that only has a budget promises nothing that a minute could break.
    let unbroken = || Objective::new(None, None, Some(0.0)).ok();
    let objective = detect::objective(route).map_or_else(unbroken, Result::ok)?;
    let channels = route.channels.iter().cloned().collect();
    let class = Class { name: route.class.clone(), objective, channels };
    let mode = match route.mode {
        valid::Mode::Observe => Mode::Observe,
        valid::Mode::Advise => Mode::Advise,
        valid::Mode::Approve => Mode::Approve,
        valid::Mode::Auto => Mode::Auto,
    };
    let purse = route
        .objective
        .budget
        .map(|budget| Purse { usd: budget.amount.usd(), monthly: budget.per == valid::Period::Month });
    Some(Route { class, mode, approvals: if route.two_operators { 2 } else { 1 }, purse })
}

fn quota(channel: &valid::Channel) -> Quota {
    #[expect(clippy::cast_precision_loss, reason = "limits of a minute")]
    let number = |limit: std::num::NonZeroU64| limit.get() as f64;
    Quota { calls_per_min: channel.limits.rpm.map(number), tokens_per_min: channel.limits.tpm.map(number) }
}
