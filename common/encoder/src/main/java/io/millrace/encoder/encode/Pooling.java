package io.millrace.encoder.encode;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which vectors of a document's places make that of the document. */
public enum Pooling {
  /** The mean of what the encoder gives. */
  @JsonProperty("encoder_mean")
  ENCODER_MEAN,
  /** The mean of what the context gives. */
  @JsonProperty("context_mean")
  CONTEXT_MEAN,
  /** What the context gives at the end of each sequence; of a picture, the mean of its columns. */
  @JsonProperty("context_last")
  CONTEXT_LAST;

  int width(Encoder encoder, Context context) {
    return this == ENCODER_MEAN ? encoder.width() : context.width(encoder);
  }
}
