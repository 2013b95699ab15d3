//! What models did for jobs.

use crate::domain::record::{Kind, RecordColumn, RecordTable};

/// Parts that models had in jobs.
pub static WORK: RecordTable = RecordTable {
    name: "work",
    about: "The part that one model had in a job, which was over at `ts`: most jobs have one, those that fell back have more.",
    columns: &[
        RecordColumn::required("job", Kind::Text, "The job."),
        RecordColumn::required("part", Kind::Integer, "Number of the part, from 1."),
        RecordColumn::required("class", Kind::Text, "The class of work."),
        RecordColumn::required("tier", Kind::Text, "How hard the job was: `L1` to `L4`."),
        RecordColumn::required("model", Kind::Text, "The model."),
        RecordColumn::required(
            "outcome",
            Kind::Text,
            "`done` or `failed` as the job ended with it; `failed` or `exhausted` (no tokens left) if another model took over; `abandoned` if nothing was heard of the job any more.",
        ),
        RecordColumn::nullable("success", Kind::Flag, "Whether the job did what it was to do; null if nobody knows."),
        RecordColumn::nullable("quality", Kind::Float, "How well, 0 ..= 1; null if nobody judged it."),
        RecordColumn::required("tokens", Kind::Integer, "Tokens of this part."),
        RecordColumn::required("cost_usd", Kind::Float, "USD of this part."),
        RecordColumn::required("duration_s", Kind::Float, "Seconds from when the model began until its part was over."),
    ],
    key_columns: 2,
};
