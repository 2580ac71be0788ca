package io.millrace.gateway;

import io.grpc.ServiceDescriptor;
import io.millrace.contracts.data.v1.DataServiceGrpc;
import io.millrace.contracts.inference.v1.InferenceServiceGrpc;
import io.millrace.contracts.training.v1.TrainingServiceGrpc;
import java.util.List;

/** The services behind the gateway: what each of them answers. */
public enum Service {
  DATA("data-service", DataServiceGrpc.getServiceDescriptor(), "/api/datasets/**"),
  TRAINING("training-service", TrainingServiceGrpc.getServiceDescriptor(), "/api/runs/**"),
  INFERENCE(
      "inference-service",
      InferenceServiceGrpc.getServiceDescriptor(),
      "/api/models/**",
      "/api/detect",
      "/api/embeddings",
      "/api/indexes/**",
      "/api/search",
      "/api/classify",
      "/api/receptive-field",
      "/api/activations",
      "/v1/**",
      "/tokenize",
      "/detokenize");

  private final String label;
  private final ServiceDescriptor grpc;
  private final List<String> paths;

  Service(String label, ServiceDescriptor grpc, String... paths) {
    this.label = label;
    this.grpc = grpc;
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

  /** Patterns of its HTTP paths, the same at the gateway and at the service. */
  public List<String> paths() {
    return paths;
  }

  /** Where it is. */
  public GatewayProperties.Backend backend(GatewayProperties properties) {
    return switch (this) {
      case DATA -> properties.data();
      case TRAINING -> properties.training();
      case INFERENCE -> properties.inference();
    };
  }
}
