//! Reports: gathered from the tables, made when asked for, and on schedule.
//!
//! | part | what it does |
//! |---|---|
//! | [`gather`] | the figures of a span and of the one before it, for the running engine and for a command beside it |
//! | [`rows`] | sums over the rows of tables |
//! | [`schedule`] | reports on schedule: written into a directory and brought to receivers, over restarts |

mod gather;
mod kept;
mod rows;
mod schedule;

use crate::domain::time::Day;
use crate::engine::{Engine, View};
use crate::report::figures::{Kind, Report};
use crate::store::query::QueryError;

pub use gather::{Material, gather, read_worth};
pub(super) use kept::Reporting;
pub use schedule::reports;

impl Engine {
    /// The report of `kind` about the days up to `day`. Blocks; the first fortnightly one for long.
    ///
    /// # Errors
    /// [`QueryError`] if the store cannot be read.
    pub fn report(&self, kind: Kind, day: Day) -> Result<Report, QueryError> {
        let to = Day(day.0 + 1).first_minute();
        let from = Day(day.0 + 1).minus(2 * kind.days()).first_minute();
        let view: View = self.view(None, from, to);
        let material = Material {
            view: &view,
            situation: &self.situation(),
            settings: self.settings(),
            now: self.clock().now(),
            worth: &|from, to| self.worth(from, to),
            spend: Some(self.spend()?),
            modes: &self.modes(),
        };
        gather(kind, day, material)
    }
}
