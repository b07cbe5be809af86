//! What all targets share: a run that takes too long is a defect too.

pub mod rendering;

use std::time::Duration;

use cpu_time::ThreadTime;

/// The most time of the processor that one input may take.
const LONGEST: Duration = Duration::from_millis(100);

/// Runs one input and panics where it took longer than it may. Time that the machine gave to
/// somebody else does not count.
pub fn in_time(run: impl FnOnce()) {
    let begun = ThreadTime::now();
    run();
    let took = begun.elapsed();
    assert!(took <= LONGEST, "took {took:?} of the processor's time");
}
