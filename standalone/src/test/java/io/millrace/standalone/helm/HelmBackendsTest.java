package io.millrace.standalone.helm;

import static io.millrace.standalone.helm.HelmChart.hooks;
import static io.millrace.standalone.helm.HelmChart.render;
import static io.millrace.standalone.helm.HelmChart.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.standalone.helm.HelmChart.Manifests;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Kafka, PostgreSQL and the object store as users run them, and the evaluation mode's own. */
class HelmBackendsTest {
  private static final List<String> BEHIND =
      List.of("data-service", "training-service", "inference-service");

  @Test
  void reachesKafkaByTlsAndScram() {
    Manifests manifests = render("secure");

    for (String service : BEHIND) {
      JsonNode settings = manifests.one("ConfigMap", service).at("/data");
      assertThat(text(settings, "/MILLRACE_KAFKA_TLS_ENABLED")).isEqualTo("true");
      assertThat(text(settings, "/MILLRACE_KAFKA_TLS_VERIFYHOST")).isEqualTo("true");
      assertThat(text(settings, "/MILLRACE_KAFKA_SASL_MECHANISM")).isEqualTo("scram-sha-512");
      assertThat(text(settings, "/MILLRACE_KAFKA_SASL_USERNAME")).isEqualTo("millrace");
      JsonNode deployment = manifests.one("Deployment", service);
      assertThat(secretOf(deployment, "MILLRACE_KAFKA_SASL_PASSWORD"))
          .isEqualTo("millrace-kafka/password");
      assertFile(deployment, text(settings, "/MILLRACE_KAFKA_TLS_CA"), "kafka-ca/ca.crt");
      assertFile(
          deployment, text(settings, "/MILLRACE_KAFKA_TLS_KEY"), "millrace-kafka-client/tls.key");
      assertFile(
          deployment,
          text(settings, "/MILLRACE_KAFKA_TLS_CERTIFICATE"),
          "millrace-kafka-client/tls.crt");
    }
    assertThat(manifests.one("ConfigMap", "gateway").at("/data").propertyNames())
        .noneMatch(name -> name.contains("KAFKA"));
  }

  @Test
  void reachesKafkaWithTokensOfAServer() {
    Manifests manifests = render("oauth");
    JsonNode settings = manifests.one("ConfigMap", "data-service").at("/data");
    JsonNode deployment = manifests.one("Deployment", "data-service");

    assertThat(text(settings, "/MILLRACE_KAFKA_SASL_OAUTH_TOKENURL"))
        .isEqualTo("https://login.example.com:8443/oauth2/token");
    assertThat(secretOf(deployment, "MILLRACE_KAFKA_SASL_OAUTH_CLIENTSECRET"))
        .isEqualTo("millrace-kafka/client-secret");
    assertFile(deployment, text(settings, "/MILLRACE_KAFKA_SASL_OAUTH_CA"), "login-ca/ca.crt");
    assertThat(manifests.one("NetworkPolicy", "data-service").at("/spec/egress").toString())
        .contains("\"port\":8443");
  }

  @ParameterizedTest
  @CsvSource({"secure", "oauth"})
  void makesTopicsByTheSameWay(String values) {
    JsonNode pod = hooks(values, "{}").one("Job", "-topics").at("/spec/template");
    JsonNode settings = render(values).one("ConfigMap", "data-service").at("/data");

    for (JsonNode variable : pod.at("/spec/containers/0/env")) {
      if (variable.has("value")) {
        assertThat(text(variable, "/value"))
            .as("%s", variable)
            .isEqualTo(text(settings, "/" + text(variable, "/name")));
      }
    }
    assertThat(pod.toString()).contains("kafka-ca", "millrace-kafka");
  }

  @Test
  void keepsObjectsInABucketWithoutAVolume() {
    Manifests manifests = render("s3");

    assertThat(manifests.ofKind("PersistentVolumeClaim")).isEmpty();
    for (String service : BEHIND) {
      JsonNode settings = manifests.one("ConfigMap", service).at("/data");
      JsonNode deployment = manifests.one("Deployment", service);
      assertThat(text(settings, "/MILLRACE_OBJECTS_KIND")).isEqualTo("s3");
      assertThat(text(settings, "/MILLRACE_OBJECTS_S3_BUCKET")).isEqualTo("millrace");
      assertThat(text(settings, "/MILLRACE_OBJECTS_S3_PATHSTYLE")).isEqualTo("true");
      assertThat(settings.has("MILLRACE_OBJECTS_ROOT")).isFalse();
      assertThat(secretOf(deployment, "AWS_SECRET_ACCESS_KEY"))
          .isEqualTo("millrace-s3/secret-access-key");
      assertThat(deployment.at("/spec/template/spec/volumes").toString())
          .doesNotContain("persistentVolumeClaim")
          .contains("{\"name\":\"object-cache\",\"emptyDir\":{\"sizeLimit\":\"20Gi\"}}");
      assertThat(manifests.one("NetworkPolicy", service).at("/spec/egress").toString())
          .contains("\"port\":9000");
    }
    assertThat(render("s3", "objectStore: {s3: {existingSecret: ''}}").all().toString())
        .doesNotContain("AWS_");
  }

  @Test
  void trustsOneMoreAuthority() {
    Manifests manifests = render("secure");

    for (JsonNode deployment : manifests.ofKind("Deployment")) {
      assertThat(deployment.at("/spec/template/spec/containers/0/command").toString())
          .contains("-Dmillrace.extra-ca=/etc/millrace/extra-ca/ca.crt");
      assertFile(deployment, "/etc/millrace/extra-ca/ca.crt", "company-ca/bundle.pem");
    }
    assertThat(render("minimal").all().toString()).doesNotContain("extra-ca");
  }

  @Test
  void bringsServersOfItsOwnForAnEvaluation(@TempDir Path directory) {
    Manifests manifests = render("evaluation");
    JsonNode kafka = manifests.one("StatefulSet", "kafka");
    JsonNode postgresql = manifests.one("StatefulSet", "postgresql");

    assertThat(text(kafka, "/spec/template/spec/containers/0/image")).startsWith("apache/kafka:");
    assertThat(text(postgresql, "/spec/template/spec/containers/0/image")).startsWith("postgres:");
    assertThat(
            text(
                manifests.one("ConfigMap", "data-service"),
                "/data/MILLRACE_KAFKA_BOOTSTRAPSERVERS"))
        .isEqualTo("mill-millrace-kafka:9092");
    assertThat(text(manifests.one("ConfigMap", "gateway"), "/data/SPRING_DATASOURCE_URL"))
        .startsWith("jdbc:postgresql://mill-millrace-postgresql:5432/millrace?");
    for (JsonNode server : List.of(kafka, postgresql)) {
      JsonNode pod = server.at("/spec/template/spec");
      assertThat(pod.at("/securityContext/runAsNonRoot").booleanValue()).isTrue();
      assertThat(pod.at("/containers/0/securityContext/capabilities/drop").toString())
          .isEqualTo("[\"ALL\"]");
      assertThat(pod.at("/automountServiceAccountToken").booleanValue(true)).isFalse();
    }
    assertThat(secretOf(postgresql, "POSTGRES_PASSWORD"))
        .isEqualTo(secretOf(manifests.one("Deployment", "gateway"), "SPRING_DATASOURCE_PASSWORD"))
        .isEqualTo("mill-millrace-evaluation/postgresql-password");
    assertThat(text(manifests.one("PersistentVolumeClaim", "-objects"), "/spec/accessModes/0"))
        .isEqualTo("ReadWriteOnce");
    assertThat(HelmChart.notes(directory, "evaluation", "{}"))
        .contains(
            "FOR EVALUATION ONLY, NEVER FOR PRODUCTION", "get secret mill-millrace-evaluation");
    assertThat(render("minimal").ofKind("StatefulSet")).isEmpty();
  }

  @Test
  void takesSecretsOfYoursInAnEvaluationToo() {
    String own =
        "{postgresql: {existingSecret: a}, internal: {existingSecret: b}, gateway: {bootstrapKey: {existingSecret: c}}}";
    JsonNode gateway = render("evaluation", own).one("Deployment", "gateway");

    assertThat(secretOf(gateway, "SPRING_DATASOURCE_PASSWORD")).isEqualTo("a/password");
    assertThat(secretOf(gateway, "MILLRACE_INTERNAL_SECRET")).isEqualTo("b/secret");
    assertThat(secretOf(gateway, "MILLRACE_GATEWAY_BOOTSTRAPKEY")).isEqualTo("c/api-key");
  }

  @ParameterizedTest
  @MethodSource("io.millrace.standalone.helm.HelmChart#ciValues")
  void putsNoSecretIntoAManifest(String values) {
    List<JsonNode> manifests = new ArrayList<>(render(values).all());
    manifests.addAll(hooks(values, "{}").all());
    assertThat(render(values).ofKind("Secret")).isEmpty();
    for (JsonNode manifest : manifests) {
      for (JsonNode pod : List.of(manifest.at("/spec"), manifest.at("/spec/template/spec"))) {
        for (JsonNode variable : pod.at("/containers/0/env")) {
          if (HelmChartTest.SECRET.matcher(text(variable, "/name")).matches()) {
            assertThat(
                    text(variable, "/valueFrom/secretKeyRef/name")
                        + (text(variable, "/value").startsWith("/etc/millrace/") ? "a file" : ""))
                .as("%s", variable)
                .isNotEmpty();
          }
        }
      }
      if (text(manifest, "/kind").equals("ConfigMap")) {
        for (var entry : manifest.at("/data").properties()) {
          if (HelmChartTest.SECRET.matcher(entry.getKey()).matches()) {
            assertThat(entry.getValue().asString()).as(entry.getKey()).startsWith("/etc/millrace/");
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "minimal | evaluation: {enabled: true} | is set, but evaluation.enabled brings its own",
        "evaluation | kafka: {tls: {enabled: true}} | are for a Kafka of yours",
        "evaluation | kafka: {bootstrapServers: 'kafka:9092'} | kafka.bootstrapServers is set, but evaluation.enabled",
        "secure | kafka: {tls: {enabled: false}} | kafka.tls.clientSecret is set, but kafka.tls.enabled is false",
        "secure | kafka: {sasl: {username: ''}} | kafka.sasl.username is required",
        "secure | kafka: {sasl: {existingSecret: ''}} | kafka.sasl.existingSecret is required",
        "secure | kafka: {sasl: {mechanism: plain}} | /kafka/sasl/mechanism",
        "secure | kafka: {sasl: {password: hush}} | 'password' not allowed",
        "oauth | kafka: {sasl: {oauth: {tokenUrl: ''}}} | kafka.sasl.oauth.tokenUrl is required",
        "oauth | kafka: {sasl: {oauth: {clientId: ''}}} | kafka.sasl.oauth.clientId is required",
        "s3 | objectStore: {s3: {bucket: ''}} | objectStore.s3.bucket is required",
        "s3 | objectStore: {s3: {endpoint: 's3.example.com'}} | /objectStore/s3/endpoint",
        "s3 | objectStore: {s3: {secretKey: hush}} | 'secretKey' not allowed",
        "s3 | objectStore: {kind: ftp} | /objectStore/kind",
        "s3 | image: {digest: 'sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'} | image.digest is the digest of one image",
      })
  void refusesWhatCannotWork(String ci, String values, String message) {
    assertThatThrownBy(() -> render(ci, values)).hasMessageContaining(message);
  }

  private static String secretOf(JsonNode owner, String variable) {
    for (JsonNode one : owner.at("/spec/template/spec/containers/0/env")) {
      if (text(one, "/name").equals(variable)) {
        return text(one, "/valueFrom/secretKeyRef/name")
            + "/"
            + text(one, "/valueFrom/secretKeyRef/key");
      }
    }
    throw new AssertionError("no variable " + variable);
  }

  /** A path is that of a mounted file that comes from a key of a Secret. */
  private static void assertFile(JsonNode deployment, String path, String origin) {
    JsonNode pod = deployment.at("/spec/template/spec");
    for (JsonNode mount : pod.at("/containers/0/volumeMounts")) {
      for (JsonNode volume : pod.at("/volumes")) {
        if (volume.has("secret") && volume.get("name").equals(mount.get("name"))) {
          for (JsonNode item : volume.at("/secret/items")) {
            if ((text(mount, "/mountPath") + "/" + text(item, "/path")).equals(path)) {
              assertThat(text(volume, "/secret/secretName") + "/" + text(item, "/key"))
                  .isEqualTo(origin);
              return;
            }
          }
        }
      }
    }
    throw new AssertionError(path + " is not mounted");
  }
}
