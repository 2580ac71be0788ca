package io.millrace.platform.web;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * What comes first when the process is told to stop: for a while the service is no longer ready but
 * answers everything, and asks callers by {@code Connection: close} ({@link ClosingConnections})
 * not to use their connections again. When its servers stop then, nobody is about to ask them.
 */
final class ShutdownDelay implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(ShutdownDelay.class);

  private final ApplicationContext context;
  private final Duration delay;
  private volatile boolean running;
  private volatile boolean stopping;

  ShutdownDelay(ApplicationContext context, Duration delay) {
    this.context = context;
    this.delay = delay;
  }

  /** Whether the service is about to stop. */
  boolean isStopping() {
    return stopping;
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    stopping = true;
    AvailabilityChangeEvent.publish(context, ReadinessState.REFUSING_TRAFFIC);
    try {
      Thread.sleep(delay);
    } catch (InterruptedException e) {
      // Whoever is in a hurry; what stops next waits for its own threads and must be able to.
      LOG.info("stops before the delay of {} is over", delay);
    }
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Before the servers, of which the first stop at {@code DEFAULT_PHASE - 1024}. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE;
  }
}
