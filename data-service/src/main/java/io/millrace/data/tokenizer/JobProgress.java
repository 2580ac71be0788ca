package io.millrace.data.tokenizer;

import org.jspecify.annotations.Nullable;

/** How far the work on a job is: written by the thread that works, read by its heartbeat. */
final class JobProgress {
  private volatile long documents;
  private volatile int merges;
  private volatile @Nullable String waitsFor;

  /** So many documents are read. */
  void read(long count) {
    documents = count;
  }

  /** So many merges are learned. */
  void merged(int count) {
    merges = count;
  }

  /** It does not get on now. */
  void waitFor(String reason) {
    waitsFor = reason;
  }

  /** It gets on. */
  void goOn() {
    waitsFor = null;
  }

  long documents() {
    return documents;
  }

  int merges() {
    return merges;
  }

  /** Why it does not get on now; null if it does. */
  @Nullable String waitsFor() {
    return waitsFor;
  }
}
