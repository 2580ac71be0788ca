package io.millrace.inference.runtime;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.detector.Detector;
import java.io.IOException;
import java.nio.file.Path;
import org.springframework.stereotype.Component;

/** Loads detectors. */
@Component
class DetectionLoader implements RuntimeLoader {

  private final TensorEngine engine;

  DetectionLoader(TensorEngine engine) {
    this.engine = engine;
  }

  @Override
  public String task() {
    return "detection";
  }

  @Override
  public ModelRuntime load(Path folder) throws IOException {
    return new DetectionRuntime(Detector.load(engine, folder));
  }
}
