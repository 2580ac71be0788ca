package io.millrace.gateway.key;

import io.millrace.contracts.inference.v1.InferenceServiceGrpc;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a key of the scope {@code inference} may do: ask models that serve, and see which there are.
 * Everything that is not named here is refused, and so is every spelling of a path but the plain
 * one.
 */
final class InferenceScope {
  private static final Set<String> POSTS =
      Set.of(
          "/v1/completions",
          "/v1/chat/completions",
          "/v1/embeddings",
          "/tokenize",
          "/detokenize",
          "/api/detect",
          "/api/classify",
          "/api/embeddings",
          "/api/search",
          "/api/receptive-field");
  private static final Pattern GETS =
      Pattern.compile(
          "/(v1|api)/models(/[A-Za-z0-9@-]{1,80})?|/api/receptive-field|/api/activations");
  private static final Set<String> METHODS =
      Set.of(
          "ListModels",
          "Generate",
          "Detect",
          "Embed",
          "Search",
          "Classify",
          "GetReceptiveField",
          "GetActivations");

  private InferenceScope() {}

  /**
   * Checks an HTTP request.
   *
   * @param path undecoded, without the query
   * @throws MillraceException PERMISSION_DENIED
   */
  static void require(String method, String path) {
    boolean permitted =
        switch (method) {
          case "POST" -> POSTS.contains(path);
          case "GET", "HEAD" -> GETS.matcher(path).matches();
          default -> false;
        };
    if (!permitted) {
      throw denied();
    }
  }

  /**
   * Checks a gRPC call.
   *
   * @param fullMethodName {@code package.Service/Method}
   * @throws MillraceException PERMISSION_DENIED
   */
  static void requireMethod(String fullMethodName) {
    String prefix = InferenceServiceGrpc.SERVICE_NAME + "/";
    if (!fullMethodName.startsWith(prefix)
        || !METHODS.contains(fullMethodName.substring(prefix.length()))) {
      throw denied();
    }
  }

  private static MillraceException denied() {
    return new MillraceException(
        ErrorCode.PERMISSION_DENIED,
        "an API key of the scope inference may ask models and list them, nothing else; this needs one of the scope use or admin");
  }
}
