//! The `foreroute` binary: arguments in, exit code out; everything else is in the library.

/// The static build's memory: musl's own allocator has one lock for all threads.
#[cfg(target_env = "musl")]
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    foreroute::cli::run(std::env::args_os())
}
