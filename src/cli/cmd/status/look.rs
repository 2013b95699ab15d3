//! A look at a store, beside its writer if there is one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::api::chat::look::{self, MOST_RISKS, Minutes};
use crate::api::chat::money;
use crate::chat::facts::{Channel, Class, Dear, Incident, Promise, Risk, Spend, Status, Worth};
use crate::cli::args::Shared;
use crate::cli::cmd::incidents::shelf;
use crate::cli::cmd::risk::by_channel;
use crate::cli::data::{self, Everything};
use crate::cli::exit::{Exit, Failure};
use crate::config::Config;
use crate::domain::column::Column;
use crate::domain::time::{Day, MINUTES_PER_DAY, Minute, Timestamp};
use crate::engine::{self, View, read_decisions, read_modes, read_situation, read_worth};
use crate::store::Store;
use crate::store::query::QueryError;

/// Rows of risks that are read at most.
const MOST_ROWS: usize = 200_000;
/// Minutes within which a risk is still news.
const NEWS_MINUTES: u32 = 15;

/// How everything is by the store at `now`: `columns` of the channels over `span`, all else as of now.
pub(super) fn status(
    shared: &Shared,
    columns: &[Column],
    span: (Minute, Minute),
    now: Timestamp,
) -> Result<Status, Failure> {
    let config = data::settings(shared)?;
    let store = data::open_for_reading(shared)?;
    let everything = data::everything(&store, &config)?;
    let failed = |error: QueryError| Failure::from_error(Exit::Partial, &error);
    let minutes = Minutes { snapshot: &everything.snapshot, fresh: &everything.fresh };
    let mut channels = minutes.totals(columns, span).map_err(failed)?;
    minutes.last_hour(&mut channels, now.minute()).map_err(failed)?;
    let (incidents, risks) = troubles(&everything, now.minute().plus(1)).map_err(failed)?;
    look::mark(&mut channels, &incidents, &risks);
    Ok(Status {
        at: now,
        newest: minutes.newest(),
        classes: classes(&store, &config, now.minute()),
        channels,
        more_channels: 0,
        incidents,
        risks: risks.into_iter().take(MOST_RISKS).collect(),
        worth: worth(&everything, &config, now.minute()).map_err(failed)?,
        spend: Some(spend(&minutes, now.minute()).map_err(failed)?),
    })
}

/// What the decisions of the last day were worth.
fn worth(everything: &Everything, config: &Config, now: Minute) -> Result<Option<Worth>, QueryError> {
    let view = View {
        snapshot: Arc::clone(&everything.snapshot),
        fresh: everything.fresh.clone(),
        fresh_late: Vec::new(),
        fresh_gauges: Vec::new(),
        fresh_records: Vec::new(),
    };
    let to = now.plus(1);
    let classes = read_worth(&view, &engine::Settings::of(config), to.minus(MINUTES_PER_DAY), to)?;
    Ok(money::worth(classes.into_iter().map(|of| of.worth)))
}

/// What is spent so far; what will be takes the forecasts of the server.
fn spend(minutes: &Minutes<'_>, now: Minute) -> Result<Spend, QueryError> {
    let today = now.day();
    // Days print as `2026-11-22`.
    let passed: u32 = today.to_string().get(8..10).and_then(|day| day.parse().ok()).unwrap_or(1);
    let sum = |from: Day| {
        let costs = minutes.totals(&[Column::Cost], (from.first_minute(), now.plus(1)))?;
        let dear = |of: Channel| Dear { today_usd: of.cost_usd.unwrap_or_default(), channel: of.channel };
        Ok::<Vec<Dear>, QueryError>(costs.into_iter().map(dear).collect())
    };
    let (mut channels, month) = (sum(today)?, sum(today.minus(passed.saturating_sub(1)))?);
    channels.sort_by(|one, other| other.today_usd.total_cmp(&one.today_usd));
    Ok(Spend {
        today_usd: channels.iter().map(|of| of.today_usd).sum(),
        day_expected_usd: None,
        day_between_usd: None,
        month_usd: month.iter().map(|of| of.today_usd).sum(),
        month_expected_usd: None,
        budget: None,
        saved_usd: None,
        channels,
    })
}

/// Open incidents, and the newest risks, the gravest and highest first.
fn troubles(everything: &Everything, to: Minute) -> Result<(Vec<Incident>, Vec<Risk>), QueryError> {
    let shelf = shelf(everything);
    let told = shelf.incidents(to.minus(1).start(), to.start())?;
    let mut incidents: Vec<Incident> = told.iter().filter_map(look::told).collect();
    look::sort(&mut incidents);
    let newest = by_channel(&shelf.risks(None, (to.minus(NEWS_MINUTES), to), MOST_ROWS)?);
    let risk =
        |of: crate::cli::cmd::risk::Newest| Risk { probability: of.highest(), channel: of.channel, class: of.class };
    Ok((incidents, newest.into_iter().map(risk).collect()))
}

/// The route classes of the configuration, and those that the store knows besides, with what it knows of them. What waits for
/// approval is known to the server only.
fn classes(store: &Store, config: &Config, now: Minute) -> Vec<Class> {
    let mut promises: BTreeMap<String, Vec<Promise>> =
        read_situation(store).map(|saved| look::promises(&saved, now)).unwrap_or_default();
    let (decisions, set) = (read_decisions(store), read_modes(store));
    let configured = |name: &str| config.routes.iter().find(|route| route.class == name);
    let known = decisions.iter().map(|decision| &decision.plan.class).chain(promises.keys()).cloned();
    let others: BTreeSet<String> = known.filter(|name| configured(name).is_none()).collect();
    let names = config.routes.iter().map(|route| route.class.clone()).chain(others);
    let class = |name: String| {
        let held = decisions.iter().find(|decision| decision.plan.class == name);
        let mode = set.get(&name).map(|set| set.mode.name());
        let mode = mode.or_else(|| configured(&name).filter(|_| config.decide.enabled).map(|route| route.mode.name()));
        Class {
            mode,
            promises: promises.remove(&name).unwrap_or_default(),
            shares: held.map(|held| look::shares(&held.plan.shares)).unwrap_or_default(),
            waiting: None,
            class: name,
        }
    };
    names.map(class).collect()
}
