package io.millrace.inference.embed;

import io.millrace.encoder.encode.EncoderModel;
import io.millrace.encoder.encode.PictureEncoder;
import io.millrace.encoder.encode.TextEncoder;
import io.millrace.inference.runtime.Kind;
import io.millrace.inference.runtime.RuntimeLoader;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.view.Letterbox;
import java.io.IOException;
import java.nio.file.Path;
import org.springframework.stereotype.Component;

/** Loads encoders; those of texts with their {@code tokenizer.json}. */
@Component
class EncoderLoader implements RuntimeLoader<EncoderRuntime> {

  private final TensorEngine engine;

  EncoderLoader(TensorEngine engine) {
    this.engine = engine;
  }

  @Override
  public Kind<EncoderRuntime> kind() {
    return EncoderRuntime.KIND;
  }

  @Override
  public EncoderRuntime load(Path folder) throws IOException {
    EncoderModel model = EncoderModel.load(engine, folder);
    try {
      return switch (model.config().encoder()) {
        case PictureEncoder pictures ->
            new PictureEncoderRuntime(
                model, new Letterbox(pictures.inputWidth(), pictures.inputHeight()));
        case TextEncoder texts -> new TextEncoderRuntime(model, tokenizer(folder, texts));
      };
    } catch (IOException | RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private static Tokenizer tokenizer(Path folder, TextEncoder encoder) throws IOException {
    Tokenizer tokenizer = Tokenizer.read(folder.resolve(Tokenizer.FILE));
    if (tokenizer.vocabSize() > encoder.vocabulary()) {
      throw new IOException(
          "%s: tokenizer.json has %d tokens, config.json says vocabulary %d"
              .formatted(folder, tokenizer.vocabSize(), encoder.vocabulary()));
    }
    return tokenizer;
  }
}
