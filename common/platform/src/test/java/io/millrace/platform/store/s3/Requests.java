package io.millrace.platform.store.s3;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiConsumer;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/** Counts what a client asks, and may do something when an answer has come. */
final class Requests implements ExecutionInterceptor {
  private final List<String> names = Collections.synchronizedList(new ArrayList<>());
  private final BiConsumer<SdkRequest, Long> answered;

  Requests() {
    this((request, count) -> {});
  }

  /**
   * Requests that are watched.
   *
   * @param answered told of each answer, before the client sees it, and how many requests of its
   *     kind there were
   */
  Requests(BiConsumer<SdkRequest, Long> answered) {
    this.answered = answered;
  }

  /** How many requests of a kind there were. */
  long count(String name) {
    synchronized (names) {
      return names.stream().filter(name::equals).count();
    }
  }

  @Override
  public void afterTransmission(
      Context.AfterTransmission context, ExecutionAttributes executionAttributes) {
    String name = context.request().getClass().getSimpleName().replace("Request", "");
    names.add(name);
    answered.accept(context.request(), count(name));
  }
}
