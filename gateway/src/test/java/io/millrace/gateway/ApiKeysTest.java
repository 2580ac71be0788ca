package io.millrace.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.gateway.key.AdminKeys;
import io.millrace.gateway.key.ApiKeys;
import io.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ApiKeysTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String BOOTSTRAP = "mr_bootstrap0_" + "k".repeat(43);
  private static GatewayFixture gateway;
  private static ApiKeys keys;

  @BeforeAll
  static void start() throws IOException {
    gateway = new GatewayFixture(Map.of("millrace.gateway.bootstrap-key", BOOTSTRAP));
    keys = gateway.context.getBean(ApiKeys.class);
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @Test
  void keepsNoSecret() {
    ApiKeys.Created created = keys.create("ci");

    assertThat(created.key()).matches("mr_[a-z0-9]{10}_[A-Za-z0-9]{43}");
    assertThat(created.toString()).doesNotContain(created.key().substring(14));
    assertThat(keys.authenticate(created.key()).principal())
        .isEqualTo("key:" + created.entry().prefix());
    String row =
        gateway
            .context
            .getBean(JdbcClient.class)
            .sql("select row_to_json(api_key)::text from api_key where prefix = :prefix")
            .param("prefix", created.entry().prefix())
            .query(String.class)
            .single();
    assertThat(row).doesNotContain(created.key().substring(14)).contains("\"name\":\"ci\"");
  }

  @Test
  void saysWhetherAKeyMayDoEverything() {
    ApiKeys.Created admin = keys.create("installation", ApiKeys.Scope.ADMIN);
    assertThat(AdminKeys.isValid(gateway.context, admin.key())).isTrue();
    keys.revoke(admin.entry().prefix());
    assertThat(AdminKeys.isValid(gateway.context, admin.key())).isFalse();
    assertThat(AdminKeys.isValid(gateway.context, keys.create("ci").key())).isFalse();
    assertThat(AdminKeys.isValid(gateway.context, "nonsense")).isFalse();
  }

  @Test
  void refusesEveryChangeOfAKey() {
    String key = keys.create("ci").key();
    for (int i = 0; i < key.length(); i++) {
      StringBuilder changed = new StringBuilder(key);
      changed.setCharAt(i, key.charAt(i) == 'a' ? 'b' : 'a');
      assertThatThrownBy(() -> keys.authenticate(changed.toString()))
          .isInstanceOf(MillraceException.class)
          .hasMessage("the API key is not valid");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/datasets",
        "/api/runs/1",
        "/api/models",
        "/v1/models",
        "/tokenize",
        "/api/keys",
        "/openapi/gateway",
        "/openapi/data-service",
        "/v3/api-docs",
        "/actuator",
        "/actuator/env",
        "/actuator/health/db",
        "/actuator/health/services",
        "/actuator/prometheus",
        "/actuator/prometheus/data-service",
        "/error",
        "/nowhere",
        "/"
      })
  void closesEverythingWithoutAKey(String path) throws Exception {
    HttpResponse<String> answer = gateway.send(HttpRequest.newBuilder(gateway.uri(path)));

    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("www-authenticate")).hasValue("Bearer");
    assertThat(answer.body()).contains("\"unauthenticated\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness"})
  void tellsStrangersWhetherItIsUpAndNoMore(String path) throws Exception {
    HttpResponse<String> answer = gateway.send(HttpRequest.newBuilder(gateway.uri(path)));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("\"UP\"").doesNotContain("components", "db", "-service");
  }

  @Test
  void givesMetricsToAnyKey() throws Exception {
    HttpResponse<String> answer =
        gateway.send(gateway.request("/actuator/prometheus", keys.create("prometheus").key()));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("jvm_memory_used_bytes");
  }

  @ParameterizedTest
  @CsvSource({"api_key", "key", "access_token", "q"})
  void refusesAKeyInTheAddress(String parameter) throws Exception {
    String query = "?" + parameter + "=" + gateway.adminKey.replace("mr_", "mr%5F");
    HttpResponse<String> alone =
        gateway.send(HttpRequest.newBuilder(gateway.uri("/api/runs" + query)));
    HttpResponse<String> withHeader = gateway.send(gateway.request("/api/runs" + query));

    for (HttpResponse<String> answer : List.of(alone, withHeader)) {
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).contains("revoke it").doesNotContain(gateway.adminKey);
    }
  }

  @Test
  void refusesTwoKeysAtOnce() throws Exception {
    HttpResponse<String> answer =
        gateway.send(
            gateway.request("/api/runs").header("Authorization", "Bearer " + gateway.adminKey));

    assertThat(answer.statusCode()).isEqualTo(401);
  }

  @Test
  void makesTheBootstrapKeyAnAdministrators() throws Exception {
    assertThat(gateway.send(gateway.request("/api/keys", BOOTSTRAP)).statusCode()).isEqualTo(200);

    keys.ensureAdmin(BOOTSTRAP, "again");
    assertThat(keys.list().stream().filter(key -> key.prefix().equals("bootstrap0")))
        .singleElement()
        .satisfies(key -> assertThat(key.name()).isEqualTo("bootstrap"));
  }

  @Test
  void makesAKeyForUseAnAdministratorsIfItIsTheBootstrapKey() {
    ApiKeys.Created plain = keys.create("plain");

    keys.ensureAdmin(plain.key(), "bootstrap");

    assertThat(keys.authenticate(plain.key()).scope()).isEqualTo(ApiKeys.Scope.ADMIN);
  }

  @Test
  void keepsARevokedBootstrapKeyRevoked() {
    ApiKeys.Created leaked = keys.create("leaked", ApiKeys.Scope.ADMIN);
    keys.revoke(leaked.entry().prefix());

    keys.ensureAdmin(leaked.key(), "bootstrap");

    assertThatThrownBy(() -> keys.authenticate(leaked.key()))
        .isInstanceOf(MillraceException.class)
        .hasMessage("the API key is not valid");
  }

  @Test
  void doesNotStartWithABootstrapKeyThatIsNoneAndNamesTheSetting() {
    assertThatThrownBy(
            () -> new GatewayFixture(Map.of("millrace.gateway.bootstrap-key", "a-secret")).close())
        .hasStackTraceContaining("millrace.gateway.bootstrap-key: not an API key")
        .satisfies(e ->
            assertThat(org.assertj.core.util.Throwables.getStackTrace(e))
                .doesNotContain("a-secret"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mr_bootstrap0_kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkx | another API key with the prefix",
        "secret | not an API key"
      })
  void refusesABootstrapKeyThatIsNone(String key, String message) {
    assertThatThrownBy(() -> keys.ensureAdmin(key, "bootstrap"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining(key);
  }

  @Test
  void letsAdministratorsManageKeysOverRest() throws Exception {
    HttpResponse<String> created = create("{\"name\": \"notebook\"}", gateway.adminKey);
    assertThat(created.statusCode()).isEqualTo(201);
    JsonNode view = JSON.readTree(created.body());
    String key = view.get("key").asString();
    String prefix = view.get("prefix").asString();
    assertThat(view.get("scope").asString()).isEqualTo("use");
    assertThat(gateway.send(gateway.request("/api/runs", key)).statusCode()).isEqualTo(200);

    assertThat(gateway.send(gateway.request("/api/keys", key)).statusCode()).isEqualTo(403);
    assertThat(create("{\"name\": \"more\"}", key).statusCode()).isEqualTo(403);

    HttpResponse<String> list = gateway.send(gateway.request("/api/keys"));
    JsonNode listed = find(JSON.readTree(list.body()), prefix);
    assertThat(list.body()).doesNotContain(key.substring(14));
    assertThat(listed.get("last_used_at").isNull()).isFalse();
    assertThat(listed.get("revoked_at").isNull()).isTrue();

    assertThat(gateway.send(gateway.request("/api/keys/" + prefix).DELETE()).statusCode())
        .isEqualTo(204);
    assertThat(gateway.send(gateway.request("/api/runs", key)).statusCode()).isEqualTo(401);
    assertThat(gateway.send(gateway.request("/api/keys/nothing").DELETE()).statusCode())
        .isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/keys",
        "/api/keys/",
        "/api/keys?name=a",
        "/api/%6beys",
        "/api/%6Beys",
        "/api/k%65y%73",
        "/%61pi/keys",
        "/%61%70%69/%6b%65%79%73",
        "/api%2fkeys",
        "/api/./keys",
        "/api/%2e/keys",
        "/api;a=b/keys",
        "/api/keys;a=b",
        "/api//keys",
        "/api/%c1%ab%c1%a5ys"
      })
  void keepsKeysFromThoseThatAreNoAdministrators(String path) throws Exception {
    String key = keys.create("plain").key();
    int before = keys.list().size();

    for (HttpRequest.Builder request :
        List.of(
            gateway.request(path, key),
            gateway
                .request(path, key)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"name\": \"mine\", \"scope\": \"admin\"}")),
            gateway.request(path, key).DELETE())) {
      HttpResponse<String> answer = gateway.send(request);
      assertThat(answer.statusCode()).isIn(400, 403, 404, 405);
      assertThat(answer.body()).doesNotContain("prefix", "mr_");
    }
    assertThat(keys.list()).hasSize(before);
  }

  @Test
  void letsKeysBeRevokedByAdministratorsOnly() throws Exception {
    ApiKeys.Created plain = keys.create("plain");
    String itself = "/api/keys/" + plain.entry().prefix();

    assertThat(gateway.send(gateway.request(itself, plain.key()).DELETE()).statusCode())
        .isEqualTo(403);
    assertThat(gateway.send(gateway.request("/api/runs", plain.key())).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}", "{\"name\": \" \"}", "{\"name\": \"a\", \"scope\": \"root\"}",
        "{\"name\": \"a\", \"admin\": true}", "{\"name\": 1}x", ""
      })
  void refusesBadRequests(String body) throws Exception {
    assertThat(create(body, gateway.adminKey).statusCode()).isEqualTo(400);
  }

  @Test
  void refusesALongName() throws Exception {
    assertThat(create("{\"name\": \"" + "x".repeat(101) + "\"}", gateway.adminKey).statusCode())
        .isEqualTo(400);
  }

  private static HttpResponse<String> create(String body, String key) throws Exception {
    return gateway.send(
        gateway
            .request("/api/keys", key)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body, StandardCharsets.UTF_8)));
  }

  private static JsonNode find(JsonNode list, String prefix) {
    for (JsonNode key : list.get("keys")) {
      if (key.get("prefix").asString().equals(prefix)) {
        return key;
      }
    }
    throw new AssertionError("no key " + prefix);
  }
}
