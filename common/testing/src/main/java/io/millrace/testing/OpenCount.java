package io.millrace.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what is open of the things that went through it. */
public final class OpenCount {
  private final List<AtomicInteger> closes = new ArrayList<>();

  /** The same thing, counted; closed by any method called {@code close}. */
  public synchronized <T> T of(Class<T> type, T real) {
    AtomicInteger closed = new AtomicInteger();
    closes.add(closed);
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (method.getName().equals("close")) {
                closed.incrementAndGet();
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  /** How many there were. */
  public synchronized int all() {
    return closes.size();
  }

  /** How many were not closed. */
  public synchronized long open() {
    return closes.stream().filter(closed -> closed.get() == 0).count();
  }
}
