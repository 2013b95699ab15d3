//! Risks as rows of their table.

use crate::domain::ids::ChannelId;
use crate::domain::record::{RISKS, Record, RecordError};
use crate::domain::time::Minute;
use crate::risk::outlook::Risk;

/// The row of `risks` for what was said after `minute` of `channel` and the route class `class`. A row with `happened`
/// takes the place of the one without.
///
/// # Errors
/// [`RecordError`] if a probability is not finite or the minute out of range.
pub fn risk(
    channel: &ChannelId,
    class: &str,
    minute: Minute,
    risk: &Risk,
    happened: Option<bool>,
) -> Result<Record, RecordError> {
    let cells = vec![
        channel.as_str().into(),
        class.into(),
        i64::from(risk.horizon * 60).into(),
        risk.chance.into(),
        risk.probability.into(),
        happened.into(),
    ];
    Record::new(&RISKS, minute.start(), cells)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::record::Cell;

    #[test]
    fn what_came_true_takes_the_place_of_what_was_said() {
        let channel = ChannelId::new("eu").expect("a name");
        let said = Risk { horizon: 5, chance: 0.1, probability: 0.2 };
        let row = |happened| risk(&channel, "chat", Minute(9), &said, happened).expect("it fits");
        assert_eq!(row(None).get("horizon_s").and_then(Cell::integer), Some(300));
        assert_eq!((row(None).get("happened"), row(None).key()), (Some(&Cell::Null), row(Some(true)).key()));
    }
}
