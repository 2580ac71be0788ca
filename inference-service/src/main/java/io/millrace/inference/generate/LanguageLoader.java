package io.millrace.inference.generate;

import io.millrace.inference.InferenceProperties;
import io.millrace.inference.runtime.Kind;
import io.millrace.inference.runtime.RuntimeLoader;
import io.millrace.language.generate.LanguageModel;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.nio.file.Path;
import org.springframework.stereotype.Component;

/** Loads language models: model folder and {@code tokenizer.json}. */
@Component
class LanguageLoader implements RuntimeLoader<LanguageRuntime> {

  private final TensorEngine engine;
  private final InferenceProperties properties;

  LanguageLoader(TensorEngine engine, InferenceProperties properties) {
    this.engine = engine;
    this.properties = properties;
  }

  @Override
  public Kind<LanguageRuntime> kind() {
    return LanguageRuntime.KIND;
  }

  @Override
  public LanguageRuntime load(Path folder) throws IOException {
    Tokenizer tokenizer = Tokenizer.read(folder.resolve(Tokenizer.FILE));
    LanguageModel model = LanguageModel.load(engine, folder);
    if (tokenizer.vocabSize() > model.config().vocabSize()) {
      model.close();
      throw new IOException(
          "%s: tokenizer.json has %d tokens, config.json says vocab_size %d"
              .formatted(folder, tokenizer.vocabSize(), model.config().vocabSize()));
    }
    try {
      return LanguageRuntime.of(
          model,
          tokenizer.endingWith(model.config().eosTokenId()),
          properties.streams(),
          properties.together());
    } catch (IllegalArgumentException e) {
      model.close();
      throw new IOException(folder + ": eos_token_id of config.json: " + e.getMessage(), e);
    }
  }
}
