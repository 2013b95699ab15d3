//! `foreroute check-config [FILE]`.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cli::args::{Format, Shared};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{self, Align, Table};
use crate::config::valid::{
    Alerts, Channel, Decide, Deliver, Detect, Meaning, Objective, Period, Route, Source, SourceSettings, Work,
    WorkModel,
};
use crate::config::{self, Checked, Config};
use crate::domain::ids::ChannelId;

/// Arguments of `check-config`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  foreroute check-config                          # ./foreroute.toml
  foreroute check-config deploy/foreroute.toml --require-secrets
  foreroute check-config --print-schema > schemas/config.schema.json
  foreroute check-config --print-schema=alerts > schemas/alerts.schema.json")]
pub struct Args {
    /// The file [default: the one of --config, else ./foreroute.toml]
    file: Option<PathBuf>,
    /// Fail if a secret cannot be read here; without it, that is only a note
    #[arg(long)]
    require_secrets: bool,
    /// Print the JSON Schema of the configuration instead, or of the file of alert rules
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "config")]
    print_schema: Option<Schema>,
}

/// Whose schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Schema {
    /// foreroute.toml
    Config,
    /// The file that `alerts.rules` names
    Alerts,
}

/// Checks a configuration and prints what was understood.
///
/// # Errors
/// [`Failure`] with every problem of the file.
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    if let Some(schema) = args.print_schema {
        output::emit(&match schema {
            Schema::Config => config::schema_text(),
            Schema::Alerts => config::rules_schema_text(),
        })?;
        return Ok(Exit::Done);
    }
    let default = Path::new(config::DEFAULT_FILE);
    let file = args.file.as_deref().or(shared.config.as_deref()).unwrap_or(default);
    let Checked { config, missing_secrets } =
        config::check_file(file).map_err(|error| Failure::from_error(Exit::Usage, &error))?;
    match shared.format {
        Format::Json => output::emit_json(&summary(&config))?,
        Format::Table => output::emit(&tables(&config))?,
    }
    for problem in &missing_secrets {
        output::note(shared, &format!("{}:{problem}", file.display()));
    }
    if args.require_secrets && !missing_secrets.is_empty() {
        return Err(Failure::new(Exit::Usage, "not every secret can be read"));
    }
    Ok(Exit::Done)
}

/// Where the program reads a source from, in one phrase.
fn target(settings: &SourceSettings) -> String {
    match settings {
        SourceSettings::Prometheus(scrape) => match &scrape.meaning {
            Meaning::Preset(preset) => format!("{} ({})", scrape.url, preset.name()),
            Meaning::Mapping(_) => format!("{} (own mapping)", scrape.url),
        },
        SourceSettings::Probe(probe) => format!("{} {} at {}", probe.channel, probe.model, probe.base_url),
        SourceSettings::Tail(tail) => tail.path.display().to_string(),
    }
}

/// The promises of a route class, in one phrase.
fn promise(objective: &Objective) -> String {
    let latency = objective.latency.map(|latency| {
        let percentile = output::decimal(Some(latency.percentile.quantile() * 100.0), 1);
        format!("p{percentile} <= {} ms", output::decimal(Some(latency.limit.get()), 1))
    });
    let percent = |share: f64| output::decimal(Some(share * 100.0), 4);
    let errors = objective.error_ratio.map(|ratio| format!("errors <= {} %", percent(ratio.get())));
    let availability = objective.availability.map(|ratio| format!("available >= {} %", percent(ratio.get())));
    let budget = objective.budget.map(|budget| {
        let per = match budget.per {
            Period::Day => "day",
            Period::Month => "month",
        };
        format!("<= {} USD per {per}", output::decimal(Some(budget.amount.usd()), 2))
    });
    [latency, errors, availability, budget].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn tables(config: &Config) -> String {
    let styled = output::styled();
    let lists = [channels(config), sources(config), routes(config), receivers(config), deliveries(config)]
        .into_iter()
        .filter(|table| !table.is_empty());
    let shown = std::iter::once(settings(config)).chain(lists).map(|table| table.render(styled));
    shown.collect::<Vec<_>>().join("\n")
}

fn channels(config: &Config) -> Table {
    let gap = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let limit = |limit: Option<NonZeroU64>| limit.map_or_else(|| "-".to_owned(), |n| output::count(n.get()));
    let mut table = Table::new([
        ("channel", Align::Left),
        ("provider", Align::Left),
        ("model", Align::Left),
        ("region", Align::Left),
        ("requests/min", Align::Right),
        ("tokens/min", Align::Right),
        ("prices", Align::Right),
    ]);
    for channel in &config.channels {
        table.row([
            channel.name.to_string(),
            gap(&channel.provider),
            gap(&channel.model),
            gap(&channel.region),
            limit(channel.limits.rpm),
            limit(channel.limits.tpm),
            channel.prices.len().to_string(),
        ]);
    }
    table
}

fn sources(config: &Config) -> Table {
    let mut table = Table::new([
        ("source", Align::Left),
        ("kind", Align::Left),
        ("reads", Align::Left),
        ("cron (UTC)", Align::Left),
    ]);
    for source in &config.sources {
        let kind = source.settings.kind().to_owned();
        table.row([source.name.clone(), kind, target(&source.settings), source.cron.to_string()]);
    }
    table
}

fn routes(config: &Config) -> Table {
    let mut table = Table::new([
        ("route class", Align::Left),
        ("mode", Align::Left),
        ("promise", Align::Left),
        ("channels", Align::Right),
    ]);
    for route in &config.routes {
        let mode = route.mode.name().to_owned();
        table.row([route.class.clone(), mode, promise(&route.objective), route.channels.len().to_string()]);
    }
    table
}

fn receivers(config: &Config) -> Table {
    let mut table = Table::new([
        ("receiver", Align::Left),
        ("kind", Align::Left),
        ("address", Align::Left),
        ("at least", Align::Left),
    ]);
    for receiver in &config.alerts.receivers {
        let kind = receiver.kind.name().to_owned();
        let at_least = receiver.at_least.name().to_owned();
        table.row([receiver.name.clone(), kind, receiver.address.to_string(), at_least]);
    }
    table
}

fn deliveries(config: &Config) -> Table {
    let mut table = Table::new([
        ("decisions go to", Align::Left),
        ("kind", Align::Left),
        ("at", Align::Left),
        ("classes", Align::Left),
        ("channels", Align::Left),
    ]);
    for deliver in &config.deliver {
        let theirs = |(channel, name): (&ChannelId, &String)| {
            if channel.as_str() == name { name.clone() } else { format!("{channel} = {name}") }
        };
        table.row([
            deliver.name.clone(),
            deliver.target.kind().to_owned(),
            deliver.target.to_string(),
            deliver.classes.join(", "),
            deliver.names.iter().map(theirs).collect::<Vec<_>>().join(", "),
        ]);
    }
    table
}

fn settings(config: &Config) -> Table {
    let Config { server, store, collect, .. } = config;
    let mut table = Table::new([("setting", Align::Left), ("meaning", Align::Left)]);
    let scheme = if server.tls.is_some() { "https" } else { "http" };
    table.row(["server.listen".to_owned(), format!("{scheme}://{}", server.listen)]);
    let tokens: Vec<String> =
        server.tokens.iter().map(|token| format!("{} ({})", token.name, token.role.name())).collect();
    let everyone = "none: everyone who can reach the address may do everything".to_owned();
    table.row(["server.tokens".to_owned(), if tokens.is_empty() { everyone } else { tokens.join(", ") }]);
    table.row(["store.late_window".to_owned(), output::seconds(store.late_window.as_secs())]);
    table.row(["store.flush_every".to_owned(), output::seconds(store.flush_every.as_secs())]);
    table.row(["store.memory_limit".to_owned(), output::bytes(store.memory_limit_bytes)]);
    let keep = store.retention.samples.map_or_else(|| "forever".to_owned(), |keep| output::seconds(keep.as_secs()));
    table.row(["store.retention.samples".to_owned(), keep]);
    table.row(["collect.cron".to_owned(), format!("{} (UTC)", collect.cron)]);
    let refit = if config.forecast.enabled { format!("{} (UTC)", config.forecast.refit) } else { "never".to_owned() };
    table.row(["forecast.refit".to_owned(), refit]);
    table.row(["detect".to_owned(), judged(&config.detect)]);
    table.row(["decide".to_owned(), decided(&config.decide)]);
    table.row(["playbooks".to_owned(), healed(config)]);
    table.row(["work".to_owned(), learnt(config)]);
    let prices: usize = config.channels.iter().map(|channel| channel.prices.len()).sum();
    table.row(["channels".to_owned(), format!("{} with {prices} prices", config.channels.len())]);
    table.row(["sources".to_owned(), config.sources.len().to_string()]);
    table.row(["routes".to_owned(), config.routes.len().to_string()]);
    table.row(["alerts.rules".to_owned(), config.alerts.rules.len().to_string()]);
    table
}

/// What is judged, in one phrase.
fn judged(detect: &Detect) -> String {
    if !detect.enabled {
        return "nothing".to_owned();
    }
    let per_day = output::decimal(Some(detect.alarms_per_day), 3);
    let columns = detect.columns.len();
    let controls = detect.controls.len();
    format!("{columns} columns of each channel, {per_day} alarms a day wanted of each, {controls} controls")
}

/// How decisions are made and told, in one phrase.
fn decided(decide: &Decide) -> String {
    if !decide.enabled {
        return "nothing".to_owned();
    }
    let directory = decide.directory.as_ref().map_or_else(
        || "over HTTP only".to_owned(),
        |directory| format!("over HTTP and as files in {}", directory.display()),
    );
    format!("leases of {}, told {directory}", output::seconds(decide.lease.as_secs()))
}

/// What playbooks there are, in one phrase.
fn healed(config: &Config) -> String {
    if !config.heal.enabled || config.playbooks.is_empty() {
        return "none".to_owned();
    }
    let names: Vec<&str> = config.playbooks.iter().map(|playbook| playbook.name.as_str()).collect();
    let (commands, actions) = (config.heal.commands.len(), config.heal.actions_per_hour);
    format!("{}; {commands} commands are allowed, {actions} actions an hour", names.join(", "))
}

/// Which work is shared out, in one phrase.
fn learnt(config: &Config) -> String {
    if config.work.is_empty() {
        return "none".to_owned();
    }
    let class = |work: &Work| format!("{} ({} models)", work.class, work.models.len());
    let classes: Vec<String> = config.work.iter().map(class).collect();
    format!("{}; shared out anew at `{}`", classes.join(", "), config.learn.cron)
}

fn summary(config: &Config) -> Value {
    let Config { server, store, collect, forecast, detect, incidents, alerts, decide, .. } = config;
    let tokens = server.tokens.iter().map(|token| json!({"name": token.name, "role": token.role.name()}));
    json!({
        "server": {
            "listen": server.listen,
            "tls": server.tls.is_some(),
            "tokens": tokens.collect::<Vec<_>>(),
        },
        "store": {
            "late_window_s": store.late_window.as_secs(),
            "flush_every_s": store.flush_every.as_secs(),
            "memory_limit_bytes": store.memory_limit_bytes,
            "max_channels": store.max_channels,
        },
        "collect": {"cron": collect.cron.as_str()},
        "forecast": {
            "enabled": forecast.enabled,
            "refit": forecast.refit.as_str(),
            "history_s": forecast.history.as_secs(),
            "cpu_share": forecast.cpu_share,
        },
        "detect": detect_summary(detect),
        "incidents": {
            "open_after": incidents.open_after,
            "within": incidents.within,
            "close_after": incidents.close_after,
            "absent_after": incidents.absence.then_some(incidents.absent_after),
        },
        "alerts": alerts_summary(alerts),
        "decide": {
            "enabled": decide.enabled,
            "lease_s": decide.lease.as_secs(),
            "directory": decide.directory,
            "explore": decide.explore,
            "leave_at": decide.leave_at,
            "return_below": decide.return_below,
            "dwell_s": decide.dwell.as_secs(),
            "largest_shift": decide.largest_shift,
            "approve_within_s": decide.approve_within.as_secs(),
            "harmful_per_day": decide.harmful_per_day,
        },
        "channels": channels_summary(config),
        "sources": sources_summary(config),
        "routes": routes_summary(config),
        "deliver": config.deliver.iter().map(deliver_summary).collect::<Vec<_>>(),
        "heal": {
            "enabled": config.heal.enabled,
            "actions_per_hour": config.heal.actions_per_hour,
            "commands": config.heal.commands,
            "playbooks": config.playbooks.iter().map(|playbook| playbook.name.as_str()).collect::<Vec<_>>(),
        },
        "learn": {
            "cron": config.learn.cron.as_str(),
            "half_life_jobs": config.learn.half_life_jobs,
            "expire_after_s": config.learn.expire_after.as_secs(),
            "exhausted_for_s": config.learn.exhausted_for.as_secs(),
            "seed": config.learn.seed,
        },
        "work": config.work.iter().map(work_summary).collect::<Vec<_>>(),
    })
}

fn work_summary(work: &Work) -> Value {
    let model = |model: &WorkModel| json!({"name": model.name, "tokens_per_day": model.tokens_per_day, "usd_per_job": model.usd_per_job});
    json!({
        "class": work.class,
        "models": work.models.iter().map(model).collect::<Vec<_>>(),
        "static": work.fixed,
        "enough": work.enough,
    })
}

fn detect_summary(detect: &Detect) -> Value {
    json!({
        "enabled": detect.enabled,
        "delay_s": detect.delay.as_secs(),
        "history_s": detect.history.as_secs(),
        "forest": detect.forest,
        "alarms_per_day": detect.alarms_per_day,
        "keep_from": detect.keep_from,
        "columns": detect.columns.iter().map(|column| column.name()).collect::<Vec<_>>(),
        "controls": detect.controls.len(),
    })
}

fn channels_summary(config: &Config) -> Vec<Value> {
    let channel = |channel: &Channel| {
        json!({
            "name": channel.name.as_str(),
            "provider": channel.provider,
            "model": channel.model,
            "region": channel.region,
            "deployment": channel.deployment,
            "rpm": channel.limits.rpm,
            "tpm": channel.limits.tpm,
            "prices": channel.prices.len(),
        })
    };
    config.channels.iter().map(channel).collect()
}

fn sources_summary(config: &Config) -> Vec<Value> {
    let source = |source: &Source| {
        json!({
            "name": source.name,
            "kind": source.settings.kind(),
            "reads": target(&source.settings),
            "cron": source.cron.as_str(),
        })
    };
    config.sources.iter().map(source).collect()
}

fn routes_summary(config: &Config) -> Vec<Value> {
    let route = |route: &Route| {
        let channels: Vec<&str> = route.channels.iter().map(ChannelId::as_str).collect();
        json!({"class": route.class, "mode": route.mode.name(), "two_operators": route.two_operators, "promise": promise(&route.objective), "channels": channels})
    };
    config.routes.iter().map(route).collect()
}

fn deliver_summary(deliver: &Deliver) -> Value {
    let fallback = deliver.target.fallback();
    json!({
        "name": deliver.name,
        "kind": deliver.target.kind(),
        "at": deliver.target.to_string(),
        "classes": deliver.classes,
        "channels": deliver.names.iter().map(|(channel, name)| (channel.as_str(), name)).collect::<BTreeMap<_, _>>(),
        "fallback": fallback.map(|fallback| &fallback.weights),
        "timeout_ms": u64::try_from(deliver.timeout.as_millis()).unwrap_or(u64::MAX),
    })
}

fn alerts_summary(alerts: &Alerts) -> Value {
    let rules: Vec<&str> = alerts.rules.iter().map(|rule| rule.name.as_str()).collect();
    let receivers = alerts.receivers.iter().map(|receiver| {
        json!({
            "name": receiver.name,
            "kind": receiver.kind.name(),
            "address": receiver.address.to_string(),
            "at_least": receiver.at_least.name(),
        })
    });
    json!({"rules": rules, "receivers": receivers.collect::<Vec<_>>()})
}
