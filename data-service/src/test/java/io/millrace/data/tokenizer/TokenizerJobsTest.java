package io.millrace.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.contracts.Topics;
import io.millrace.contracts.data.v1.Document;
import io.millrace.data.DataProperties;
import io.millrace.data.DataServiceApplication;
import io.millrace.data.dataset.DatasetJson;
import io.millrace.data.dataset.DatasetService;
import io.millrace.data.dataset.NewDataset;
import io.millrace.data.upload.DocumentAppender;
import io.millrace.data.upload.Upload;
import io.millrace.platform.MillraceProperties;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.event.EventCodec;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry.TokenizerEntry;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.service.ServiceLauncher;
import io.millrace.platform.store.ObjectStore;
import io.millrace.platform.vital.VitalThreads;
import io.millrace.testing.TestServers;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/** A worker of the test's own takes the place of the service's. */
class TokenizerJobsTest {
  private static ConfigurableApplicationContext service;

  private final List<Object> events = new CopyOnWriteArrayList<>();
  private @Nullable TokenizerJobs jobs;

  @BeforeAll
  static void start() {
    service =
        ServiceLauncher.start(
            DataServiceApplication.class, DataServiceApplication.NAME, TestServers.properties());
    service.getBean(TokenizerJobs.class).stop();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @AfterEach
  void stopJobs() {
    if (jobs != null) {
      jobs.stop();
    }
  }

  @Test
  void anErrorFailsItsJobAndTheNextOneIsDone() throws InterruptedException {
    AtomicInteger saved = new AtomicInteger();
    work(
        new TokenizerJobStore(bean(JdbcClient.class), Clock.systemUTC()),
        new TokenizerStore(bean(ObjectStore.class)) {
          @Override
          public TokenizerEntry save(byte[] json) throws IOException {
            if (saved.getAndIncrement() == 0) {
              throw new OutOfMemoryError("Java heap space");
            }
            return super.save(json);
          }
        });

    train("heavy", 1, 300);
    await(() -> job("heavy").state() == TokenizerJob.State.FAILED);
    assertThat(job("heavy").error()).isEqualTo("java.lang.OutOfMemoryError: Java heap space");
    train("light", 1, 300);
    await(() -> job("light").state() == TokenizerJob.State.DONE);
    await(() -> events.equals(List.of(new TokenizerSet("light"))));
  }

  @Test
  void aHeartbeatThatFailsIsFollowedByOthers() throws InterruptedException {
    AtomicInteger beats = new AtomicInteger();
    work(
        new TokenizerJobStore(bean(JdbcClient.class), Clock.systemUTC()) {
          @Override
          boolean heartbeat(String dataset, UUID owner, JobProgress progress) {
            if (beats.incrementAndGet() == 1) {
              throw new QueryTimeoutException("hiccup");
            }
            return super.heartbeat(dataset, owner, progress);
          }
        },
        new TokenizerStore(bean(ObjectStore.class)) {
          @Override
          public TokenizerEntry save(byte[] json) throws IOException {
            // The object store is slow: the job stays ours meanwhile.
            try {
              await(() -> beats.get() > 2);
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
            return super.save(json);
          }
        });

    train("slow", 1, 300);
    await(() -> job("slow").state() == TokenizerJob.State.DONE);
  }

  @Test
  void aJobThatIsNotOursAnyMoreIsNotTold() throws InterruptedException {
    AtomicInteger ends = new AtomicInteger();
    work(
        new TokenizerJobStore(bean(JdbcClient.class), Clock.systemUTC()) {
          @Override
          boolean end(String dataset, UUID owner, TokenizerJob.State state, @Nullable String why) {
            super.end(dataset, owner, state, why);
            ends.incrementAndGet();
            return false;
          }
        },
        new TokenizerStore(bean(ObjectStore.class)));

    train("taken", 1, 300);
    await(() -> ends.get() == 1);
    stopJobs();
    assertThat(events).isEmpty();
    assertThat(bean(Registry.class).requireDataset("taken").content())
        .isEqualTo(new Content.Text(256, null));
  }

  @ParameterizedTest
  @EnumSource
  void aJobWaitsForKafkaAndSaysSo(KafkaOutage.Kind kind) throws InterruptedException {
    KafkaOutage outage = new KafkaOutage(kind);
    String dataset = "no-kafka-" + kind.ordinal();
    try (KafkaClients kafka =
        new KafkaClients(bean(MillraceProperties.class).kafka(), outage.transport())) {
      work(
          new TokenizerJobStore(bean(JdbcClient.class), Clock.systemUTC()),
          new TokenizerStore(bean(ObjectStore.class)),
          kafka);
      train(dataset, 3, 300);
      await(() -> job(dataset).isWaiting());
      assertThat(job(dataset).error()).contains(kind.reason());
      assertThat(shown(dataset))
          .extracting(DatasetJson.TokenizerJson::state, DatasetJson.TokenizerJson::error)
          .containsExactly("waiting", job(dataset).error());

      outage.end();
      await(() -> job(dataset).state() == TokenizerJob.State.DONE);
      stopJobs();
    }
    assertThat(job(dataset).error()).isNull();
    assertThat(job(dataset).documents()).isEqualTo(3);
    assertThat(shown(dataset).state()).isEqualTo("ready");
  }

  @Test
  void aJobWaitsForTheObjectStoreAndSaysSo() throws InterruptedException {
    AtomicBoolean broken = new AtomicBoolean(true);
    work(
        new TokenizerJobStore(bean(JdbcClient.class), Clock.systemUTC()),
        new TokenizerStore(bean(ObjectStore.class)) {
          @Override
          public TokenizerEntry save(byte[] json) throws IOException {
            if (broken.get()) {
              throw new FileSystemException("/objects/tokenizers", null, "Stale file handle");
            }
            return super.save(json);
          }
        });

    train("stale", 1, 300);
    await(() -> job("stale").isWaiting());
    assertThat(job("stale").error()).contains("Stale file handle");
    broken.set(false);
    await(() -> job("stale").state() == TokenizerJob.State.DONE);
    assertThat(job("stale").error()).isNull();
  }

  static List<Throwable> faultsThatPass() {
    return List.of(
        new FileSystemException("/objects/tokenizers", null, "Stale file handle"),
        MillraceException.unavailable("the bucket does not answer"),
        new TopicAuthorizationException("may not read"),
        new QueryTimeoutException("the database is slow"),
        new DataAccessResourceFailureException("the database is away"),
        new CannotCreateTransactionException("no connection"));
  }

  @ParameterizedTest
  @MethodSource("faultsThatPass")
  void whatMayPassIsAReasonToWait(Throwable fault) {
    assertThat(JobFaults.isMendable(fault)).isTrue();
  }

  static List<Throwable> faultsThatStay() {
    return List.of(
        new IllegalArgumentException("no tokenizer"),
        new IOException("the file system cannot replace files in one step"),
        MillraceException.precondition("not like this"),
        new BadSqlGrammarException("task", "sql", new SQLException("no such column")),
        new OutOfMemoryError("Java heap space"));
  }

  @ParameterizedTest
  @MethodSource("faultsThatStay")
  void whatStaysBrokenIsNoReasonToWait(Throwable fault) {
    assertThat(JobFaults.isMendable(fault)).isFalse();
  }

  private static DatasetJson.TokenizerJson shown(String dataset) {
    return Objects.requireNonNull(
        DatasetJson.of(bean(DatasetService.class).status(dataset)).tokenizer());
  }

  private void work(TokenizerJobStore store, TokenizerStore files) {
    work(store, files, bean(KafkaClients.class));
  }

  private void work(TokenizerJobStore store, TokenizerStore files, KafkaClients kafka) {
    ApplicationEventPublisher publisher = events::add;
    TokenizerJobs worker =
        new TokenizerJobs(
            store,
            files,
            bean(Registry.class),
            kafka,
            bean(Topics.class),
            bean(EventCodec.class),
            bean(DataProperties.class),
            bean(TransactionTemplate.class),
            bean(VitalThreads.class),
            publisher);
    worker.start();
    jobs = worker;
  }

  private static void train(String dataset, int documents, int vocabSize) {
    bean(DatasetService.class).create(new NewDataset(dataset, NewDataset.Kind.TEXT));
    Upload upload =
        bean(DocumentAppender.class).begin(bean(Registry.class).requireDataset(dataset), null);
    for (int i = 0; i < documents; i++) {
      String text = "The fox " + Integer.toString(i * 7919, 36) + " and the crow " + i * i;
      upload.append(Document.newBuilder().setText(text).build());
    }
    upload.finish();
    bean(TokenizerService.class).train(dataset, vocabSize);
  }

  private static TokenizerJob job(String dataset) {
    return bean(TokenizerJobs.class).find(dataset).orElseThrow();
  }

  private static <T> T bean(Class<T> type) {
    return service.getBean(type);
  }

  private static void await(BooleanSupplier wanted) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
    while (!wanted.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.sleep(50);
    }
  }
}
