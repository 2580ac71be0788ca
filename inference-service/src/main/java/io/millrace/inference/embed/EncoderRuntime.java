package io.millrace.inference.embed;

import io.millrace.contracts.Tasks;
import io.millrace.encoder.encode.EncoderModel;
import io.millrace.inference.runtime.Kind;
import io.millrace.inference.runtime.ModelRuntime;

/** An encoder that was learned without labels. */
sealed interface EncoderRuntime extends ModelRuntime
    permits TextEncoderRuntime, PictureEncoderRuntime {

  /** Models of the task. */
  Kind<EncoderRuntime> KIND = new Kind<>(Tasks.REPRESENTATION, EncoderRuntime.class);

  /** The encoder, for several batches at a time. */
  EncoderModel model();

  @Override
  default void close() {
    model().close();
  }
}
