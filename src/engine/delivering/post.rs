//! Requests that must arrive.
//!
//! What is on its way is in the document before it is tried, and is taken out after it arrived, so a process that is killed
//! in between tries it again, under the same key. Of one class one request is under way at a time; when a newer decision is
//! made meanwhile, the older one is not tried again.

use std::collections::BTreeMap;

use tokio::sync::watch;

use crate::domain::time::Timestamp;
use crate::engine::Engine;
use crate::engine::delivering::kept::{Letter, Mark};
use crate::engine::delivering::{End, LONGEST_WAIT_S, account};

/// Brings decisions to the target number `at` until `stop` turns true.
pub(super) async fn post(engine: Engine, at: usize, mut stop: watch::Receiver<bool>) {
    let Some(end) = engine.0.delivering.ends.get(at) else { return };
    let mut boards = engine.boards(&end.deliver);
    // By class, what failed, and when it is tried again.
    let mut pauses: BTreeMap<&str, (Mark, Timestamp)> = BTreeMap::new();
    while !boards.is_empty() {
        let mut wake = Timestamp::from_micros(i64::MAX);
        for class in &end.deliver.classes {
            let Some(letter) = engine.letter(end, class) else { continue };
            let until = pauses.get(class.as_str()).filter(|(mark, _)| *mark == letter.mark).map(|(_, until)| *until);
            if let Some(until) = until.filter(|until| *until > engine.clock().now()) {
                wake = wake.min(until);
                continue;
            }
            if *stop.borrow() {
                return;
            }
            if let Some(until) = engine.post_one(end, class, &letter).await {
                pauses.insert(class, (letter.mark, until));
                wake = wake.min(until);
            }
        }
        if !engine.news(&mut boards, wake, &mut stop).await {
            return;
        }
    }
}

impl Engine {
    /// One try; if it failed, when to try again.
    async fn post_one(&self, end: &End, class: &str, letter: &Letter) -> Option<Timestamp> {
        self.save_deliveries().await;
        let pool = letter.pool(class);
        let done = end.adapter.lock().await.apply(std::slice::from_ref(&pool), self.clock().now()).await;
        let until = match done {
            Ok(()) => {
                self.arrived(end, &pool).await;
                None
            }
            Err(error) => {
                let failures = self.failed(end, &pool, &error).await;
                let now = self.clock().now();
                error.may_help().then(|| end.try_again_at(now, failures, LONGEST_WAIT_S, error.asked_s()))
            }
        };
        self.save_deliveries().await;
        until
    }

    /// What is to be brought to `end` next for `class`: the newest decision that has not arrived there. It is in the outbox
    /// from now on.
    fn letter(&self, end: &End, class: &str) -> Option<Letter> {
        let now = self.clock().now();
        let newest = self.pool_of(&end.deliver, class, now).map(|pool| Letter::of(&pool));
        let may_act = self.may_act(class);
        let mut kept = self.0.delivering.kept();
        let course = kept.course_mut(&end.deliver.name, class);
        let settled = course.settled.as_ref().map(|settled| settled.mark);
        let waiting = course.waiting.take();
        let letter = waiting.iter().chain(&newest).filter(|letter| Some(letter.mark) > settled);
        let letter = letter.max_by_key(|letter| letter.mark).cloned();
        let letter = letter.filter(|letter| may_act && letter.valid_until > now);
        course.waiting.clone_from(&letter);
        drop(kept);
        if let (None, Some(old)) = (&letter, waiting) {
            account::expired(end, class, old.mark.generation);
        }
        letter
    }
}
