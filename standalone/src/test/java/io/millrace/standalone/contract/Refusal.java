package io.millrace.standalone.contract;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What the platform says about a call that it refuses, the same over REST and gRPC. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final Metadata.Key<String> CODE =
      Metadata.Key.of("millrace-code", Metadata.ASCII_STRING_MARSHALLER);

  private final String code;

  private Refusal(String code, String message, @Nullable Throwable cause) {
    super(code + ": " + message, cause);
    this.code = code;
  }

  /** Of an answer in one of the two forms: OpenAI's envelope, or problem details. */
  static Refusal of(Rest.Answer answer) {
    String text = answer.status() + " " + answer.text();
    if (!answer.contentType().contains("json")) {
      return new Refusal("", text, null);
    }
    JsonNode json = answer.json();
    return new Refusal(
        json.path("error").path("code").asString(json.path("code").asString()), text, null);
  }

  static Refusal of(StatusRuntimeException status) {
    Metadata trailers = status.getTrailers();
    String code = trailers == null ? null : trailers.get(CODE);
    return new Refusal(code == null ? "" : code, String.valueOf(status.getMessage()), status);
  }

  /** Requires that a call is refused with a code. */
  static void require(String code, Runnable call) {
    assertThatThrownBy(call::run).asInstanceOf(type(Refusal.class)).returns(code, Refusal::code);
  }

  /** Like {@code not_found}. */
  String code() {
    return code;
  }
}
