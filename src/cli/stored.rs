//! Series of the store, in the same shape as those of a plain file.

use super::args::Shared;
use super::data;
use super::exit::{Exit, Failure};
use super::plain::{PlainFile, Series, When};
use super::suggest;
use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::target::Target;
use crate::domain::time::Minute;
use crate::forecast::align::{self, Raw};

/// Reads `column` of `channels` (of all if none is named), minute by minute.
///
/// # Errors
/// [`Failure`] if there is no such column or channel, or the store cannot be read.
pub fn read(column: &str, channels: &[String], shared: &Shared) -> Result<PlainFile, Failure> {
    let target = target(column)?;
    let config = data::settings(shared)?;
    let store = data::open_for_reading(shared)?;
    let everything = data::everything(&store, &config)?;
    let known = everything.channels()?;
    let wanted = if channels.is_empty() { known.iter().cloned().collect() } else { chosen(channels, &known)? };
    let mut series = Vec::with_capacity(wanted.len());
    for channel in wanted {
        let samples = everything.samples(&channel, Minute(0), Minute(u32::MAX))?;
        let (values, counts): (Vec<Raw>, Vec<Raw>) = samples.iter().map(|sample| raw(target, sample)).unzip();
        let counted = counts.iter().any(|(_, count)| count.is_finite());
        let counts = counted.then(|| align::align(counts, Some(60)).ok()).flatten();
        series.push(Series { name: channel.to_string(), aligned: align::align(values, Some(60)), counts, marks: None });
    }
    if series.is_empty() {
        return Err(Failure::new(Exit::Usage, format!("the store in {} holds no channel yet", shared.data.display())));
    }
    Ok(PlainFile { when: When::Instants, series, value: target.name().to_owned(), rejected: 0 })
}

/// The value of a minute and the calls behind it.
fn raw(target: Target, sample: &Sample) -> (Raw, Raw) {
    let (at, (value, count)) = (sample.minute.start(), target.observe(sample));
    ((at, value), (at, count))
}

/// The channels called `names`, if all are known.
fn chosen(names: &[String], known: &std::collections::BTreeSet<ChannelId>) -> Result<Vec<ChannelId>, Failure> {
    let one = |name: &String| {
        known.iter().find(|channel| channel.as_str() == name).cloned().ok_or_else(|| {
            let instead = suggest::instead(name, known.iter().map(ChannelId::as_str));
            Failure::new(Exit::Usage, format!("the store holds no channel `{name}`; {instead}"))
        })
    };
    names.iter().map(one).collect()
}

fn target(column: &str) -> Result<Target, Failure> {
    Target::parse(column).ok_or_else(|| {
        let instead = suggest::instead(column, Target::ALL.iter().map(|target| target.name()));
        Failure::new(Exit::Usage, format!("`{column}` is not forecast; {instead}"))
    })
}
