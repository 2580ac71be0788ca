package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.data.DataServiceApplication;
import io.millrace.embedded.EmbeddedPostgres;
import io.millrace.embedded.Ports;
import io.millrace.gateway.GatewayApplication;
import io.millrace.gateway.key.AdminKeys;
import io.millrace.inference.InferenceServiceApplication;
import io.millrace.platform.service.ServiceLauncher;
import io.millrace.platform.store.ObjectStore;
import io.millrace.standalone.contract.GrantedPermissions.Permission;
import io.millrace.testing.S3Gate;
import io.millrace.testing.S3Server;
import io.millrace.testing.SecuredKafka;
import io.millrace.testing.SecuredKafka.Door;
import io.millrace.testing.TestCertificates;
import io.millrace.testing.TestServers;
import io.millrace.training.TrainingServiceApplication;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The whole loop as users run it: services apart, objects in a bucket of S3, Kafka with TLS, SCRAM
 * and the permissions that docs/operations/kafka.md lists, PostgreSQL with {@code verify-full}.
 */
@Timeout(900)
class SecuredLoopTest {
  private static final String PREFIX = "team-a.";
  private static final String DATABASE = "millrace";
  private static final String PRESET = "millrace.training.presets.";
  private static final Map<String, String> PASSWORDS =
      Map.of(
          "data", "data-password-0815",
          "training", "training-password-0815",
          "inference", "inference-password-0815");

  @TempDir static Path directory;

  private static final Deque<AutoCloseable> PARTS = new ArrayDeque<>();
  private static final String BUCKET = TestServers.freshBucket();
  private static TestCertificates certificates;
  private static SecuredKafka kafka;
  private static EmbeddedPostgres postgres;
  private static SecretsInLog log;
  private static S3Gate gate;

  @BeforeAll
  static void startServers() throws Exception {
    log = part(SecretsInLog.listen(List.copyOf(PASSWORDS.values())));
    certificates = new TestCertificates(Files.createDirectory(directory.resolve("own")), "Ours");
    kafka =
        part(
            SecuredKafka.start(
                directory.resolve("kafka"),
                certificates,
                PASSWORDS,
                Map.of("authorizer.class.name", PermissionRecorder.class.getName())));
    for (Permission permission : GrantedPermissions.documented()) {
      kafka.permit(permission.bindings(PREFIX));
    }
    TestCertificates.Identity server = certificates.server();
    postgres =
        part(
            EmbeddedPostgres.start(
                directory.resolve("postgres"),
                0,
                Map.of(
                    "ssl", "on",
                    "ssl_cert_file", server.certificate().toString(),
                    "ssl_key_file", server.key().toString())));
    postgres.ensureDatabase(DATABASE);
    S3Server.credentials().forEach(System::setProperty);
    gate = part(S3Gate.before(TestServers.s3()));
  }

  @AfterAll
  static void stopServers() throws Exception {
    S3Server.credentials().keySet().forEach(System::clearProperty);
    while (!PARTS.isEmpty()) {
      PARTS.pop().close();
    }
  }

  @Test
  void learnsAndServesWithTheDocumentedPermissionsAlone() throws Exception {
    PermissionRecorder.forget();
    Deque<ConfigurableApplicationContext> services = new ArrayDeque<>();
    LostPermissions lost;
    try {
      ConfigurableApplicationContext gateway = startServices(services);
      String key = AdminKeys.create(gateway, "test");
      URI address = URI.create("http://127.0.0.1:" + ServiceLauncher.httpPort(gateway));
      try (Rest rest = new Rest(address, key, new Calls())) {
        use(rest);
        lost = new LostPermissions(rest, kafka, PREFIX);
        lost.ofWriting();
        lost.ofPreparing();
        lost.ofLearning();
        LostBucket bucket = new LostBucket(rest, gate);
        bucket.ofPublishing();
        bucket.ofReading();
      }
      assertThat(services)
          .allSatisfy(service -> assertThat(service.containsBean("environmentEndpoint")).isFalse());
      assertThat(services.getLast().getBean(ObjectStore.class).list("models")).isNotEmpty();
    } finally {
      while (!services.isEmpty()) {
        services.pop().close();
      }
    }
    assertThat(PermissionRecorder.denied()).allMatch(lost::explains);
    List<Permission> unused = new ArrayList<>(GrantedPermissions.documented());
    unused.removeIf(permission ->
        PermissionRecorder.allowed().stream().anyMatch(asked -> permission.permits(asked, PREFIX)));
    assertThat(unused).as("permissions that nobody needs").isEmpty();
    assertThat(log.heard("org.apache.kafka.common.config")).isPositive();
    assertThat(log.found()).isEmpty();
  }

  /**
   * Offsets in the groups of a dataset that do not go with its topics: whether Kafka has cleared
   * the others away by then is a matter of time.
   */
  private static void keepGroups(String dataset) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.administration()))) {
      for (String group : List.of("prepare.", "replay.prepare.")) {
        admin
            .alterConsumerGroupOffsets(
                PREFIX + group + dataset,
                Map.of(new TopicPartition(PREFIX + "datasets", 0), new OffsetAndMetadata(0)))
            .all()
            .get();
      }
    }
  }

  private static void use(Rest rest) throws Exception {
    LearnedModels models = new LearnedModels(rest);
    RestInference inference = new RestInference(rest);
    inference.createIndex("nearest", models.language(), models.texts());
    Await.until(() -> inference.indexes().get("nearest"), items -> items != null && items >= 80);
    assertThat(inference.search("nearest", LearnedModels.someTexts(1).getFirst(), 3)).hasSize(3);
    assertThat(models.detection()).isNotEmpty();
    assertThat(models.classification()).isNotEmpty();

    RestDatasets datasets = new RestDatasets(rest);
    datasets.createPictures("odd");
    datasets.appendNoPicture("odd");
    Await.until(() -> datasets.rejected("odd"), rejected -> !rejected.isEmpty());
    assertThat(datasets.replay("odd")).isOne();
    keepGroups("odd");
    datasets.delete("odd");
    assertThat(datasets.list()).doesNotContain("odd");
  }

  private static ConfigurableApplicationContext startServices(
      Deque<ConfigurableApplicationContext> services) {
    List<Integer> ports = Ports.free(6);
    services.push(
        ServiceLauncher.start(
            DataServiceApplication.class, "data-service", service("data", ports, 0)));
    Map<String, Object> training = service("training", ports, 2);
    for (String task : List.of("language", "detection")) {
      training.put(PRESET + "tiny-" + task + ".task", task);
      training.put(PRESET + "tiny-" + task + ".config", "src/test/resources/presets/" + task);
    }
    services.push(
        ServiceLauncher.start(TrainingServiceApplication.class, "training-service", training));
    services.push(
        ServiceLauncher.start(
            InferenceServiceApplication.class,
            "inference-service",
            service("inference", ports, 4)));
    Map<String, Object> gateway = common(0, 0);
    List<String> names = List.of("data", "training", "inference");
    for (int i = 0; i < names.size(); i++) {
      String backend = "millrace.gateway." + names.get(i);
      gateway.put(backend + ".url", "http://127.0.0.1:" + ports.get(2 * i));
      gateway.put(backend + ".grpc", "127.0.0.1:" + ports.get(2 * i + 1));
    }
    services.push(ServiceLauncher.start(GatewayApplication.class, "gateway", gateway));
    return services.getFirst();
  }

  @Test
  void doesNotStartWithAWrongPassword() {
    Map<String, Object> wrong = service("data", Ports.free(2), 0);
    wrong.put("millrace.kafka.sasl.password", "another");
    refuses(wrong, "millrace.kafka.sasl.username 'data'", "millrace.kafka.sasl.password");
  }

  @Test
  void doesNotStartWithoutPermission() {
    Map<String, Object> stranger = service("training", Ports.free(2), 0);
    refuses(stranger, "team-a.datasets", "user training", "docs/operations/kafka.md");
  }

  @Test
  void doesNotStartOnADatabaseOfAnotherAuthority() throws Exception {
    Path others = Files.createDirectories(directory.resolve("others"));
    Map<String, Object> wrong = service("data", Ports.free(2), 0);
    wrong.put("spring.datasource.url", database(new TestCertificates(others, "Others").ca()));
    refuses(wrong, "sslrootcert", "spring.datasource.url");
  }

  private static void refuses(Map<String, Object> properties, String... parts) {
    assertThatThrownBy(
            () -> ServiceLauncher.start(DataServiceApplication.class, "data-service", properties))
        .satisfies(e -> {
          String trace = Throwables.getStackTrace(e);
          assertThat(trace).contains(parts).doesNotContain(PASSWORDS.values());
        });
  }

  private static Map<String, Object> service(String user, List<Integer> ports, int first) {
    Map<String, Object> properties = common(ports.get(first), ports.get(first + 1));
    properties.put("millrace.kafka.bootstrap-servers", kafka.bootstrapServers(Door.SASL));
    properties.put("millrace.kafka.topic-prefix", PREFIX);
    properties.put("millrace.kafka.tls.enabled", true);
    properties.put("millrace.kafka.tls.ca", certificates.ca());
    properties.put("millrace.kafka.sasl.mechanism", "scram-sha-512");
    properties.put("millrace.kafka.sasl.username", user);
    properties.put("millrace.kafka.sasl.password", PASSWORDS.get(user));
    properties.putAll(TestServers.s3().properties(BUCKET, directory.resolve("cache-" + user)));
    properties.put("millrace.objects.s3.endpoint", gate.endpoint().toString());
    properties.put("millrace.engine.device", "cpu");
    return properties;
  }

  private static Map<String, Object> common(int port, int grpcPort) {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("server.address", "127.0.0.1");
    properties.put("server.port", port);
    properties.put("spring.grpc.server.address", "127.0.0.1");
    properties.put("spring.grpc.server.port", grpcPort);
    properties.put("spring.datasource.url", database(certificates.ca()));
    properties.put("spring.datasource.username", postgres.user());
    properties.put("spring.datasource.password", postgres.password());
    properties.put("millrace.internal.secret", TestServers.INTERNAL_SECRET);
    return properties;
  }

  private static String database(Path ca) {
    return postgres.jdbcUrl(DATABASE) + "?sslmode=verify-full&sslrootcert=" + ca;
  }

  private static <T extends AutoCloseable> T part(T started) {
    PARTS.push(started);
    return started;
  }
}
