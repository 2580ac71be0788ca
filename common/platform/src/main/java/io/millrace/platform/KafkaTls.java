package io.millrace.platform;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * TLS to the brokers, prefix {@code millrace.kafka.tls}; all files are PEM.
 *
 * @param enabled whether the brokers' listener speaks TLS
 * @param ca certificates of the authorities that the brokers' certificate may come from; without,
 *     those of the JVM
 * @param certificate what the brokers know this service by, with the chain up to its authority
 * @param key its private key, PKCS #8, without a password
 * @param verifyHost whether the brokers' certificate must name the host that was asked for
 */
public record KafkaTls(
    @DefaultValue("false") boolean enabled,
    @Nullable Path ca,
    @Nullable Path certificate,
    @Nullable Path key,
    @DefaultValue("true") boolean verifyHost) {

  /** Without TLS. */
  public static final KafkaTls OFF = new KafkaTls(false, null, null, null, true);
}
