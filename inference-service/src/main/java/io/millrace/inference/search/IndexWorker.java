package io.millrace.inference.search;

import io.millrace.contracts.Tasks;
import io.millrace.contracts.Topics;
import io.millrace.inference.InferenceProperties;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.log.Repeated;
import io.millrace.platform.vital.VitalThreads;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Fills all indexes, again and again, as their datasets grow and their models are swapped; where
 * encoders are served, since indexes are filled with their vectors.
 */
@Component
class IndexWorker implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(IndexWorker.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Repeated warnings = new Repeated(LOG);
  private final SearchStore store;
  private final IndexFiller filler;
  private final KafkaClients kafka;
  private final Topics topics;
  private final InferenceProperties properties;
  private final Semaphore news = new Semaphore(0);
  private final VitalThreads vital;
  private @Nullable Thread thread;
  private volatile boolean running;

  IndexWorker(
      SearchStore store,
      IndexFiller filler,
      KafkaClients kafka,
      Topics topics,
      InferenceProperties properties,
      VitalThreads vital) {
    this.store = store;
    this.filler = filler;
    this.kafka = kafka;
    this.topics = topics;
    this.properties = properties;
    this.vital = vital;
  }

  /** To be called when an index was created. */
  void wake() {
    news.release();
  }

  @Override
  public void start() {
    if (properties.serves(Tasks.REPRESENTATION)) {
      running = true;
      thread = vital.start(Thread.ofVirtual().name("search-index"), this::work);
    }
  }

  @Override
  public void stop() {
    running = false;
    Thread working = thread;
    vital.forget(working);
    try {
      if (working != null) {
        working.interrupt();
        working.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  private void work() {
    try {
      while (running) {
        try (PreparedRecords records = new PreparedRecords(kafka, topics)) {
          keepFilling(records);
        } catch (InterruptException e) {
          throw e;
        } catch (RuntimeException | Error e) {
          // Whatever it is, the next try may work, and without this thread no index is ever filled.
          warnings.warn("search indexes cannot be filled; trying again: " + e, e);
          tellAll(e instanceof KafkaException failed ? kafka.reason(failed) : e.toString());
          pause();
        }
      }
    } catch (InterruptedException | InterruptException e) {
      LOG.debug("stopped", e);
    }
  }

  private void keepFilling(PreparedRecords records) throws InterruptedException {
    while (running) {
      if (!fillAll(records)) {
        pause();
      }
    }
  }

  /** Until something new is known, at most. */
  private void pause() throws InterruptedException {
    if (news.tryAcquire(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
      news.drainPermits();
    }
  }

  private void tellAll(String reason) {
    try {
      store.list().forEach(index -> store.trouble(index.name(), reason));
    } catch (DataAccessException e) {
      LOG.debug("nor can the indexes say so", e);
    }
  }

  /** Some of each; whether there was anything. */
  private boolean fillAll(PreparedRecords records) {
    boolean more = false;
    try {
      for (SearchIndex index : store.list()) {
        more |= running && fill(index, records);
      }
      return more;
    } catch (DataAccessException e) {
      warnings.warn("search indexes cannot be filled", e);
      return false;
    }
  }

  private boolean fill(SearchIndex index, PreparedRecords records) {
    try {
      boolean more = filler.fill(index.name(), records);
      store.trouble(index.name(), null);
      return more;
    } catch (InterruptException | DataAccessException e) {
      throw e;
    } catch (RuntimeException e) {
      // Its model is not served yet, for example: the reason says all there is to say.
      Throwable stack = e instanceof MillraceException ? null : e;
      warnings.warn("index '%s' is not filled: %s".formatted(index.name(), e.getMessage()), stack);
      store.trouble(index.name(), String.valueOf(e.getMessage()));
      return false;
    }
  }
}
