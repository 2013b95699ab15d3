//! CPU time of the process, which every bench measures in: it moves far less than wall time when a machine is shared.

#![expect(clippy::cast_precision_loss, reason = "figures for people")]

/// CPU time of this process (user + system, all threads) in milliseconds.
pub fn cpu_ms() -> f64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    #[expect(unsafe_code, reason = "getrusage has no safe wrapper in the standard library")]
    // SAFETY: the pointer is valid for one `rusage`, which is plain old data and was zeroed.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
        usage.assume_init()
    };
    let ms = |time: libc::timeval| time.tv_sec as f64 * 1e3 + time.tv_usec as f64 / 1e3;
    ms(usage.ru_utime) + ms(usage.ru_stime)
}

/// CPU milliseconds of one run of `work`, after one run to warm up.
pub fn measure(repeats: u32, mut work: impl FnMut()) -> f64 {
    work();
    let start = cpu_ms();
    for _ in 0..repeats {
        work();
    }
    (cpu_ms() - start) / f64::from(repeats)
}
