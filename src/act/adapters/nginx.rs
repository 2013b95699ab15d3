//! Writes the servers of an `upstream` of nginx, and has nginx read them.
//!
//! nginx without its commercial interface reads weights only with its configuration. So the servers stand in a file that the
//! `upstream` block includes; it is replaced as a whole, checked by `nginx -t` if that is configured (one that fails it is
//! taken back), and read by a reload, in which no request is lost.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;

use crate::act::adapters::{Adapter, AdapterError, Pool, file, run, scaled};
use crate::domain::time::Timestamp;

/// Weight of the largest share.
const MOST: u32 = 100;
/// A file that somebody else has replaced is put back within this time.
const AGAIN: Duration = Duration::from_secs(5);

/// Where the file is, and how nginx is told.
#[derive(Debug, Clone)]
pub struct Nginx {
    /// The file.
    pub file: PathBuf,
    /// Command that checks nginx's configuration.
    pub test: Option<Vec<String>>,
    /// Command that has nginx read its files.
    pub reload: Vec<String>,
    /// What nginx has read, as far as is known.
    read: Option<String>,
}

impl Nginx {
    /// Writes `file` and tells nginx.
    #[must_use]
    pub const fn new(file: PathBuf, test: Option<Vec<String>>, reload: Vec<String>) -> Self {
        Self { file, test, reload, read: None }
    }
}

#[async_trait]
impl Adapter for Nginx {
    async fn apply(&mut self, pools: &[Pool], _now: Timestamp) -> Result<(), AdapterError> {
        let Some(pool) = pools.first() else { return Ok(()) };
        let text = rendered(pool);
        let before = file::read(&self.file).await;
        let is_there = before.as_ref() == Some(&text);
        if is_there && self.read.as_ref() == Some(&text) {
            return Ok(());
        }
        self.read = None;
        if !is_there {
            file::replace(&self.file, &text).await?;
        }
        if let Some(test) = &self.test
            && let Err(error) = run::run(test).await
        {
            if let Some(before) = before {
                file::replace(&self.file, &before).await?;
            }
            return Err(error);
        }
        run::run(&self.reload).await?;
        self.read = Some(text);
        Ok(())
    }

    fn again_after(&self) -> Option<Duration> {
        Some(AGAIN)
    }
}

/// The servers of `pool`; whoever has no share is `down`, and never everybody is.
fn rendered(pool: &Pool) -> String {
    let weights: BTreeMap<String, u32> = scaled(&pool.shares(), MOST);
    let mut text = String::from("# Written by foreroute; changes are lost.\n");
    for (address, weight) in weights {
        // Writing to a text cannot fail.
        let _written = match weight {
            0 => writeln!(text, "server {address} down;"),
            weight => writeln!(text, "server {address} weight={weight};"),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::adapters::tests::pool;

    fn words(of: &[&str]) -> Vec<String> {
        of.iter().map(|word| (*word).to_owned()).collect()
    }

    #[tokio::test]
    async fn nginx_is_told_once_and_what_it_refuses_is_taken_back() {
        let dir = tempfile::tempdir().expect("a directory");
        let (path, log) = (dir.path().join("up.conf"), dir.path().join("log"));
        let reload = words(&["tee", "-a", &log.display().to_string(), &path.display().to_string()]);
        let now = Timestamp::from_seconds(0);
        // `tee` empties the file that it is told to append nothing to; here it only stands for any command.
        let reload = reload[..3].to_vec();
        let mut nginx = Nginx::new(path.clone(), Some(words(&["true"])), reload);
        let first = pool(&[("10.0.0.1:80", 0.75), ("10.0.0.2:80", 0.25), ("10.0.0.3:80", 0.0)]);
        nginx.apply(std::slice::from_ref(&first), now).await.expect("done");
        let text = std::fs::read_to_string(&path).expect("the file");
        let expected = "server 10.0.0.1:80 weight=100;\nserver 10.0.0.2:80 weight=33;\nserver 10.0.0.3:80 down;\n";
        assert_eq!(text.split_once('\n').map(|(_, rest)| rest), Some(expected));
        assert!(log.exists(), "it was reloaded");
        std::fs::remove_file(&log).expect("removed");
        nginx.apply(std::slice::from_ref(&first), now).await.expect("done");
        assert!(!log.exists(), "nothing has changed");

        nginx.test = Some(words(&["false"]));
        let next = pool(&[("10.0.0.1:80", 0.0), ("10.0.0.2:80", 0.0)]);
        let error = nginx.apply(std::slice::from_ref(&next), now).await.expect_err("refused").to_string();
        assert!(error.contains("`false` failed"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).expect("the file"), text, "the old one is back");
        assert!(!rendered(&next).contains("down"), "never everybody");
    }
}
