package io.millrace.embedded;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Who may do what on a broker: its owner everything, producers of documents what they need. Nobody
 * is let in without a password, on no listener.
 *
 * <p>{@value #PRODUCER} may write to {@code documents.*} (not to the dead letters there, see {@link
 * ProducerAuthorizer}), in transactions whose id begins with {@code producer.} too, and read events
 * in groups that begin with {@code events.}.
 *
 * @param ownerPassword of {@link #OWNER}
 * @param producerPassword of {@link #PRODUCER}
 */
public record KafkaAccess(String ownerPassword, String producerPassword) {
  /** The broker itself and the services. */
  public static final String OWNER = "millrace";

  /** Whoever brings documents and listens to events. */
  public static final String PRODUCER = "producer";

  /** Topics of events, which producers may read. */
  private static final List<String> EVENTS =
      List.of("datasets", "runs", "checkpoints", "promotions", "models");

  private static final String LISTENER = "PRODUCERS";
  private static final String PLAIN =
      "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%1$s\""
          + " password=\"%2$s\"";
  private static final String SCRAM =
      "org.apache.kafka.common.security.scram.ScramLoginModule required;";
  private static final int ITERATIONS = 4096;
  private static final long TIMEOUT_SECONDS = 30;
  private static final long POLL_MILLIS = 20;

  /** The settings of a producer beside its servers, as Kafka's own tools read them from a file. */
  public String producerSettings() {
    return """
    security.protocol=SASL_PLAINTEXT
    sasl.mechanism=SCRAM-SHA-512
    sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="%s" password="%s";
    """
        .formatted(PRODUCER, producerPassword);
  }

  /** What a broker is told, with a listener for producers. */
  KafkaSecuring securing(int producerPort) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put(
        "listener.security.protocol.map",
        "%s:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT,%s:SASL_PLAINTEXT"
            .formatted(EmbeddedKafka.LISTENER, LISTENER));
    settings.put("authorizer.class.name", ProducerAuthorizer.class.getName());
    settings.put("super.users", "User:" + OWNER);
    // The broker connects to itself before anything is in its log: with a password of its settings.
    settings.put("sasl.mechanism.inter.broker.protocol", "PLAIN");
    settings.put("sasl.mechanism.controller.protocol", "PLAIN");
    String plain = (PLAIN + " user_%1$s=\"%2$s\";").formatted(OWNER, ownerPassword);
    accept(settings, EmbeddedKafka.LISTENER, Map.of("PLAIN", plain, "SCRAM-SHA-512", SCRAM));
    accept(settings, "CONTROLLER", Map.of("PLAIN", plain));
    String producers =
        "org.apache.kafka.common.security.plain.PlainLoginModule required user_%s=\"%s\";"
            .formatted(PRODUCER, producerPassword);
    // For clients of librdkafka before 2.6.1, whose SCRAM a broker of Kafka 4 refuses.
    accept(
        settings,
        LISTENER,
        Map.of("PLAIN", producers, "SCRAM-SHA-256", SCRAM, "SCRAM-SHA-512", SCRAM));
    return new KafkaSecuring(
        List.of(new KafkaSecuring.Listener(LISTENER, "SASL_PLAINTEXT", producerPort)),
        settings,
        Map.of());
  }

  private static void accept(
      Map<String, String> settings, String listener, Map<String, String> mechanisms) {
    String prefix = "listener.name." + listener.toLowerCase(Locale.ROOT) + ".";
    settings.put(prefix + "sasl.enabled.mechanisms", String.join(",", mechanisms.keySet()));
    mechanisms.forEach((mechanism, jaas) ->
        settings.put(prefix + mechanism.toLowerCase(Locale.ROOT) + ".sasl.jaas.config", jaas));
  }

  /**
   * Writes passwords and permissions to the log of a broker that runs, and returns when they hold
   * there; they replace earlier ones.
   *
   * @param bootstrapServers of the broker's own listener
   * @param producerServers where producers are let in
   */
  void grant(String bootstrapServers, String producerServers) {
    String plain = (PLAIN + ";").formatted(OWNER, ownerPassword);
    try (Admin admin = Admin.create(client(bootstrapServers, "PLAIN", plain))) {
      // One after the other: a request may alter each user once.
      for (UserScramCredentialAlteration credential : credentials()) {
        admin
            .alterUserScramCredentials(List.of(credential))
            .all()
            .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      }
      admin.createAcls(permissions()).all().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      awaitHold(admin, producerServers);
    } catch (ExecutionException | TimeoutException e) {
      throw new EmbeddedServerException("Kafka does not take its passwords: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedServerException("interrupted while Kafka started", e);
    }
  }

  /** The broker follows its log, in its order, a moment after that has taken something. */
  private void awaitHold(Admin admin, String producerServers)
      throws ExecutionException, InterruptedException, TimeoutException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    while (!admin
            .describeAcls(AclBindingFilter.ANY)
            .values()
            .get(TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .containsAll(permissions())
        || !isLetIn(producerServers)) {
      if (System.nanoTime() > deadline) {
        throw new TimeoutException("they do not hold after " + TIMEOUT_SECONDS + " s");
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  /** By the credential that was written last. */
  private boolean isLetIn(String producerServers)
      throws ExecutionException, InterruptedException, TimeoutException {
    String scram =
        SCRAM
            .replace(";", " username=\"%s\" password=\"%s\";")
            .formatted(PRODUCER, producerPassword);
    try (Admin producer = Admin.create(client(producerServers, "SCRAM-SHA-512", scram))) {
      producer.describeCluster().nodes().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SaslAuthenticationException) {
        return false;
      }
      throw e;
    }
  }

  private static Map<String, Object> client(String servers, String mechanism, String jaas) {
    return Map.of(
        "bootstrap.servers",
        servers,
        "security.protocol",
        "SASL_PLAINTEXT",
        "sasl.mechanism",
        mechanism,
        "sasl.jaas.config",
        jaas);
  }

  private List<UserScramCredentialAlteration> credentials() {
    return List.of(
        credential(OWNER, ownerPassword, ScramMechanism.SCRAM_SHA_512),
        credential(PRODUCER, producerPassword, ScramMechanism.SCRAM_SHA_256),
        credential(PRODUCER, producerPassword, ScramMechanism.SCRAM_SHA_512));
  }

  private static UserScramCredentialAlteration credential(
      String user, String password, ScramMechanism mechanism) {
    return new UserScramCredentialUpsertion(
        user, new ScramCredentialInfo(mechanism, ITERATIONS), password);
  }

  private static List<AclBinding> permissions() {
    List<AclBinding> permissions = new ArrayList<>();
    permissions.add(prefixed(ResourceType.TOPIC, "documents.", AclOperation.WRITE));
    permissions.add(prefixed(ResourceType.TRANSACTIONAL_ID, "producer.", AclOperation.WRITE));
    permissions.add(prefixed(ResourceType.GROUP, "events.", AclOperation.READ));
    EVENTS.forEach(topic ->
        permissions.add(
            permission(ResourceType.TOPIC, topic, PatternType.LITERAL, AclOperation.READ)));
    return permissions;
  }

  private static AclBinding prefixed(ResourceType type, String prefix, AclOperation operation) {
    return permission(type, prefix, PatternType.PREFIXED, operation);
  }

  private static AclBinding permission(
      ResourceType type, String name, PatternType pattern, AclOperation operation) {
    return new AclBinding(
        new ResourcePattern(type, name, pattern),
        new AccessControlEntry("User:" + PRODUCER, "*", operation, AclPermissionType.ALLOW));
  }
}
