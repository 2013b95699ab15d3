//! The fields of a whole minute, named and measured as the columns of the table `samples`.
//!
//! The number of requests must be there; every other count that is missing is zero, because a count has no other way
//! to be absent. A minute that does not state its coverage was watched whole. Percentiles without the values behind
//! them become a stated summary, which answers for its own minute but never merges into percentiles of longer spans.

use super::Problem;
use super::call::{cost, small};
use crate::collect::import::cell::Cell;
use crate::collect::import::mapping::field::Field;
use crate::collect::import::read::Chunk;
use crate::domain::column::Column;
use crate::domain::sample::{Distribution, ProbeResult, Sample, Summary};
use crate::domain::units::Millis;

/// Seconds of a minute that does not say how long it was watched.
const WHOLE_MINUTE_S: u32 = 60;

/// What is gathered beside the sample itself.
#[derive(Default)]
struct Parts {
    latency: Summary,
    ttft: Summary,
    probe_ok: Option<bool>,
    probe_latency_ms: Option<f64>,
}

/// Fills `sample` from row `row`.
pub(super) fn parse(
    fields: &[(Field, usize)],
    chunk: &Chunk,
    row: usize,
    mut sample: Sample,
) -> Result<Sample, Problem> {
    let mut parts = Parts::default();
    sample.coverage_s = WHOLE_MINUTE_S;
    sample.revision = 1;
    for &(field, at) in fields {
        let Field::Minute(column) = field else { continue };
        let cell = chunk.cell(row, at);
        let known = set_count(&mut sample, column, cell).map_err(|problem| (at, problem))?;
        if !known {
            set_measure(&mut sample, &mut parts, column, cell).map_err(|problem| (at, problem))?;
        }
        if column == Column::Errors && sample.counts.errors > sample.counts.requests {
            let problem = format!("is {}, more than the {} requests", sample.counts.errors, sample.counts.requests);
            return Err((at, problem));
        }
    }
    sample.latency = distribution(parts.latency);
    sample.ttft = distribution(parts.ttft);
    if parts.probe_ok.is_some() || parts.probe_latency_ms.is_some() {
        let ok = parts.probe_ok.unwrap_or(parts.probe_latency_ms.is_some());
        sample.probe = Some(ProbeResult { ok, latency_ms: parts.probe_latency_ms });
    }
    Ok(sample)
}

/// Sets a column that counts events or seconds; `false` if it is another kind of column.
fn set_count(sample: &mut Sample, column: Column, cell: Cell<'_>) -> Result<bool, String> {
    let counts = &mut sample.counts;
    let count = match column {
        Column::Requests => {
            counts.requests = cell.whole()?.ok_or("is missing")?;
            return Ok(true);
        }
        Column::Coverage => {
            let seconds = small(cell)?.unwrap_or(WHOLE_MINUTE_S);
            if seconds > WHOLE_MINUTE_S {
                return Err(cell.is_not("a number of seconds in a minute (rows must be minutes)"));
            }
            sample.coverage_s = seconds;
            return Ok(true);
        }
        Column::Revision => {
            sample.revision = small(cell)?.unwrap_or(1).max(1);
            return Ok(true);
        }
        Column::Errors => &mut counts.errors,
        Column::Timeouts => &mut counts.timeouts,
        Column::Throttled => &mut counts.throttled,
        Column::Retries => &mut counts.retries,
        Column::ErrorsClient => &mut counts.errors_client,
        Column::ErrorsServer => &mut counts.errors_server,
        Column::ErrorsNetwork => &mut counts.errors_network,
        _ => return Ok(false),
    };
    *count = cell.whole()?.unwrap_or(0);
    Ok(true)
}

fn set_measure(sample: &mut Sample, parts: &mut Parts, column: Column, cell: Cell<'_>) -> Result<(), String> {
    let place = match column {
        Column::LatencyMean => &mut parts.latency.mean,
        Column::LatencyP50 => &mut parts.latency.p50,
        Column::LatencyP90 => &mut parts.latency.p90,
        Column::LatencyP95 => &mut parts.latency.p95,
        Column::LatencyP99 => &mut parts.latency.p99,
        Column::LatencyMax => &mut parts.latency.max,
        Column::TtftP50 => &mut parts.ttft.p50,
        Column::TtftP95 => &mut parts.ttft.p95,
        Column::ProbeLatency => &mut parts.probe_latency_ms,
        Column::TokensPrompt => return cell.whole().map(|tokens| sample.tokens_prompt = tokens),
        Column::TokensCompletion => return cell.whole().map(|tokens| sample.tokens_completion = tokens),
        Column::TokensCached => return cell.whole().map(|tokens| sample.tokens_cached = tokens),
        Column::Cost => return cost(cell).map(|cost| sample.cost = cost),
        Column::InFlightMax => return small(cell).map(|calls| sample.in_flight_max = calls),
        Column::QueueMax => return small(cell).map(|calls| sample.queue_max = calls),
        Column::ProbeOk => return cell.flag().map(|ok| parts.probe_ok = ok),
        _ => return Ok(()),
    };
    let ms = cell.number()?.map(Millis::new).transpose().map_err(|error| error.to_string())?;
    *place = ms.map(Millis::get);
    Ok(())
}

fn distribution(summary: Summary) -> Distribution {
    if summary == Summary::default() { Distribution::Empty } else { Distribution::Stated(Box::new(summary)) }
}
