//! The guides do what they say: every `sh` block of them runs, in order, against the real program.
//!
//! A block marked `sh background` is started and left running until the guide ends. A block marked `text` right behind one of them
//! holds lines that its output must contain. Ports of the text are replaced by free ones, so that guides run side by side.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use foreroute::clock::Stopwatch;

/// Longest time for one block, and for what a block in the background must have said.
const PATIENCE: Duration = Duration::from_mins(3);
/// Ports that the guides name.
const PORTS: [&str; 3] = ["8686", "8687", "8321"];

/// A piece of a guide.
#[derive(Debug, PartialEq)]
struct Block {
    is_background: bool,
    script: String,
    /// What its output must contain.
    expected: Vec<String>,
}

/// The blocks of `guide` that are run.
fn blocks(guide: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut parts = guide.split("\n```");
    let mut is_next = false;
    parts.next();
    while let (Some(fenced), Some(prose)) = (parts.next(), parts.next()) {
        let (language, text) = fenced.split_once('\n').unwrap_or((fenced, ""));
        match language {
            "sh" | "sh background" => {
                let is_background = language != "sh";
                blocks.push(Block { is_background, script: text.to_owned(), expected: Vec::new() });
            }
            "text" if is_next => {
                let lines = text.lines().map(str::to_owned);
                blocks.last_mut().expect("a block before it").expected.extend(lines);
            }
            _ => {}
        }
        is_next = language.starts_with("sh") && prose.trim().is_empty();
    }
    blocks
}

/// A process group that is gone with its guide.
struct Background(Child);

impl Drop for Background {
    fn drop(&mut self) {
        let pid = self.0.id().to_string();
        let _told = Command::new("kill").args(["-INT", &pid]).status();
        let _gone = self.0.wait();
    }
}

fn shell(dir: &Path, script: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_foreroute")).parent().expect("a directory").display();
    let script = format!("PATH='{program}':$PATH\n{script}");
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", &script]).current_dir(dir).stdin(Stdio::null());
    command
}

/// Waits until `is_done`, or fails the test with what was `told` meanwhile.
fn wait(mut is_done: impl FnMut() -> bool, told: impl Fn() -> String) {
    let watch = Stopwatch::start();
    while !is_done() {
        assert!(watch.elapsed() < PATIENCE, "it takes longer than {PATIENCE:?}:\n{}", told());
        let pause = Command::new("sleep").arg("0.1").status();
        assert!(pause.is_ok_and(|status| status.success()));
    }
}

fn run(guide: &str) {
    let dir = tempfile::tempdir().expect("a directory");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::os::unix::fs::symlink(root.join("data"), dir.path().join("data")).expect("linked");
    let free = || TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("bound").port();
    let mut guide = guide.to_owned();
    for port in PORTS {
        guide = guide.replace(port, &free().to_string());
    }
    let mut running = Vec::new();
    for (number, block) in blocks(&guide).iter().enumerate() {
        let output = dir.path().join(format!("output-{number}"));
        let file = fs::File::create(&output).expect("a file");
        let told = || fs::read_to_string(&output).unwrap_or_default();
        let script = if block.is_background { format!("exec {}", block.script) } else { block.script.clone() };
        let mut child = shell(dir.path(), &script);
        let child = child.stdout(file.try_clone().expect("a handle")).stderr(file).spawn();
        let mut child = child.expect("bash starts");
        let is_said = || block.expected.iter().all(|line| told().contains(line.trim()));
        if block.is_background {
            wait(|| is_said() || child.try_wait().is_ok_and(|ended| ended.is_some()), told);
            running.push(Background(child));
        } else {
            wait(|| child.try_wait().is_ok_and(|ended| ended.is_some()), told);
            let status = child.wait().expect("it ended");
            assert!(status.success(), "{status} of\n{}\nwhich said\n{}", block.script, told());
        }
        assert!(is_said(), "{:?} is not in what\n{}\nsaid:\n{}", block.expected, block.script, told());
    }
}

#[test]
fn the_tutorial_does_what_it_says() {
    run(include_str!("../../src/docs/tutorial.md"));
}

#[test]
fn the_operators_guide_does_what_it_says() {
    run(include_str!("../../src/docs/operating.md"));
}

#[test]
fn blocks_are_found_with_what_they_must_say() {
    let guide = "a\n```sh\none\n```\n\n```text\nsaid\n```\n\nb\n\n```text\nprose\n```\n\n```sh background\ntwo\n```\nc\n\n```toml\nx\n```\n";
    let block = |is_background, script: &str, expected: &[&str]| Block {
        is_background,
        script: script.to_owned(),
        expected: expected.iter().map(|line| (*line).to_owned()).collect(),
    };
    assert_eq!(blocks(guide), [block(false, "one", &["said"]), block(true, "two", &[])]);
}
