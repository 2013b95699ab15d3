//! What models are told of a series besides its values: seasons and holidays.

use std::collections::BTreeMap;

use indicatif::ProgressBar;

use super::parallel;
use super::plain::PlainFile;
use crate::config::elements::date;
use crate::forecast::history::History;
use crate::forecast::season;

const SECONDS_PER_DAY: i64 = 86_400;

/// What models are told.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Models")]
pub struct PrepareArgs {
    /// Lengths of the seasons in steps, such as 24,168 for hours, or `none` [default: found in each series]
    #[arg(long, value_name = "N,..", value_parser = seasons)]
    season: Option<Seasons>,
    /// Days in UTC that are unlike others, in the history and ahead; for `structural`, which then also runs for champion
    #[arg(long, value_name = "DATE,..", value_delimiter = ',', value_parser = day)]
    holidays: Vec<i64>,
}

/// Given seasons, as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seasons(Vec<usize>);

impl PrepareArgs {
    /// The seasons that were given; `None` if they are to be found.
    #[must_use]
    pub fn given(&self) -> Option<&[usize]> {
        self.season.as_ref().map(|seasons| seasons.0.as_slice())
    }

    /// The seasons that models of `history` are told of.
    fn seasons(&self, history: &History<'_>) -> Vec<usize> {
        self.given().map_or_else(|| season::working(history), <[usize]>::to_vec)
    }

    /// The seasons of each series of `file`, looked for in the part of it that `known` lets through; none where that is
    /// nothing.
    pub fn of_all(
        &self,
        file: &PlainFile,
        jobs: usize,
        known: impl for<'a> Fn(&History<'a>) -> Option<History<'a>> + Sync,
    ) -> Vec<Vec<usize>> {
        parallel::map(&file.series, jobs, &ProgressBar::hidden(), |series| {
            let history = series.history().ok().and_then(|history| known(&history));
            history.map_or_else(Vec::new, |history| self.seasons(&history))
        })
    }

    /// UTC days since 1970-01-01 that are unlike others.
    #[must_use]
    pub fn holidays(&self) -> &[i64] {
        &self.holidays
    }
}

/// The seasons that most series have; none if there is no series.
#[must_use]
pub fn most_common(found: &[Vec<usize>]) -> &[usize] {
    let times = |seasons: &&Vec<usize>| found.iter().filter(|other| other == seasons).count();
    // The first of equals.
    found.iter().rev().max_by_key(times).map_or(&[], Vec::as_slice)
}

/// In how many series which seasons were found, in words; the most common first.
#[must_use]
pub fn found_in_words<'a>(found: impl Iterator<Item = &'a [usize]>) -> String {
    let mut counts: BTreeMap<&[usize], usize> = BTreeMap::new();
    for seasons in found {
        *counts.entry(seasons).or_default() += 1;
    }
    let mut counts: Vec<(&[usize], usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let one = |(seasons, count): &(&[usize], usize)| {
        let steps: Vec<String> = seasons.iter().map(ToString::to_string).collect();
        let steps = if steps.is_empty() { "none".to_owned() } else { steps.join(",") };
        format!("{steps} (of {count} series)")
    };
    format!("seasons found, in steps: {}", counts.iter().map(one).collect::<Vec<_>>().join(", "))
}

fn seasons(text: &str) -> Result<Seasons, String> {
    if text == "none" {
        return Ok(Seasons(Vec::new()));
    }
    let one = |part: &str| match part.trim().parse::<u32>() {
        Ok(steps @ 1..) => Ok(steps as usize),
        _ => Err(format!("`{part}` is no number of steps from 1 on")),
    };
    text.split(',').map(one).collect::<Result<_, _>>().map(Seasons)
}

fn day(text: &str) -> Result<i64, String> {
    let at = date::parse(text).map_err(|error| error.to_string())?;
    Ok(at.seconds().div_euclid(SECONDS_PER_DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seasons_are_numbers_or_none() {
        assert_eq!(seasons("24,168"), Ok(Seasons(vec![24, 168])));
        assert_eq!(seasons("none"), Ok(Seasons(Vec::new())));
        assert!(["0", "24,", "daily", "-1"].into_iter().all(|wrong| seasons(wrong).is_err()));
        assert_eq!(day("1970-01-02"), Ok(1));
        let found: [&[usize]; 4] = [&[24], &[], &[24, 168], &[24]];
        assert_eq!(
            found_in_words(found.into_iter()),
            "seasons found, in steps: 24 (of 2 series), none (of 1 series), 24,168 (of 1 series)"
        );
    }
}
