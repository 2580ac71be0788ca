package io.millrace.benchmarks.represent;

import io.millrace.encoder.encode.EncoderBatch;
import java.util.List;

/** Documents of known classes. */
interface Documents {

  /** Number of documents. */
  int size();

  /** Class of a document. */
  int label(int document);

  /** Some of them together. */
  EncoderBatch batch(List<Integer> documents);

  /** What a document is without any encoder. */
  float[] raw(int document);
}
