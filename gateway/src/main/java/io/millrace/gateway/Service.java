package io.millrace.gateway;

import io.grpc.ServiceDescriptor;
import io.millrace.contracts.Tasks;
import io.millrace.contracts.data.v1.DataServiceGrpc;
import io.millrace.contracts.inference.v1.InferenceServiceGrpc;
import io.millrace.contracts.training.v1.TrainingServiceGrpc;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The services behind the gateway: what each of them answers. */
public enum Service {
  DATA(
      "data-service",
      DataServiceGrpc.getServiceDescriptor(),
      Map.of(),
      ServicePath.of("/api/datasets/**")),
  TRAINING(
      "training-service",
      TrainingServiceGrpc.getServiceDescriptor(),
      Map.of(),
      ServicePath.of("/api/runs/**")),
  INFERENCE(
      "inference-service",
      InferenceServiceGrpc.getServiceDescriptor(),
      Map.of(
          Tasks.LANGUAGE, Set.of("Generate"),
          Tasks.DETECTION, Set.of("Detect", "GetReceptiveField"),
          Tasks.REPRESENTATION,
              Set.of("Embed", "CreateIndex", "ListIndexes", "DeleteIndex", "Search"),
          Tasks.CLASSIFICATION, Set.of("Classify")),
      ServicePath.of("/api/models/**"),
      ServicePath.of("/v1/models/**"),
      ServicePath.of("/api/activations"),
      ServicePath.of("/api/detect", Tasks.DETECTION),
      ServicePath.of("/api/receptive-field", Tasks.DETECTION),
      ServicePath.of("/api/embeddings", Tasks.REPRESENTATION),
      ServicePath.of("/v1/embeddings", Tasks.REPRESENTATION),
      ServicePath.of("/api/indexes/**", Tasks.REPRESENTATION),
      ServicePath.of("/api/search", Tasks.REPRESENTATION),
      ServicePath.of("/api/classify", Tasks.CLASSIFICATION),
      ServicePath.of("/v1/**", Tasks.LANGUAGE),
      ServicePath.of("/tokenize", Tasks.LANGUAGE),
      ServicePath.of("/detokenize", Tasks.LANGUAGE));

  private final String label;
  private final ServiceDescriptor grpc;
  private final Map<String, Set<String>> methodsByTask;
  private final List<ServicePath> paths;

  Service(
      String label,
      ServiceDescriptor grpc,
      Map<String, Set<String>> methodsByTask,
      ServicePath... paths) {
    this.label = label;
    this.grpc = grpc;
    this.methodsByTask = methodsByTask;
    this.paths = List.of(paths);
  }

  /** Its name, e.g. {@code data-service}. */
  public String label() {
    return label;
  }

  /** Its gRPC methods. */
  public ServiceDescriptor grpc() {
    return grpc;
  }

  /** Its HTTP paths; the first that matches counts. */
  public List<ServicePath> paths() {
    return paths;
  }

  /** The task of the models that answer a gRPC method; null: of any, or none at all. */
  public @Nullable String taskOf(String method) {
    return methodsByTask.entrySet().stream()
        .filter(entry -> entry.getValue().contains(method))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(null);
  }

  /**
   * Where it is.
   *
   * @param task that must be served there; null: any
   */
  public GatewayProperties.Backend backend(GatewayProperties properties, @Nullable String task) {
    return switch (this) {
      case DATA -> properties.data();
      case TRAINING -> properties.training();
      case INFERENCE -> properties.inference(task);
    };
  }

  /** All places where it is, each once. */
  public List<GatewayProperties.Backend> backends(GatewayProperties properties) {
    return switch (this) {
      case DATA -> List.of(properties.data());
      case TRAINING -> List.of(properties.training());
      case INFERENCE -> properties.inferences();
    };
  }
}
