package io.millrace.platform.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Scope;

/** A span and the time in which a thread works in it. For the thread that began it. */
public final class TracedSpan implements AutoCloseable {
  private final Span span;
  private final Scope scope;

  @SuppressWarnings("MustBeClosedChecker") // Closed with this.
  TracedSpan(Span span) {
    this.span = span;
    this.scope = span.makeCurrent();
  }

  /** Says more of it. */
  public TracedSpan tag(String key, String value) {
    span.setAttribute(key, value);
    return this;
  }

  /** Says more of it. */
  public TracedSpan tag(String key, long value) {
    span.setAttribute(key, value);
    return this;
  }

  /** Says that it went wrong. */
  public void failed(Throwable reason) {
    span.recordException(reason);
    failed(String.valueOf(reason.getMessage()));
  }

  /** Says that it went wrong. */
  public void failed(String reason) {
    span.setStatus(StatusCode.ERROR, reason);
  }

  /** Ends it. */
  @Override
  public void close() {
    scope.close();
    span.end();
  }
}
