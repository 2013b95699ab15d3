//! The fields of a call.

use super::Problem;
use crate::collect::import::cell::Cell;
use crate::collect::import::mapping::field::Field;
use crate::collect::import::read::Chunk;
use crate::domain::call::{Call, Outcome};
use crate::domain::units::{MicroUsd, Millis};

/// What the columns say about how a call ended, the most telling first.
#[derive(Default)]
struct Verdict {
    named: Option<Outcome>,
    status: Option<Outcome>,
    code: Option<Outcome>,
    failed: bool,
}

impl Verdict {
    /// A column that says "failed" overrules others that say "ok".
    fn outcome(&self) -> Outcome {
        let told = [self.named, self.status, self.code].into_iter().flatten();
        let worst = told.clone().find(|outcome| outcome.is_failure());
        worst.or(self.failed.then_some(Outcome::ServerError)).unwrap_or(Outcome::Ok)
    }
}

/// Fills `call` from row `row`.
pub(super) fn parse(fields: &[(Field, usize)], chunk: &Chunk, row: usize, mut call: Call) -> Result<Call, Problem> {
    let mut verdict = Verdict::default();
    for &(field, column) in fields {
        set(&mut call, &mut verdict, field, chunk.cell(row, column)).map_err(|problem| (column, problem))?;
    }
    call.outcome = verdict.outcome();
    Ok(call)
}

fn set(call: &mut Call, verdict: &mut Verdict, field: Field, value: Cell<'_>) -> Result<(), String> {
    match field {
        Field::Outcome => verdict.named = outcome(value)?,
        Field::Status => verdict.status = status(value)?,
        Field::ErrorCode => verdict.code = error_code(value)?,
        Field::Failed => verdict.failed = value.flag()?.unwrap_or(false),
        // Two columns of different units never feed one call: the milliseconds win.
        Field::LatencyMs => call.latency = millis(value, 1.0)?,
        Field::LatencyS => call.latency = call.latency.or(millis(value, 1e3)?),
        Field::TtftMs => call.ttft = millis(value, 1.0)?,
        Field::TtftS => call.ttft = call.ttft.or(millis(value, 1e3)?),
        Field::TokensPrompt => call.tokens_prompt = value.whole()?,
        Field::TokensCompletion => call.tokens_completion = value.whole()?,
        Field::TokensCached => call.tokens_cached = value.whole()?,
        Field::CostUsd => call.cost = cost(value)?,
        Field::Retries => call.retries = small(value)?.unwrap_or(0),
        Field::InFlight => call.in_flight = small(value)?,
        Field::Queue => call.queue = small(value)?,
        Field::Probe => call.probe = value.flag()?.unwrap_or(false),
        Field::Ts | Field::OffsetS | Field::OffsetMs | Field::Minute(_) => {}
    }
    Ok(())
}

fn outcome(cell: Cell<'_>) -> Result<Option<Outcome>, String> {
    match cell {
        Cell::Missing => Ok(None),
        Cell::Text(name) => {
            let known = || Outcome::ALL.map(Outcome::name).join(", ");
            Outcome::parse(name).map(Some).ok_or_else(|| cell.is_not(&format!("one of {}", known())))
        }
        _ => Err(cell.is_not("the name of an outcome")),
    }
}

fn status(cell: Cell<'_>) -> Result<Option<Outcome>, String> {
    let Some(code) = cell.whole()? else { return Ok(None) };
    let status = u16::try_from(code).ok().filter(|code| (100..=599).contains(code));
    status.map(|code| Some(Outcome::from_status(code))).ok_or_else(|| cell.is_not("an HTTP status (100 to 599)"))
}

fn error_code(cell: Cell<'_>) -> Result<Option<Outcome>, String> {
    let code = match cell {
        // A word for the error is an error.
        Cell::Text(text) if text.parse::<f64>().is_err() => return Ok(Some(Outcome::ServerError)),
        _ => cell.number()?,
    };
    Ok(code.filter(|&code| code != 0.0).map(|code| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by the guard")]
        match code {
            code if (400.0..600.0).contains(&code) => Outcome::from_status(code as u16),
            _ => Outcome::ServerError,
        }
    }))
}

fn millis(cell: Cell<'_>, factor: f64) -> Result<Option<Millis>, String> {
    let ms = cell.number()?.map(|value| Millis::new(value * factor));
    ms.transpose().map_err(|error| error.to_string())
}

pub(super) fn cost(cell: Cell<'_>) -> Result<Option<MicroUsd>, String> {
    cell.number()?.map(MicroUsd::from_usd).transpose().map_err(|error| error.to_string())
}

pub(super) fn small(cell: Cell<'_>) -> Result<Option<u32>, String> {
    let value = cell.whole()?.map(u32::try_from).transpose();
    value.map_err(|_| cell.is_not("a number below 2^32"))
}
