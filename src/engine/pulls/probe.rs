//! A probe with the price list that its budget needs.

use crate::clock::Clock;
use crate::collect::pull::fetch::{self, EndpointError};
use crate::collect::pull::{self, Gather, Pass};
use crate::collect::schedule::{Schedule, Tick};
use crate::collect::source::Admission;
use crate::collect::sources::probe::Probe;
use crate::collect::sources::probe::answer::Question;
use crate::config::{Config, valid};
use crate::domain::price::PriceList;
use crate::engine::Engine;

/// A probe that knows what it costs.
pub(super) struct PricedProbe {
    probe: Probe,
    prices: PriceList,
    clock: Clock,
}

impl PricedProbe {
    /// The probe that `settings` describes.
    pub(super) fn new(
        name: &str,
        settings: &valid::Probe,
        config: &Config,
        clock: &Clock,
    ) -> Result<Self, EndpointError> {
        let mut question = Question::new(&settings.model);
        if let Some((prompt, expect)) = &settings.question {
            question.prompt.clone_from(prompt);
            question.expect.clone_from(expect);
        }
        let auth = super::auth(settings.key.as_ref());
        let access = (&auth, settings.timeout);
        let (channel, base_url) = (settings.channel.clone(), settings.base_url.as_str());
        let probe =
            Probe::new(name, channel, question, base_url, access, Some(settings.max_per_day), fetch::client()?)?;
        Ok(Self { probe, prices: config.prices(), clock: clock.clone() })
    }

    pub(super) fn name(&self) -> &str {
        self.probe.name()
    }

    pub(super) fn resume(&mut self, cursor: &str) -> Result<(), String> {
        if self.probe.resume(cursor) { Ok(()) } else { Err("is not a cursor of this source".to_owned()) }
    }
}

/// Runs `probe` by its schedule, and out of turn whenever a playbook asks for it. What a day may cost holds for both.
pub(super) async fn run(probe: &mut PricedProbe, schedule: &mut Schedule, engine: &Engine) {
    let (clock, bell) = (engine.clock(), engine.0.probe_bell(probe.probe.channel()));
    loop {
        tokio::select! {
            tick = schedule.next_tick(clock) => {
                let Some(tick) = tick else { return };
                pull::pass(probe, tick, clock, engine).await;
                schedule.finished();
            }
            () = bell.notified() => {
                pull::pass(probe, Tick::default(), clock, engine).await;
            }
        }
    }
}

impl Gather for PricedProbe {
    fn name(&self) -> &str {
        self.probe.name()
    }

    /// A failing channel is a finding, not a failure of the pass.
    async fn gather(&mut self, _admission: impl Fn() -> Admission + Send) -> Pass {
        Pass { harvest: self.probe.run(&self.prices, &self.clock).await, failure: None }
    }

    /// The money is spent whether or not its record is durable.
    fn accepted(&mut self) {}
}
