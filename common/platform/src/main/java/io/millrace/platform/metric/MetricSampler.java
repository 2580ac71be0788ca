package io.millrace.platform.metric;

import io.millrace.platform.log.Repeated;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Asks for metrics now and then, on a thread of its own: whoever collects metrics is answered at
 * once, also while the database or the cluster is away.
 */
public final class MetricSampler implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(MetricSampler.class);

  private final Repeated warnings = new Repeated(LOG);
  private final List<Sampled> all;
  private final Duration period;
  private CountDownLatch end = new CountDownLatch(0);
  private @Nullable Thread thread;

  /**
   * One that is not yet started.
   *
   * @param period from one look to the next
   */
  public MetricSampler(List<Sampled> all, Duration period) {
    this.all = List.copyOf(all);
    this.period = period;
  }

  @Override
  public synchronized void start() {
    if (!isRunning()) {
      CountDownLatch ending = new CountDownLatch(1);
      end = ending;
      thread = Thread.ofVirtual().name("metric-sampler").start(() -> run(ending));
    }
  }

  @Override
  public synchronized void stop() {
    end.countDown();
    Thread stopping = thread;
    thread = null;
    if (stopping != null) {
      // Whatever it waits for, nobody asks for the answer any more.
      stopping.interrupt();
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return thread != null;
  }

  private void run(CountDownLatch ending) {
    try {
      do {
        for (Sampled one : all) {
          sample(one, ending);
        }
      } while (!ending.await(period.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      LOG.debug("stopped", e);
    }
  }

  private void sample(Sampled one, CountDownLatch ending) {
    try {
      one.sample();
      warnings.over();
    } catch (RuntimeException e) {
      if (ending.getCount() > 0) {
        warnings.warn("a metric keeps its value: " + e);
      }
    }
  }
}
