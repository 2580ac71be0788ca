package io.millrace.platform.error;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.StatusException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShortenedTest {

  @Test
  void leavesWhatIsShortAsItIs() {
    assertThat(Shortened.to(3, "abc")).isEqualTo("abc");
    assertThat(Shortened.to(3, "abcd")).isEqualTo("abc...");
    assertThat(Shortened.forStatus("ä%".repeat(400))).isEqualTo("ä%".repeat(400));
  }

  @Test
  void keepsSurrogatesTogether() {
    assertThat(Shortened.to(3, "ab\uD83D\uDE00c")).isEqualTo("ab...");
    assertThat(Shortened.forStatus("\uD83D\uDE00".repeat(2000)))
        .isEqualTo("\uD83D\uDE00".repeat(4096 / 12) + "...");
  }

  @Test
  void letsNoNameBeginALine() {
    StatusException status =
        GrpcErrors.of(MillraceException.notFound("dataset", "a\n2026 WARN all is lost\r\u0085"));

    assertThat(String.valueOf(status.getStatus().getDescription()))
        .contains("a\\n2026 WARN all is lost\\u000d\\u0085")
        .doesNotContainPattern("\\p{Cntrl}");
  }

  /** Whatever made the status, and whatever letters it has. */
  @ParameterizedTest
  @ValueSource(strings = {"x", "\u00e4", "\u4e2d", "\n", "%"})
  void fitsIntoTrailersHoweverItWasMade(String letter) {
    String text = letter.repeat(12_000);

    for (Throwable thrown :
        new Throwable[] {
          MillraceException.notFound("dataset", text),
          Status.NOT_FOUND.withDescription(text).asException(),
          Status.NOT_FOUND.withDescription(text).asRuntimeException(),
          MillraceException.invalid(text, text)
        }) {
      StatusException status = GrpcErrors.of(thrown);

      assertThat(String.valueOf(status.getStatus().getDescription()))
          .endsWith("...")
          .hasSizeLessThan(4100);
    }
  }
}
