package io.millrace.platform.kafka;

import io.millrace.platform.KafkaSasl;
import io.millrace.platform.MillraceProperties;
import java.security.cert.CertificateExpiredException;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.UnsupportedSaslMechanismException;

/** What failures of TLS, SASL and permissions mean, and which setting is to blame. */
final class KafkaFaults {
  private static final String UNRESOLVED = "No resolvable bootstrap urls";

  private final MillraceProperties.Kafka settings;

  KafkaFaults(MillraceProperties.Kafka settings) {
    this.settings = settings;
  }

  /** What is wrong and what to change, if it is one of these failures. */
  Optional<String> reason(Throwable failure) {
    return causes(failure)
        .map(this::known)
        .flatMap(Optional::stream)
        .findFirst()
        .map(reason -> "Kafka at " + settings.bootstrapServers() + ": " + reason);
  }

  /** Whether a client could not be made because no name of a broker can be looked up. */
  boolean isUnresolved(Throwable failure) {
    return causes(failure)
        .anyMatch(cause ->
            cause instanceof ConfigException
                && String.valueOf(cause.getMessage()).startsWith(UNRESOLVED));
  }

  /**
   * Why a client could not even be made: no address or token, or a file that is none of its kind.
   */
  String unmade(Throwable failure) {
    if (isUnresolved(failure)) {
      return "no host of millrace.kafka.bootstrap-servers (%s) can be looked up"
          .formatted(settings.bootstrapServers());
    }
    String told =
        causes(failure)
            .map(cause -> String.valueOf(cause.getMessage()))
            .reduce((first, last) -> last)
            .orElse("");
    return settings.sasl().mechanism() == KafkaSasl.Mechanism.OAUTHBEARER
        ? "no token for Kafka from %s: check millrace.kafka.sasl.oauth.* (%s)"
            .formatted(settings.sasl().oauth().tokenUrl(), told)
        : "no client of Kafka can be made: check millrace.kafka.tls.* and .sasl.* (%s)"
            .formatted(told);
  }

  private Optional<String> known(Throwable failure) {
    return switch (failure) {
      case UnsupportedSaslMechanismException e ->
          Optional.of(
              "%s; change millrace.kafka.sasl.mechanism, which is %s"
                  .formatted(e.getMessage(), settings.sasl().mechanism().id()));
      case SaslAuthenticationException e -> Optional.of(refused(e));
      case SslAuthenticationException e -> Optional.of(tls(e));
      case AuthorizationException e ->
          Optional.of(
              "%s%s; docs/operations/kafka.md lists what each service must be permitted"
                  .formatted(e.getMessage(), who()));
      default -> Optional.empty();
    };
  }

  private String refused(SaslAuthenticationException e) {
    return switch (settings.sasl().mechanism()) {
      case SCRAM_SHA_256, SCRAM_SHA_512 ->
          "it does not know millrace.kafka.sasl.username '%s' with this millrace.kafka.sasl.password (%s)"
              .formatted(settings.sasl().username(), e.getMessage());
      case OAUTHBEARER ->
          "it does not accept the token from millrace.kafka.sasl.oauth.token-url (%s)"
              .formatted(e.getMessage());
      case NONE -> e.getMessage() + "; set millrace.kafka.sasl.mechanism";
    };
  }

  private String tls(SslAuthenticationException failure) {
    Optional<CertificateExpiredException> expired =
        causes(failure)
            .filter(CertificateExpiredException.class::isInstance)
            .map(CertificateExpiredException.class::cast)
            .findFirst();
    if (expired.isPresent()) {
      return "its certificate has expired (%s): the brokers need a new one"
          .formatted(expired.get().getMessage());
    }
    String told =
        causes(failure)
            .filter(SSLException.class::isInstance)
            .map(cause -> String.valueOf(cause.getMessage()))
            .findFirst()
            .orElse(String.valueOf(failure.getMessage()));
    String text = causes(failure).map(String::valueOf).toList().toString().toLowerCase(Locale.ROOT);
    if (text.contains("fatal alert")) {
      return "it refuses this service's certificate (%s): check millrace.kafka.tls.certificate and .key"
          .formatted(told);
    }
    if (text.contains("subject alternative") || text.contains("no name matching")) {
      return "its certificate is for another host (%s): check millrace.kafka.bootstrap-servers; millrace.kafka.tls.verify-host=false would accept it"
          .formatted(told);
    }
    if (text.contains("unsupported or unrecognized ssl message")) {
      return "it does not speak TLS there: set millrace.kafka.tls.enabled to false, or another port in millrace.kafka.bootstrap-servers";
    }
    return "its certificate is from an authority that millrace.kafka.tls.ca does not have (%s)"
        .formatted(told);
  }

  private String who() {
    String user = settings.sasl().username();
    return settings.sasl().mechanism() == KafkaSasl.Mechanism.NONE || user.isEmpty()
        ? ""
        : " for user " + user;
  }

  private static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).limit(20);
  }
}
