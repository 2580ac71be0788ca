package io.millrace.platform.web;

/** Takes all memory for bodies of this process, as others would. */
public final class FullMemory implements AutoCloseable {
  private final BodyMemory.Share share = BodyMemory.OF_PROCESS.share();

  /** Until it is closed. */
  public FullMemory() {
    share.take(Runtime.getRuntime().maxMemory() / 2 - BodyMemory.OF_PROCESS.used());
  }

  @Override
  public void close() {
    share.close();
  }
}
