//! What is spent, and what decisions were worth, as a chat tells it.

use crate::api::routes::summary::SpendGlance;
use crate::chat::facts;
use crate::domain::time::Timestamp;
use crate::policy::worth::Worth;
use crate::report::facts::{Line, Spend};

/// What the decisions of a span were worth, all classes together; `None` where nothing is decided.
#[must_use]
pub fn worth(classes: impl IntoIterator<Item = Worth>) -> Option<facts::Worth> {
    let sum = classes.into_iter().reduce(|mut sum, of| {
        sum += of;
        sum
    })?;
    Some(facts::Worth {
        calls: sum.calls,
        harmed: sum.harmed,
        unmanaged_harmed: (sum.felt.calls > 0.0).then_some(sum.felt.even),
        avoided: sum.avoided(),
        saved_usd: sum.saved_usd(),
        known: sum.known(),
    })
}

/// What is spent, with the budget that is nearest to its end.
#[must_use]
pub fn spend(of: &Spend) -> facts::Spend {
    let SpendGlance { today_usd, day_expected_usd, month_usd, month_expected_usd, budget } = SpendGlance::of(of);
    let dear = |line: &Line| facts::Dear { channel: line.name.clone(), today_usd: line.day.spent_usd };
    let mut channels: Vec<facts::Dear> = of.channels.iter().map(dear).collect();
    channels.sort_by(|one, other| other.today_usd.total_cmp(&one.today_usd));
    let budget = budget.map(|of| facts::Budget {
        class: of.class,
        usd: of.usd,
        per: of.per,
        used_usd: of.used_usd,
        exceed_probability: of.exceed_probability,
        runs_out: of.runs_out.and_then(|at| Timestamp::parse_rfc3339(&at.median?)),
    });
    facts::Spend {
        today_usd,
        day_expected_usd,
        day_between_usd: of.total.day.expected.and_then(|expected| expected.low_usd.zip(expected.high_usd)),
        month_usd,
        month_expected_usd,
        budget,
        saved_usd: of.saved.saved_usd(),
        channels,
    }
}
