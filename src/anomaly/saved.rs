//! The classical detectors of one series as data: one closed type, so that a checkpoint can hold any of them.

use serde::{Deserialize, Serialize};

use crate::anomaly::change::ChangePoint;
use crate::anomaly::detector::{Detector, Reading};
use crate::anomaly::iqr::Iqr;
use crate::anomaly::spot::Spot;
use crate::anomaly::zscore::RobustZ;
use crate::anomaly::zscore::ewma::EwmaZ;
use crate::forecast::history::Observation;

/// Version of the layout below. A checkpoint of another version is not read; the detector warms up anew.
pub const FORMAT: u32 = 1;

/// A detector of any kind, which is a detector itself: nothing need be restored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the detector of its name")]
pub enum Saved {
    ChangePoint(ChangePoint),
    EwmaZ(EwmaZ),
    Iqr(Iqr),
    RobustZ(RobustZ),
    Spot(Box<Spot>),
}

impl Saved {
    fn detector(&self) -> &dyn Detector {
        match self {
            Self::ChangePoint(detector) => detector,
            Self::EwmaZ(detector) => detector,
            Self::Iqr(detector) => detector,
            Self::RobustZ(detector) => detector,
            Self::Spot(detector) => &**detector,
        }
    }
}

impl Detector for Saved {
    fn name(&self) -> &'static str {
        self.detector().name()
    }

    fn observe(&mut self, news: Observation) -> Option<Reading> {
        match self {
            Self::ChangePoint(detector) => detector.observe(news),
            Self::EwmaZ(detector) => detector.observe(news),
            Self::Iqr(detector) => detector.observe(news),
            Self::RobustZ(detector) => detector.observe(news),
            Self::Spot(detector) => detector.observe(news),
        }
    }
}
