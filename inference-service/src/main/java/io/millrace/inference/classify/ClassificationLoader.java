package io.millrace.inference.classify;

import io.millrace.encoder.classify.Classifier;
import io.millrace.inference.runtime.Kind;
import io.millrace.inference.runtime.RuntimeLoader;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.nio.file.Path;
import org.springframework.stereotype.Component;

/** Loads classifiers, those of texts with {@code tokenizer.json}. */
@Component
class ClassificationLoader implements RuntimeLoader<ClassificationRuntime> {

  private final TensorEngine engine;

  ClassificationLoader(TensorEngine engine) {
    this.engine = engine;
  }

  @Override
  public Kind<ClassificationRuntime> kind() {
    return ClassificationRuntime.KIND;
  }

  @Override
  public ClassificationRuntime load(Path folder) throws IOException {
    Classifier classifier = Classifier.load(engine, folder);
    try {
      return ClassificationRuntime.of(classifier, folder);
    } catch (IOException | RuntimeException e) {
      classifier.close();
      throw e;
    }
  }
}
