package io.millrace.platform.security;

import java.util.Set;

/**
 * The whole of what is open to everybody who can reach a service or the gateway: whether it lives.
 * Paths are compared as they were sent, so no encoding of another path can pass.
 */
public final class OpenPaths {
  private static final Set<String> HTTP =
      Set.of("/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness");
  private static final String GRPC = "grpc.health.v1.Health/";

  private OpenPaths() {}

  /**
   * Whether an HTTP path is open.
   *
   * @param requestUri undecoded, without the query
   */
  public static boolean isOpen(String requestUri) {
    return HTTP.contains(requestUri);
  }

  /**
   * Whether a gRPC method is open.
   *
   * @param fullMethodName {@code package.Service/Method}
   */
  public static boolean isOpenMethod(String fullMethodName) {
    return fullMethodName.startsWith(GRPC);
  }
}
