//! Settings of detection: the rulebook that the configuration describes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::anomaly::controls;
use crate::config::Config;
use crate::config::valid;
use crate::domain::parameter::ParameterError;
use crate::domain::units::Ratio;
use crate::engine::machine::{Class, ControlTable, Override, Rulebook};
use crate::forecast::history::Span;
use crate::incident::group::Grouping;
use crate::incident::kind::{Kind, Runbooks};
use crate::incident::place::{Place, Topology};
use crate::incident::rules::{Hold, Rules, Settings};
use crate::incident::severity::Scale;
use crate::risk::objective::Objective;

/// Settings of detection.
#[derive(Debug, Clone)]
pub struct DetectSettings {
    /// Seconds after its end at which a minute is judged.
    pub delay_s: i64,
    /// Minutes of history that are learnt at the first start.
    pub history_minutes: u32,
    /// Least score of the minutes that are kept.
    pub keep_from: f64,
    /// Whether the program's own metrics show scores and risks.
    pub metrics: bool,
    /// What operators say.
    pub book: Arc<Rulebook>,
}

impl DetectSettings {
    /// The settings that `config` asks for; `None` if it wants no minute judged.
    #[must_use]
    pub fn of(config: &Config) -> Option<Self> {
        let detect = &config.detect;
        // The configuration has checked every range already.
        let book = rulebook(config).ok().filter(|_| detect.enabled)?;
        Some(Self {
            delay_s: i64::try_from(detect.delay.as_secs()).unwrap_or(i64::MAX),
            history_minutes: u32::try_from(detect.history.as_secs() / 60).unwrap_or(u32::MAX),
            keep_from: detect.keep_from,
            metrics: detect.metrics,
            book: Arc::new(book),
        })
    }
}

fn rulebook(config: &Config) -> Result<Rulebook, ParameterError> {
    let detect = &config.detect;
    let overrides: Vec<Override> = detect.controls.iter().map(said).collect();
    let controls = ControlTable::new(&detect.columns, detect.alarms_per_day, &overrides)?;
    let places = config.channels.iter().map(|channel| (channel.name.clone(), place(channel)));
    let topology = Topology::new(places.collect::<BTreeMap<_, _>>());
    let classes = config.routes.iter().filter_map(class).collect::<Result<_, _>>()?;
    Ok(Rulebook {
        rules: rules(&config.incidents)?,
        grouping: grouping(&config.incidents.group)?,
        forest: detect.forest,
        ..Rulebook::new(controls, topology, classes)?
    })
}

/// What one `[[detect.control]]` says.
fn said(control: &valid::DetectControl) -> Override {
    Override {
        channel: control.channel.clone(),
        column: control.column,
        watch: control.watch,
        alarms_per_day: control.alarms_per_day,
        direction: control.direction.map(|direction| match direction {
            valid::Direction::Up => controls::Direction::Up,
            valid::Direction::Down => controls::Direction::Down,
            valid::Direction::Both => controls::Direction::Both,
        }),
        least_deviation: control.least_deviation,
        least_relative: control.least_relative,
        least_calls: control.least_requests,
        absent_after: control.absent_after,
        maintenance: control.maintenance.iter().map(|it| Span { from: it.from, to: it.to }).collect(),
    }
}

fn place(channel: &valid::Channel) -> Place {
    let shared = |text: &Option<String>| text.as_deref().map(Arc::from);
    Place {
        model: shared(&channel.model),
        provider: shared(&channel.provider),
        deployment: shared(&channel.deployment),
        region: shared(&channel.region),
    }
}

/// The class of a route; `None` if nothing of it can be broken by a minute.
fn class(route: &valid::Route) -> Option<Result<Class, ParameterError>> {
    let channels = route.channels.iter().cloned().collect();
    objective(route).map(|checked| checked.map(|objective| Class { name: route.class.clone(), objective, channels }))
}

/// What a minute of `route` can break; `None` if all that it promises is a budget.
pub(super) fn objective(route: &valid::Route) -> Option<Result<Objective, ParameterError>> {
    let valid::Objective { latency, error_ratio, availability, .. } = &route.objective;
    if latency.is_none() && error_ratio.is_none() && availability.is_none() {
        return None;
    }
    let latency = latency.map(|latency| (latency.percentile.quantile(), latency.limit.get()));
    Some(Objective::new(latency, error_ratio.map(Ratio::get), availability.map(Ratio::get)))
}

fn rules(said: &valid::Incidents) -> Result<Rules, ParameterError> {
    let usual = Settings::default();
    let trouble =
        Hold { open_after: said.open_after, within: said.within, close_after: said.close_after, ..usual.trouble };
    let absence = usual.absence.filter(|_| said.absence);
    let absence = absence.map(|hold| Hold { open_after: said.absent_after, within: said.absent_after, ..hold });
    let links = said.runbooks.iter().filter_map(|(kind, link)| Some((Kind::parse(kind)?, link.clone())));
    let scale = &said.severity;
    Rules::new(Settings {
        trouble,
        absence,
        certain: said.certain,
        calm_below: said.calm_below,
        join_within: said.join_within,
        adopt_after: said.adopt_after,
        gone_after: said.gone_after,
        severity: Scale {
            error_limit: scale.error_limit,
            severe_errors: scale.severe_errors,
            severe_ratio: scale.severe_ratio,
            severe_latency: scale.severe_latency,
            wide_share: scale.wide_share,
            raise_after: scale.raise_after,
            lower_after: scale.lower_after,
        },
        runbooks: Runbooks::new(links.collect())?,
        ..usual
    })
}

fn grouping(said: &valid::Grouping) -> Result<Grouping, ParameterError> {
    let grouping = Grouping {
        within: said.within,
        least: usize::try_from(said.least).unwrap_or(usize::MAX),
        share: said.share,
        join_within: said.join_within,
    };
    grouping.check().map(|()| grouping)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    const FILE: &str = r#"
        [[channel]]
        name = "eu"
        provider = "acme"
        model = "large"
        [[route]]
        class = "chat"
        objective = { latency = { percentile = 95, ms = 2000 }, error_ratio = 0.02 }
        [[route]]
        class = "batch"
        objective = { budget = { usd = 5, per = "day" } }
        [[detect.control]]
        channel = "eu"
        column = "latency_p95_ms"
        least_relative = 0.5
        [incidents]
        close_after = 4
        [incidents.runbooks]
        errors = "https://wiki.example/errors"
    "#;

    #[test]
    fn everything_that_is_said_reaches_the_rulebook() {
        let config = config::parse(FILE, &|_| Ok(String::new())).expect("a valid file").config;
        let settings = DetectSettings::of(&config).expect("the configuration has checked it");
        assert!(settings.delay_s > 0);
        let book = &settings.book;
        assert_eq!(book.classes.iter().map(|class| class.name.as_str()).collect::<Vec<_>>(), ["chat"]);
        let eu = config.channels[0].name.clone();
        assert_eq!(book.topology.place(&eu).and_then(|place| place.provider.as_deref()), Some("acme"));
        let of_eu: Vec<f64> = book.controls.of(&eu).iter().flatten().map(|controls| controls.least_relative).collect();
        assert!(of_eu.contains(&0.5));
        assert_eq!(book.rules.get().trouble.close_after, 4);
        assert_eq!(book.rules.get().runbooks.get(Kind::Errors), Some("https://wiki.example/errors"));
    }
}
