package io.millrace.platform.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.platform.KafkaSasl;
import io.millrace.platform.KafkaSasl.Mechanism;
import io.millrace.platform.KafkaTls;
import io.millrace.platform.MillraceProperties;
import io.millrace.platform.error.MillraceException;
import io.millrace.testing.SecuredKafka;
import io.millrace.testing.SecuredKafka.Door;
import io.millrace.testing.TestCertificates;
import io.millrace.testing.TestCertificates.Identity;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.assertj.core.util.Throwables;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/**
 * A real broker with TLS, SASL and permissions: who has all that is needed gets in, and who has not
 * learns at once which setting is to blame.
 */
@Timeout(180)
class SecuredKafkaTest {
  private static final String USER = "training";
  private static final String PASSWORD = "pass \"word\\ 0815";
  private static final String TOPIC = "runs";

  @TempDir static Path directory;

  private static TestCertificates certificates;
  private static Identity client;
  private static TokenServer tokens;
  private static SecuredKafka kafka;

  @BeforeAll
  static void start() throws Exception {
    certificates =
        new TestCertificates(Files.createDirectory(directory.resolve("own")), "Millrace");
    client = certificates.client("mutual");
    tokens = new TokenServer(certificates.server());
    Path keys = tokens.writeKeys(directory.resolve("keys.json"));
    // Kafka reads keys only from where this allows it.
    System.setProperty("org.apache.kafka.sasl.oauthbearer.allowed.urls", keys.toUri().toString());
    String sasl = "listener.name.sasl.oauthbearer.";
    kafka =
        SecuredKafka.start(
            directory.resolve("kafka"),
            certificates,
            Map.of(USER, "plain"),
            Map.of(
                "listener.name.sasl.sasl.enabled.mechanisms",
                "SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
                sasl + "sasl.jaas.config",
                "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;",
                sasl + "sasl.server.callback.handler.class",
                "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler",
                "sasl.oauthbearer.jwks.endpoint.url",
                keys.toUri().toString(),
                "sasl.oauthbearer.expected.audience",
                TokenServer.AUDIENCE));
    try (var admin = Admin.create(Map.of("bootstrap.servers", kafka.administration()))) {
      admin
          .alterUserScramCredentials(
              List.of(
                  new UserScramCredentialUpsertion(
                      "quoted",
                      new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096),
                      PASSWORD)))
          .all()
          .get();
    }
    kafka.permit(
        List.of(
            write("User:" + USER, TOPIC),
            create("User:" + USER, TOPIC),
            write("User:CN=mutual", TOPIC),
            write("User:quoted", TOPIC)));
    try (KafkaClients clients = clients(Door.SASL, scram(Mechanism.SCRAM_SHA_512, USER, "plain"))) {
      clients.ensureTopic(TopicSpec.keeping(TOPIC, 1));
    }
  }

  @AfterAll
  static void stop() {
    kafka.close();
    tokens.close();
    System.clearProperty("org.apache.kafka.sasl.oauthbearer.allowed.urls");
  }

  @Test
  void letsInByPassword() throws Exception {
    for (Mechanism mechanism : List.of(Mechanism.SCRAM_SHA_256, Mechanism.SCRAM_SHA_512)) {
      writes(settings(Door.SASL, tls(), scram(mechanism, USER, "plain")));
    }
  }

  @Test
  void letsInByAPasswordWithQuotes() throws Exception {
    writes(settings(Door.SASL, tls(), scram(Mechanism.SCRAM_SHA_512, "quoted", PASSWORD)));
  }

  @Test
  void letsInByCertificate() throws Exception {
    writes(
        settings(
            Door.MUTUAL,
            new KafkaTls(true, certificates.ca(), client.certificate(), client.key(), true),
            KafkaSasl.NONE));
  }

  @Test
  void letsInByToken() throws Exception {
    writes(settings(Door.SASL, tls(), oauth(TokenServer.SECRET, certificates.ca())));
  }

  @Test
  void letsInToAnotherHostOnlyIfToldTo() {
    KafkaSasl sasl = scram(Mechanism.SCRAM_SHA_512, USER, "plain");
    refuses(
        settings(Door.ELSEWHERE, tls(), sasl),
        "its certificate is for another host",
        "millrace.kafka.bootstrap-servers",
        "millrace.kafka.tls.verify-host");
    KafkaTls unverified = new KafkaTls(true, certificates.ca(), null, null, false);
    try (KafkaClients clients = new KafkaClients(settings(Door.ELSEWHERE, unverified, sasl))) {
      clients.requireCluster();
    }
  }

  @Test
  void saysThatThePasswordIsWrong() {
    refuses(
        settings(Door.SASL, tls(), scram(Mechanism.SCRAM_SHA_512, USER, "wrong-password")),
        "millrace.kafka.sasl.username 'training'",
        "millrace.kafka.sasl.password");
  }

  @Test
  void saysThatTheMechanismIsNotThere() {
    KafkaTls unverified = new KafkaTls(true, certificates.ca(), null, null, false);
    refuses(
        settings(Door.ELSEWHERE, unverified, oauth(TokenServer.SECRET, certificates.ca())),
        "SCRAM-SHA-512",
        "millrace.kafka.sasl.mechanism");
  }

  @Test
  void saysThatTheAuthorityIsUnknown() throws Exception {
    TestCertificates others =
        new TestCertificates(Files.createDirectory(directory.resolve("others")), "Others");
    KafkaSasl sasl = scram(Mechanism.SCRAM_SHA_512, USER, "plain");
    refuses(
        settings(Door.SASL, new KafkaTls(true, others.ca(), null, null, true), sasl),
        "millrace.kafka.tls.ca");
    refuses(
        settings(Door.SASL, new KafkaTls(true, null, null, null, true), sasl),
        "millrace.kafka.tls.ca");
    Identity stranger = others.client("stranger");
    refuses(
        settings(
            Door.MUTUAL,
            new KafkaTls(true, certificates.ca(), stranger.certificate(), stranger.key(), true),
            KafkaSasl.NONE),
        "millrace.kafka.tls.certificate");
  }

  @Test
  void saysThatACertificateIsWanted() {
    refuses(settings(Door.MUTUAL, tls(), KafkaSasl.NONE), "millrace.kafka.tls.certificate");
  }

  @Test
  void saysThatTheCertificateHasExpired() {
    refuses(
        settings(Door.EXPIRED, tls(), scram(Mechanism.SCRAM_SHA_512, USER, "plain")),
        "its certificate has expired");
  }

  @Test
  void saysThatTheBrokerSpeaksTls() {
    // The broker says nothing then.
    refuses(
        settings(
            kafka.bootstrapServers(Door.SASL), KafkaTls.OFF, KafkaSasl.NONE, Duration.ofSeconds(4)),
        "it speaks TLS, set millrace.kafka.tls.enabled");
  }

  @Test
  void saysThatTheBrokerDoesNotSpeakTls() {
    // Neither is anything said here.
    refuses(
        settings(kafka.administration(), tls(), KafkaSasl.NONE, Duration.ofSeconds(4)),
        "does not speak TLS",
        "millrace.kafka.tls.enabled");
  }

  @Test
  void saysThatThereIsNoToken() {
    refuses(
        settings(Door.SASL, tls(), oauth("wrong-secret", certificates.ca())),
        "no token for Kafka from " + tokens.tokenUrl(),
        "millrace.kafka.sasl.oauth");
  }

  @Test
  void saysWhatIsNotPermitted() {
    try (KafkaClients clients =
        new KafkaClients(
            settings(Door.SASL, tls(), scram(Mechanism.SCRAM_SHA_512, USER, "plain")))) {
      clients.requireCluster();
      assertThatThrownBy(() -> clients.ensureTopic(TopicSpec.keeping("secret", 1)))
          .isInstanceOf(MillraceException.class)
          .hasMessageContainingAll("secret", "user training", "docs/operations/kafka.md");
    }
  }

  @Test
  void saysWhichSettingsDoNotFitTogether() throws Exception {
    Path ca = certificates.ca();
    Path noPem = Files.writeString(directory.resolve("no.pem"), "nothing");
    KafkaSasl none = KafkaSasl.NONE;
    refuses(settings(Door.SASL, new KafkaTls(false, ca, null, null, true), none), "tls.ca is set");
    refuses(
        settings(Door.SASL, new KafkaTls(true, ca, client.certificate(), null, true), none),
        "millrace.kafka.tls.certificate and millrace.kafka.tls.key");
    refuses(
        settings(Door.SASL, new KafkaTls(true, Path.of("/no/such.pem"), null, null, true), none),
        "millrace.kafka.tls.ca: cannot read /no/such.pem");
    refuses(
        settings(Door.SASL, new KafkaTls(true, noPem, null, null, true), none), "is no PEM file");
    refuses(
        settings(Door.SASL, tls(), scram(Mechanism.SCRAM_SHA_256, "", "x")),
        "millrace.kafka.sasl.username must be set");
    refuses(
        settings(Door.SASL, tls(), scram(Mechanism.SCRAM_SHA_256, USER, "")),
        "millrace.kafka.sasl.password must be set");
    refuses(
        settings(Door.SASL, tls(), scram(Mechanism.NONE, USER, "x")),
        "millrace.kafka.sasl.mechanism is none");
    URI plain = URI.create("http://idp/token");
    refuses(
        settings(
            Door.SASL,
            tls(),
            new KafkaSasl(
                Mechanism.OAUTHBEARER, "", "", new KafkaSasl.Oauth(plain, "a", "b", "", null))),
        "millrace.kafka.sasl.oauth.token-url must be an address that begins with https://");
  }

  @Test
  void keepsSecretsOutOfTexts() {
    assertThat(settings(Door.SASL, tls(), oauth(TokenServer.SECRET, null)).toString())
        .doesNotContain(TokenServer.SECRET);
    assertThat(
            settings(Door.SASL, tls(), scram(Mechanism.SCRAM_SHA_512, USER, "hidden-one"))
                .toString())
        .doesNotContain("hidden-one");
  }

  private static void writes(MillraceProperties.Kafka settings) throws Exception {
    try (KafkaClients clients = new KafkaClients(settings);
        Producer<byte[], byte[]> producer = clients.producer("test")) {
      clients.requireCluster();
      assertThat(clients.partitions(TOPIC)).isOne();
      producer.send(new ProducerRecord<>(TOPIC, new byte[] {1})).get();
    }
  }

  private static void refuses(MillraceProperties.Kafka settings, String... parts) {
    assertThatThrownBy(
            () -> {
              try (KafkaClients clients = new KafkaClients(settings)) {
                clients.requireCluster();
              }
            })
        .isInstanceOf(MillraceException.class)
        .hasMessageContainingAll(parts)
        .satisfies(e ->
            assertThat(Throwables.getStackTrace(e))
                .doesNotContain("wrong-password", "wrong-secret", TokenServer.SECRET));
  }

  private static KafkaClients clients(Door door, KafkaSasl sasl) {
    return new KafkaClients(settings(door, tls(), sasl));
  }

  private static KafkaTls tls() {
    return new KafkaTls(true, certificates.ca(), null, null, true);
  }

  private static KafkaSasl scram(Mechanism mechanism, String user, String password) {
    return new KafkaSasl(mechanism, user, password, KafkaSasl.NONE.oauth());
  }

  private static KafkaSasl oauth(String secret, @Nullable Path ca) {
    return new KafkaSasl(
        Mechanism.OAUTHBEARER,
        "",
        "",
        new KafkaSasl.Oauth(tokens.tokenUrl(), TokenServer.CLIENT, secret, "events", ca));
  }

  private static MillraceProperties.Kafka settings(Door door, KafkaTls tls, KafkaSasl sasl) {
    return settings(kafka.bootstrapServers(door), tls, sasl);
  }

  private static MillraceProperties.Kafka settings(String servers, KafkaTls tls, KafkaSasl sasl) {
    return settings(servers, tls, sasl, Duration.ofSeconds(30));
  }

  private static MillraceProperties.Kafka settings(
      String servers, KafkaTls tls, KafkaSasl sasl, Duration patience) {
    return new MillraceProperties.Kafka(
        servers, "", (short) 1, (short) 1, DataSize.ofMegabytes(1), true, patience, tls, sasl);
  }

  private static AclBinding write(String user, String topic) {
    return permission(user, topic, AclOperation.WRITE);
  }

  private static AclBinding create(String user, String topic) {
    return permission(user, topic, AclOperation.CREATE);
  }

  private static AclBinding permission(String user, String topic, AclOperation operation) {
    return new AclBinding(
        new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
        new AccessControlEntry(user, "*", operation, AclPermissionType.ALLOW));
  }
}
