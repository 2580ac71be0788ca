package io.millrace.inference.runtime;

/**
 * A loaded model, ready to serve one kind of request; several threads may use it until it is
 * closed. Swapping knows nothing more of it.
 */
public interface ModelRuntime extends AutoCloseable {

  /**
   * Serves a made-up request, so that the first real one finds everything warm.
   *
   * @throws RuntimeException if the answer is not usable, e.g. not finite
   */
  void warmUp();

  /** Frees the model's memory; nothing may use it any more. */
  @Override
  void close();
}
