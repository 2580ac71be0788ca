package io.millrace.data.tokenizer;

import io.millrace.contracts.Topics;
import io.millrace.data.DataProperties;
import io.millrace.data.document.DocumentReader;
import io.millrace.data.tokenizer.TokenizerJob.State;
import io.millrace.language.tokenize.BpeTrainer;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.error.Reasons;
import io.millrace.platform.event.EventCodec;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.log.Repeated;
import io.millrace.platform.registry.DatasetEntry.TokenizerEntry;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.vital.VitalThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Trains tokenizers in the background, one at a time in a process. A job whose process died is
 * begun anew by another, or by the same after its restart. A job waits for what does not work now,
 * such as Kafka or the object store, and begins anew where it cannot go on; it fails for what
 * another try cannot mend.
 */
@Component
public class TokenizerJobs implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(TokenizerJobs.class);
  private static final Duration ROUND = Duration.ofSeconds(2);

  private final Repeated warnings = new Repeated(LOG);
  private final Repeated retries = new Repeated(LOG);
  private final UUID owner = UUID.randomUUID();
  private final TokenizerJobStore store;
  private final TokenizerStore files;
  private final Registry registry;
  private final KafkaClients kafka;
  private final JobFaults faults;
  private final Topics topics;
  private final EventCodec codec;
  private final DataProperties settings;
  private final TransactionTemplate transactions;
  private final VitalThreads vital;
  private final ApplicationEventPublisher events;
  private final Semaphore wake = new Semaphore(0);
  private volatile boolean running;
  private @Nullable Thread thread;

  /** A worker, not yet started. */
  public TokenizerJobs(
      TokenizerJobStore store,
      TokenizerStore files,
      Registry registry,
      KafkaClients kafka,
      Topics topics,
      EventCodec codec,
      DataProperties settings,
      TransactionTemplate transactions,
      VitalThreads vital,
      ApplicationEventPublisher events) {
    this.store = store;
    this.files = files;
    this.registry = registry;
    this.kafka = kafka;
    this.faults = new JobFaults(kafka);
    this.topics = topics;
    this.codec = codec;
    this.settings = settings;
    this.transactions = transactions;
    this.vital = vital;
    this.events = events;
  }

  /**
   * Adds a job.
   *
   * @throws MillraceException FAILED_PRECONDITION if one is running for the dataset
   */
  void add(TokenizerJob job) {
    if (!store.add(job)) {
      throw MillraceException.precondition(
          "a tokenizer for dataset '" + job.dataset() + "' is being trained already");
    }
    wake.release();
  }

  /** The last job of a dataset. */
  public Optional<TokenizerJob> find(String dataset) {
    return store.find(dataset);
  }

  /** Ends and forgets the job of a dataset. */
  public void forget(String dataset) {
    store.delete(dataset);
  }

  @Override
  public void start() {
    running = true;
    thread = vital.start(Thread.ofPlatform().daemon().name("tokenizer-jobs"), this::run);
  }

  @Override
  public void stop() {
    running = false;
    Thread worker = thread;
    thread = null;
    vital.forget(worker);
    if (worker == null) {
      return;
    }
    worker.interrupt();
    try {
      worker.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  private void run() {
    while (isRunning()) {
      try {
        Optional<TokenizerJob> job = store.claim(owner, settings.jobTakeover(), ROUND);
        warnings.over();
        if (job.isPresent()) {
          work(job.get());
        } else {
          wake.tryAcquire(ROUND.toMillis(), TimeUnit.MILLISECONDS);
          wake.drainPermits();
        }
      } catch (RuntimeException | Error e) {
        warnings.warn("Cannot run tokenizer jobs; trying again: " + e, e);
        pause();
      } catch (InterruptedException e) {
        if (isRunning()) {
          LOG.info("A tokenizer job ended early: its dataset was deleted");
        }
      }
    }
    giveUp();
  }

  private void pause() {
    try {
      Thread.sleep(ROUND);
    } catch (InterruptedException e) {
      LOG.debug("Stopping");
    }
  }

  private void giveUp() {
    try {
      store.giveUp(owner);
    } catch (DataAccessException e) {
      LOG.warn("Cannot give up tokenizer jobs, they will be after a while: {}", e.getMessage());
    }
  }

  private void work(TokenizerJob job) throws InterruptedException {
    try {
      train(job);
    } catch (InterruptedException e) {
      throw e;
    } catch (Throwable e) { // Errors too, such as for want of memory: the next job may do.
      if (!isRunning() || Thread.interrupted()) {
        throw new InterruptedException();
      }
      String reason = Reasons.storable(faults.reason(e));
      if (JobFaults.isMendable(e)) {
        retries.warn(
            "The tokenizer of %s waits, to be begun anew: %s".formatted(job.dataset(), reason), e);
        store.putBack(job.dataset(), owner, reason);
        return;
      }
      LOG.error("Cannot train a tokenizer for {}", job.dataset(), e);
      store.end(job.dataset(), owner, State.FAILED, reason);
    }
  }

  private void train(TokenizerJob job) throws IOException, InterruptedException {
    JobProgress progress = new JobProgress();
    Thread worker = Thread.currentThread();
    Thread heart = Thread.ofVirtual().start(() -> beat(job, progress, worker));
    TokenizerEntry entry;
    DocumentReader reader =
        new DocumentReader(
            codec, registry.requireDataset(job.dataset()), settings.document().toBytes());
    try (DocumentTexts texts =
        new DocumentTexts(kafka, reader, topics.documents(job.dataset()), job.until(), progress)) {
      BpeTrainer trainer =
          new BpeTrainer(
              job.vocabSize(),
              (done, total) -> {
                progress.merged(done);
                if (Thread.currentThread().isInterrupted()) {
                  throw new CancellationException("interrupted after " + done + " merges");
                }
              });
      entry = files.save(trainer.train(texts).toJson());
    } finally {
      heart.interrupt();
      heart.join();
    }
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    store.heartbeat(job.dataset(), owner, progress);
    Boolean ended =
        transactions.execute(status -> {
          boolean ours = store.end(job.dataset(), owner, State.DONE, null);
          if (ours) {
            registry.setTokenizer(job.dataset(), entry);
          }
          return ours;
        });
    if (!Boolean.TRUE.equals(ended)) {
      LOG.info("The tokenizer of {} is not this process's to set any more", job.dataset());
      return;
    }
    retries.over();
    events.publishEvent(new TokenizerSet(job.dataset()));
    LOG.info("Trained a tokenizer of {} tokens for {}", entry.vocabSize(), job.dataset());
  }

  /** Keeps the job ours; interrupts the work once it is not any more. */
  private void beat(TokenizerJob job, JobProgress progress, Thread worker) {
    try {
      while (true) {
        Thread.sleep(Duration.ofMillis(500));
        if (!isOurs(job, progress)) {
          worker.interrupt();
          return;
        }
      }
    } catch (InterruptedException e) {
      return; // The work is done.
    }
  }

  private boolean isOurs(TokenizerJob job, JobProgress progress) {
    try {
      return store.heartbeat(job.dataset(), owner, progress);
    } catch (DataAccessException e) {
      // Who takes the job over in the meantime is noticed by the next heartbeat.
      LOG.warn("No heartbeat for the tokenizer of {}: {}", job.dataset(), e.getMessage());
      return true;
    }
  }
}
