package io.millrace.inference.runtime;

/** A loaded model, ready to serve one kind of request. */
public interface ModelRuntime extends AutoCloseable {

  /** Serves a made-up request, so that the first real one finds everything warm. */
  void warmUp();

  /** Frees the model's memory; nothing may use it any more. */
  @Override
  void close();
}
