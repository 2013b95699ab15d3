//! What is concluded of the present: anomalies, incidents and risks.

use super::{COLUMN_NAME, HORIZON, SERIES};
use crate::domain::record::{Kind, RecordColumn, RecordTable};

/// Minutes that were odd, or of which nothing is known.
pub static ANOMALIES: RecordTable = RecordTable {
    name: "anomalies",
    about: "How odd one column of a channel was in the minute that begins at `ts`.",
    columns: &[
        SERIES,
        CHANNEL,
        COLUMN_NAME,
        RecordColumn::required(
            "state",
            Kind::Text,
            "What could be said: `judged`, `warming`, `thin`, `absent` or `excused`.",
        ),
        RecordColumn::required("score", Kind::Float, "How odd, 0 ..= 1; 0.5 is the line."),
        RecordColumn::required("anomaly", Kind::Flag, "Whether it is an anomaly, all controls considered."),
        RecordColumn::nullable("value", Kind::Float, "The value, in the unit of the column; null if there was none."),
        RecordColumn::nullable("expected_low", Kind::Float, "Lower edge of what was usual."),
        RecordColumn::nullable("expected", Kind::Float, "The middle of what was usual."),
        RecordColumn::nullable("expected_high", Kind::Float, "Upper edge of what was usual."),
        RecordColumn::nullable(
            "votes",
            Kind::Text,
            "JSON object: for each detector, how often a healthy minute is at least this odd.",
        ),
    ],
    key_columns: 1,
};

/// Every change of every incident and of every group of incidents.
pub static INCIDENTS: RecordTable = RecordTable {
    name: "incidents",
    about: "How an incident, or a group of them, stood after the change at `ts`; the highest revision is how it stands.",
    columns: &[
        RecordColumn::required("incident", Kind::Text, "Name of the incident: 16 hexadecimal digits."),
        RecordColumn::required("revision", Kind::Integer, "Number of the change, from 1."),
        RecordColumn::required(
            "change",
            Kind::Text,
            "What happened: `opened`, `raised`, `acknowledged`, `recovered`, ...",
        ),
        RecordColumn::nullable("channel", Kind::Text, "The channel; null for a group."),
        RecordColumn::nullable("scope", Kind::Text, "What the members of a group share; null for a single incident."),
        RecordColumn::required("kind", Kind::Text, "Kind of trouble: `errors`, `latency`, `absence`, ..."),
        RecordColumn::required(
            "fingerprint",
            Kind::Text,
            "What is the same when trouble recurs: 16 hexadecimal digits.",
        ),
        RecordColumn::required("severity", Kind::Text, "`P1` to `P4`; P1 is the worst."),
        RecordColumn::required("worst", Kind::Text, "The worst severity so far."),
        RecordColumn::required("first_sign", Kind::Time, "Begin of the minute with the first odd value."),
        RecordColumn::required("opened", Kind::Time, "When it was detected."),
        RecordColumn::nullable("acknowledged", Kind::Time, "When a person took it on."),
        RecordColumn::nullable("mitigated", Kind::Time, "When the harm ended."),
        RecordColumn::nullable("resolved", Kind::Time, "When it was over; null while it is open."),
        RecordColumn::nullable("ending", Kind::Text, "Why it is over: `recovered`, `adopted`, `lapsed` or `closed`."),
        RecordColumn::required("flaps", Kind::Integer, "How often it was taken up again."),
        RecordColumn::required("recurrences", Kind::Integer, "How often the same was wrong within the day before."),
        RecordColumn::nullable(
            "blamed",
            Kind::Text,
            "Columns to blame, with commas between; null if nothing was heard.",
        ),
        RecordColumn::nullable(
            "evidence",
            Kind::Text,
            "JSON: for each column what was seen and expected, and who voted.",
        ),
        RecordColumn::nullable("silent_until", Kind::Time, "When it may be heard again, if it was silenced."),
        RecordColumn::nullable("note_by", Kind::Text, "Who wrote the last note."),
        RecordColumn::nullable("note", Kind::Text, "The last note."),
        RecordColumn::nullable("runbook", Kind::Text, "What to read about this kind."),
        RecordColumn::nullable("members", Kind::Text, "JSON list: names of the incidents in a group."),
        RecordColumn::nullable("part_of", Kind::Text, "The group that a group became part of."),
    ],
    key_columns: 2,
};

/// Probabilities of breaking an objective.
pub static RISKS: RecordTable = RecordTable {
    name: "risks",
    about: "The probability, known after the minute that begins at `ts`, that a channel breaks an objective.",
    columns: &[
        CHANNEL,
        RecordColumn::required("class", Kind::Text, "The route class whose objective it is."),
        HORIZON,
        RecordColumn::required("chance", Kind::Float, "Probability by the forecast alone, 0 ..= 1."),
        RecordColumn::required("probability", Kind::Float, "Calibrated probability, 0 ..= 1."),
        RecordColumn::nullable("happened", Kind::Flag, "Whether it came true; null until that is known."),
    ],
    key_columns: 3,
};

const CHANNEL: RecordColumn = RecordColumn::required("channel", Kind::Text, "The channel.");
