package io.millrace.gateway;

import io.millrace.contracts.Tasks;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the gateway, prefix {@code millrace.gateway}.
 *
 * @param data the data service
 * @param training the training service
 * @param inference the inference service
 * @param inferenceByTask inference services that serve some tasks only, by the task that is asked
 *     for there; what is not named is asked of {@code inference}
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
    @DefaultValue Map<String, @Valid Backend> inferenceByTask,
    @DefaultValue("2s") Duration connectTimeout,
    @DefaultValue("30m") Duration responseTimeout,
    @DefaultValue("") String bootstrapKey) {

  /** Copies the map; refuses a task that does not exist. */
  public GatewayProperties {
    inferenceByTask = Map.copyOf(inferenceByTask);
    Tasks.requireKnown("millrace.gateway.inference-by-task", inferenceByTask.keySet());
  }

  /**
   * Where an inference service is.
   *
   * @param task that it must serve; null: any
   */
  Backend inference(@Nullable String task) {
    return task == null ? inference : inferenceByTask.getOrDefault(task, inference);
  }

  /** All inference services, each once. */
  List<Backend> inferences() {
    return Stream.concat(Stream.of(inference), Tasks.ALL.stream().map(this::inference))
        .distinct()
        .toList();
  }

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
        + ", inferenceByTask="
        + inferenceByTask
        + ", connectTimeout="
        + connectTimeout
        + ", responseTimeout="
        + responseTimeout
        + ", bootstrapKey=***]";
  }
}
