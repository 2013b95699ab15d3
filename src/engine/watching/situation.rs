//! How everything stands, for those who ask.

use std::collections::BTreeMap;

use crate::anomaly::verdict::Verdict;
use crate::domain::ids::ChannelId;
use crate::domain::target::Target;
use crate::domain::time::Minute;
use crate::engine::machine::promises::Kept;
use crate::engine::machine::{Class, Conclusions, Machine, Rulebook};
use crate::engine::watching::keep::MACHINE;
use crate::incident::group::Group;
use crate::incident::state::Incident;
use crate::risk::budget::Budget;
use crate::risk::objective::Promise;
use crate::risk::outlook::{Calibration, Risk};
use crate::store::Store;

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
    pub(super) fn of(machine: &Machine, book: &Rulebook, conclusions: &Conclusions) -> Self {
        let mut channels: BTreeMap<ChannelId, ChannelSituation> = BTreeMap::new();
        for (name, verdicts) in &conclusions.verdicts {
            channels.entry(name.clone()).or_default().verdicts.clone_from(verdicts);
        }
        for risk in &conclusions.risks {
            channels.entry(risk.channel.clone()).or_default().risks.push((risk.class.clone(), risk.of));
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
            Some((class.name.clone(), ClassSituation::of(kept)))
        };
        Self { classes: book.classes.iter().filter_map(class).collect(), ..self }
    }

    /// As `machine` remembers it: nothing of channels, and all classes that ever promised something.
    fn remembered(machine: &Machine) -> Self {
        let classes = machine.promises().iter().map(|(name, kept)| (name.to_owned(), ClassSituation::of(kept)));
        let minute = machine.next().map(|next| next.minus(1));
        Self { minute, classes: classes.collect(), ..Self::default() }.with_incidents(machine)
    }
}

impl ClassSituation {
    fn of(kept: &Kept) -> Self {
        Self { calibration: kept.calibration.clone(), budgets: kept.budgets.clone() }
    }
}

/// How everything stood when detection was saved last, once an hour or at the end of a run: for those who read a store
/// beside its writer. Nothing is said of channels. `None` if nothing was saved, or, as the log says then, if it cannot be
/// read.
#[must_use]
pub fn read_situation(store: &Store) -> Option<Situation> {
    let read = store.model(MACHINE).map_err(|error| error.to_string());
    let machine = read.and_then(|bytes| {
        bytes.map(|bytes| postcard::from_bytes::<Machine>(&bytes).map_err(|error| error.to_string())).transpose()
    });
    machine
        .unwrap_or_else(|error| {
            tracing::warn!(error, "the saved detection cannot be read");
            None
        })
        .as_ref()
        .map(Situation::remembered)
}
