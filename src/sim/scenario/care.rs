//! What a scenario says about playbooks, commands and people.

use crate::policy::healing::healer::Setting;
use crate::policy::healing::playbook::Action;
use crate::sim::replay::scene::{Care, Command, Remedy, Scene, Webhooks};
use crate::sim::scenario::ScenarioError;
use crate::sim::scenario::raw::{CommandText, FaultText, Scenario};

/// The word for what only people can mend.
const PERSON: &str = "person";

impl Scenario {
    /// What can be done about channels in trouble, playbooks aside.
    pub(super) fn care(&self) -> Result<Care, ScenarioError> {
        let default = Care::default();
        let webhooks = self.webhooks.map_or(default.webhooks, |text| Webhooks {
            takes_s: text.takes_s.unwrap_or(default.webhooks.takes_s),
            fails: text.fails.unwrap_or(default.webhooks.fails),
        });
        let person_times = self.people.and_then(|people| people.times).unwrap_or(default.person_times);
        let are_sound = is_share(webhooks.fails) && is_span(webhooks.takes_s);
        if !are_sound || !person_times.is_finite() || person_times <= 0.0 {
            return Err(ScenarioError::value("webhooks or people", "need a share of 0 to 1, seconds and a multiple"));
        }
        let commands = self.commands.iter().map(command).collect::<Result<_, _>>()?;
        Ok(Care { commands, webhooks, person_times, ..default })
    }

    /// What ends `fault` before its time, whose spell has the place `spell`.
    pub(super) fn remedy(&self, fault: &FaultText, spell: usize) -> Result<Option<Remedy>, ScenarioError> {
        let Some(name) = &fault.mended_by else { return Ok(None) };
        let wrong = |why: &str| ScenarioError::value(format!("fault `{}`", fault.kind), why);
        if fault.flapping_s.is_some() || fault.kind == "daily-peak" || fault.kind == "price" {
            return Err(wrong("comes and goes by itself, or harms nobody: nothing mends it"));
        }
        let helps = fault.helps.unwrap_or(1.0);
        if !is_share(helps) {
            return Err(wrong("helps with a share that is not within 0 and 1"));
        }
        if name == PERSON {
            return Ok(Some(Remedy { spell, by: None, helps: 0.0 }));
        }
        let known = || self.commands.iter().map(|command| command.name.as_str());
        if !known().any(|known| known == name) {
            return Err(ScenarioError::unknown("command", name, known().chain([PERSON])));
        }
        Ok(Some(Remedy { spell, by: Some(name.clone()), helps }))
    }
}

impl Scene {
    /// The same with these playbooks, whose commands the scenario must tell of.
    ///
    /// # Errors
    /// [`ScenarioError`] if a playbook runs a command that is not there.
    pub fn with_playbooks(mut self, setting: Setting) -> Result<Self, ScenarioError> {
        let steps = setting.playbooks.iter().flat_map(|playbook| playbook.steps.iter().chain(&playbook.roll_back));
        let known = || self.care.commands.iter().map(|command| command.name.as_str());
        for step in steps {
            if let Action::Command { name } = &step.action
                && !known().any(|known| known == name)
            {
                return Err(ScenarioError::unknown("command in the scenario", name, known()));
            }
        }
        self.care.playbooks = Some(setting);
        Ok(self)
    }
}

fn command(text: &CommandText) -> Result<Command, ScenarioError> {
    let CommandText { name, takes_s, down_s, fails, tells } = text.clone();
    if name == PERSON || !is_span(takes_s) || !(0.0..=takes_s).contains(&down_s) || !is_share(fails) || !is_share(tells)
    {
        let why = "needs seconds, of which it is down for some, shares of 0 to 1, and another name than `person`";
        return Err(ScenarioError::value(format!("command `{name}`"), why));
    }
    Ok(Command { name, takes_s, down_s, fails, tells })
}

fn is_span(seconds: f64) -> bool {
    seconds.is_finite() && seconds >= 0.0
}

fn is_share(share: f64) -> bool {
    (0.0..=1.0).contains(&share)
}
