package io.millrace.gateway;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import java.net.URI;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the gateway, prefix {@code millrace.gateway}.
 *
 * @param data the data service
 * @param training the training service
 * @param inference the inference service
 * @param connectTimeout how long to try to reach a service
 * @param responseTimeout how long an answer may take, from the request to the answer's last byte
 * @param bootstrapKey an API key that is made an administrator's at the start, for installations
 *     whose secrets come from outside; empty: none
 */
@Validated
@ConfigurationProperties("millrace.gateway")
public record GatewayProperties(
    @Valid Backend data,
    @Valid Backend training,
    @Valid Backend inference,
    @DefaultValue("2s") Duration connectTimeout,
    @DefaultValue("30m") Duration responseTimeout,
    @DefaultValue("") String bootstrapKey) {

  /**
   * Where a service is.
   *
   * @param url of its HTTP server, e.g. {@code http://data-service:8081}
   * @param grpc host and port of its gRPC server, e.g. {@code data-service:9081}
   */
  public record Backend(URI url, @NotBlank String grpc) {}

  /** Without the key. */
  @Override
  public String toString() {
    return "GatewayProperties[data="
        + data
        + ", training="
        + training
        + ", inference="
        + inference
        + ", connectTimeout="
        + connectTimeout
        + ", responseTimeout="
        + responseTimeout
        + ", bootstrapKey=***]";
  }
}
