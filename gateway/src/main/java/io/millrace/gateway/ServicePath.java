package io.millrace.gateway;

import org.jspecify.annotations.Nullable;

/**
 * HTTP paths that a service answers.
 *
 * @param pattern the same at the gateway and at the service
 * @param task of the models that answer there; null: of any, or none at all
 */
public record ServicePath(String pattern, @Nullable String task) {

  static ServicePath of(String pattern) {
    return new ServicePath(pattern, /* task= */ null);
  }

  static ServicePath of(String pattern, String task) {
    return new ServicePath(pattern, task);
  }
}
