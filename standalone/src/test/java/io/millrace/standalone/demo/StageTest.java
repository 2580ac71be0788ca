package io.millrace.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.standalone.terminal.UserError;
import org.junit.jupiter.api.Test;

class StageTest {

  @Test
  void namesWhateverFails() {
    assertThat(Stage.of("add", () -> 1 + 1)).isEqualTo(2);
    failing(new GatewayException("POST /x answered 500"), "add: POST /x answered 500");
    failing(new IllegalStateException("broken"), "add: java.lang.IllegalStateException: broken");
    // Named nearer to where it failed.
    failing(new StageFailure("count", "too few"), "count: too few");
  }

  @Test
  void leavesToThePersonWhatThePersonCanPutRight() {
    assertThatThrownBy(() ->
            Stage.of(
                "add",
                () -> {
                  throw new UserError("--out is a file");
                }))
        .isInstanceOf(UserError.class)
        .hasMessage("--out is a file");
  }

  private static void failing(RuntimeException failure, String message) {
    assertThatThrownBy(() ->
            Stage.of(
                "add",
                () -> {
                  throw failure;
                }))
        .isInstanceOf(StageFailure.class)
        .hasMessage(message);
  }
}
