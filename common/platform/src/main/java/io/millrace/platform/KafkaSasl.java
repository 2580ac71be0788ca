package io.millrace.platform;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the brokers know who a service is, prefix {@code millrace.kafka.sasl}.
 *
 * @param mechanism how it is proven
 * @param username for SCRAM
 * @param password for SCRAM
 * @param oauth for {@link Mechanism#OAUTHBEARER}
 */
public record KafkaSasl(
    @DefaultValue("none") Mechanism mechanism,
    @DefaultValue("") String username,
    @DefaultValue("") String password,
    @DefaultValue Oauth oauth) {

  /** Nobody is asked. */
  public static final KafkaSasl NONE =
      new KafkaSasl(Mechanism.NONE, "", "", new Oauth(null, "", "", "", null));

  /** How a service proves who it is. */
  public enum Mechanism {
    /** Not at all, or by its certificate. */
    NONE(""),
    /** By a password, which does not leave the service. */
    SCRAM_SHA_256("SCRAM-SHA-256"),
    /** The same with a longer digest. */
    SCRAM_SHA_512("SCRAM-SHA-512"),
    /** By a token from a server of the organisation. */
    OAUTHBEARER("OAUTHBEARER");

    private final String id;

    Mechanism(String id) {
      this.id = id;
    }

    /** As Kafka spells it. */
    public String id() {
      return id;
    }
  }

  /**
   * Where tokens come from: OAuth 2's client credentials.
   *
   * @param tokenUrl address of the token endpoint, over https
   * @param clientId who asks
   * @param clientSecret and how it is known
   * @param scope what is asked for; empty: what the server gives
   * @param ca PEM file with the authorities of the server's certificate; without, those of the JVM
   */
  public record Oauth(
      @Nullable URI tokenUrl,
      @DefaultValue("") String clientId,
      @DefaultValue("") String clientSecret,
      @DefaultValue("") String scope,
      @Nullable Path ca) {

    /** Without the secret. */
    @Override
    public String toString() {
      return "Oauth[tokenUrl=" + tokenUrl + ", clientId=" + clientId + ", clientSecret=***]";
    }
  }

  /** Without the secrets. */
  @Override
  public String toString() {
    return "KafkaSasl[mechanism="
        + mechanism
        + ", username="
        + username
        + ", password=***, oauth="
        + oauth
        + "]";
  }
}
