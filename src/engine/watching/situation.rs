//! How everything stands, for those who ask.

use std::collections::BTreeMap;

use crate::anomaly::verdict::Verdict;
use crate::domain::ids::ChannelId;
use crate::domain::target::Target;
use crate::domain::time::Minute;
use crate::engine::machine::{Class, Conclusions, Machine, Rulebook};
use crate::incident::group::Group;
use crate::incident::state::Incident;
use crate::risk::budget::Budget;
use crate::risk::objective::Promise;
use crate::risk::outlook::{Calibration, Risk};

/// How everything stood after one minute.
#[derive(Debug, Clone, Default)]
pub struct Situation {
    /// The minute that was judged last; `None` before the first.
    pub minute: Option<Minute>,
    /// Every channel that is followed.
    pub channels: BTreeMap<ChannelId, ChannelSituation>,
    /// Open incidents, by channel.
    pub incidents: Vec<Incident>,
    /// Open groups of them.
    pub groups: Vec<Group>,
    /// Every route class that promises something now.
    pub classes: BTreeMap<String, ClassSituation>,
}

/// How a channel stood.
#[derive(Debug, Clone, Default)]
pub struct ChannelSituation {
    /// What was said of each column that is watched.
    pub verdicts: Vec<(Target, Verdict)>,
    /// Risk by route class, for each horizon; none while there are no forecasts.
    pub risks: Vec<(String, Risk)>,
}

/// How a route class stood.
#[derive(Debug, Clone)]
pub struct ClassSituation {
    /// What its risks have been worth.
    pub calibration: Calibration,
    /// What was used up of each promise.
    pub budgets: Vec<(Promise, Budget)>,
}

impl Situation {
    /// After `conclusions`, the last that `machine` came to by `book`.
    pub(super) fn of(machine: &Machine, book: &Rulebook, conclusions: Conclusions) -> Self {
        let mut channels: BTreeMap<ChannelId, ChannelSituation> = BTreeMap::new();
        for (name, verdicts) in conclusions.verdicts {
            channels.entry(name).or_default().verdicts = verdicts;
        }
        for risk in conclusions.risks {
            channels.entry(risk.channel).or_default().risks.push((risk.class, risk.of));
        }
        let situation = Self { minute: machine.next().map(|next| next.minus(1)), channels, ..Self::default() };
        situation.with_incidents(machine).with_classes(machine, book)
    }

    /// The same with the incidents as they are now.
    pub(super) fn with_incidents(self, machine: &Machine) -> Self {
        let (incidents, groups) = (machine.incidents().cloned().collect(), machine.groups().cloned().collect());
        Self { incidents, groups, ..self }
    }

    /// The machine remembers classes that were removed, in case they return; they promise nothing meanwhile.
    fn with_classes(self, machine: &Machine, book: &Rulebook) -> Self {
        let class = |class: &Class| {
            let kept = machine.promises().class(&class.name)?;
            let situation = ClassSituation { calibration: kept.calibration.clone(), budgets: kept.budgets.clone() };
            Some((class.name.clone(), situation))
        };
        Self { classes: book.classes.iter().filter_map(class).collect(), ..self }
    }
}
