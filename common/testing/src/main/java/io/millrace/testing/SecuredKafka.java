package io.millrace.testing;

import io.millrace.embedded.EmbeddedKafka;
import io.millrace.embedded.KafkaSecuring;
import io.millrace.embedded.KafkaSecuring.Listener;
import io.millrace.embedded.Ports;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;

/**
 * A broker with TLS, SASL and permissions. Nobody may do anything before it is {@linkplain #permit
 * permitted}.
 */
public final class SecuredKafka implements AutoCloseable {
  private static final String STORE = ".ssl.keystore.location";

  private final EmbeddedKafka broker;
  private final List<Listener> listeners;

  private SecuredKafka(EmbeddedKafka broker, List<Listener> listeners) {
    this.broker = broker;
    this.listeners = listeners;
  }

  /** What clients meet. */
  public enum Door {
    /** TLS, and a password or token. */
    SASL("SASL_SSL"),
    /** TLS with a certificate of the client's own. */
    MUTUAL("SSL"),
    /** As {@link #SASL}, with a certificate that has expired. */
    EXPIRED("SASL_SSL"),
    /** As {@link #SASL}, with a certificate for another host. */
    ELSEWHERE("SASL_SSL");

    private final String protocol;

    Door(String protocol) {
      this.protocol = protocol;
    }
  }

  /**
   * Starts a broker.
   *
   * @param directory its own
   * @param certificates what it has its own from, and whose clients it believes
   * @param passwords by user
   * @param more settings of the broker
   */
  public static SecuredKafka start(
      Path directory,
      TestCertificates certificates,
      Map<String, String> passwords,
      Map<String, String> more) {
    List<Integer> ports = Ports.free(Door.values().length);
    List<Listener> listeners = new ArrayList<>();
    for (Door door : Door.values()) {
      listeners.add(new Listener(door.name(), door.protocol, ports.get(door.ordinal())));
    }
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("authorizer.class.name", StandardAuthorizer.class.getName());
    // The broker itself, and the test as its administrator, on the listener without TLS.
    settings.put("super.users", "User:ANONYMOUS");
    settings.put("sasl.enabled.mechanisms", "SCRAM-SHA-256,SCRAM-SHA-512");
    settings.put("ssl.keystore.type", "PEM");
    settings.put("ssl.keystore.location", certificates.server().both().toString());
    settings.put("ssl.truststore.type", "PEM");
    settings.put("ssl.truststore.location", certificates.ca().toString());
    settings.put("listener.name.mutual.ssl.client.auth", "required");
    settings.put("listener.name.expired.ssl.keystore.type", "PEM");
    settings.put("listener.name.expired" + STORE, certificates.expired().both().toString());
    settings.put("listener.name.elsewhere.ssl.keystore.type", "PEM");
    settings.put("listener.name.elsewhere" + STORE, certificates.elsewhere().both().toString());
    for (Door door : Door.values()) {
      for (String mechanism : List.of("scram-sha-256", "scram-sha-512")) {
        settings.put(
            "listener.name."
                + door.name().toLowerCase(Locale.ROOT)
                + "."
                + mechanism
                + ".sasl.jaas.config",
            "org.apache.kafka.common.security.scram.ScramLoginModule required;");
      }
    }
    settings.putAll(more);
    return new SecuredKafka(
        EmbeddedKafka.start(directory, 0, new KafkaSecuring(listeners, settings, passwords)),
        listeners);
  }

  /** Where clients connect. */
  public String bootstrapServers(Door door) {
    return listeners.get(door.ordinal()).bootstrapServers();
  }

  /** Where whoever may do everything connects, without TLS. */
  public String administration() {
    return broker.bootstrapServers();
  }

  /** Permits what is listed, from the return of this call on. */
  public void permit(List<AclBinding> permissions) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", administration()))) {
      admin.createAcls(permissions).all().get();
      Waiting.await().until(() -> held(admin).containsAll(permissions));
    }
  }

  /** Takes back what {@link #permit} made known. */
  public void withdraw(List<AclBinding> permissions) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", administration()))) {
      admin.deleteAcls(permissions.stream().map(AclBinding::toFilter).toList()).all().get();
      Waiting.await().until(() -> Collections.disjoint(held(admin), permissions));
    }
  }

  /** What holds: a broker follows its log a moment after that has taken something. */
  private static Collection<AclBinding> held(Admin admin) throws Exception {
    return admin.describeAcls(AclBindingFilter.ANY).values().get();
  }

  @Override
  public void close() {
    broker.close();
  }
}
