//! A plan of each class from what the store knows, without a server.

use serde_json::{Value, json};

use crate::cli::args::{Format, Shared};
use crate::cli::cmd::decide::report::shares;
use crate::cli::data::Everything;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{self, Align, Table};
use crate::config::Config;
use crate::domain::time::{MINUTES_PER_DAY, Timestamp};
use crate::engine::DecideSettings;
use crate::engine::machine::pilot::{Pilot, Route};
use crate::policy::decision::Trigger;
use crate::policy::input::PolicyInput;
use crate::policy::pareto;
use crate::policy::planner::Setting;
use crate::policy::steering::Steering;
use crate::stats::seed::Seed;

/// Plans every class that `is_wanted`.
pub(super) fn run(
    everything: &Everything,
    config: &Config,
    now: Timestamp,
    is_wanted: impl Fn(&str) -> bool,
    shared: &Shared,
) -> Result<Exit, Failure> {
    let Some(decide) = DecideSettings::of(config) else {
        let message = "nothing can be planned: the configuration has no `[[route]]`, or `decide.enabled` is false";
        return Err(Failure::new(Exit::Usage, message));
    };
    let mut pilot = Pilot::new(Seed::new(shared.seed).child("pilot"));
    let (from, to) = (now.minute().minus(MINUTES_PER_DAY), now.minute());
    let mut minutes: u64 = 0;
    for channel in everything.channels()? {
        for sample in everything.samples(&channel, from, to)? {
            pilot.learn(&decide.book, &sample);
            minutes += 1;
        }
    }
    let planned = |route: &Route| {
        let question = pilot.question(&decide.book, &route.class.name, now)?;
        Some(Planned::of(route, &decide.book.planner, &question))
    };
    let routes = decide.book.routes.iter().filter(|route| is_wanted(&route.class.name));
    let plans: Vec<Planned> = routes.filter_map(planned).collect();
    match shared.format {
        Format::Json => {
            let plans: Vec<Value> = plans.iter().map(Planned::json).collect();
            output::emit_json(&json!({"learnt_minutes": minutes, "plans": plans}))?;
        }
        Format::Table => {
            let shown: Vec<String> = plans.iter().map(Planned::text).collect();
            output::emit(&shown.join("\n"))?;
        }
    }
    output::note(shared, &format!("learnt from {} minutes of channels", output::count(minutes)));
    Ok(Exit::Done)
}

/// What would be done about one class.
struct Planned {
    class: String,
    decision: Option<crate::policy::decision::Decision>,
    /// Why nothing would be.
    why: String,
    front: Vec<pareto::Point>,
}

impl Planned {
    fn of(route: &Route, setting: &Setting, question: &PolicyInput) -> Self {
        let mut steering = Steering::default();
        let decision = steering.decide(setting, question, Trigger::Minute);
        let why = steering.last_report().to_string();
        Self { class: route.class.name.clone(), decision, why, front: pareto::front(setting, question) }
    }

    fn json(&self) -> Value {
        let plan = self.decision.as_ref().map(|decision| &decision.plan);
        json!({
            "class": self.class,
            "weights": plan.map(|plan| &plan.shares),
            "probes": plan.map(|plan| &plan.probes),
            "expected": plan.map(|plan| json!({"cost_usd": plan.cost_usd, "slow": plan.slow, "failing": plan.failing})),
            "why": self.why,
            "front": self.front,
        })
    }

    fn text(&self) -> String {
        let mix = self.decision.as_ref().map_or_else(|| "no plan".to_owned(), |decision| shares(&decision.plan.shares));
        let mut table = Table::new([
            ("mean latency, ms", Align::Right),
            ("USD per 1,000 calls", Align::Right),
            ("slow, %", Align::Right),
            ("shares", Align::Left),
        ]);
        for point in &self.front {
            table.row([
                output::decimal(Some(point.latency_ms), 0),
                output::decimal(Some(point.cost_usd * 1_000.0), 4),
                output::decimal(Some(point.slow * 100.0), 2),
                shares(&point.shares),
            ]);
        }
        let front = if table.is_empty() { String::new() } else { table.render(output::styled()) };
        format!("{}: {mix}\n  {}\n{front}", self.class, self.why)
    }
}
