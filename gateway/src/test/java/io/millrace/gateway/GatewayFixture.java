package io.millrace.gateway;

import io.millrace.gateway.key.AdminKeys;
import io.millrace.platform.security.InternalToken;
import io.millrace.platform.service.ServiceLauncher;
import io.millrace.testing.TestServers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.springframework.context.ConfigurableApplicationContext;

/** A gateway on a real database with three services behind it. */
final class GatewayFixture implements AutoCloseable {

  static {
    Awaitility.setDefaultTimeout(Duration.ofSeconds(90));
  }

  final Map<Service, FakeService> services = new EnumMap<>(Service.class);
  final Map<String, FakeService> byTask = new HashMap<>();
  final ConfigurableApplicationContext context;
  final String adminKey;
  final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  GatewayFixture() throws IOException {
    this(Map.of());
  }

  /**
   * A gateway.
   *
   * @param settings that win over the fixture's own
   */
  GatewayFixture(Map<String, Object> settings) throws IOException {
    this(settings, Set.of());
  }

  /**
   * A gateway.
   *
   * @param settings that win over the fixture's own
   * @param tasks each with an inference service of its own
   */
  GatewayFixture(Map<String, Object> settings, Set<String> tasks) throws IOException {
    InternalToken tokens =
        new InternalToken(TestServers.INTERNAL_SECRET, Duration.ofMinutes(1), Clock.systemUTC());
    TestServers.Database database = TestServers.freshDatabase();
    Map<String, Object> properties = new java.util.LinkedHashMap<>();
    properties.put("spring.datasource.url", database.url());
    properties.put("spring.datasource.username", database.user());
    properties.put("spring.datasource.password", database.password());
    properties.put("millrace.internal.secret", TestServers.INTERNAL_SECRET);
    properties.put("server.port", 0);
    properties.put("spring.grpc.server.port", 0);
    properties.put("millrace.limits.request-body", "1KB");
    for (Service service : Service.values()) {
      FakeService fake = new FakeService(service.label(), tokens);
      services.put(service, fake);
      place(properties, service.label().replace("-service", ""), fake);
    }
    for (String task : tasks) {
      FakeService fake = new FakeService(task, tokens);
      byTask.put(task, fake);
      place(properties, "inference-by-task." + task, fake);
    }
    properties.putAll(settings);
    context = ServiceLauncher.start(GatewayApplication.class, "gateway", properties);
    adminKey = AdminKeys.create(context, "test");
  }

  private static void place(Map<String, Object> properties, String name, FakeService fake) {
    properties.put("millrace.gateway." + name + ".url", "http://127.0.0.1:" + fake.httpPort());
    properties.put("millrace.gateway." + name + ".grpc", "127.0.0.1:" + fake.grpcPort());
  }

  FakeService service(Service service) {
    FakeService fake = services.get(service);
    if (fake == null) {
      throw new IllegalStateException("no " + service);
    }
    return fake;
  }

  int grpcPort() {
    return ServiceLauncher.grpcPort(context);
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + ServiceLauncher.httpPort(context) + path);
  }

  HttpRequest.Builder request(String path) {
    return request(path, adminKey);
  }

  HttpRequest.Builder request(String path, String key) {
    return HttpRequest.newBuilder(uri(path)).header("Authorization", "Bearer " + key);
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), BodyHandlers.ofString());
  }

  @Override
  public void close() {
    http.shutdownNow();
    context.close();
    services.values().forEach(FakeService::close);
    byTask.values().forEach(FakeService::close);
  }
}
