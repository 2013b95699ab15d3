//! Runs a command of an operator's allow-list: no shell, an environment of a few variables, a time limit, and little output.
//!
//! What it writes is read to its end and of that the last few kilobytes are kept. A command that takes too long is killed with
//! all that it started, as far as these stayed in its process group. One that outlives us, because we were killed, goes on:
//! whoever starts again must not take it for one that never ran.

use std::collections::VecDeque;
use std::io::Read;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::clock::Clock;

/// Bytes of output that are kept: the last ones.
const KEPT: usize = 2_048;
/// Time between two looks whether it has ended, in microseconds.
const LOOK_US: i64 = 10_000;
/// Where programs are found by those which name them without a path.
const SEARCH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Words of a line of output that is not kept: what stands behind them may be secret.
const SECRET_WORDS: [&str; 7] = ["token", "secret", "password", "passwd", "authorization", "api_key", "apikey"];

/// A command, ready to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables of its environment beside `PATH`; it gets no others.
    pub variables: Vec<(String, String)>,
    /// How long it may take.
    pub timeout: Duration,
}

/// What a command that ended has said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said(pub String);

/// Why a command did not go well.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// There is nothing to run.
    #[error("the command is empty")]
    Empty,
    /// A value would be taken for an option.
    #[error("`{0}` cannot be an argument: it begins with a dash and would be taken for an option")]
    Dash(String),
    /// It cannot be started.
    #[error("cannot be started: {0}")]
    Start(std::io::Error),
    /// It ended with another exit code than 0.
    #[error("ended with {code}")]
    Failed {
        /// The exit code, or the signal that ended it.
        code: String,
        /// The end of what it said.
        said: String,
    },
    /// It took too long and was killed.
    #[error("was killed after {after_s} s")]
    TimedOut {
        /// Seconds that it was given.
        after_s: u64,
        /// The end of what it said.
        said: String,
    },
    /// The program stops; the command was killed.
    #[error("the program stops")]
    Stopping,
}

impl CommandError {
    /// The end of what it said; empty if it said nothing or never ran.
    #[must_use]
    pub fn said(&self) -> &str {
        match self {
            Self::Failed { said, .. } | Self::TimedOut { said, .. } => said,
            Self::Empty | Self::Dash(_) | Self::Start(_) | Self::Stopping => "",
        }
    }
}

impl Ready {
    /// The command `words` of the allow-list with `values` for its placeholders.
    ///
    /// # Errors
    /// [`CommandError::Empty`] without words; [`CommandError::Dash`] if a value alone would be an argument that begins with a dash.
    pub fn new(words: &[String], values: &[(&str, &str)], timeout: Duration) -> Result<Self, CommandError> {
        let (program, args) = words.split_first().ok_or(CommandError::Empty)?;
        let fill = |word: &String| {
            let mut filled = word.clone();
            for (placeholder, value) in values {
                filled = filled.replace(placeholder, value);
            }
            if filled.starts_with('-') && !word.starts_with('-') { Err(CommandError::Dash(filled)) } else { Ok(filled) }
        };
        let args = args.iter().map(fill).collect::<Result<_, _>>()?;
        Ok(Self { program: program.into(), args, variables: Vec::new(), timeout })
    }

    /// Runs it to its end, its time limit, or until `stop` turns true.
    ///
    /// # Errors
    /// [`CommandError`] unless it ends in time with the exit code 0.
    pub async fn run(&self, clock: &Clock, stop: &mut watch::Receiver<bool>) -> Result<Said, CommandError> {
        let mut command = Command::new(&self.program);
        command.args(&self.args).env_clear().env("PATH", SEARCH).current_dir("/");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child = command.spawn().map_err(CommandError::Start)?;
        let said = Arc::new(Mutex::new(VecDeque::new()));
        let readers = [read(child.stdout.take(), &said), read(child.stderr.take(), &said)];
        let until = clock.now().plus_micros(i64::try_from(self.timeout.as_micros()).unwrap_or(i64::MAX));
        loop {
            if let Some(status) = child.try_wait().map_err(CommandError::Start)? {
                // What it started may hold its output open for longer.
                let patience = clock.now().plus_micros(20 * LOOK_US);
                while clock.now() < patience && readers.iter().flatten().any(|reader| !reader.is_finished()) {
                    clock.sleep_until(clock.now().plus_micros(LOOK_US / 10)).await;
                }
                let said = text(&said);
                if status.success() {
                    return Ok(Said(said));
                }
                return Err(CommandError::Failed { code: status.to_string(), said });
            }
            if clock.now() >= until {
                kill(&mut child);
                return Err(CommandError::TimedOut { after_s: self.timeout.as_secs(), said: text(&said) });
            }
            if *stop.borrow() {
                kill(&mut child);
                return Err(CommandError::Stopping);
            }
            clock.sleep_until(clock.now().plus_micros(LOOK_US)).await;
        }
    }
}

/// Reads `from` to its end in a thread of its own.
fn read(
    from: Option<impl Read + Send + 'static>,
    said: &Arc<Mutex<VecDeque<u8>>>,
) -> Option<std::thread::JoinHandle<()>> {
    let (mut from, said) = (from?, Arc::clone(said));
    let reader = move || {
        let mut buffer = [0_u8; 1_024];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            said.extend(buffer.iter().take(count));
            let surplus = said.len().saturating_sub(KEPT);
            said.drain(..surplus);
        }
    };
    // Without a thread nothing is kept of what it says.
    std::thread::Builder::new().name("command-output".to_owned()).spawn(reader).ok()
}

/// What was said, without lines that may hold secrets.
fn text(said: &Mutex<VecDeque<u8>>) -> String {
    let bytes: Vec<u8> = said.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let line = |line: &str| {
        let lower = line.to_lowercase();
        if SECRET_WORDS.iter().any(|word| lower.contains(word)) { "(left out)".to_owned() } else { line.to_owned() }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// Kills it with its process group.
fn kill(child: &mut Child) {
    // The group goes by the utility, since the library offers no call for it; the child itself in any case.
    let group = format!("-{}", child.id());
    let _group = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    let _child = child.kill();
    let _gone = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(script: &str, timeout: Duration) -> Ready {
        let words = ["/bin/sh", "-c", script, "sh", "{channel}"].map(str::to_owned);
        let mut ready = Ready::new(&words, &[("{channel}", "eu; rm -rf /")], timeout).expect("a command");
        ready.variables.push(("FOREROUTE_KEY".to_owned(), "abc-1-1".to_owned()));
        ready
    }

    async fn run(script: &str, timeout_ms: u64) -> Result<Said, CommandError> {
        let (_stop, mut stopped) = watch::channel(false);
        ready(script, Duration::from_millis(timeout_ms)).run(&Clock::system(), &mut stopped).await
    }

    #[tokio::test]
    async fn arguments_are_no_shell_and_the_environment_is_small() {
        let said = run("echo \"$1\" $FOREROUTE_KEY; env | cut -d= -f1 | sort | tr '\\n' ' '", 5_000).await;
        let Said(said) = said.expect("it goes well");
        assert!(said.starts_with("eu; rm -rf / abc-1-1\n"), "{said}");
        assert!(!said.contains("HOME") && !said.contains("CARGO"), "{said}");
        let words = ["/bin/echo", "{channel}", "--x={channel}"].map(str::to_owned);
        let dash = Ready::new(&words, &[("{channel}", "-rf")], Duration::from_secs(1));
        assert!(matches!(dash, Err(CommandError::Dash(value)) if value == "-rf"));
    }

    #[tokio::test]
    async fn failures_say_why_and_output_is_cut_and_clean() {
        let failed = run("echo 'api_key=hunter2'; echo no such host >&2; exit 3", 5_000).await.expect_err("it fails");
        assert_eq!(failed.to_string(), "ended with exit status: 3");
        assert!(failed.said().contains("no such host") && !failed.said().contains("hunter2"), "{failed:?}");
        let Said(long) =
            run("i=0; while [ $i -lt 2000 ]; do echo 'a line of text'; i=$((i+1)); done", 20_000).await.expect("well");
        assert!(long.len() <= KEPT && long.ends_with("a line of text"));
        let late = run("sleep 30 & wait", 100).await.expect_err("it is killed");
        assert!(matches!(late, CommandError::TimedOut { .. }), "{late}");
    }
}
