package io.millrace.simulation;

import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.contracts.Topics;
import io.millrace.inference.InferenceProperties;
import io.millrace.inference.catalog.Ownership;
import io.millrace.inference.swap.SimulatedReplica;
import io.millrace.platform.KafkaSasl;
import io.millrace.platform.KafkaTls;
import io.millrace.platform.MillraceProperties;
import io.millrace.platform.checkpoint.CheckpointFiles;
import io.millrace.platform.checkpoint.VersionPublisher;
import io.millrace.platform.event.EventCodec;
import io.millrace.platform.event.Outbox;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.Lineage;
import io.millrace.platform.registry.ModelRegistry;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.store.FileObjectStore;
import io.millrace.platform.store.ObjectStore;
import io.millrace.platform.store.ObjectStore.ObjectInfo;
import io.millrace.platform.trace.Traces;
import io.millrace.tensor.engine.DevicePool;
import io.millrace.testing.TestServers;
import io.millrace.training.TrainingProperties;
import io.millrace.training.checkpoint.CheckpointCollector;
import io.millrace.training.checkpoint.CheckpointListener;
import io.millrace.training.checkpoint.CheckpointPublisher;
import io.millrace.training.checkpoint.OrphanCollector;
import io.millrace.training.checkpoint.RunCheckpoints;
import io.millrace.training.fault.Faults;
import io.millrace.training.lease.Leases;
import io.millrace.training.run.RunCurves;
import io.millrace.training.run.RunDatasets;
import io.millrace.training.run.RunEvents;
import io.millrace.training.run.RunLog;
import io.millrace.training.run.RunStore;
import io.millrace.training.task.TaskCatalog;
import io.millrace.training.trainer.SimulatedTrainer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one seed after another uses: a database, a log, an object store, and the beans of training
 * and inference, none of which remembers anything.
 */
final class Lane implements AutoCloseable {
  /**
   * Long past at once: whoever asks may take a run over, and a trainer that lives on is a zombie.
   */
  private static final Duration LEASE = Duration.ofMillis(1);

  private static final Duration NEVER = Duration.ofHours(1);

  private static final int VACUUM_EVERY = 100;

  /**
   * Processes die here, the database's server does not, and nobody looks at its statistics. Plans
   * for tables of a few rows are all alike.
   */
  private static final String FAST =
      """
      set synchronous_commit = off;
      set plan_cache_mode = force_generic_plan;
      set track_activities = off;
      set track_counts = off;
      set update_process_title = off;
      """;

  /** One round trip for all tables, whose plans the server keeps. */
  private static final String FORGET =
      """
      set session_replication_role = replica;
      do $do$
      declare
        deletes text;
      begin
        select string_agg(format('delete from %I.%I;', schemaname, tablename), ' ') into deletes
        from pg_tables
        where schemaname in ('registry', 'training', 'inference') and tablename not like '%history';
        execute format(
          'create function public.forget() returns void language plpgsql '
          || 'as $f$ begin %s end $f$', deletes);
      end
      $do$
      """;

  private final SimulatedKafka log = new SimulatedKafka();
  private final KafkaClients kafka = new KafkaClients(settings(), log);
  private final Topics topics = new Topics("");
  private final Clock clock = Clock.tick(Clock.systemUTC(), Duration.of(1, ChronoUnit.MICROS));
  private final ObjectStore objects;
  private final SingleConnectionDataSource keeper;
  private final AnnotationConfigApplicationContext training;
  private final AnnotationConfigApplicationContext inference;
  private Reach reach = _ -> {};
  private int stories;

  /** Told of every step between two effects. */
  @FunctionalInterface
  interface Reach {
    void reach(String point);
  }

  private Lane(TestServers.Database database) throws IOException {
    this.objects = new FileObjectStore(inMemory());
    this.training = trainer(database);
    this.inference = replicas(database);
    this.keeper =
        new SingleConnectionDataSource(
            database.url(), database.user(), database.password(), /* suppressClose= */ true);
    new JdbcTemplate(keeper).execute(FORGET);
  }

  /** A lane with an empty database. */
  static Lane open() throws IOException {
    return new Lane(TestServers.freshDatabase());
  }

  /** Says who is told of steps from now on. */
  void follow(Reach next) {
    reach = next;
  }

  /** Grows whenever a version or a promotion was written. */
  long writes() {
    return training.getBean(WatchedDataSource.class).writes()
        + inference.getBean(WatchedDataSource.class).writes();
  }

  SimulatedKafka log() {
    return log;
  }

  KafkaClients kafka() {
    return kafka;
  }

  Topics topics() {
    return topics;
  }

  ObjectStore objects() {
    return objects;
  }

  /** Beans of the training service. */
  GenericApplicationContext training() {
    return training;
  }

  /** Beans of the inference service. */
  GenericApplicationContext inference() {
    return inference;
  }

  /** Forgets everything, so that no story is slower than the one before. */
  void clear() throws IOException {
    log.clear();
    for (ObjectInfo object : objects.list("models")) {
      objects.delete(object.key());
    }
    JdbcTemplate jdbc = new JdbcTemplate(keeper);
    jdbc.execute("select public.forget()");
    if (++stories % VACUUM_EVERY == 0) {
      // A dead row is read again and again by every scan until then.
      jdbc.execute("vacuum");
    }
  }

  @Override
  public void close() {
    training.close();
    inference.close();
    keeper.destroy();
  }

  private AnnotationConfigApplicationContext trainer(TestServers.Database database) {
    AnnotationConfigApplicationContext beans = service(database, "training");
    beans.registerBean(TrainingProperties.class, Lane::trainingProperties);
    beans.registerBean(DevicePool.class, () -> DevicePool.start("cpu"));
    beans.registerBean(Faults.class, () -> point -> reach.reach(point.name()));
    beans.registerBean(CountingTask.class);
    beans.registerBean(TaskCatalog.class);
    beans.registerBean(RunStore.class);
    beans.registerBean(RunEvents.class);
    beans.registerBean(RunCurves.class);
    beans.registerBean(RunLog.class);
    beans.registerBean(RunDatasets.class);
    beans.registerBean(Leases.class);
    beans.registerBean(RunCheckpoints.class);
    beans.registerBean(CheckpointListener.class, () -> () -> {});
    beans.registerBean(CheckpointPublisher.class);
    beans.registerBean(CheckpointCollector.class);
    beans.registerBean(OrphanCollector.class);
    SimulatedTrainer.register(beans);
    beans.refresh();
    return beans;
  }

  private AnnotationConfigApplicationContext replicas(TestServers.Database database) {
    AnnotationConfigApplicationContext beans = service(database, "inference");
    beans.registerBean(InferenceProperties.class, () -> bound("", InferenceProperties.class));
    beans.registerBean(CountingLoader.class, () -> new CountingLoader(point -> reach.reach(point)));
    SimulatedReplica.register(beans);
    beans.registerBean(Ownership.class);
    beans.refresh();
    return beans;
  }

  private AnnotationConfigApplicationContext service(TestServers.Database database, String schema) {
    WatchedDataSource dataSource = new WatchedDataSource(migrated(database, schema));
    AnnotationConfigApplicationContext beans = new AnnotationConfigApplicationContext();
    beans.registerBean(WatchedDataSource.class, () -> dataSource);
    beans.registerBean(JdbcClient.class, () -> JdbcClient.create(dataSource));
    beans.registerBean(JdbcTemplate.class, () -> new JdbcTemplate(dataSource));
    beans.registerBean(
        PlatformTransactionManager.class, () -> new JdbcTransactionManager(dataSource));
    beans.registerBean(
        TransactionTemplate.class,
        () -> new TransactionTemplate(beans.getBean(PlatformTransactionManager.class)));
    beans.registerBean(Clock.class, () -> clock);
    beans.registerBean(KafkaClients.class, () -> kafka);
    beans.registerBean(Topics.class, () -> topics);
    beans.registerBean(ObjectStore.class, () -> objects);
    beans.registerBean(MeterRegistry.class, SimpleMeterRegistry::new);
    beans.registerBean(Traces.class, Traces::none);
    beans.registerBean(JsonMapper.class, () -> JsonMapper.builder().build());
    beans.registerBean(CheckpointFiles.class);
    beans.registerBean(Registry.class);
    beans.registerBean(ModelRegistry.class);
    beans.registerBean(Lineage.class);
    beans.registerBean(EventCodec.class, () -> new EventCodec(URI.create("/" + schema), clock));
    beans.registerBean(
        Outbox.class, () -> new Outbox(beans.getBean(JdbcClient.class), clock, () -> {}));
    beans.registerBean(VersionPublisher.class);
    return beans;
  }

  private static DataSource migrated(TestServers.Database database, String schema) {
    HikariDataSource dataSource = new HikariDataSource();
    dataSource.setJdbcUrl(database.url());
    dataSource.setUsername(database.user());
    dataSource.setPassword(database.password());
    dataSource.setSchema(schema);
    dataSource.setMaximumPoolSize(4);
    dataSource.setConnectionInitSql(FAST);
    migrate(dataSource, "registry", "millrace/registry");
    migrate(dataSource, schema, schema);
    migrate(dataSource, schema, "millrace/outbox");
    return dataSource;
  }

  private static void migrate(DataSource dataSource, String schema, String scripts) {
    Flyway.configure()
        .dataSource(dataSource)
        .locations("classpath:db/" + scripts)
        .defaultSchema(schema)
        .createSchemas(true)
        .table(scripts.replace('/', '_') + "_history")
        .baselineOnMigrate(true)
        .baselineVersion("0")
        .load()
        .migrate();
  }

  private static TrainingProperties trainingProperties() {
    TrainingProperties standard = bound("", TrainingProperties.class);
    return new TrainingProperties(
        "",
        1,
        Integer.MAX_VALUE,
        new TrainingProperties.LeaseSettings(LEASE, NEVER, NEVER),
        standard.stream(),
        new TrainingProperties.ProgressSettings(NEVER, NEVER),
        standard.evaluation(),
        standard.schedule(),
        Map.of());
  }

  private static <T> T bound(String prefix, Class<T> type) {
    return new Binder(new MapConfigurationPropertySource(Map.of())).bindOrCreate(prefix, type);
  }

  private static MillraceProperties.Kafka settings() {
    return new MillraceProperties.Kafka(
        "nowhere:1",
        "",
        (short) 1,
        (short) 1,
        DataSize.ofMegabytes(1),
        true,
        Duration.ofSeconds(1),
        KafkaTls.OFF,
        KafkaSasl.NONE);
  }

  /** A directory in memory where there is one: the store waits for the disk at every file. */
  private static Path inMemory() throws IOException {
    Path shared = Path.of("/dev/shm");
    if (!Files.isWritable(shared)) {
      return TestServers.freshDirectory();
    }
    Path directory = Files.createTempDirectory(shared, "millrace-simulation");
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> FileSystemUtils.deleteRecursively(directory.toFile())));
    return directory;
  }
}
