//! What is decided, and what came of it.

use crate::domain::record::{Kind, RecordColumn, RecordTable};

/// Decisions as a log that is only added to.
pub static DECISIONS: RecordTable = RecordTable {
    name: "decisions",
    about: "What was decided about a route class at `ts`, and later what came of it: one row for each change.",
    columns: &[
        RecordColumn::required("class", Kind::Text, "The route class."),
        RecordColumn::required("generation", Kind::Integer, "Number of the decision within its class, from 1."),
        RecordColumn::required(
            "change",
            Kind::Text,
            "`made` when it was made, `held` when the next one took its place, `came` when it is known whether a trouble came that a channel was left for.",
        ),
        RecordColumn::required("subject", Kind::Text, "The channel of `came`, else the route class."),
        RecordColumn::nullable("parent", Kind::Integer, "Of `made`: the generation before, 0 for none."),
        RecordColumn::nullable("expires", Kind::Time, "Of `made`: until when it holds without being renewed."),
        RecordColumn::nullable(
            "trigger",
            Kind::Text,
            "Of `made`: what made it necessary: `minute`, `trip`, `recovery`, `timer`, `renewal`, `approval` or `playbook`.",
        ),
        RecordColumn::nullable("shares", Kind::Text, "Of `made`, JSON: the share of calls of each channel, 0 ..= 1."),
        RecordColumn::nullable(
            "probes",
            Kind::Text,
            "Of `made`, JSON: seconds between single calls to channels that are only asked how they are.",
        ),
        RecordColumn::nullable("reasons", Kind::Text, "Of `made`, JSON: why, and which constraints bind."),
        RecordColumn::nullable("why", Kind::Text, "Of `made`: the same in plain words."),
        RecordColumn::nullable("cost_usd", Kind::Float, "Of `made`: what a call will cost, in USD."),
        RecordColumn::nullable("slow", Kind::Float, "Of `made`: share of calls that will be slow, 0 ..= 1."),
        RecordColumn::nullable("failing", Kind::Float, "Of `made`: share of calls that will fail, 0 ..= 1."),
        RecordColumn::nullable("calls", Kind::Integer, "Of `held`: calls on the channels of the class meanwhile."),
        RecordColumn::nullable("failed_calls", Kind::Integer, "Of `held`: calls that failed."),
        RecordColumn::nullable("slow_calls", Kind::Integer, "Of `held`: calls that took longer than promised."),
        RecordColumn::nullable("happened", Kind::Flag, "Of `came`: whether the trouble came."),
    ],
    key_columns: 4,
};
