package io.millrace.encoder.encode;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** Documents that are encoded together: what {@code values} and {@code starts} are to a kernel. */
public sealed interface EncoderBatch permits TokenBatch, PictureBatch {

  /** Number of documents, each of which becomes a vector. */
  int size();

  /** Token ids int32 [T], or pixels uint8 [N, H, W, 3]. */
  NDArray values(NDManager manager);

  /** The first token of every document, then the number of tokens; none for pictures. */
  long[] starts();

  /** What it holds, for messages. */
  String kind();
}
