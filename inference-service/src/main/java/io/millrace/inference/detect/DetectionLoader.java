package io.millrace.inference.detect;

import io.millrace.inference.runtime.Kind;
import io.millrace.inference.runtime.RuntimeLoader;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.detector.Detector;
import java.io.IOException;
import java.nio.file.Path;
import org.springframework.stereotype.Component;

/** Loads detectors. */
@Component
class DetectionLoader implements RuntimeLoader<DetectionRuntime> {

  private final TensorEngine engine;

  DetectionLoader(TensorEngine engine) {
    this.engine = engine;
  }

  @Override
  public Kind<DetectionRuntime> kind() {
    return DetectionRuntime.KIND;
  }

  @Override
  public DetectionRuntime load(Path folder) throws IOException {
    return new DetectionRuntime(Detector.load(engine, folder));
  }
}
