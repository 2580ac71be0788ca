package io.millrace.simulation;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Large interfaces of which a simulation needs a few methods; a call of any other one fails. */
final class Partly {
  private static final Map<Class<?>, Map<Method, Optional<Method>>> METHODS =
      new ConcurrentHashMap<>();

  private Partly() {}

  /**
   * An implementation of the interface.
   *
   * @param target has public methods with the names and parameters of those that work
   */
  @SuppressWarnings("unchecked")
  static <T> T implemented(Class<? super T> type, Object target) {
    Map<Method, Optional<Method>> methods =
        METHODS.computeIfAbsent(target.getClass(), _ -> new ConcurrentHashMap<>());
    return (T)
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) ->
                call(
                    methods.computeIfAbsent(method, asked -> find(target.getClass(), asked)),
                    method,
                    target,
                    arguments));
  }

  private static Optional<Method> find(Class<?> target, Method asked) {
    try {
      Method found = target.getMethod(asked.getName(), asked.getParameterTypes());
      found.setAccessible(true);
      return Optional.of(found);
    } catch (NoSuchMethodException e) {
      return Optional.empty();
    }
  }

  private static Object call(
      Optional<Method> found, Method asked, Object target, Object[] arguments) throws Throwable {
    try {
      return found
          .orElseThrow(() -> new UnsupportedOperationException("not simulated: " + asked))
          .invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
