package io.millrace.platform.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class BodyMemoryTest {

  @Test
  void refusesOneMoreUntilAnotherIsAnswered() {
    BodyMemory memory = new BodyMemory(100);
    BodyMemory.Share first = memory.share();
    first.take(70);

    try (BodyMemory.Share second = memory.share()) {
      second.take(30);
      assertCode(ErrorCode.OVERLOADED, () -> second.take(1));
      first.close();
      second.take(70);
      assertCode(ErrorCode.PAYLOAD_TOO_LARGE, () -> second.take(1));
    }

    assertThat(memory.used()).isZero();
  }

  /** The estimate against what a tree of the worst texts really takes, in bytes of live heap. */
  @ParameterizedTest
  @ValueSource(
      strings = {"{}", "[]", "12345678", "{\"\":0}", "[[1]]", "\"abcdefgh\"", "\"a\"", "1.5"})
  void estimatesNoLessThanATreeTakes(String element) throws Exception {
    byte[] json =
        ("[" + String.join(",", Collections.nCopies(200_000, element)) + "]")
            .getBytes(StandardCharsets.UTF_8);
    JsonMapper mapper = JsonMapper.builder().build();
    assertThat(mapper.readTree(json).size()).isEqualTo(200_000);
    long taken = LiveHeap.of(() -> mapper.readTree(json));

    assertThat(BodyWeight.of(json, 0, json.length, /* json= */ true))
        .as("of %d bytes, %d taken", json.length, taken)
        .isGreaterThan(taken);
  }

  @Test
  void weighsPicturesByTheirBytes() {
    byte[] picture = new byte[1000];
    Arrays.fill(picture, (byte) '{');

    assertThat(BodyWeight.of(picture, 0, 1000, /* json= */ false)).isEqualTo(2000);
  }

  private static void assertCode(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            MillraceException.class, thrown -> assertThat(thrown.code()).isEqualTo(code));
  }
}
