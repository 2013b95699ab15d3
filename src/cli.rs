//! The command line: arguments, output, exit codes, and one file per command under `cmd/`.

pub mod cmd;
pub mod exit;
