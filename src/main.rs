//! The `foreroute` binary: arguments in, exit code out; everything else is in the library.

fn main() -> std::process::ExitCode {
    foreroute::cli::run(std::env::args_os())
}
