//! What is done about channels in trouble, and what came of it.

use crate::domain::record::{Kind, RecordColumn, RecordTable};

/// Steps of playbooks.
pub static ACTIONS: RecordTable = RecordTable {
    name: "actions",
    about: "One try of one step of a playbook, which began at `ts`; and, with `step` 0, how a run of it began and ended.",
    columns: &[
        RecordColumn::required("channel", Kind::Text, "The channel."),
        RecordColumn::required("run", Kind::Text, "The run: 16 hexadecimal digits."),
        RecordColumn::required("step", Kind::Integer, "Number of the step, from 1; 0 is the run itself."),
        RecordColumn::required("try", Kind::Integer, "Number of the try, from 1; 0 of the run itself."),
        RecordColumn::required("playbook", Kind::Text, "The playbook."),
        RecordColumn::nullable("class", Kind::Text, "Route classes that the channel serves, separated by commas."),
        RecordColumn::required(
            "kind",
            Kind::Text,
            "`drain`, `restore`, `webhook`, `command`, `wait` or `probe`; `run` is the run itself.",
        ),
        RecordColumn::nullable("target", Kind::Text, "The receiver of a webhook, or the name of a command."),
        RecordColumn::nullable("key", Kind::Text, "Idempotency key of the try: `RUN-STEP-TRY`."),
        RecordColumn::nullable(
            "outcome",
            Kind::Text,
            "Null while it goes on. Of a try: `ok`, `failed`, or `unknown` if nobody knows. Of a run: `asks`, `advised`, `done`, `rolled_back`, `handed_over` or `declined`.",
        ),
        RecordColumn::nullable("took_s", Kind::Float, "Seconds that it took."),
        RecordColumn::nullable("message", Kind::Text, "What is known of it; of a run, why it began or ended so."),
    ],
    key_columns: 4,
};
