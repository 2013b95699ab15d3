//! How the product is set up for the demo: a configuration as an operator would write it, made from the simulated world.

use std::fmt::Write as _;

use crate::cli::exit::{Exit, Failure};
use crate::config::{self, Config};
use crate::sim::world::World;

/// What does not depend on the world.
const REST: &str = include_str!("demo.toml");
/// USD a day for every call in a second: a little less than the calls would cost without decisions.
const USD_PER_DAY: f64 = 80.0;
/// Channels that may only be called so often in a minute, as a part of all calls: no cheap one carries all.
const LIMITS: [(&str, f64); 2] = [("harbor-mini", 0.35), ("kestrel-70b", 0.3)];

/// A route class of the demo.
#[derive(Debug)]
pub(super) struct Promised {
    /// Its name.
    pub(super) class: &'static str,
    /// Who may serve it.
    pub(super) channels: &'static [&'static str],
    /// The channels whose callers belong to it.
    pub(super) home_of: &'static [&'static str],
    /// What may be done without asking.
    pub(super) mode: &'static str,
    /// The 95th percentile of latency, in seconds.
    pub(super) latency_p95_s: f64,
    /// Calls of a hundred that may fail.
    pub(super) error_percent: f64,
}

/// The classes.
pub(super) const CLASSES: [Promised; 2] = [
    Promised {
        class: "chat",
        channels: &["harbor-large", "harbor-mini", "kestrel-70b"],
        home_of: &["harbor-large", "harbor-mini", "kestrel-70b"],
        mode: "auto",
        latency_p95_s: 9.0,
        error_percent: 5.0,
    },
    Promised {
        class: "batch",
        channels: &["basalt-spot", "harbor-mini"],
        home_of: &["basalt-spot"],
        mode: "approve",
        latency_p95_s: 20.0,
        error_percent: 8.0,
    },
];

/// Seconds from which a successful call on `channel` is slower than promised: the tightest promise among its classes.
pub(super) fn slow_after_s(channel: &str) -> f64 {
    let serving = CLASSES.iter().filter(|class| class.channels.contains(&channel));
    serving.map(|class| class.latency_p95_s).fold(f64::INFINITY, f64::min)
}

/// The configuration of a demo of `world` with `rate` calls a second, in which `history_minutes` were watched already and
/// channels are repaired at `workshop`.
///
/// # Errors
/// None as things are; a test keeps it so.
pub(super) fn config(world: &World, rate: f64, history_minutes: u32, workshop: &str) -> Result<Config, Failure> {
    let text = text(world, rate, history_minutes, workshop);
    let checked = config::parse(&text, &|_| Err("the demo has no secrets".to_owned())).map_err(|problems| {
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Failure::new(Exit::Usage, told.join("\n"))
    })?;
    Ok(checked.config)
}

fn text(world: &World, rate: f64, history_minutes: u32, workshop: &str) -> String {
    // Its own table of the fixed part must come before the first of `[[..]]`, so that goes on top.
    let mut text = REST.replace("[detect]\n", &format!("[detect]\nhistory = \"{history_minutes}m\"\n"));
    // Writing to a string cannot fail.
    let _written =
        write!(text, "\n[[alerts.receiver]]\nname = \"workshop\"\nkind = \"webhook\"\nurl = \"{workshop}\"\n");
    for profile in world.profiles() {
        let price = profile.price;
        let _written = write!(
            text,
            "\n[[channel]]\nname = \"{}\"\nprovider = \"{}\"\nmodel = \"{}\"\n\
             prices = [{{ prompt_usd_per_mtok = {:?}, completion_usd_per_mtok = {:?}, cached_usd_per_mtok = {:?} }}]\n",
            profile.name, profile.provider, profile.model, price.prompt, price.completion, price.cached,
        );
        if let Some((_, share)) = LIMITS.iter().find(|(name, _)| *name == profile.name) {
            let _written = writeln!(text, "limits = {{ rpm = {:.0} }}", (rate * 60.0 * share).max(1.0));
        }
    }
    for (number, class) in CLASSES.iter().enumerate() {
        let budget = match number {
            0 => format!(", budget = {{ usd = {:?}, per = \"day\" }}", rate * USD_PER_DAY),
            _ => String::new(),
        };
        let _written = write!(
            text,
            "\n[[route]]\nclass = \"{}\"\nmode = \"{}\"\nchannels = {:?}\n\
             objective = {{ latency = {{ percentile = 95, ms = {:?} }}, error_ratio = {:?}{budget} }}\n",
            class.class,
            class.mode,
            class.channels,
            class.latency_p95_s * 1_000.0,
            class.error_percent / 100.0,
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Settings;
    use crate::stats::seed::Seed;

    #[test]
    fn the_configuration_is_right_at_every_rate() {
        let world = World::demo(Seed::new(7));
        for rate in [0.001, 20.0, 2_000.0] {
            let config = config(&world, rate, 360, "http://127.0.0.1:1/workshop").expect("a valid configuration");
            let settings = Settings::of(&config);
            assert!(settings.heal.is_some() && settings.work.is_some() && settings.decide.is_some());
            assert_eq!((settings.channels.len(), settings.models.len()), (4, 4));
        }
    }

    #[test]
    fn every_caller_belongs_to_one_class() {
        for profile in World::demo(Seed::new(7)).profiles() {
            let homes = CLASSES.iter().filter(|class| class.home_of.contains(&profile.name)).count();
            assert_eq!(homes, 1, "{}", profile.name);
            assert!(slow_after_s(profile.name).is_finite(), "{}", profile.name);
        }
    }
}
