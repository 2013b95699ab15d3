//! Slips of the pen: the nearest of the words that would have been right.

/// How alike two words must be (Jaro-Winkler, 0 to 1) for one to be a slip of the other.
const ALIKE: f64 = 0.8;

/// "did you mean `x`?" if one of `known` is much like `word`, else "there are `x`, `y`".
#[must_use]
pub fn instead<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let likeness = |known: &str| strsim::jaro_winkler(&word.to_lowercase(), &known.to_lowercase());
    let best = known.iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    if let Some(best) = best.filter(|best| likeness(best) >= ALIKE) {
        return format!("did you mean `{best}`?");
    }
    let all: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
    format!("there are {}", all.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_anything_else_shows_the_choice() {
        assert_eq!(instead("holt-winter", ["holt-winters", "theta"]), "did you mean `holt-winters`?");
        assert_eq!(instead("Value", ["ts", "value"]), "did you mean `value`?");
        assert_eq!(instead("lstm", ["naive", "drift"]), "there are `naive`, `drift`");
    }
}
