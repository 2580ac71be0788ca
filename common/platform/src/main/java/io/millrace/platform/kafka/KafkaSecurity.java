package io.millrace.platform.kafka;

import io.millrace.platform.KafkaSasl;
import io.millrace.platform.KafkaTls;
import io.millrace.platform.MillraceProperties;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.security.oauthbearer.ClientCredentialsJwtRetriever;
import org.apache.kafka.common.security.oauthbearer.ClientJwtValidator;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule;
import org.apache.kafka.common.security.scram.ScramLoginModule;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What clients need to be told of TLS and SASL, from the settings. */
final class KafkaSecurity {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaSecurity.class);
  private static final String PEM = "PEM";
  private static final String LOOPBACK = "127.0.0.1:";

  /** Kafka's clients ask no other address for tokens than those of this system property. */
  private static final String ALLOWED_URLS = "org.apache.kafka.sasl.oauthbearer.allowed.urls";

  private KafkaSecurity() {}

  /**
   * Settings of a client.
   *
   * @throws MillraceException FAILED_PRECONDITION if they do not fit together or a file cannot be
   *     read, naming the setting
   */
  static Map<String, Object> of(MillraceProperties.Kafka kafka) {
    Map<String, Object> client = new LinkedHashMap<>();
    KafkaTls tls = kafka.tls();
    KafkaSasl sasl = kafka.sasl();
    boolean asks = sasl.mechanism() != KafkaSasl.Mechanism.NONE;
    SecurityProtocol protocol =
        tls.enabled()
            ? asks ? SecurityProtocol.SASL_SSL : SecurityProtocol.SSL
            : asks ? SecurityProtocol.SASL_PLAINTEXT : SecurityProtocol.PLAINTEXT;
    client.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, protocol.name);
    if (tls.enabled()) {
      client.putAll(tls(tls));
    } else {
      requireNoFile("ca", tls.ca());
      requireNoFile("certificate", tls.certificate());
      requireNoFile("key", tls.key());
      if (asks && !kafka.bootstrapServers().startsWith(LOOPBACK)) {
        LOG.warn(
            "millrace.kafka.sasl.mechanism is {} and millrace.kafka.tls.enabled is false: who"
                + " listens on the way can read what is sent",
            sasl.mechanism().id());
      }
    }
    if (asks) {
      client.put(SaslConfigs.SASL_MECHANISM, sasl.mechanism().id());
    }
    switch (sasl.mechanism()) {
      case NONE ->
          require(
              sasl.username().isEmpty(),
              "millrace.kafka.sasl.username is set, but millrace.kafka.sasl.mechanism is none");
      case SCRAM_SHA_256, SCRAM_SHA_512 -> client.putAll(scram(sasl));
      case OAUTHBEARER -> client.putAll(oauth(sasl.oauth()));
    }
    return client;
  }

  private static Map<String, Object> tls(KafkaTls tls) {
    Map<String, Object> client = new LinkedHashMap<>();
    if (tls.ca() != null) {
      client.put(SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG, PEM);
      client.put(SslConfigs.SSL_TRUSTSTORE_CERTIFICATES_CONFIG, pem("tls.ca", tls.ca()));
    }
    if (tls.certificate() != null && tls.key() != null) {
      client.put(SslConfigs.SSL_KEYSTORE_TYPE_CONFIG, PEM);
      client.put(
          SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG,
          pem("tls.certificate", tls.certificate()));
      client.put(SslConfigs.SSL_KEYSTORE_KEY_CONFIG, pem("tls.key", tls.key()));
    }
    require(
        (tls.certificate() == null) == (tls.key() == null),
        "millrace.kafka.tls.certificate and millrace.kafka.tls.key must be set together");
    if (!tls.verifyHost()) {
      client.put(SslConfigs.SSL_ENDPOINT_IDENTIFICATION_ALGORITHM_CONFIG, "");
    }
    return client;
  }

  private static Map<String, Object> scram(KafkaSasl sasl) {
    require(
        !sasl.username().isEmpty(),
        "millrace.kafka.sasl.username must be set for SCRAM, it is not");
    require(
        !sasl.password().isEmpty(),
        "millrace.kafka.sasl.password must be set for SCRAM, it is not");
    Map<String, String> options = new LinkedHashMap<>();
    options.put("username", sasl.username());
    options.put("password", sasl.password());
    return Map.of(SaslConfigs.SASL_JAAS_CONFIG, jaas(ScramLoginModule.class, options));
  }

  private static Map<String, Object> oauth(KafkaSasl.Oauth oauth) {
    URI url = oauth.tokenUrl();
    if (url == null || !"https".equals(url.getScheme())) {
      throw MillraceException.precondition(
          "millrace.kafka.sasl.oauth.token-url must be an address that begins with https://"
              + (url == null ? ", it is not set" : ", it is " + url));
    }
    require(!oauth.clientId().isEmpty(), "millrace.kafka.sasl.oauth.client-id must be set");
    require(!oauth.clientSecret().isEmpty(), "millrace.kafka.sasl.oauth.client-secret must be set");
    allow(url.toString());
    Map<String, String> options = new LinkedHashMap<>();
    if (oauth.ca() != null) {
      // Read here only to say what is wrong with it.
      pem("sasl.oauth.ca", oauth.ca());
      options.put(SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG, PEM);
      options.put(
          SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG, oauth.ca().toAbsolutePath().toString());
    }
    Map<String, Object> client = new LinkedHashMap<>();
    client.put(SaslConfigs.SASL_JAAS_CONFIG, jaas(OAuthBearerLoginModule.class, options));
    client.put(
        SaslConfigs.SASL_LOGIN_CALLBACK_HANDLER_CLASS, OAuthBearerLoginCallbackHandler.class);
    // Named, as the defaults also look at tokens as a broker does, with a library of its own.
    client.put(
        SaslConfigs.SASL_OAUTHBEARER_JWT_RETRIEVER_CLASS, ClientCredentialsJwtRetriever.class);
    client.put(SaslConfigs.SASL_OAUTHBEARER_JWT_VALIDATOR_CLASS, ClientJwtValidator.class);
    client.put(SaslConfigs.SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL, url.toString());
    client.put(SaslConfigs.SASL_OAUTHBEARER_CLIENT_CREDENTIALS_CLIENT_ID, oauth.clientId());
    client.put(
        SaslConfigs.SASL_OAUTHBEARER_CLIENT_CREDENTIALS_CLIENT_SECRET,
        new Password(oauth.clientSecret()));
    if (!oauth.scope().isEmpty()) {
      client.put(SaslConfigs.SASL_OAUTHBEARER_SCOPE, oauth.scope());
    }
    return client;
  }

  private static synchronized void allow(String url) {
    String allowed = System.getProperty(ALLOWED_URLS, "");
    if (!List.of(allowed.split(",", -1)).contains(url)) {
      System.setProperty(ALLOWED_URLS, allowed.isEmpty() ? url : allowed + "," + url);
    }
  }

  private static Password jaas(Class<?> module, Map<String, String> options) {
    return new Password(
        module.getName()
            + " required"
            + options.entrySet().stream()
                .map(option -> " \"" + option.getKey() + "\"=" + quoted(option.getValue()))
                .collect(Collectors.joining())
            + ";");
  }

  private static String quoted(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static Password pem(String setting, Path file) {
    String content;
    try {
      content = Files.readString(file);
    } catch (IOException e) {
      throw new MillraceException(
          ErrorCode.FAILED_PRECONDITION,
          "millrace.kafka.%s: cannot read %s (%s)".formatted(setting, file, e),
          e);
    }
    if (!content.contains("-----BEGIN ")) {
      throw MillraceException.precondition(
          "millrace.kafka.%s: %s is no PEM file".formatted(setting, file));
    }
    if (content.contains("-----BEGIN RSA PRIVATE KEY")
        || content.contains("-----BEGIN EC PRIVATE KEY")) {
      throw MillraceException.precondition(
          "millrace.kafka.%s: %s is not PKCS #8; 'openssl pkcs8 -topk8 -nocrypt' makes it so"
              .formatted(setting, file));
    }
    return new Password(content);
  }

  private static void requireNoFile(String setting, @Nullable Path file) {
    require(
        file == null,
        "millrace.kafka.tls.%s is set, but millrace.kafka.tls.enabled is false".formatted(setting));
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw MillraceException.precondition(message);
    }
  }
}
