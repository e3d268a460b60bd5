/// The folders of `Sources` that a trial is played by: this room and all that it depends on, which the architecture's
/// tests hold against the manifest.
///
/// Trials that were played by equal ones are trials of one product, whatever else was changed.
package let trialRooms = [
    "Biometrics", "CJPEG", "CLinux", "CSodium", "CXNNPACK", "Cues", "Faces", "Frames", "Imaging", "Inference",
    "Liveness", "Pipeline", "Platform", "Ports", "Presentations", "Rendering", "Session", "Settings", "Simulator",
    "Traces", "Trials",
]
