//! Commands of the configuration, run word by word; no shell reads them.

use std::process::Stdio;

use tokio::process::Command;

use crate::act::adapters::AdapterError;

/// Most characters of what a command says that are told.
const MOST_TOLD: usize = 300;

/// Runs `words` and waits for its end. When this is dropped, the command is killed.
pub(super) async fn run(words: &[String]) -> Result<(), AdapterError> {
    let Some((program, arguments)) = words.split_first() else { return Ok(()) };
    let failed = |problem: String| AdapterError::Command { command: program.clone(), problem };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.map_err(|error| failed(format!("cannot be run: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = if output.stderr.is_empty() { &output.stdout } else { &output.stderr };
    let said = String::from_utf8_lossy(said);
    // What went wrong stands at the end.
    let said: Vec<char> = said.trim().chars().collect();
    let end: String = said[said.len().saturating_sub(MOST_TOLD)..].iter().collect();
    Err(failed(format!("failed ({}): {}", output.status, end.replace('\n', " "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(of: &[&str]) -> Vec<String> {
        of.iter().map(|word| (*word).to_owned()).collect()
    }

    #[tokio::test]
    async fn no_shell_reads_a_command_and_its_last_words_are_told() {
        assert!(run(&words(&["true", "; false"])).await.is_ok());
        let error = run(&words(&["ls", "/no such place"])).await.expect_err("it fails").to_string();
        assert!(error.contains("`ls` failed") && error.contains("no such place"), "{error}");
        let error = run(&words(&["/no/such/program"])).await.expect_err("it fails").to_string();
        assert!(error.contains("cannot be run"), "{error}");
    }
}
