//! Every table of records.

use crate::domain::record::{Kind, RecordColumn, RecordTable};

mod actions;
mod conclusions;
mod decisions;
mod work;

pub use actions::ACTIONS;
pub use conclusions::{ANOMALIES, INCIDENTS, RISKS};
pub use decisions::DECISIONS;
pub use work::WORK;

/// Every table of records, by name.
pub static TABLES: [&RecordTable; 8] =
    [&ACTIONS, &ANOMALIES, &DECISIONS, &FORECAST_ACCURACY, &FORECASTS, &INCIDENTS, &RISKS, &WORK];

/// The forecasts that something acted on, or that somebody asked for.
pub static FORECASTS: RecordTable = RecordTable {
    name: "forecasts",
    about: "What was forecast of one series for the instant `ts`, and what came.",
    columns: &[
        SERIES,
        HORIZON,
        RecordColumn::required("purpose", Kind::Text, "What acted on it: `quota`, or `asked` if somebody did."),
        CHANNEL,
        COLUMN_NAME,
        RecordColumn::required("origin", Kind::Time, "End of the history that was known when it was made."),
        MODEL,
        RecordColumn::required("mean", Kind::Float, "Expected value, in the unit of the column."),
        RecordColumn::required("q05", Kind::Float, "The value that is undercut with a probability of 5 %."),
        RecordColumn::required("q50", Kind::Float, "Median."),
        RecordColumn::required("q95", Kind::Float, "The value that is exceeded with a probability of 5 %."),
        RecordColumn::nullable("actual", Kind::Float, "What came; null until it is known, and where nothing came."),
    ],
    key_columns: 3,
};

/// How forecasts turned out over a window of time.
pub static FORECAST_ACCURACY: RecordTable = RecordTable {
    name: "forecast_accuracy",
    about: "How the forecasts of one series by one model turned out in the window that begins at `ts`.",
    columns: &[
        SERIES,
        HORIZON,
        MODEL,
        CHANNEL,
        COLUMN_NAME,
        RecordColumn::required(
            "role",
            Kind::Text,
            "`champion` if its forecasts were the ones used, else `challenger`.",
        ),
        RecordColumn::required("n", Kind::Integer, "Forecasts whose actual value is known."),
        RecordColumn::nullable("mape", Kind::Float, "Mean absolute percentage error, as a ratio: 0.15 is 15 %."),
        RecordColumn::nullable("smape", Kind::Float, "Symmetric mean absolute percentage error, as a ratio."),
        RecordColumn::nullable("mase", Kind::Float, "Mean absolute error over that of the naive forecast."),
        RecordColumn::nullable("rmse", Kind::Float, "Root of the mean squared error, in the unit of the column."),
        RecordColumn::nullable(
            "pinball",
            Kind::Float,
            "Mean pinball loss over the quantiles, in the unit of the column.",
        ),
        RecordColumn::nullable("crps", Kind::Float, "Continuous ranked probability score, in the unit of the column."),
        RecordColumn::nullable("coverage_50", Kind::Float, "Share of actual values inside the 50 % interval, 0 ..= 1."),
        RecordColumn::nullable("coverage_80", Kind::Float, "Share of actual values inside the 80 % interval, 0 ..= 1."),
        RecordColumn::nullable("coverage_90", Kind::Float, "Share of actual values inside the 90 % interval, 0 ..= 1."),
        RecordColumn::nullable("width_90", Kind::Float, "Mean width of the 90 % interval, in the unit of the column."),
        RecordColumn::required("window_s", Kind::Integer, "Length of the window, in seconds."),
    ],
    key_columns: 3,
};

const SERIES: RecordColumn = RecordColumn::required("series", Kind::Text, "Key of the series: 16 hexadecimal digits.");

const HORIZON: RecordColumn =
    RecordColumn::required("horizon_s", Kind::Integer, "How far ahead of its origin a forecast looks, in seconds.");

const CHANNEL: RecordColumn = RecordColumn::nullable("channel", Kind::Text, "The channel; null where it is a gauge.");

const COLUMN_NAME: RecordColumn =
    RecordColumn::required("column_name", Kind::Text, "The channel's column, or the metric of the gauge.");

const MODEL: RecordColumn = RecordColumn::required("model", Kind::Text, "The model that made the forecast.");
