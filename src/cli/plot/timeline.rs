//! Pictures of replays: for each policy the share of every channel, latency, faults, incidents, decisions and risk, one
//! below the other over the same time.
//!
//! Written as SVG by hand: it is all rectangles, lines and words. There is no background, and all inks are of middle
//! lightness, so that a picture can be read on a light page as well as on a dark one.

mod canvas;
mod course;

use std::fs;
use std::path::Path;

use canvas::Canvas;
use course::{Course, latency_second};

use crate::cli::exit::{Exit, Failure};
use crate::domain::time::Timestamp;
use crate::sim::replay::scene::Scene;
use crate::sim::scenario::play::Played;

/// Pixels of the picture and of its parts, from the top down.
const WIDTH: f64 = 960.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 16.0;
const TITLE: f64 = 60.0;
const BLOCK_TITLE: f64 = 24.0;
const BAR: f64 = 9.0;
const SHARES: f64 = 110.0;
const LATENCY: f64 = 60.0;
const RISK: f64 = 40.0;
const GAP: f64 = 8.0;
const FOOT: f64 = 26.0;

/// Inks of channels, in turn; apart from each other for every kind of colour blindness (after Okabe and Ito, 2008).
const CHANNELS: [&str; 8] = ["#347ec4", "#de6e23", "#1d9a74", "#c27ba8", "#b59a1c", "#56a9d6", "#a04a3c", "#7d7d7d"];
const TEXT: &str = "#767676";
const FAULT: &str = "#c4453c";
const INCIDENT: &str = "#a86fc4";

/// Writes the picture of `runs` through `scene` into `path`.
///
/// # Errors
/// [`Failure`] if it cannot be written.
pub fn write(path: &Path, title: &str, scene: &Scene, runs: &[Played]) -> Result<(), Failure> {
    let failed = |why: std::io::Error| Failure::new(Exit::Partial, format!("cannot write {}: {why}", path.display()));
    fs::write(path, svg(title, scene, runs)).map_err(failed)
}

/// The picture of `runs` through `scene` under `title`.
#[must_use]
pub fn svg(title: &str, scene: &Scene, runs: &[Played]) -> String {
    let mut canvas = Canvas::new(WIDTH);
    canvas.text(LEFT, 20.0, "start", 14.0, TEXT, title);
    let mut at = LEFT;
    for (place, channel) in scene.channels.iter().enumerate() {
        canvas.rect((at, 34.0), (10.0, 10.0), ink(place), 1.0);
        canvas.text(at + 14.0, 43.0, "start", 11.0, TEXT, channel.id.as_str());
        #[expect(clippy::cast_precision_loss, reason = "a length in pixels")]
        let width = 30.0 + 6.5 * channel.id.as_str().chars().count() as f64;
        at += width;
    }
    let mut top = TITLE;
    for played in runs {
        top = Block { scene, played, time: Time::of(scene) }.draw(&mut canvas, top);
    }
    canvas.finish(top)
}

fn ink(channel: usize) -> &'static str {
    CHANNELS.get(channel % CHANNELS.len()).copied().unwrap_or(TEXT)
}

/// Where instants lie.
#[derive(Debug, Clone, Copy)]
struct Time {
    begin: Timestamp,
    seconds: f64,
}

impl Time {
    fn of(scene: &Scene) -> Self {
        Self { begin: scene.begin(), seconds: f64::from(scene.length_min) * 60.0 }
    }

    fn x(self, at: Timestamp) -> f64 {
        self.x_of(at.seconds_since(self.begin))
    }

    fn x_of(self, second: f64) -> f64 {
        LEFT + (second / self.seconds).clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }
}

/// What one policy did.
struct Block<'a> {
    scene: &'a Scene,
    played: &'a Played,
    time: Time,
}

impl Block<'_> {
    /// Draws it from `top` on; where the next one begins.
    fn draw(&self, canvas: &mut Canvas, top: f64) -> f64 {
        let score = &self.played.score;
        let harm = format!("{}: {} of {} calls harmed", self.played.policy, score.harmed, score.calls);
        canvas.text(LEFT, top + 15.0, "start", 13.0, TEXT, &harm);
        let mut at = self.bars(canvas, top + BLOCK_TITLE);
        let course = Course::of(&self.played.trail);
        self.shares(canvas, at, &course);
        at += SHARES + GAP;
        self.latency(canvas, at, &course);
        at += LATENCY + GAP;
        if !self.played.log.risks.is_empty() {
            self.risks(canvas, at);
            at += RISK + GAP;
        }
        self.clock(canvas, at);
        at + FOOT
    }

    /// Faults, what was done about them, incidents and decisions.
    fn bars(&self, canvas: &mut Canvas, top: f64) -> f64 {
        let mut at = top;
        let end = self.time.begin.plus_seconds(i64::from(self.scene.length_min) * 60);
        for (place, channel) in self.scene.channels.iter().enumerate().filter(|(_, channel)| !channel.spells.is_empty())
        {
            // As they came: what was mended is shorter than the scene has it.
            let came = self.played.trail.spells.get(place).unwrap_or(&channel.spells);
            let shown = came.iter().take(channel.spells.len());
            for spell in shown.filter(|spell| spell.from < end && spell.to > self.time.begin) {
                let (from, to) = (self.time.x(spell.from), self.time.x(spell.to));
                canvas.rect((from, at), (to - from, BAR - 2.0), FAULT, 0.75);
                canvas.hint(&format!("{}: {}", channel.id.as_str(), spell.kind.about()));
            }
            canvas.rect((LEFT - 12.0, at), (8.0, BAR - 2.0), ink(place), 1.0);
            at += BAR;
        }
        at = self.deeds(canvas, at);
        for seen in &self.played.log.incidents {
            let (from, to) = (self.time.x(seen.from), self.time.x(seen.to.unwrap_or(end)));
            canvas.rect((from, at), ((to - from).max(1.0), BAR - 2.0), INCIDENT, 0.75);
            let name = self.scene.channels.get(seen.channel).map_or("", |channel| channel.id.as_str());
            canvas.hint(&format!("{} on {name}", seen.severity.name()));
        }
        at += if self.played.log.incidents.is_empty() { 0.0 } else { BAR };
        for decided in &self.played.log.decisions {
            canvas.line((self.time.x(decided.at), at), (self.time.x(decided.at), at + BAR - 2.0), TEXT, 1.0);
            canvas.hint(&decided.why);
        }
        at + if self.played.log.decisions.is_empty() { 2.0 } else { BAR }
    }

    /// What was done about channels, each from its beginning to its end; where the next row begins.
    fn deeds(&self, canvas: &mut Canvas, top: f64) -> f64 {
        for done in &self.played.trail.deeds {
            let (from, to) = (self.time.x(done.began), self.time.x(done.ended));
            canvas.rect((from, top), ((to - from).max(1.5), BAR - 2.0), ink(done.deed.channel), 0.85);
            let name = self.scene.channels.get(done.deed.channel).map_or("", |channel| channel.id.as_str());
            let came = match (done.is_ok, done.mended.is_empty()) {
                (_, false) => "it is mended",
                (true, true) => "done",
                (false, true) => "failed",
            };
            canvas.hint(&format!("{} on {name}: {came}", done.deed.means.name()));
        }
        top + if self.played.trail.deeds.is_empty() { 0.0 } else { BAR }
    }

    /// The share of each channel, one upon the other.
    fn shares(&self, canvas: &mut Canvas, top: f64, course: &Course) {
        for (step, shares) in course.shares.iter().enumerate() {
            let (from, to) = (self.time.x_of(course.second(step)), self.time.x_of(course.second(step + 1)));
            let mut below = 0.0;
            for (place, share) in shares.iter().enumerate().filter(|(_, share)| **share > 0.0) {
                let height = share * SHARES;
                canvas.rect((from, top + SHARES - below - height), (to - from, height), ink(place), 0.85);
                below += height;
            }
        }
        for (part, label) in [(0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")] {
            canvas.text(LEFT - 6.0, top + SHARES * (1.0 - part) + 4.0, "end", 10.0, TEXT, label);
        }
    }

    /// The 95th percentile of each step, and the limit of the first class.
    fn latency(&self, canvas: &mut Canvas, top: f64, course: &Course) {
        let limit = self.scene.classes.first().map_or(f64::NAN, |class| class.limit_ms);
        let most = course.p95.iter().copied().filter(|ms| ms.is_finite()).fold(limit * 1.2, f64::max).max(1.0);
        let y = |ms: f64| top + LATENCY * (1.0 - (ms / most).clamp(0.0, 1.0));
        canvas.line((LEFT, y(limit)), (WIDTH - RIGHT, y(limit)), FAULT, 0.6);
        canvas.hint("what is promised");
        let points = course.p95.iter().enumerate().filter(|(_, ms)| ms.is_finite());
        let points: Vec<(f64, f64)> = points.map(|(step, ms)| (self.time.x_of(latency_second(step)), y(*ms))).collect();
        canvas.path(&points, TEXT);
        canvas.text(LEFT - 6.0, top + 9.0, "end", 10.0, TEXT, &format!("{most:.0} ms"));
        canvas.text(LEFT - 6.0, top + LATENCY, "end", 10.0, TEXT, "p95");
    }

    /// The risk of each channel.
    fn risks(&self, canvas: &mut Canvas, top: f64) {
        for place in 0..self.scene.channels.len() {
            let of = self.played.log.risks.iter().filter(|(_, channel, risk)| *channel == place && risk.is_finite());
            let y = |risk: f64| top + RISK * (1.0 - risk.clamp(0.0, 1.0));
            let points: Vec<(f64, f64)> = of.map(|(at, _, risk)| (self.time.x(*at), y(*risk))).collect();
            canvas.path(&points, ink(place));
        }
        canvas.text(LEFT - 6.0, top + 9.0, "end", 10.0, TEXT, "risk 1");
        canvas.text(LEFT - 6.0, top + RISK, "end", 10.0, TEXT, "0");
    }

    /// Minutes since the beginning.
    fn clock(&self, canvas: &mut Canvas, top: f64) {
        for part in 0..=6 {
            let minutes = f64::from(self.scene.length_min) * f64::from(part) / 6.0;
            let x = self.time.x_of(minutes * 60.0);
            canvas.text(x, top + 6.0, "middle", 10.0, TEXT, &format!("{minutes:.0} min"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::scenario::play::{history, play};
    use crate::sim::scenario::{Scenario, Traces};

    #[test]
    fn a_picture_has_a_block_for_each_policy_and_says_what_it_is() {
        let text = include_str!("../../../tests/scenarios/dead.toml");
        let scenario = Scenario::parse(text).expect("sound");
        let mut scene = scenario.scene(1, &Traces::new()).expect("sound");
        scene.past_min = 1;
        let runs = play(&scene, &scenario.policies, &history(&scene));
        let picture = svg("a < b (simulated)", &scene, &runs);
        assert!(picture.starts_with("<svg") && picture.ends_with("</svg>\n"));
        assert!(picture.contains("a &lt; b (simulated)"));
        for policy in &scenario.policies {
            assert!(picture.contains(&format!("{policy}: ")), "{policy}");
        }
        assert!(picture.contains("100 % of calls fail"));
        assert!(!picture.contains("NaN") && !picture.contains("inf"));
    }
}
